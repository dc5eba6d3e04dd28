#include "detectors/values/numbers.h"

namespace menshen::detectors {

bool Number::begin_at(std::size_t first, std::size_t digits_at_most) noexcept {
  const std::size_t from = group(first).offset;
  const auto fits = [&](const DigitGroup& g) {
    return g.offset + g.size() - from <= digits_at_most;
  };
  first_ = first;
  last_ = first;
  if (!fits(group(first))) return false;
  while (last_ + 1 < window_->groups.size() && group(last_ + 1).separators > 0 &&
         fits(group(last_ + 1))) {
    ++last_;
  }
  return true;
}

bool Number::shorten() noexcept {
  if (first_ == last_) return false;
  --last_;
  return true;
}

bool Number::grouped(std::initializer_list<std::uint8_t> sizes) const noexcept {
  if (sizes.size() != groups()) return false;
  std::size_t i = 0;
  for (const std::uint8_t size : sizes) {
    if (group_size(i++) != size) return false;
  }
  return true;
}

std::string_view Number::separator(std::size_t i) const noexcept {
  if (i >= window_->groups.size()) return {};
  return window_->text.substr(group(i).begin - group(i).separators, group(i).separators);
}

bool Number::dashed() const noexcept {
  for (std::size_t inner = first_ + 1; inner <= last_; ++inner) {
    if (separator(inner) != "-") return false;
  }
  return true;
}

bool Number::isolated() const noexcept {
  for (const std::size_t outer : {first_, last_ + 1}) {
    const std::string_view outside = separator(outer);
    if (outside.empty()) continue;
    if (first_ == last_) return false;
    for (std::size_t inner = first_ + 1; inner <= last_; ++inner) {
      if (separator(inner) == outside) return false;
    }
  }
  return true;
}

}  // namespace menshen::detectors
