#include "detectors/recognizers/pattern_table.h"

#include "core/limits.h"
#include "core/utf8.h"
#include "detectors/engine/lines.h"
#include "detectors/recognizers/normal_pattern.h"
#include "detectors/recognizers/refusal.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <utility>

namespace menshen::detectors {
namespace {

constexpr std::size_t window_bytes_max = line_owned_bytes + core::match_bytes_max;
constexpr std::size_t repetition_bytes_max = 32;
constexpr std::size_t instruction_memory = 1024;

// For a byte of a text: the window once, the anchored asks before it, and what is read behind
// each match, of which there may be as many as are short.
std::size_t work_of(const PatternShape& shape, std::size_t instructions, std::size_t reach) {
  const std::size_t asks =
      (anchored_asks_max + 1) * std::max(reach, line_owned_bytes) / line_owned_bytes;
  const std::size_t ahead = std::min(shape.bytes_ahead + next_character_bytes, reach);
  return instructions * (2 + asks + ahead / std::max<std::size_t>(1, shape.bytes_min));
}

std::string too_much_work(std::size_t work) {
  return "A text that is made for it makes this pattern cost " + std::to_string(work) +
         " steps a byte, and at most " + std::to_string(pattern_work_max) +
         " are allowed: write smaller counts, a set of characters in place of \\pL or ., or let "
         "what "
         "follows a repetition begin with characters that the repetition does not have.";
}

re2::RE2::Options options_with(std::size_t memory) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(static_cast<std::int64_t>(memory));
  return options;
}

bool begins_character(std::string_view text, std::size_t at) noexcept {
  return (text[at] & '\xC0') != '\x80';
}

std::string fault_of(const PatternShape& shape, const re2::RE2& expression) {
  if (!expression.ok()) return refusal_by_re2(expression);
  if (shape.anchored) {
    return "A pattern has no anchors of a text (^ $ \\A \\z): it is looked for in parts of a text. "
           "Write \\b where a word begins or ends.";
  }
  if (shape.splits) return "A pattern matches whole characters: leave out \\C.";
  if (shape.bytes_min == 0 || re2::RE2::PartialMatch("", expression)) {
    return "This pattern matches the empty text: it would be found everywhere.";
  }
  if (shape.bytes_min > core::match_bytes_max) {
    return "A pattern matches values of up to " + std::to_string(core::match_bytes_max) +
           " bytes: this one asks for more.";
  }
  return {};
}

}  // namespace

// Patterns that are tried everywhere, and what tells where.
struct PatternTable::Everywhere {
  static constexpr std::size_t buckets = 8;

  // A set of buckets for each byte at each of the first places: a match of a pattern of a bucket
  // may have it there.
  std::array<std::array<std::uint8_t, 256>, PatternShape::prefix_bytes> masks{};
  // Each behind any one character, which it sees for \b.
  re2::RE2::Set set{options_with(set_memory_max), re2::RE2::ANCHOR_START};
  std::vector<std::size_t> together;  // by their numbers in the set
  std::vector<std::size_t> alone;

  // The first place from `at` on, before `end`, where one may begin; `end`: none.
  [[nodiscard]] std::size_t next(std::string_view text, std::size_t at,
                                 std::size_t end) const noexcept {
    const auto mask = [&](std::size_t i) -> unsigned {
      return masks[i][static_cast<unsigned char>(text[at + i])];
    };
    for (; at < end; ++at) {
      if (at + masks.size() > text.size()) return at;
      if ((mask(0) & mask(1)) != 0 && (mask(0) & mask(1) & mask(2) & mask(3)) != 0) return at;
    }
    return end;
  }
};

PatternTable::PatternTable()
    : compiled_(std::make_unique<re2::FilteredRE2>(static_cast<int>(literal_bytes_min))) {}
PatternTable::~PatternTable() = default;

