#include "detectors/engine/numbers_around.h"

#include "detectors/text/segmenter.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <bit>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace menshen::detectors {
namespace {

// Of the source, before a number: what takes more is not looked at.
constexpr std::size_t raw_before_max = raw_span_max / 2;

}  // namespace

std::size_t find_digit(std::string_view text, std::size_t from) noexcept {
#if defined(__x86_64__)
  constexpr std::size_t lanes = 16;
  // '0' becomes the least of signed bytes.
  const __m128i shift = _mm_set1_epi8(static_cast<char>(0x80 - '0'));
  const __m128i bound = _mm_set1_epi8(static_cast<char>(0x80 + 10));
  for (; from + lanes <= text.size(); from += lanes) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + from));
    const __m128i digits = _mm_cmplt_epi8(_mm_add_epi8(bytes, shift), bound);
    const auto places = static_cast<unsigned>(_mm_movemask_epi8(digits));
    if (places != 0) return from + static_cast<std::size_t>(std::countr_zero(places));
  }
#endif
  while (from < text.size() && !is_digit(text[from])) ++from;
  return from;
}

// The next digits; false when none are left.
bool NumbersAround::read_number(const View& view) {
  const std::string_view text = view.slice(next_, view.end());
  const std::size_t from = find_digit(text, 0);
  std::size_t to = from;
  while (to < text.size() && is_digit(text[to])) ++to;
  at_ = next_ + from;
  end_ = next_ + to;
  next_ = at_;
  return from < text.size();
}

// The next number that the detector would look at.
NumbersAround::Next NumbersAround::find(const View& view, bool ends) {
  for (; read_number(view); next_ = end_) {
    if (end_ - at_ > around_digits_max) continue;
    if (at_ > view.begin() && is_digit(*view.at(at_ - 1))) continue;  // the rest of a long one
    std::size_t until = std::min(view.end(), end_ + gate_behind_bytes);
    bool known = ends || until == end_ + gate_behind_bytes;
    if (view.first_irregular() != view.irregular_end()) {
      if (view.raw_begin(end_ - 1) - view.raw_begin(at_) > raw_span_max) continue;
      AroundSpan span{.at = at_, .end = end_, .until = until, .last = known};
      bound_source(view, span);
      if (span.until == end_ && span.forced) continue;  // nothing is known of what follows
      until = span.until;
      known = known || span.last;
    }
    const std::size_t before = std::min(at_ - view.begin(), gate_before_bytes);
    const Detector::Worth worth =
        detector_->worth_around(view.slice(at_ - before, at_), view.slice(end_, until), known);
    if (worth == Detector::Worth::yes) return Next::number;
    if (worth == Detector::Worth::unknown && !known) return Next::unknown;
  }
  return Next::nothing;
}

// Ends what is shown before the first character behind the number whose source is too far away.
void NumbersAround::bound_source(const View& view, AroundSpan& span) {
  const std::size_t bound = view.raw_begin(span.at) + raw_span_max;
  const std::size_t reached = span.until < view.end() ? view.raw_begin(span.until) : view.raw_end();
  if (reached <= bound) return;
  std::size_t number = view.first_irregular();
  while (number < view.irregular_end() && (view.irregular(number).view_begin < span.end ||
                                           view.irregular(number).raw_end() <= bound)) {
    ++number;
  }
  if (number == view.irregular_end()) return;
  span.until = std::min(span.until, view.irregular(number).view_begin);
  span.last = true;
  span.forced = true;
}

std::size_t NumbersAround::open_from(const View& view, std::size_t at) const {
  std::size_t from = std::max(view.begin(), at - std::min(at, around_before_bytes));
  while (from < at && (*view.at(from) & '\xC0') == '\x80') ++from;
  from = std::max(from, std::min(after_, at));
  from += detector_->open_from(view.slice(from, at));
  const std::size_t source = at < view.end() ? view.raw_begin(at) : view.raw_end();
  while (from < at && source - view.raw_begin(from) > raw_before_max) {
    do {
      ++from;
    } while (from < at && (*view.at(from) & '\xC0') == '\x80');
  }
  return from;
}

AroundSpan NumbersAround::span_of(const View& view, bool ends) const {
  const std::size_t limit = end_ + around_behind_bytes;
  AroundSpan span{.begin = open_from(view, at_), .at = at_, .end = end_};
  span.shown = std::max(view.begin(), at_ - std::min(at_, around_before_bytes));
  while (span.shown < at_ && (*view.at(span.shown) & '\xC0') == '\x80') ++span.shown;
  span.last = ends || view.end() >= limit;
  span.until = view.end() > limit ? view.boundary_before(limit) : view.end();
  bound_source(view, span);
  return span;
}

bool NumbersAround::read(const View& view, AroundSink& sink, bool ends) {
  if (detector_ == nullptr) {
    decided_ = view.end();
    return true;
  }
  Next next = find(view, ends);
  while (next == Next::number) {
    const AroundSink::Answer answer = sink.on_number(span_of(view, ends));
    if (!answer.goes_on) return false;
    if (!answer.known) break;
    after_ = std::max(after_, answer.found);
    next_ = std::max(end_, answer.found);
    next = find(view, ends);
  }
  decided_ = ends ? view.end() : open_from(view, next == Next::nothing ? view.end() : at_);
  return true;
}

}  // namespace menshen::detectors
