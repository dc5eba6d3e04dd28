// Which types somebody means who calls them by another name than this build.
//
//   types_meant("SSN", known)            // us_ssn
//   types_meant("CREDIT_CARD", known)    // bank_card: as other products call it
//   types_meant("身份证", known)          // cn_resident_id
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace menshen::policies {

inline constexpr std::size_t types_meant_max = 4;

// Of the known ones, the likeliest first: what the name stands for elsewhere; what is spelt nearly
// so; those of which a word is one of the name's. Case, `-` and blanks are nothing.
[[nodiscard]] std::vector<std::string_view> types_meant(std::string_view name,
                                                        std::span<const std::string_view> known);

}  // namespace menshen::policies
