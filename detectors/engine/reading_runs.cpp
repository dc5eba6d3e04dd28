// Of a reading, the runs: what they are translated to, and what stands behind them.
#include "core/utf8.h"
#include "detectors/engine/reading.h"
#include "detectors/text/leads.h"
#include "detectors/values/behind.h"
#include "detectors/values/boundary.h"

#include <algorithm>

namespace menshen::detectors {
namespace {

// More than the form alone ever makes.
constexpr float sure = 0.9F;

char look_alike(char c) noexcept {
  if (c == 'O' || c == 'o') return '0';
  return c == 'l' || c == 'I' ? '1' : c;
}

// In words that have digits, and else nothing but letters like them. Returns how many letters.
std::size_t fold_look_alikes(std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    std::size_t digits = 0;
    std::size_t letters = 0;
    while (end < text.size() && (is_alnum(text[end]) || text[end] == '_')) {
      if (is_digit(text[end])) {
        ++digits;
      } else if (look_alike(text[end]) != text[end]) {
        ++letters;
      }
      ++end;
    }
    if (digits > 0 && letters > 0 && digits + letters == end - at) {
      for (; at < end; ++at) text[at] = look_alike(text[at]);
      count += letters;
    }
    at = end + 1;
  }
  return count;
}

}  // namespace

// Words that follow a run, if they are there or will not be. Those whose source is too far away are
// not read.
std::optional<std::size_t> Reading::behind_of(const RunWindow& run) const {
  std::size_t shown = view_.boundary_before(std::min(view_.end(), run.end + behind_bytes_max));
  const std::string_view text = view_.slice(run.begin, run.end);
  if (view_.first_irregular() == view_.irregular_end()) {
    return reach_behind(text, view_.slice(run.end, shown), ends_ || view_.end() > shown);
  }
  const std::size_t bound = view_.raw_begin(run.begin) + raw_span_max;
  const bool complete = ends_ || view_.raw_end() > bound || view_.end() > shown;
  while (shown > run.end && view_.raw_begin(view_.boundary_before(shown - 1)) > bound) {
    shown = view_.boundary_before(shown - 1);
  }
  return reach_behind(text, view_.slice(run.end, shown), complete);
}

bool Reading::settle_waiting() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    const Waiting waiting = waiting_[i];
    const auto behind = behind_of(waiting.run);
    if (!behind) {
      waiting_[kept++] = waiting;
      continue;
    }
    if (waiting.run.folded) fold_run(waiting.run);
    if (!scan_part(waiting.run, Dispatcher::Part::behind, *behind)) return false;
  }
  waiting_.resize(kept);
  return true;
}

// Letters that are written for the digits that they look like, 13800138OOO: looked for where all of
// a word is such letters and digits.
std::size_t Reading::fold_run(const RunWindow& run) {
  look_alikes_.assign(view_.slice(run.begin, run.end));
  return fold_look_alikes(look_alikes_);
}

bool Reading::fold(const RunWindow& run) {
  constexpr std::size_t digits_shown_min = 3;
  if (run.digits < digits_shown_min || (run.content & run_class::letter) == 0) return true;
  const std::size_t folded = fold_run(run);
  if (folded == 0) return true;
  RunWindow window = run;
  window.folded = true;
  window.digits += folded;
  return !dispatcher_->worth(window) || scan_window(window, Dispatcher::Part::all);
}

void Reading::translate(const RunWindow& run, std::size_t from) {
  digits_.clear();
  positions_.clear();
  if (run.folded) {
    digits_.assign(view_.slice(from, run.begin)).append(look_alikes_);
    for (std::size_t at = from; at <= run.end; ++at) positions_.push_back(at);
    return;
  }
  for (std::size_t at = from; at < run.end;) {
    const core::ValidUtf8 c = core::valid_utf8_at(view_.at(at));
    const bool line_end = run.joined && at >= run.begin && (c.point == U'\n' || c.point == U'\r');
    const int value = at < run.begin || run.joined ? -1 : han_numeral(c.point);
    if (line_end) {
      // shows nothing
    } else if (value >= 0) {
      digits_ += static_cast<char>('0' + value);
      positions_.push_back(at);
    } else {
      digits_.append(view_.at(at), c.bytes);
      for (std::size_t i = 0; i < c.bytes; ++i) positions_.push_back(at + i);
    }
    at += c.bytes;
  }
  positions_.push_back(run.end);
}