std::string PatternTable::add(std::string_view pattern, std::uint32_t owner) {
  if (expressions_.size() >= patterns_max) {
    return "More than " + std::to_string(patterns_max) + " patterns.";
  }
  if (pattern.size() > pattern_text_bytes_max) {
    return "This pattern is longer than " + std::to_string(pattern_text_bytes_max) + " bytes.";
  }
  const NormalPattern normal = normal_pattern(pattern);
  if (!normal.fault.empty()) return normal.fault;
  const PatternShape shape = shape_of(normal.text);
  const re2::RE2 compiled(normal.text, options_with(pattern_compiled_max));
  if (std::string fault = fault_of(shape, compiled); !fault.empty()) return fault;
  const auto instructions = static_cast<std::size_t>(compiled.ProgramSize());
  const std::size_t seen = shape.bytes_max + next_character_bytes;
  const std::size_t reach = std::min(seen, window_bytes_max);
  if (shape.branches) {
    const std::size_t work = work_of(shape, instructions, reach);
    if (work > pattern_work_max) return too_much_work(work);
    work_max_ += work;
  }
  const std::size_t memory = shape.branches ? std::clamp(instructions * instruction_memory,
                                                         pattern_compiled_max, pattern_memory_max)
                                            : pattern_compiled_max;
  int id = 0;
  if (compiled_->Add(normal.text, options_with(memory), &id) != re2::RE2::NoError) {
    return "RE2 does not take this pattern.";
  }
  expressions_.push_back({.owner = owner,
                          .tail = shape.tail,
                          .branches = shape.branches,
                          .instructions = instructions,
                          .reach = reach,
                          .bytes_ahead = shape.bytes_ahead,
                          .prefix = shape.prefix});
  bytes_max_ = std::max(bytes_max_, std::min(seen, core::match_bytes_max));
  return {};
}

std::string PatternTable::build() {
  if (expressions_.empty()) return {};
  if (work_max_ > patterns_work_max) {
    return "A text that is made for them makes these patterns cost " + std::to_string(work_max_) +
           " steps a byte together, and at most " + std::to_string(patterns_work_max) +
           " are allowed: write smaller counts, or fewer patterns in which a repetition is "
           "followed "
           "by characters that it has itself.";
  }
  std::vector<std::string> literals;
  compiled_->Compile(&literals);
  literals_.build(literals);
  std::vector<int> unfiltered;
  compiled_->AllPotentials({literals_.always().begin(), literals_.always().end()}, &unfiltered);
  if (unfiltered.empty()) return {};
  everywhere_ = std::make_unique<Everywhere>();
  std::vector<int> together;
  for (const int id : unfiltered) {
    const auto index = static_cast<std::size_t>(id);
    expressions_[index].everywhere = true;
    expressions_[index].together = !expressions_[index].branches;
    if (expressions_[index].together) {
      together.push_back(id);
    } else {
      everywhere_->alone.push_back(index);
    }
  }
  return together.empty() ? std::string() : build_together(together);
}

std::string PatternTable::build_together(const std::vector<int>& together) {
  // What begins alike shares a bucket.
  std::vector<int> sorted = together;
  std::ranges::sort(sorted, {}, [this](int index) {
    return expressions_[static_cast<std::size_t>(index)].prefix[0].to_string();
  });
  std::size_t instructions = 0;
  std::size_t reach = 0;
  for (std::size_t n = 0; n < sorted.size(); ++n) {
    const re2::RE2& compiled = compiled_->GetRE2(sorted[n]);
    const auto index = static_cast<std::size_t>(sorted[n]);
    const Expression& expression = expressions_[index];
    instructions += expression.instructions;
    reach += expression.reach;
    if (everywhere_->set.Add("(?s:.)(?:" + compiled.pattern() + ")", nullptr) < 0) {
      return "RE2 does not take these patterns together.";
    }
    everywhere_->together.push_back(index);
    const auto bucket = static_cast<std::uint8_t>(1U << (n * Everywhere::buckets / sorted.size()));
    for (std::size_t i = 0; i < PatternShape::prefix_bytes; ++i) {
      for (std::size_t byte = 0; byte < 256; ++byte) {
        if (expression.prefix[i][byte]) everywhere_->masks[i][byte] |= bucket;
      }
    }
  }
  if (instructions > set_instructions_max || reach > set_reach_max || !everywhere_->set.Compile()) {
    return "The patterns without a fixed text of three characters, which must be tried everywhere, "
           "compile too large together: give them such a text, or write fewer.";
  }
  return {};
}

// One window, what was found in it, and what that cost.
struct PatternTable::Asking {
  const Window& window;
  std::vector<Found>& found;
  std::size_t work = 0;
};

bool PatternTable::may_begin(const Expression& expression, std::string_view text,
                             std::size_t at) noexcept {
  if (!begins_character(text, at)) return false;
  for (std::size_t i = 0; i < expression.prefix.size() && at + i < text.size(); ++i) {
    if (!expression.prefix[i][static_cast<unsigned char>(text[at + i])]) return false;
  }
  return true;
}

