// What a detector is: a pure function from a window of normalised text to matches.
//
// A detector is one folder NAME/ (see docs/ADDING_A_DETECTOR.md) with a function
//
//   const Detector& menshen::detectors::NAME_detector();
//
// that returns an object with static storage. It is immutable and shared by all threads. It never
// sees where the text was cut: the engine normalises the text, cuts it into runs by content, and
// hands over a run when it is complete, so that what scan() returns cannot depend on the cuts.
//
//   class Ticket final : public Detector {
//     core::Result<void> scan(const Window& window, Matches& matches) const override {
//       const std::size_t at = window.text.find("TICKET-", window.begin);
//       if (window.owns(at)) matches.add(type, at, at + 13, 0.9F);
//       return {};
//     }
//     ...
//   };
#pragma once

#include "core/error.h"
#include "core/finding.h"
#include "core/limits.h"
#include "detectors/text/characters.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace menshen::detectors {

// Digits that stand together in a text, and how many separators (space . - ( ) /) part them from
// the group before; 0: they begin a new sequence.
struct DigitGroup {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t separators = 0;
  std::size_t offset = 0;  // in Window::digits
  [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
};

// A run of the normalised text, or a part of a long one, with up to context_bytes_max bytes before
// it. Positions are offsets into `text`. Valid during scan() only.
struct Window {
  std::string_view text;  // context, run
  std::size_t begin = 0;  // matches begin in [begin, owned_end)
  std::size_t owned_end = 0;
  std::size_t run_begin = 0;  // what stands before is context; 0 in the middle of a long run
  char32_t next = 0;  // the character that ends the run; 0: the text ends, or the run goes on
  // What stands behind the run, as far as it may say what a value is (values/behind.h); for those
  // that read it.
  std::string_view behind{};
  bool last = true;                      // false: the run goes on behind text.end()
  bool numerals = false;                 // the digits were (in part) Han numerals
  std::string_view digits{};             // all digits of `text`, and nothing else
  std::span<const DigitGroup> groups{};  // all in `text`, those of the context too

  [[nodiscard]] bool owns(std::size_t at) const noexcept { return at >= begin && at < owned_end; }
  // What stands before `at`: at most context_bytes_max bytes, from a character boundary on.
  [[nodiscard]] std::string_view context(std::size_t at) const noexcept;
  // The character at `at`, or 0 outside of the text.
  [[nodiscard]] char at(std::size_t position) const noexcept {
    return position < text.size() ? text[position] : '\0';
  }
};

// What the bytes after an open-ended match mean.
enum class Step : std::uint8_t {
  belongs,   // this byte and all held before it are part of the value
  belonged,  // all before this byte are; this one is held
  hold,      // not known yet
  split,     // this byte cannot be part of a value: what belongs after it is a finding of its own
  split_after,  // `belonged`, then `split`
  stop,         // the value ended with the last byte that belonged
};

// A small state machine that reads on, byte by byte of the normalised text, where a match leaves
// off. It must stop after holding at most `held_bytes_max` bytes. At the end of the text it is
// asked once with byte -1.
using ExtensionState = std::array<std::uint32_t, 8>;
using Extension = Step (*)(ExtensionState& state, int byte) noexcept;
inline constexpr std::size_t held_bytes_max = 1024;

struct Match {
  const core::FindingType* type = nullptr;
  std::size_t begin = 0;
  std::size_t end = 0;
  float confidence = 0;
  Extension extension = nullptr;  // null: the match is complete
  ExtensionState state{};
  bool held = false;  // not a finding until the extension says so
};

class Matches {
 public:
  void clear() noexcept { matches_.clear(); }
  void add(const core::FindingType& type, std::size_t begin, std::size_t end, float confidence) {
    matches_.push_back({.type = &type, .begin = begin, .end = end, .confidence = confidence});
  }
  // A match that goes on for as long as `extension` says. held: it is one only if the extension
  // confirms it.
  void add_open(const core::FindingType& type, std::size_t begin, std::size_t end, float confidence,
                Extension extension, const ExtensionState& state = {}, bool held = false) {
    matches_.push_back({&type, begin, end, confidence, extension, state, held});
  }
  [[nodiscard]] const std::vector<Match>& all() const noexcept { return matches_; }

