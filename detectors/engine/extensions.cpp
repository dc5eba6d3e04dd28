#include "detectors/engine/extensions.h"

#include "core/unicode.h"
#include "core/utf8.h"
#include "detectors/text/segmenter.h"
#include "detectors/values/boundary.h"

#include <algorithm>

namespace menshen::detectors {
namespace {

constexpr std::size_t piece_raw_bytes = 4096;

// What goes on behind it is no letter, digit or path: else it is a longer value, as far as it was
// followed.
bool stops_there(const View& view, std::size_t end) {
  if (end >= view.end()) return true;
  const char c = *view.at(end);
  if (is_alnum(c) || c == '_' || c == '/') return false;
  return (c & '\x80') == 0 ||
         !core::has_any(core::valid_utf8_at(view.at(end)).point, core::fact::letter);
}

}  // namespace

void Extensions::start(const Match& match, std::string_view detector, std::size_t begin,
                       std::size_t end) {
  if (std::ranges::find(open_, match.type, &Open::type) != open_.end()) return;
  open_.push_back({.type = match.type,
                   .detector = detector,
                   .confidence = match.confidence,
                   .extension = match.extension,
                   .state = match.state,
                   .piece_begin = begin,
                   .belongs_end = match.held ? begin : end,
                   .next = end,
                   .confirmed = !match.held});
}

void Extensions::flush(Open& open, const View& view, std::vector<core::Finding>& found,
                       Ends ends) const {
  if (open.confirmed && open.belongs_end > open.piece_begin) {
    const bool whole =
        ends == Ends::value && !open.continued && stops_there(view, open.belongs_end);
    const std::uint32_t ignored =
        whole && ignored_ != nullptr
            ? ignored_->entries_of(*open.type, view.slice(open.piece_begin, open.belongs_end))
            : 0;
    found.push_back({.type = open.type,
                     .begin = view.raw_begin(open.piece_begin),
                     .end = view.raw_end(open.belongs_end, ends != Ends::here),
                     .confidence = open.confidence,
                     .detector = open.detector,
                     .continued = open.continued,
                     .ignored = ignored});
    open.continued = true;
  }
  open.piece_begin = open.belongs_end;
}

bool Extensions::apply(Open& open, Step step, const View& view,
                       std::vector<core::Finding>& found) const {
  switch (step) {
    case Step::belongs:
      open.confirmed = true;
      open.belongs_end = open.next + 1;
      break;
    case Step::belonged:
      open.confirmed = true;
      open.belongs_end = open.next;
      break;
    case Step::hold: break;
    case Step::split_after:
      open.confirmed = true;
      open.belongs_end = open.next;
      [[fallthrough]];
    case Step::split:
      flush(open, view, found, Ends::value);
      open.piece_begin = open.next + 1;
      open.belongs_end = open.next + 1;
      open.continued = false;
      break;
    case Step::stop: return false;
  }
  ++open.next;
  return open.next - open.belongs_end <= held_bytes_max;
}

// The source of what is undecided must not grow without bound, whatever it shows.
bool Extensions::too_long(const Open& open, const View& view) {
  const std::size_t reached = open.next < view.end() ? view.raw_begin(open.next) : view.raw_end();
  return reached - view.raw_begin(open.piece_begin) > raw_span_max;
}

bool Extensions::follow(Open& open, const View& view, std::size_t limit,
                        std::vector<core::Finding>& found) const {
  for (;;) {
    if (too_long(open, view)) {
      flush(open, view, found, Ends::here);
      return false;
    }
    if (open.next >= limit) return true;
    const bool piece_full =
        open.belongs_end - open.piece_begin >= piece_bytes ||
        (open.belongs_end > open.piece_begin &&
         view.raw_begin(open.belongs_end) - view.raw_begin(open.piece_begin) >= piece_raw_bytes);
    if (piece_full && view.boundary_before(open.belongs_end) == open.belongs_end) {
      flush(open, view, found, Ends::piece);
    }
    const int byte = static_cast<unsigned char>(*view.at(open.next));
    if (!apply(open, open.extension(open.state, byte), view, found)) {
      flush(open, view, found, Ends::value);
      return false;
    }
  }
}

void Extensions::advance(const View& view, std::size_t limit, std::vector<core::Finding>& found) {
  std::erase_if(open_, [&](Open& open) { return !follow(open, view, limit, found); });
}

void Extensions::finish(const View& view, std::vector<core::Finding>& found) {
  advance(view, view.end(), found);
  for (Open& open : open_) {
    const Step step = open.extension(open.state, -1);
    if (step == Step::belongs || step == Step::belonged || step == Step::split_after) {
      open.confirmed = true;
      open.belongs_end = open.next;
    }
    flush(open, view, found, Ends::value);
  }
  open_.clear();
}

std::size_t Extensions::decided(std::size_t otherwise) const noexcept {
  for (const Open& open : open_) otherwise = std::min(otherwise, open.piece_begin);
  return otherwise;
}

}  // namespace menshen::detectors
