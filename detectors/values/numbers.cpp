#include "detectors/values/numbers.h"

#include "detectors/values/boundary.h"

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

bool Number::is_fraction(std::size_t i) const noexcept {
  constexpr std::size_t places_min = 5;
  const auto point = [this](std::size_t at) {
    const std::string_view parts = separator(at);
    return parts.find('.') != parts.npos;
  };
  if (group(i).size() < places_min || separator(i) != ".") return false;
  if (point(i - 1) || point(i + 1)) return false;
  return group(i - 1).size() == 1 || window_->digits[group(i - 1).offset] != '0';
}

bool Number::is_negative() const noexcept {
  if (begin() < 2 || window_->text[begin() - 1] != '-') return false;
  const std::string_view before = window_->text.substr(0, begin() - 1);
  const std::size_t last = before.find_last_not_of(" \t");
  if (last == before.npos) return false;
  // Behind a digit without a blank it is a dash.
  if (is_digit(before[last])) return last + 1 < before.size();
  return before[last] == '=' || before[last] == '(';  // not in JSON: [-13800138000]
}

bool Number::in_decimals() const noexcept {
  constexpr std::size_t around = 4;
  if (is_negative()) return true;
  std::size_t from = first_;
  while (from > 0 && first_ - from < around && group(from).separators > 0) --from;
  for (std::size_t i = from; i <= last_ + around && i < window_->groups.size(); ++i) {
    if (i > last_ && group(i).separators == 0) break;
    if (group(i).separators > 0 && i > 0 && is_fraction(i)) return true;
  }
  return false;
}

bool Number::in_series() const noexcept {
  if (first_ == last_) return false;
  const auto goes_on = [this](std::size_t a, std::size_t b, std::size_t c) {  // adjacent groups
    return group(a).size() == group(b).size() && group(b).size() == group(c).size() &&
           separator(b) == separator(c);
  };
  if (group(first_).separators > 0 && first_ > 0 && goes_on(first_ - 1, first_, first_ + 1))
    return true;
  return last_ + 1 < window_->groups.size() && group(last_ + 1).separators > 0 &&
         goes_on(last_ - 1, last_, last_ + 1);
}

}  // namespace menshen::detectors
