#include "detectors/engine/lines.h"

#include "detectors/text/segmenter.h"
#include "detectors/values/boundary.h"

#include <algorithm>

namespace menshen::detectors {
namespace {

bool within_character(const View& view, std::size_t position) {
  return (*view.at(position) & '\xC0') == '\x80';
}

}  // namespace

bool Lines::advance(const View& view, LineSink& sink) {
  for (;;) {
    if (!check_irregulars(view, sink)) return false;
    const std::size_t full = begin_ + line_owned_bytes + reach_;
    std::size_t limit = std::min(view.end(), full);
    if (irregular_ < view.irregular_end()) {
      limit = std::min(limit, view.irregular(irregular_).view_end());
    }
    const std::size_t line_end = view.slice(next_, limit).find('\n');
    if (line_end != std::string_view::npos) {
      const std::size_t end = next_ + line_end;
      if (!end_line(sink, end, end + 1, false)) return false;
      continue;
    }
    const bool moved = limit > next_;
    next_ = limit;
    if (next_ == full && view.end() > full) {
      if (!give_part(view, sink)) return false;
    } else if (!moved) {
      return true;
    }
  }
}

bool Lines::finish(const View& view, LineSink& sink) {
  return advance(view, sink) && end_line(sink, view.end(), view.end(), false);
}

bool Lines::end_line(LineSink& sink, std::size_t end, std::size_t next, bool forced) {
  const LineWindow window{.begin = begin_, .owned_end = end, .end = end, .forced = forced};
  begin_ = next;
  next_ = next;
  return window.begin == window.end || sink.on_line_window(window);
}

bool Lines::give_part(const View& view, LineSink& sink) {
  std::size_t end = begin_ + line_owned_bytes + reach_;
  while (within_character(view, end)) --end;
  const std::size_t most = begin_ + line_owned_bytes;
  std::size_t owned = most;
  const auto splits = [&](std::size_t at) {
    return within_character(view, at) || is_alnum(*view.at(at - 1));
  };
  while (owned > most - line_owned_bytes / 2 && splits(owned)) --owned;
  if (splits(owned)) {
    owned = most;
    while (within_character(view, owned)) --owned;
  }
  const LineWindow window{.begin = begin_, .owned_end = owned, .end = end, .last = false};
  begin_ = owned;
  return sink.on_line_window(window);
}

// What takes too much of the source for what it shows ends here.
bool Lines::check_irregulars(const View& view, LineSink& sink) {
  irregular_ = std::max(irregular_, view.first_irregular());
  while (irregular_ < view.irregular_end() && view.irregular(irregular_).view_end() <= next_) {
    const std::size_t raw_end = view.irregular(irregular_).raw_end();
    ++irregular_;
    if (begin_ == next_ || raw_end - view.raw_begin(begin_) <= raw_span_max) continue;
    if (!end_line(sink, next_, next_, true)) return false;
  }
  return true;
}

}  // namespace menshen::detectors
