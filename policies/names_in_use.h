// Names of rules that nothing outside the policy file has: most are typos, and in a rule that
// restricts they fail open. Internal to policies.
#pragma once

#include "policies/document.h"

namespace menshen::policies {

// Notes each such name with its place and the nearest one that there is; `strict`: as an error. A
// model's name is noted only if no name that a route serves could ever match it. Needs a document
// without errors.
void check_names(const PolicyDocument& document, const NamesInUse& in_use, bool strict);

}  // namespace menshen::policies
