#include "detectors/engine/reading.h"

#include "core/utf8.h"

#include <algorithm>
#include <utility>

namespace menshen::detectors {
namespace {

// Decided text is forgotten when there is this much of it.
constexpr std::size_t forget_bytes = 16 * 1024;

}  // namespace

void Reading::reset(std::span<const Literal> literals) {
  decoder_.reset();
  view_.reset();
  segmenter_.reset();
  extensions_.reset();
  anchors_.reset();
  anchor_extensions_.reset();
  around_.reset();
  sentences_.reset();
  encoded_.reset();
  differs_ = false;
  decoded_.clear();
  lines_.reset();
  line_extensions_.reset();
  literals_.reset(literals);
  failure_.reset();
  waiting_.clear();
  ends_ = false;
  end_ = no_end;
  deeper_ = {};
  deeper_known_ = 0;
}

void Reading::raise_level() {
  decoder_.raise_level();
  differs_ = true;
  decoded_.clear();
  deeper_known_ = view_.end();
  std::swap(view_.json(), view_.deeper_json());
  view_.deeper_json().reset();
}

void Reading::leave_deeper() {
  decoder_.leave_deeper();
  view_.deeper_json().reset();
}

core::Result<std::size_t> Reading::read(std::string_view piece, Decoder::Stops stops,
                                        std::vector<core::Finding>& found) {
  found_ = &found;
  const std::size_t taken = decoder_.decode(piece, view_, stops);
  if (too_deep()) return *failure_;
  find_literals();
  if (!settle_waiting()) return *failure_;
  if (!segmenter_.advance(view_, *this)) return *failure_;
  if (!anchors_.advance(view_, *this)) return *failure_;
  if (!around_.advance(view_, *this)) return *failure_;
  if (tags_ && !sentences_.advance(view_, *this)) return *failure_;
  if (of_lines_ != nullptr && !lines_.advance(view_, *this)) return *failure_;
  extensions_.advance(view_, segmenter_.position(), found);
  anchor_extensions_.advance(view_, anchors_.decided(), found);
  return taken;
}

// Law 2: what more decodings would show is not known.
bool Reading::too_deep() {
  if (!decoder_.deepest()) return false;
  const std::size_t from = std::max(deeper_known_, view_.begin());
  deeper_known_ = view_.end();
  if (!deeper_.found_in(view_.slice(from, view_.end()))) return false;
  failure_ = core::gateway_error(core::ErrorKind::internal, "detector_failed",
                                 "The text has escapes in escapes, more often than can be read.");
  return true;
}

core::Result<void> Reading::finish(std::vector<core::Finding>& found) {
  found_ = &found;
  decoder_.finish(view_);
  if (too_deep()) return *failure_;
  find_literals();
  ends_ = true;
  if (!settle_waiting()) return *failure_;
  if (!segmenter_.finish(view_, *this)) return *failure_;
  if (!anchors_.finish(view_, *this)) return *failure_;
  if (!around_.finish(view_, *this)) return *failure_;
  if (tags_ && !sentences_.finish(view_, *this)) return *failure_;
  if (of_lines_ != nullptr && !lines_.finish(view_, *this)) return *failure_;
  extensions_.finish(view_, found);
  line_extensions_.finish(view_, found);
  anchor_extensions_.finish(view_, found);
  return {};
}

std::size_t Reading::decided_view() const noexcept {
  const std::size_t runs =
      std::min(segmenter_.decided(view_), extensions_.decided(segmenter_.position()));
  const std::size_t anchors = anchor_extensions_.decided(anchors_.decided());
  std::size_t decided = literals_.decided(std::min({runs, anchors, around_.decided()}));
  for (const Waiting& waiting : waiting_) decided = std::min(decided, waiting.begin);
  if (of_lines_ != nullptr) {
    decided = std::min(decided, line_extensions_.decided(lines_.decided()));
  }
  return tags_ ? std::min(decided, sentences_.decided()) : decided;
}

std::size_t Reading::shown_view() const noexcept {
  const std::size_t decided = decided_view();
  const std::size_t shown = decided - std::min(decided - view_.begin(), core::context_bytes_max);
  return tags_ ? std::min(shown, sentences_.shown()) : shown;
}

std::size_t Reading::decided() const noexcept {
  const std::size_t decided = decided_view();
  return decided == view_.end() ? view_.raw_end() : view_.raw_begin(decided);
}

// A window that is still to come shows so much before what is not decided.
bool Reading::ended() const noexcept {
  const std::size_t seen = shown_view();
  return extensions_.empty() && anchor_extensions_.empty() && line_extensions_.empty() &&
         seen < view_.end() && view_.raw_begin(seen) >= end_;
}

const Escape* Reading::escape_around(std::size_t position) const noexcept {
  const Escape* escape = view_.escapes().at(position);
  return escape != nullptr && escape->begin < position ? escape : nullptr;
}

void Reading::forget(std::size_t settled) {
  if (!is_plain()) forget_places(settled);
  if (view_.end() < view_.begin() + forget_bytes) return;
  const std::size_t decided = decided_view();
  if (decided < view_.begin() + forget_bytes) return;
  view_.forget_before(view_.boundary_before(shown_view()));
}

void Reading::forget_places(std::size_t settled) {
  view_.json().forget_before(settled);
  view_.deeper_json().forget_before(settled);
  view_.escapes().forget_before(settled);
}

bool Reading::on_anchor(const AnchorSpan& span) {
  anchor_extensions_.advance(view_, span.begin, *found_);
  const std::size_t from = context_begin(span.begin);
  window_begin_ = from;
  if (view_.raw_begin(from) >= end_) return true;
  translated_ = false;
  joined_ = false;
  const AnchorWindow window{.text = view_.slice(from, span.shown),
                            .begin = span.begin - from,
                            .end = span.end - from,
                            .last = span.last};
  auto looked = dispatcher_->look(
      span.detector, window, scratch_, [&](std::string_view detector, const Match& match) {
        const bool followed = span.last || match.end < window.text.size();
        report(window.text, span.last, span.forced || !followed, detector, match,
               anchor_extensions_);
      });
  if (!looked) failure_ = looked.error();
  return static_cast<bool>(looked);
}

AroundSink::Answer Reading::on_number(const AroundSpan& span) {
  window_begin_ = span.shown;
  if (view_.raw_begin(span.begin) >= end_) return {};
  translated_ = false;
  joined_ = false;
  const AroundWindow window{.text = view_.slice(span.shown, span.until),
                            .begin = span.begin - span.shown,
                            .at = span.at - span.shown,
                            .end = span.end - span.shown,
                            .last = span.last};
  Answer answer;
  auto known = dispatcher_->read_around(
      window, scratch_, [&](std::string_view detector, const Match& match) {
        const bool forced = span.forced && match.end == window.text.size();
        found_->push_back({.type = match.type,
                           .begin = view_.raw_begin(span.shown + match.begin),
                           .end = view_.raw_end(span.shown + match.end, !forced),
                           .confidence = match.confidence,
                           .detector = detector,
                           .ignored = marks_of(match, window.text, window.last)});
        answer.found = span.shown + match.end;
      });
  if (!known) failure_ = known.error();
  answer.goes_on = static_cast<bool>(known);
  answer.known = answer.goes_on && *known;
  return answer;
}

bool Reading::on_sentence_window(const SentenceWindow& sentence) {
  const std::size_t begin = sentence.tokens.front().begin;
  if (view_.raw_begin(begin) >= end_) return true;
  if (sentence.begins_sentence && sentence.owned_begin == 0) tagger_states_.clear();
  tokens_.clear();
  for (const Token& token : sentence.tokens) {
    tokens_.push_back({token.begin - begin, token.end - begin, token.kind});
  }
  const TokenWindow window{.text = view_.slice(begin, sentence.tokens.back().end),
                           .tokens = tokens_,
                           .owned_begin = sentence.owned_begin,
                           .owned_end = sentence.owned_end,
                           .begins_sentence = sentence.begins_sentence,
                           .ends_sentence = sentence.ends_sentence};
  auto tagged = dispatcher_->tag(
      window, tagger_states_, scratch_, [&](std::string_view tagger, const Match& match) {
        found_->push_back({.type = match.type,
                           .begin = view_.raw_begin(begin + match.begin),
                           .end = view_.raw_end(begin + match.end, !sentence.forced),
                           .confidence = match.confidence,
                           .detector = tagger,
                           .ignored = marks_of(match, window.text, window.ends_sentence)});
      });
  if (!tagged) failure_ = tagged.error();
  return static_cast<bool>(tagged);
}

std::size_t Reading::context_begin(std::size_t begin) const {
  std::size_t shown = begin - std::min(begin, core::context_bytes_max);
  while (shown < begin && (*view_.at(shown) & '\xC0') == '\x80') ++shown;
  return shown;
}

bool Reading::on_line_window(const LineWindow& line) {
  line_extensions_.advance(view_, line.end, *found_);
  window_begin_ = context_begin(line.begin);
  if (view_.raw_begin(window_begin_) >= end_) return true;
  translated_ = false;
  joined_ = false;
  const Window window{.text = view_.slice(window_begin_, line.end),
                      .begin = line.begin - window_begin_,
                      .owned_end = line.owned_end - window_begin_,
                      .run_begin = line.begin - window_begin_,
                      .last = line.last};
  auto scanned = Dispatcher::scan_line(
      *of_lines_, window, scratch_, [&](std::string_view detector, const Match& match) {
        report(window.text, window.last, line.forced, detector, match, line_extensions_);
      });
  if (!scanned) failure_ = scanned.error();
  return static_cast<bool>(scanned);
}

std::uint32_t Reading::marks_of(const Match& match, std::string_view text, bool last) const {
  if (ignored_ == nullptr || !stands_alone(*match.type, text, match.begin, match.end, last))
    return 0;
  return ignored_->entries_of(*match.type, text.substr(match.begin, match.end - match.begin));
}

void Reading::report(std::string_view text, bool last, bool forced, std::string_view detector,
                     const Match& match, Extensions& open) {
  if (view_.raw_begin(window_begin_) >= end_) return;
  const std::size_t begin = view_position(match.begin);
  std::size_t end = match.end == match.begin ? begin : view_position(match.end);
  if (joined_) end = view_position(match.end - 1) + 1;  // without a line's end
  if (match.extension != nullptr) {
    open.start(match, detector, begin, end);
    return;
  }
  found_->push_back({.type = match.type,
                     .begin = view_.raw_begin(begin),
                     .end = view_.raw_end(end, !forced),
                     .confidence = match.confidence,
                     .detector = detector,
                     .ignored = marks_of(match, text, last)});
}

}  // namespace menshen::detectors
