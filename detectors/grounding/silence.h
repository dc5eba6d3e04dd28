// Sentences that say of the sources that they do not tell: "The documents do not mention it",
// 文中没有提到. They claim nothing that a source could support, and are no error.
//
// Pure functions; any thread. Linear in the sentence, of which only short ones are looked at.
#pragma once

#include "detectors/grounding/tokens.h"

#include <span>

namespace menshen::detectors::scoring {

[[nodiscard]] bool says_sources_are_silent(std::span<const Token> sentence);

}  // namespace menshen::detectors::scoring
