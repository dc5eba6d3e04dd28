// Country codes of ITU-T E.164, and how long the numbers behind them are.
#pragma once

#include <string_view>

namespace menshen::detectors {

// Digits from the country code on, without '+' or 00; a trunk 0 behind the code ("+44 (0)20") is
// overlooked. Chinese mobiles are not counted in: they are another detector's.
[[nodiscard]] bool is_international_number(std::string_view digits) noexcept;

// 1 and ten digits of the Chinese number plan.
[[nodiscard]] bool is_chinese_mobile(std::string_view digits) noexcept;

}  // namespace menshen::detectors
