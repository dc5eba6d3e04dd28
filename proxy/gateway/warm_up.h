// Builds what detectors and scores build at their first use, so that no exchange waits for it.
#pragma once

#include "core/error.h"
#include "policies/policy_set.h"

namespace menshen::gateway {

// Before the first exchange. Errors: those of a scan or of a score.
[[nodiscard]] core::Result<void> warm_up(const policies::PolicySet& policy);

}  // namespace menshen::gateway