bool Reading::on_window(const RunWindow& run) {
  extensions_.advance(view_, segmenter_.position(), *found_);
  const bool may_hold = EncodedTokens::may_hold(run);
  // What a clause about the character behind let through is not looked at again.
  const bool around = run.next_known && (*view_.at(run.end) & '\x80') != 0;
  if (around || dispatcher_->worth(run)) {
    if (!scan_window(run, Dispatcher::Part::all)) return false;
  } else if (dispatcher_->reads_behind(run) && !scan_window(run, Dispatcher::Part::behind)) {
    return false;
  }
  if (may_hold && !fold(run)) return false;
  if (may_hold && decodes_ && view_.raw_begin(run.begin) < end_) {
    encoded_.read(view_, run, differs_, decoded_);
  }
  return true;
}

bool Reading::scan_window(const RunWindow& run, Dispatcher::Part part) {
  using Part = Dispatcher::Part;
  const bool has_behind = run.last && !run.joined && !run.forced;
  if (has_behind && dispatcher_->reads_behind(run)) {
    const auto behind = behind_of(run);
    if (behind) return (part == Part::behind && *behind == 0) || scan_part(run, part, *behind);
    const bool first = run.begin == run.run_begin;
    const std::size_t from =
        run.begin - (first ? std::min(run.begin - view_.begin(), lead_bytes_max) : 0);
    waiting_.push_back({run, run.begin - lead_bytes(view_.slice(from, run.begin))});
    return part == Part::behind || scan_part(run, Part::others, 0);
  }
  return part == Part::behind || scan_part(run, part, 0);
}

bool Reading::scan_part(const RunWindow& run, Dispatcher::Part part, std::size_t behind) {
  window_begin_ = context_begin(run.begin);
  joined_ = run.joined;
  translated_ = run.numerals || run.joined || run.folded;
  Window window{.text = view_.slice(window_begin_, run.end),
                .begin = run.begin - window_begin_,
                .owned_end = run.owned_end - window_begin_,
                .run_begin = run.run_begin - std::min(run.run_begin, window_begin_),
                .behind = view_.slice(run.end, run.end + behind),
                .last = run.last,
                .numerals = run.numerals};
  if (run.next_known) window.next = core::valid_utf8_at(view_.at(run.end)).point;
  if (translated_) {
    translate(run, window_begin_);
    window.text = digits_;
    const auto owned_end = std::ranges::lower_bound(positions_, run.owned_end);
    window.owned_end = static_cast<std::size_t>(owned_end - positions_.begin());
  }
  auto scanned = dispatcher_->scan(
      window, run, part, scratch_, [&](std::string_view detector, const Match& match) {
        if (run.joined && !may_be_split(match)) return;
        if (run.folded && !may_be_folded(match)) return;
        report(window.text, window.last, run.forced, detector, match, extensions_);
      });
  if (!scanned) failure_ = scanned.error();
  if (scanned) extensions_.advance(view_, segmenter_.position(), *found_);
  return static_cast<bool>(scanned);
}

// Lines that end and begin with digits are common: that a number goes on in the next one needs a
// label, or a check.
bool Reading::may_be_split(const Match& match) const {
  const std::size_t begin = view_position(match.begin);
  const std::size_t last = view_position(match.end - 1);
  return match.extension == nullptr && match.confidence > sure &&
         view_.slice(begin, last).find('\n') != std::string_view::npos;
}

// Nor are letters digits without one.
bool Reading::may_be_folded(const Match& match) const {
  const std::size_t begin = view_position(match.begin);
  return match.extension == nullptr && match.confidence > sure &&
         view_.slice(begin, view_position(match.end)) !=
             std::string_view(digits_).substr(match.begin, match.end - match.begin);
}

}  // namespace menshen::detectors
