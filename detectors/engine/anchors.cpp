#include "detectors/engine/anchors.h"

#include "detectors/text/segmenter.h"

#include <algorithm>

namespace menshen::detectors {

bool Anchors::read(const View& view, AnchorSink& sink, bool ends) {
  search(view, ends);
  std::size_t given = 0;
  bool goes_on = true;
  while (goes_on && given < pending_.size() && complete(pending_[given], view, ends)) {
    goes_on = sink.on_anchor(pending_[given++].span);
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(given));
  return goes_on;
}

void Anchors::search(const View& view, bool ends) {
  const std::string_view text = view.slice(searched_, view.end());
  for (std::size_t at = set_->find(text, 0); at < text.size(); at = set_->find(text, at + 1)) {
    if (note(view, searched_ + at, ends)) continue;
    searched_ += at;
    return;
  }
  // The last bytes may begin an anchor that is not here yet.
  searched_ = view.end() - std::min(text.size(), ends ? 0 : anchor_bytes_min - 1);
  for (; searched_ < view.end(); ++searched_) {
    const bool in_bounds = view.raw_end() <= view.raw_begin(searched_) + raw_span_max;
    if (in_bounds && set_->may_begin(view.slice(searched_, view.end()))) return;
  }
}

// False when it is not known yet which anchors begin here. One whose source, up to what decides
// it, is too long is none.
bool Anchors::note(const View& view, std::size_t at, bool ends) {
  using Standing = AnchorSet::Standing;
  const char before = at > view.begin() ? *view.at(at - 1) : '\0';
  const std::string_view text = view.slice(at, std::min(view.end(), at + set_->longest() + 1));
  const std::size_t bound = view.raw_begin(at) + raw_span_max;
  const std::size_t first = pending_.size();
  for (const AnchorSet::Entry& entry : set_->candidates(text)) {
    const Standing standing = AnchorSet::stands(entry.anchor, before, text, ends);
    if (standing == Standing::undecided && view.raw_end() <= bound) {
      pending_.resize(first);
      return false;
    }
    if (standing != Standing::yes) continue;
    const std::size_t end = at + entry.anchor.text.size();
    const std::size_t source_end = !entry.anchor.word ? view.raw_end(end, false)
                                   : end < view.end() ? view.raw_begin(end)
                                                      : view.raw_end();
    if (source_end <= bound) add(entry, at, first);
  }
  return true;
}

// Of the anchors of one detector that begin at one place, the longest.
void Anchors::add(const AnchorSet::Entry& entry, std::size_t at, std::size_t first) {
  const std::size_t end = at + entry.anchor.text.size();
  for (std::size_t i = first; i < pending_.size(); ++i) {
    AnchorSpan& span = pending_[i].span;
    if (span.detector != entry.detector) continue;
    span.end = std::max(span.end, end);
    pending_[i].read = span.end;
    return;
  }
  pending_.push_back({.span = {.begin = at, .end = end, .detector = entry.detector}, .read = end});
}

// Where the window of an anchor ends, if the view shows it.
bool Anchors::find_end(Pending& pending, const View& view) {
  constexpr std::string_view ideographic_stop = "\xE3\x80\x82";
  constexpr unsigned line_ends_max = 2;
  const std::size_t limit = pending.span.end + anchor_reach_bytes;
  while (pending.read < std::min(limit, view.end())) {
    const std::size_t at = pending.read;
    const char c = *view.at(at);
    const bool stop_before = at > pending.span.end && *view.at(at - 1) == '.';
    const bool ends_line = c == '\n' && ++pending.line_ends == line_ends_max;
    if (ends_line || (stop_before && (c == ' ' || c == '\n')) ||
        (c == ideographic_stop[0] && view.slice(at, view.end()).starts_with(ideographic_stop))) {
      pending.span.shown = at;
      return true;
    }
    ++pending.read;
  }
  if (pending.read < limit) return false;
  pending.span.shown = view.boundary_before(limit);
  pending.span.last = false;
  return true;
}

bool Anchors::complete(Pending& pending, const View& view, bool ends) {
  AnchorSpan& span = pending.span;
  const bool found = find_end(pending, view);
  const std::size_t bound = view.raw_begin(span.begin) + raw_span_max;
  std::size_t reached = view.raw_end();
  if (found && !span.last) reached = view.raw_end(span.shown, false);
  if (found && span.last) reached = view.raw_begin(span.shown);
  if (reached > bound) {
    // The first character whose source is beyond.
    std::size_t number = view.first_irregular();
    while (number < view.irregular_end() && (view.irregular(number).view_begin < span.end ||
                                             view.irregular(number).raw_end() <= bound)) {
      ++number;
    }
    if (number < view.irregular_end()) {
      span.shown = view.irregular(number).view_begin;
      span.last = true;
      span.forced = true;
      return true;
    }
  }
  if (found) return true;
  if (!ends) return false;
  span.shown = view.end();
  return true;
}

}  // namespace menshen::detectors
