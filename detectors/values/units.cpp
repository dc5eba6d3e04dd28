#include "detectors/values/units.h"

#include "detectors/values/boundary.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace menshen::detectors {

bool is_quantity(const Window& window, std::size_t begin, std::size_t end) noexcept {
  static constexpr std::u32string_view units =
      U"元圆万萬亿億千百角吨噸公克米人次件个個年月日天秒股票字条篇倍％%℃";
  static constexpr std::array<std::string_view, 6> currencies{"$", "€", "£", "¥", "￥", "₩"};
  if (end < window.text.size() ? window.text[end] == '%' : units.find(window.next) != units.npos) {
    return true;
  }
  std::string_view before = window.text.substr(0, begin);
  while (!before.empty() && before.back() == ' ') before.remove_suffix(1);
  return std::ranges::any_of(currencies,
                             [before](std::string_view c) { return before.ends_with(c); });
}

bool follows_list_number(const Window& window, const Number& number) noexcept {
  std::size_t at = number.begin();
  if (at < 2 || window.text[at - 1] != '.' || !is_digit(window.text[at - 2]) ||
      window.text[at - 2] == '0') {
    return false;
  }
  at -= 2;
  if (at > 0 && is_digit(window.text[at - 1])) --at;
  return at == 0 || window.text[at - 1] == '\n';
}

}  // namespace menshen::detectors
