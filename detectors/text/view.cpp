#include "detectors/text/view.h"

#include <algorithm>

namespace menshen::detectors {

void View::reset() {
  bytes_.clear();
  begin_ = 0;
  raw_end_ = 0;
  anchor_raw_ = 0;
  irregular_.clear();
  irregular_begin_ = 0;
  json_.reset();
  deeper_json_.reset();
  escapes_.clear();
}

void View::append_irregular(std::string_view text, std::size_t raw_bytes, bool combining) {
  irregular_.push_back({.view_begin = end(),
                        .raw_begin = raw_end_,
                        .view_bytes = static_cast<std::uint16_t>(text.size()),
                        .raw_bytes = static_cast<std::uint16_t>(raw_bytes),
                        .combining = combining});
  bytes_.append(text);
  raw_end_ += raw_bytes;
}

std::vector<Irregular>::const_iterator View::irregular_after(std::size_t position) const noexcept {
  return std::ranges::upper_bound(irregular_, position, {}, &Irregular::view_begin);
}

std::size_t View::raw_begin(std::size_t from) const noexcept {
  const auto after = irregular_after(from);
  if (after == irregular_.begin()) return anchor_raw_ + (from - begin_);
  const Irregular& last = *std::prev(after);
  return from < last.view_end() ? last.raw_begin : last.raw_end() + (from - last.view_end());
}

std::size_t View::raw_end(std::size_t to, bool with_combining) const noexcept {
  auto after = irregular_after(to - 1);
  std::size_t raw = anchor_raw_ + (to - begin_);
  if (after != irregular_.begin()) {
    const Irregular& last = *std::prev(after);
    raw = to <= last.view_end() ? last.raw_end() : last.raw_end() + (to - last.view_end());
  }
  for (; with_combining && after != irregular_.end() && after->view_begin == to && after->combining;
       ++after) {
    raw = after->raw_end();
  }
  return raw;
}

std::size_t View::boundary_before(std::size_t position) const noexcept {
  while (position > begin_ && position < end() && (*at(position) & '\xC0') == '\x80') --position;
  const auto after = irregular_after(position);
  if (after != irregular_.begin()) {
    const Irregular& last = *std::prev(after);
    if (position > last.view_begin && position < last.view_end()) return last.view_begin;
  }
  return position;
}

void View::forget_before(std::size_t position) {
  const std::size_t raw = raw_begin(position);
  // Ignorable characters at `position` count as forgotten: the anchor lies behind them.
  const auto kept = std::ranges::find_if(
      irregular_.begin(), irregular_.end(),
      [&](const Irregular& i) { return i.view_end() > position || i.raw_begin >= raw; });
  irregular_begin_ += static_cast<std::size_t>(kept - irregular_.begin());
  irregular_.erase(irregular_.begin(), kept);
  bytes_.erase(0, position - begin_);
  begin_ = position;
  anchor_raw_ = raw;
}

}  // namespace menshen::detectors
