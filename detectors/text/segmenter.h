// Cuts the view into runs, by content alone: the parts of a text in which a value can lie.
//
// A run is a maximal sequence of letters, digits and connectors (. - _ + / = @ : % ~ # ( ) '). It
// goes on over up to three of space . - ( ) / between two digits, and over a single space between
// the groups of four of an IBAN. Newlines, commas, quotes, Han and kana end it. Han numerals
// delimit too, but form runs of their own with the digits and separators between them: seven or
// more make a number that was written in Han. To a run that begins with '@' belong up to eight
// ideographs before it (they may be a name), and the domain behind it, where that begins with one.
// A run that ends with a digit and its line, and the one that begins with a digit in the next line,
// are given out together too: a number may be split.
//
// A run longer than window_bytes is given out in windows, counted from where it starts: each owns
// the matches that begin in its `owned` part and shows at least match_bytes_max bytes after it. A
// run whose source takes more than raw_span_max bytes (flooded with invisible characters) is ended
// there.
//
// What begins a value before its run (text/leads.h) is not decided until the run is.
//
// The segmenter reads the view character by character and never looks ahead, so what it gives out,
// and when, is a function of the text before that point: cuts cannot change it.
#pragma once

#include "core/limits.h"
#include "detectors/text/view.h"
#include "detectors/values/boundary.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace menshen::detectors {

inline constexpr std::size_t window_owned_bytes = 3 * core::match_bytes_max;
inline constexpr std::size_t window_bytes = window_owned_bytes + core::match_bytes_max;
inline constexpr std::size_t raw_span_max = 8 * 1024;
inline constexpr std::size_t numerals_min = 7;
inline constexpr std::size_t name_characters_max = 8;
inline constexpr std::size_t named_domain_bytes_max = 190;
// Of each of the runs of several lines, and of them together.
inline constexpr std::size_t joined_run_bytes_max = 64;
inline constexpr std::size_t joined_bytes_max = 2 * joined_run_bytes_max;

// A part of a run, in view positions. Matches begin in [begin, owned_end); [begin, end) may be
// read.
struct RunWindow {
  std::size_t begin = 0;
  std::size_t owned_end = 0;
  std::size_t end = 0;
  bool last = true;         // the run ends at `end`
  bool forced = false;      // because its source is too long: what follows it may not be known yet
  bool next_known = false;  // the character at `end` is there: it ended the run
  std::size_t run_begin = 0;
  std::uint8_t content = 0;  // union of run_class bits, of the run so far
  std::size_t digits = 0;    // of the run so far
  bool numerals = false;     // a run of Han numerals
  bool joined = false;       // runs of several lines
  bool folded = false;       // with the digits that letters look like
};

// Which runs are worth giving out: those that have all that one clause asks for.
struct RunClause {
  std::size_t bytes = 0;
  std::size_t digits = 0;
  std::uint8_t content = 0;
  // Not ASCII, and the character that ends the run, so that short runs of digits cost nothing
  // elsewhere; 0: any. `before`: stands in the before_bytes_max bytes before the run, too.
  char32_t next = 0;
  std::string_view before{};
  [[nodiscard]] bool holds(std::size_t run_bytes, std::size_t run_digits,
                           unsigned run_content) const noexcept {
    return run_bytes >= bytes && run_digits >= digits && (run_content & content) == content;
  }
  // What this holds for, `weaker` holds for.
  [[nodiscard]] bool implies(const RunClause& weaker) const noexcept {
    const bool around = weaker.next == 0 || (next == weaker.next && before == weaker.before);
    return around && weaker.holds(bytes, digits, content);
  }
};

class RunFilter {
 public:
  static constexpr std::size_t before_bytes_max = 32;
  void add(const RunClause& clause);
  [[nodiscard]] bool passes(std::size_t bytes, std::size_t digits,
                            unsigned content) const noexcept {
    if (digits == 0) return bytes >= bytes_without_digits_[content];
    for (const RunClause& clause : clauses_) {
      if (clause.holds(bytes, digits, content)) return true;
    }
    return false;
  }
  // By a clause that asks for what stands around the run.
  [[nodiscard]] bool passes_between(const RunWindow& run, std::string_view before,
                                    char32_t next) const noexcept;
  [[nodiscard]] bool has_clauses_around() const noexcept { return !around_.empty(); }

