// Warnings about rules that are valid and yet decide nothing. Internal to policies.
#pragma once

#include "policies/document.h"

namespace menshen::policies {

// Notes at most one warning per rule. Sound, not complete: a rule that is named does decide
// nothing, but one that several others cover together is not named. Quadratic in the number of
// rules.
void lint(const PolicyDocument& document, const core::YamlValue& root);

}  // namespace menshen::policies
