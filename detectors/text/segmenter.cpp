#include "detectors/text/segmenter.h"

#include "core/utf8.h"
#include "detectors/text/character_class.h"
#include "detectors/text/leads.h"
#include "detectors/values/boundary.h"

#include <algorithm>

namespace menshen::detectors {
namespace {

bool is_separator(char c) noexcept {
  return c == ' ' || c == '.' || c == '-' || c == '(' || c == ')' || c == '/';
}
bool is_separator_class(std::uint8_t c) noexcept {
  return c == run_class::space || c == run_class::dot || c == run_class::joiner;
}

}  // namespace

std::size_t Segmenter::decided(const View& view) const noexcept {
  std::size_t at = run_begin_ == none ? next_ - lead_bytes_ : next_;
  if (run_begin_ == none && !finished_) at = std::min(at, name_begin(view, next_));
  if (run_begin_ != none) {
    at = std::min(at, window_begin_ - (window_begin_ == run_begin_ ? lead_bytes_ : 0));
  }
  if (numerals_begin_ != none) at = std::min(at, numerals_window_);
  if (joined_begin_ != none) at = std::min(at, joined_begin_);
  return at;
}

// How far the fast loops may read before a window is full or a raw span is to be checked.
std::size_t Segmenter::stop(const View& view) const noexcept {
  std::size_t limit = view.end();
  if (irregular_ < view.irregular_end())
    limit = std::min(limit, view.irregular(irregular_).view_end());
  if (run_begin_ != none) limit = std::min(limit, window_begin_ + window_bytes);
  return limit;
}

bool Segmenter::advance(const View& view, RunSink& sink) {
  for (;;) {
    if (!check_irregulars(view, sink)) return false;
    if (next_ >= view.end()) {
      note_lead(view);
      return true;
    }
    if (!check_windows(view, sink)) return false;
    const std::size_t limit = stop(view);
    if (numerals_begin_ == none && pending_ == none) {
      if (run_begin_ != none) {
        read_run(view, limit);
      } else if (joined_begin_ == none) {
        read_plain(view, limit);
      }
      if (next_ >= limit) continue;
    }
    if (!step(view, sink)) return false;
  }
}

void Segmenter::note_lead(const View& view) {
  lead_bytes_ = 0;
  if (run_begin_ != none && run_begin_ < window_begin_) return;  // given out with its first window
  const std::size_t at = run_begin_ == none ? next_ : run_begin_;
  const std::size_t from = at - std::min(at - view.begin(), lead_bytes_max);
  lead_bytes_ = lead_bytes(view.slice(from, at));
}

// One character, in any state.
bool Segmenter::step(const View& view, RunSink& sink) {
  const CharacterClass c = class_at(view.at(next_));
  if (numerals_begin_ != none || c.value == run_class::numeral) {
    if (!step_numeral(view, sink, c.value, c.bytes)) return false;
  }
  if (pending_ != none) {
    if (!step_pending(view, sink, c.value)) return false;
  } else if (c.value == run_class::space && run_begin_ != none) {
    if (!step_space(view, sink)) return false;
  }
  if (is_run_character(c.value)) {
    if (run_begin_ == none) begin_run(view, next_);
    if (next_ == joined_next_ && c.value != run_class::digit) joined_begin_ = none;
    content_ = static_cast<std::uint8_t>(content_ | c.value);
    digits_ += c.value & run_class::digit;
  } else if (c.value != run_class::space && !in_named_domain(view)) {
    if (!end_line(view, sink)) return false;
  }
  if (joined_begin_ != none && next_ >= joined_next_ && run_begin_ != joined_next_) {
    joined_begin_ = none;
  }
  next_ += c.bytes;
  return true;
}

void Segmenter::begin_run(const View& view, std::size_t at) {
  run_begin_ = *view.at(at) == '@' ? name_begin(view, at) : at;
  window_begin_ = run_begin_;
  content_ = 0;
  digits_ = 0;
  iban_begin_ = none;
  domain_begin_ = none;
}

// Separators between the last digit and here; separators_max when there are too many, or no digit.
std::size_t Segmenter::separators_before(const View& view) const noexcept {
  for (std::size_t n = 0; n < separators_max && run_begin_ + n < next_; ++n) {
    const char c = *view.at(next_ - 1 - n);
    if (is_digit(c)) return n;
    if (!is_separator(c)) break;
  }
  return separators_max;
}

void Segmenter::note_iban_group(const View& view) {
  constexpr std::size_t group = 4;
  constexpr std::size_t iban_bytes_max = 34 + 8;
  pending_iban_ = false;
  if (next_ < run_begin_ + group) return;
  const std::string_view text = view.slice(next_ - group, next_);
  const char before = next_ - group > run_begin_ ? *view.at(next_ - group - 1) : ' ';
  if (is_alnum(before)) return;
  if (is_upper(text[0]) && is_upper(text[1]) && is_digit(text[2]) && is_digit(text[3])) {
    iban_begin_ = next_ - group;
  } else if (iban_begin_ == none || before != ' ' || next_ - iban_begin_ > iban_bytes_max ||
             !std::ranges::all_of(text, [](char c) { return is_digit(c) || is_upper(c); })) {
    iban_begin_ = none;
  }
  pending_iban_ = iban_begin_ != none;
}

// A space within a run: it ends here, unless the next characters join.
bool Segmenter::step_space(const View& view, RunSink& sink) {
  const std::size_t separators = separators_before(view);
  note_iban_group(view);
  pending_digit_ = separators < separators_max;
  if (!pending_digit_ && !pending_iban_) return end_run(view, sink, next_);
  pending_ = next_;
  pending_last_space_ = next_;
  pending_separators_ = pending_digit_ ? separators + 1 : 1;
  return true;
}

bool Segmenter::step_pending(const View& view, RunSink& sink, std::uint8_t c) {
  const bool adjacent = next_ == pending_ + 1;
  const bool joins =
      ((c & run_class::digit) != 0 && c < 0x80 && pending_digit_) ||
      (pending_iban_ && adjacent && (is_digit(*view.at(next_)) || is_upper(*view.at(next_))));
  if (joins) {
    pending_ = none;
    return true;
  }
  if (pending_digit_ && is_separator_class(c) && pending_separators_ < separators_max) {
    ++pending_separators_;
    if (c == run_class::space) pending_last_space_ = next_;
    return true;
  }
  // Separators behind the last space begin the run that follows.
  const std::size_t rest = pending_last_space_ + 1;
  const RunWindow ended = take_run(pending_, Ending::character);
  if (rest < next_) {
    begin_run(view, rest);
    for (std::size_t at = rest; at < next_; ++at) {
      content_ = static_cast<std::uint8_t>(content_ | class_at(view.at(at)).value);
    }
  }
  if (!give(view, sink, ended)) return false;
  if (c == run_class::space && run_begin_ != none) return end_run(view, sink, next_);
  return true;
}

// Digits and separators that stand directly before the numeral belong to its run, as far as they
// are undecided.
void Segmenter::begin_numerals(const View& view) {
  const std::size_t from = run_begin_ == none ? next_ : window_begin_;
  std::size_t begin = next_;
  std::size_t separators = 0;
  numerals_count_ = 0;
  for (std::size_t at = next_; at > from; --at) {
    const char c = *view.at(at - 1);
    if (is_digit(c)) {
      begin = at - 1;
      separators = 0;
      ++numerals_count_;
    } else if (!is_separator(c) || ++separators > separators_max) {
      break;
    }
  }
  numerals_begin_ = begin;
  numerals_window_ = begin;
  numerals_separators_ = 0;
}

bool Segmenter::step_numeral(const View& view, RunSink& sink, std::uint8_t c, std::size_t bytes) {
  if (c == run_class::numeral || c == run_class::digit) {
    if (numerals_begin_ == none) begin_numerals(view);
    ++numerals_count_;
    numerals_separators_ = 0;
    numerals_end_ = next_ + bytes;
    return true;
  }
  if (is_separator_class(c) && is_separator(*view.at(next_)) &&
      ++numerals_separators_ <= separators_max) {
    return true;
  }
  const bool check_letter = numerals_separators_ == 0 && (*view.at(next_) | 0x20) == 'x';
  if (!check_letter) return end_numerals(sink);
  numerals_end_ = next_ + bytes;  // what follows it is not known
  return end_numerals(sink, Ending::text);
}

bool Segmenter::check_windows(const View& view, RunSink& sink) {
  if (run_begin_ != none && next_ >= window_begin_ + window_bytes) {
    RunWindow window{.begin = window_begin_,
                     .owned_end = view.boundary_before(window_begin_ + window_owned_bytes),
                     .end = view.boundary_before(window_begin_ + window_bytes),
                     .last = false,
                     .run_begin = run_begin_,
                     .content = content_,
                     .digits = digits_};
    window_begin_ = window.owned_end;
    if (!sink.on_window(window)) return false;
  }
  if (numerals_begin_ != none && next_ >= numerals_window_ + window_bytes) {
    RunWindow window{.begin = numerals_window_,
                     .owned_end = view.boundary_before(numerals_window_ + window_owned_bytes),
                     .end = view.boundary_before(numerals_window_ + window_bytes),
                     .last = false,
                     .run_begin = numerals_begin_,
                     .content = run_class::digit,
                     .digits = numerals_count_,
                     .numerals = true};
    numerals_window_ = window.owned_end;
    return sink.on_window(window);
  }
  return true;
}

// A run that takes too much of the source for what it shows ends here.
bool Segmenter::check_irregulars(const View& view, RunSink& sink) {
  irregular_ = std::max(irregular_, view.first_irregular());
  while (irregular_ < view.irregular_end() && view.irregular(irregular_).view_end() <= next_) {
    const std::size_t raw_end = view.irregular(irregular_).raw_end();
    ++irregular_;
    if (run_begin_ == none && numerals_begin_ == none && joined_begin_ == none) continue;
    if (raw_end - view.raw_begin(decided(view)) <= raw_span_max) continue;
    joined_begin_ = none;
    if (raw_end - view.raw_begin(decided(view)) <= raw_span_max) continue;
    if (numerals_begin_ != none) {
      if (!end_numerals(sink, Ending::forced)) return false;
    }
    if (run_begin_ != none) {
      const std::size_t end = pending_ == none ? next_ : pending_;
      if (!end_run(view, sink, end, Ending::forced)) return false;
    }
  }
  return true;
}

RunWindow Segmenter::take_run(std::size_t end, Ending ending) {
  const RunWindow window{.begin = window_begin_,
                         .owned_end = end,
                         .end = end,
                         .last = true,
                         .forced = ending == Ending::forced,
                         .next_known = ending == Ending::character,
                         .run_begin = run_begin_,
                         .content = content_,
                         .digits = digits_};
  run_begin_ = none;
  pending_ = none;
  return window;
}

bool Segmenter::is_worth(const View& view, const RunWindow& window) const {
  if (filter_->passes(window.end - window.run_begin, window.digits, window.content)) return true;
  if (!window.next_known || window.digits == 0 || !filter_->has_clauses_around()) return false;
  const char* const next = view.at(window.end);
  if (static_cast<unsigned char>(*next) < 0x80) return false;
  const std::size_t begin = window.run_begin;
  const std::size_t seen = std::min(begin - view.begin(), RunFilter::before_bytes_max);
  return filter_->passes_between(window, view.slice(begin - seen, begin),
                                 core::valid_utf8_at(next).point);
}

bool Segmenter::give(const View& view, RunSink& sink, const RunWindow& window) {
  if (is_worth(view, window) && !sink.on_window(window)) return false;
  return joined_begin_ == none || window.run_begin != joined_next_ || give_joined(sink, window);
}

bool Segmenter::end_run(const View& view, RunSink& sink, std::size_t end, Ending ending) {
  return give(view, sink, take_run(end, ending));
}

bool Segmenter::end_numerals(RunSink& sink, Ending ending) {
  const RunWindow window{.begin = numerals_window_,
                         .owned_end = numerals_end_,
                         .end = numerals_end_,
                         .last = true,
                         .forced = ending == Ending::forced,
                         .next_known = ending == Ending::character,
                         .run_begin = numerals_begin_,
                         .content = run_class::digit,
                         .digits = numerals_count_,
                         .numerals = true};
  numerals_begin_ = none;
  if (window.digits < numerals_min) return true;
  return sink.on_window(window);
}

bool Segmenter::finish(const View& view, RunSink& sink) {
  if (!advance(view, sink)) return false;
  finished_ = true;
  if (numerals_begin_ != none) {
    if (!end_numerals(sink, Ending::text)) return false;
  }
  lead_bytes_ = 0;
  if (run_begin_ == none) return true;
  return end_run(view, sink, pending_ == none ? next_ : pending_,
                 pending_ == none ? Ending::text : Ending::character);
}

}  // namespace menshen::detectors
