// Words that begin a value whose rest is a run: where such a word ends and nothing follows yet, or
// a run that it begins is open, the text is not decided from the word on.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace menshen::detectors {

// Of vehicle plates: provinces. 京A12345
inline constexpr std::array<std::string_view, 31> plate_leads{
    "京", "津", "沪", "渝", "冀", "豫", "云", "辽", "黑", "湘", "皖", "鲁", "新", "苏", "浙", "赣",
    "鄂", "桂", "甘", "晋", "蒙", "陕", "吉", "闽", "贵", "粤", "青", "藏", "川", "宁", "琼"};
// Of identity cards of the forces. 军字第2001988号
inline constexpr std::array<std::string_view, 19> military_leads{
    "军字第", "士字第", "文字第", "警字第", "学字第", "武字第", "南字第",
    "北字第", "沈字第", "兰字第", "成字第", "济字第", "广字第", "海字第",
    "空字第", "政字第", "参字第", "后字第", "装字第"};
inline constexpr std::size_t lead_bytes_max = 9;

// How many capitals stand directly before the blank with which `text` ends, and are a word of their
// own: 2 begin a British national insurance number. AB 12 34 56
[[nodiscard]] constexpr std::size_t capitals_before_blank(std::string_view text) noexcept {
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  std::size_t at = text.size() - 1;
  std::size_t count = 0;
  while (at > 0 && count < 3 && is_capital(text[at - 1])) {
    --at;
    ++count;
  }
  const char before = at == 0 ? ' ' : text[at - 1];
  const bool alone =
      !is_capital(before) && !(before >= 'a' && before <= 'z') && !(before >= '0' && before <= '9');
  return alone ? count : 0;
}

// Of the lead that `text` ends with, or of the beginning of one; 0: it ends with none.
[[nodiscard]] constexpr std::size_t lead_bytes(std::string_view text) noexcept {
  constexpr std::size_t han_bytes = 3;
  if (text.ends_with(' ')) return capitals_before_blank(text) == 2 ? 3 : 0;
  if (text.empty() || static_cast<unsigned char>(text.back()) < 0x80) return 0;
  for (std::size_t bytes = lead_bytes_max; bytes > 0; bytes -= han_bytes) {
    for (const std::string_view lead : military_leads) {
      if (text.ends_with(lead.substr(0, bytes))) return bytes;
    }
  }
  for (const std::string_view lead : plate_leads) {
    if (text.ends_with(lead)) return lead.size();
  }
  return 0;
}

}  // namespace menshen::detectors
