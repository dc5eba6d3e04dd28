#include "detectors/values/numbers.h"

#include <algorithm>

namespace menshen::detectors {

bool Number::grouped(std::initializer_list<std::uint8_t> sizes) const noexcept {
  return std::equal(sizes.begin(), sizes.end(), sizes_.begin(),
                    sizes_.begin() + static_cast<std::ptrdiff_t>(group_count_));
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
  return true;
}

}  // namespace menshen::detectors