// Behind the window's end: up to there stands at most what may be the beginning of one more
// repetition.
bool PatternTable::may_go_on(const Expression& expression, std::string_view behind) noexcept {
  if (behind.size() > std::min(expression.bytes_ahead, repetition_bytes_max)) return false;
  return expression.tail.any() && std::ranges::all_of(behind, [&](char c) {
           return expression.tail[static_cast<unsigned char>(c)];
         });
}

std::size_t PatternTable::ask(std::size_t index, std::size_t at, bool anchored,
                              Asking& asking) const {
  const std::string_view text = asking.window.text;
  const Expression& expression = expressions_[index];
  const re2::RE2& compiled = compiled_->GetRE2(static_cast<int>(index));
  re2::StringPiece match;
  const bool matches = compiled.Match(
      text, at, text.size(), anchored ? re2::RE2::ANCHOR_START : re2::RE2::UNANCHORED, &match, 1);
  const std::size_t begin =
      matches ? static_cast<std::size_t>(match.data() - text.data()) : text.size();
  const std::size_t end = begin + match.size();
  if (expression.branches) {
    const std::size_t read = matches    ? end + expression.bytes_ahead + next_character_bytes
                             : anchored ? at + expression.reach
                                        : text.size();
    asking.work += expression.instructions * (std::min(read, text.size()) - at);
  }
  if (!matches || begin >= asking.window.owned_end) return 0;
  const bool open = !asking.window.last && may_go_on(expression, text.substr(end));
  asking.found.push_back({begin, end, expression.owner, open ? &expression.tail : nullptr});
  return std::max(end, begin + 1);
}

void PatternTable::find_one(std::size_t index, Asking& asking) const {
  const Window& window = asking.window;
  const Expression& expression = expressions_[index];
  std::size_t asks = 0;
  for (std::size_t at = window.begin; at < window.owned_end;) {
    if (!may_begin(expression, window.text, at)) {
      ++at;
      continue;
    }
    const bool anchored = !expression.branches || asks < anchored_asks_max;
    const std::size_t end = ask(index, at, anchored, asking);
    if (end == 0 && !anchored) return;
    if (end == 0) ++asks;
    at = std::max(end, at + 1);
  }
}

void PatternTable::find_everywhere(Asking& asking) const {
  for (const std::size_t index : everywhere_->alone) find_one(index, asking);
  if (!everywhere_->together.empty()) find_together(asking);
}

void PatternTable::find_together(Asking& asking) const {
  const Window& window = asking.window;
  const std::string_view text = window.text;
  std::vector<int> matching;
  std::vector<std::size_t> ends;  // of expressions: of their last match
  const auto try_at = [&](std::size_t index, std::size_t at) {
    if (ends.empty()) ends.resize(expressions_.size());
    if (at >= ends[index]) ends[index] = ask(index, at, true, asking);
  };
  for (std::size_t at = window.begin; at < window.owned_end; ++at) {
    at = everywhere_->next(text, at, window.owned_end);
    if (at == window.owned_end) return;
    if (!begins_character(text, at)) continue;
    std::size_t before = at - std::min<std::size_t>(at, 1);
    while (before > 0 && !begins_character(text, before)) --before;
    re2::RE2::Set::ErrorInfo error{};
    const bool alone = at == 0;  // no character stands before it
    const bool matches = !alone && everywhere_->set.Match(text.substr(before), &matching, &error);
    if (matches) {
      std::ranges::sort(matching);
      for (const int n : matching) try_at(everywhere_->together[static_cast<std::size_t>(n)], at);
    } else if (alone || error.kind != re2::RE2::Set::kNoError) {
      // The automaton may run out of memory: then each is tried.
      for (const std::size_t index : everywhere_->together) try_at(index, at);
    }
  }
}

std::size_t PatternTable::find(const Window& window, std::vector<Found>& found) const {
  Asking asking{.window = window, .found = found};
  if (expressions_.empty()) return 0;
  if (everywhere_ != nullptr) find_everywhere(asking);
  std::vector<int> literals;
  literals_.find(window.text.substr(window.begin), literals);
  if (literals.empty()) return asking.work;
  std::vector<int> patterns;
  literals.insert(literals.end(), literals_.always().begin(), literals_.always().end());
  compiled_->AllPotentials(literals, &patterns);
  for (const int pattern : patterns) {
    const auto index = static_cast<std::size_t>(pattern);
    if (!expressions_[index].everywhere) find_one(index, asking);
  }
  return asking.work;
}

}  // namespace menshen::detectors