 private:
  static constexpr std::size_t never = static_cast<std::size_t>(-1);
  static constexpr std::array<std::size_t, 128> all_never = [] {
    std::array<std::size_t, 128> bytes{};
    bytes.fill(never);
    return bytes;
  }();
  std::vector<RunClause> clauses_;
  std::vector<RunClause> around_;
  // For runs without a digit, by their content: how long they must be.
  std::array<std::size_t, 128> bytes_without_digits_ = all_never;
};

class RunSink {
 public:
  // False ends the reading: the sink knows why.
  virtual bool on_window(const RunWindow& window) = 0;

 protected:
  ~RunSink() = default;
};

class Segmenter {
 public:
  explicit Segmenter(const RunFilter& filter) : filter_(&filter) {}  // kept by reference
  void reset() { *this = Segmenter(*filter_); }

  // Reads the view to its end; false when the sink said so.
  bool advance(const View& view, RunSink& sink);
  bool finish(const View& view, RunSink& sink);

  // View position up to which nothing is open: no run or window that has not been given out begins
  // before it.
  [[nodiscard]] std::size_t decided(const View& view) const noexcept;
  [[nodiscard]] std::size_t position() const noexcept { return next_; }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  static constexpr std::size_t separators_max = 3;

  [[nodiscard]] std::size_t stop(const View& view) const noexcept;
  void read_plain(const View& view, std::size_t limit);
  void read_run(const View& view, std::size_t limit);
  bool step(const View& view, RunSink& sink);
  bool step_pending(const View& view, RunSink& sink, std::uint8_t c);
  bool step_space(const View& view, RunSink& sink);
  bool step_numeral(const View& view, RunSink& sink, std::uint8_t c, std::size_t bytes);
  bool check_windows(const View& view, RunSink& sink);
  bool check_irregulars(const View& view, RunSink& sink);
  enum class Ending : std::uint8_t { character, forced, text };
  [[nodiscard]] RunWindow take_run(std::size_t end, Ending ending);
  [[nodiscard]] bool is_worth(const View& view, const RunWindow& window) const;
  bool give(const View& view, RunSink& sink, const RunWindow& window);
  bool give_joined(RunSink& sink, const RunWindow& window);
  bool end_line(const View& view, RunSink& sink);
  // Behind this a number may go on in the next line.
  [[nodiscard]] static bool may_go_on(char c) noexcept { return is_digit(c) || c == '-'; }
  bool end_run(const View& view, RunSink& sink, std::size_t end, Ending ending = Ending::character);
  bool end_numerals(RunSink& sink, Ending ending = Ending::character);
  void begin_run(const View& view, std::size_t at);
  [[nodiscard]] static std::size_t name_begin(const View& view, std::size_t at) noexcept;
  [[nodiscard]] bool in_named_domain(const View& view) noexcept;
  void begin_numerals(const View& view);
  void note_iban_group(const View& view);
  [[nodiscard]] std::size_t separators_before(const View& view) const noexcept;
  void note_lead(const View& view);

  const RunFilter* filter_;
  std::size_t next_ = 0;
  std::size_t irregular_ = 0;  // the next irregular character whose raw span is to be checked

  std::size_t lead_bytes_ = 0;  // before the run that is open or may begin here (text/leads.h)
  std::size_t run_begin_ = none;
  std::size_t window_begin_ = 0;
  std::uint8_t content_ = 0;
  std::size_t digits_ = 0;
  std::size_t domain_begin_ = none;  // of a domain that begins with ideographs
  bool finished_ = false;

  std::size_t pending_ = none;  // the space at which the run ends unless a digit comes
  std::size_t pending_last_space_ = 0;
  std::size_t pending_separators_ = 0;
  bool pending_digit_ = false;  // a digit would join
  bool pending_iban_ = false;   // an IBAN group would join
  std::size_t iban_begin_ = none;

  // Runs before a line's end, which the next run goes on with if it begins with a digit.
  std::size_t joined_begin_ = none;
  std::size_t joined_next_ = none;  // where that must begin
  std::uint8_t joined_content_ = 0;
  std::size_t joined_digits_ = 0;

  std::size_t numerals_begin_ = none;
  std::size_t numerals_window_ = 0;
  std::size_t numerals_end_ = 0;  // one past the last numeral or digit
  std::size_t numerals_count_ = 0;
  std::size_t numerals_separators_ = 0;
};

}  // namespace menshen::detectors
