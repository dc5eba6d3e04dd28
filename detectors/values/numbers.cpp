#include "detectors/values/numbers.h"

#include <algorithm>

namespace menshen::detectors {

bool Number::grouped(std::initializer_list<std::uint8_t> sizes) const noexcept {
  return std::equal(sizes.begin(), sizes.end(), sizes_.begin(),
                    sizes_.begin() + static_cast<std::ptrdiff_t>(group_count_));
}

std::string_view NumberReader::separator(std::size_t group) const noexcept {
  if (group >= window_->groups.size()) return {};
  const DigitGroup& g = window_->groups[group];
  return window_->text.substr(g.begin - g.separators, g.separators);
}

bool NumberReader::isolated(std::size_t first, std::size_t last) const noexcept {
  for (const std::size_t outer : {first, last + 1}) {
    const std::string_view outside = separator(outer);
    if (outside.empty()) continue;
    if (first == last) return false;
    for (std::size_t inner = first + 1; inner <= last; ++inner) {
      if (separator(inner) == outside) return false;
    }
  }
  return true;
}

bool NumberReader::read(std::size_t first, std::size_t last, Number& out) const noexcept {
  const auto& groups = window_->groups;
  out.count_ = 0;
  out.group_count_ = 0;
  for (std::size_t i = first; i <= last; ++i) {
    const std::string_view digits = window_->text.substr(groups[i].begin, groups[i].size());
    if (out.count_ + digits.size() > Number::digits_max) return false;
    std::ranges::copy(digits, out.digits_.begin() + static_cast<std::ptrdiff_t>(out.count_));
    out.count_ += digits.size();
    out.sizes_[out.group_count_++] = static_cast<std::uint8_t>(digits.size());
  }
  out.begin_ = groups[first].begin;
  out.end_ = groups[last].end;
  out.whole_ = groups[first].separators == 0 &&
               (last + 1 == groups.size() || groups[last + 1].separators == 0);
  out.isolated_ = isolated(first, last);
  return true;
}

}  // namespace menshen::detectors
