// Who may say who calls, as the configuration names it.
#pragma once

#include "core/error.h"
#include "proxy/config/config.h"
#include "proxy/identity/chain.h"

#include <memory>

namespace menshen::gateway {

// The links in the order of the configuration. Errors: those of what a link reads.
[[nodiscard]] core::Result<std::unique_ptr<identity::Chain>> make_chain(
    const config::Config& config);

}  // namespace menshen::gateway