 private:
  std::vector<Match> matches_;
};

// What a run must contain for the detector to be asked: all of it. Checked before each call, so
// that clean prose costs one pass over its characters and no call.
struct Trigger {
  std::size_t bytes_min = 1;
  std::size_t digits_min = 0;
  std::uint8_t content = 0;                      // bits of run_class
  std::span<const std::string_view> literals{};  // one of these, where no letter or digit precedes
  bool numerals = false;                         // runs of Han numerals too
  // The character, not ASCII, that ends the run; 0: any. `before`: what the 32 bytes before the run
  // must have then. For short numbers that are something in few places: 1990年 behind 出生.
  char32_t next = 0;
  std::string_view before{};
  bool inside = false;  // the literals count wherever they stand
  bool behind = false;  // only where there is Window::behind
};

// A literal at which a detector is shown the text around it, whatever that consists of: for values
// that have no form of their own and are told by what stands before them.
struct Anchor {
  std::string_view text;  // at least anchor_bytes_min bytes, in lower case; found in any case
  bool word = true;       // "token", "my_token", "myToken", but not "tokenizer" or "mytoken"
};
inline constexpr std::size_t anchor_bytes_min = 3;

// An anchor, up to context_bytes_max bytes before it and what follows: up to the second line end,
// the end of the sentence (a full stop and a blank), or anchor_reach_bytes. Positions are offsets
// into `text`. Valid during look() only.
struct AnchorWindow {
  std::string_view text;
  std::size_t begin = 0;  // of the anchor; matches begin there or behind
  std::size_t end = 0;
  bool last = true;  // false: what stands at text.end() may go on behind it
};
inline constexpr std::size_t anchor_reach_bytes = core::match_bytes_max;

// A number of at most around_digits_max digits, and the text around it, for what has a number and
// no form of its own, and may begin before it: addresses. Positions are offsets into `text`. Valid
// during around() only.
struct AroundWindow {
  std::string_view text;
  std::size_t begin = 0;  // matches begin there or behind, and end behind the number
  std::size_t at = 0;     // the number
  std::size_t end = 0;
  bool last = true;  // false: `text` goes on, and around() may be asked again with more of it
};
inline constexpr std::size_t around_digits_max = 6;
inline constexpr std::size_t around_before_bytes = 128;
inline constexpr std::size_t around_behind_bytes = core::match_bytes_max;
// What worth_around() is shown, at most.
inline constexpr std::size_t gate_before_bytes = 16;
inline constexpr std::size_t gate_behind_bytes = 24;

class Detector {
 public:
  virtual ~Detector() = default;

  // Lower snake case, the folder's name; and the version of the algorithm, which goes into each
  // record.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;
  [[nodiscard]] virtual unsigned version() const noexcept = 0;
  [[nodiscard]] virtual std::span<const core::FindingType* const> types() const noexcept = 0;
  // Of scan(): any one of these suffices. None: it is not called.
  [[nodiscard]] virtual std::span<const Trigger> triggers() const noexcept = 0;
  // Of look().
  [[nodiscard]] virtual std::span<const Anchor> anchors() const noexcept { return {}; }
  // scan() reads Window::behind, and waits for it; its matches are complete.
  [[nodiscard]] virtual bool reads_behind() const noexcept { return false; }
  // around() is asked about numbers; one detector of a catalog may say so.
  [[nodiscard]] virtual bool reads_around() const noexcept { return false; }
  // Is a number worth a window, by the bytes before it and behind it? `last`: `behind` does not go
  // on, or is all that is shown. Asked about every number, so it should be quick.
  enum class Worth : std::uint8_t { no, unknown, yes };
  [[nodiscard]] virtual Worth worth_around(std::string_view before, std::string_view behind,
                                           bool last) const noexcept;
  // Where the earliest match may begin that holds a number behind `text`. Never decreases when
  // `text` goes on.
  [[nodiscard]] virtual std::size_t open_from(std::string_view text) const noexcept;
  // What it finds gives way to secrets that have a form (engine/arbiter.h).
  [[nodiscard]] virtual bool told_by_words() const noexcept { return false; }

  // Matches that the window owns, at most match_bytes_max bytes long unless open. Those of one type
  // that overlap are joined. Any error ends the scan: "could not tell" is never "no match".
  virtual core::Result<void> scan(const Window& window, Matches& matches) const = 0;
  // Matches that begin behind the anchor and end in the window, or are open and reach its end.
  virtual core::Result<void> look(const AnchorWindow& window, Matches& matches) const;
  // One match that holds the number, complete. False: what follows `text` may matter.
  virtual core::Result<bool> around(const AroundWindow& window, Matches& matches) const;
};

}  // namespace menshen::detectors
