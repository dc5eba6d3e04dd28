// Keys as readers see them that pay no regard to case. Source: Unicode's CaseFolding.txt, statuses
// C and S (simple folding); Go's encoding/json matches names so.
#pragma once

#include <string>
#include <string_view>

namespace menshen::protocol {

// Whether `text` (UTF-8) is its own folded form as far as a look at its bytes tells: most keys.
[[nodiscard]] bool is_folded(std::string_view text) noexcept;

// The folded form. U+0130 and U+0131 become "i" as well, which Java's equalsIgnoreCase holds equal.
[[nodiscard]] std::string fold_case(std::string_view text);

// A name as readers see it that pay no regard to how its words are parted either: webSearchOptions
// and web-search-options are websearchoptions.
[[nodiscard]] std::string fold_name(std::string_view text);

}  // namespace menshen::protocol
