#include "detectors/recognizers/pattern_table.h"

#include "core/limits.h"
#include "core/utf8.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <utility>

namespace menshen::detectors {
namespace {

constexpr std::size_t next_character_bytes = 4;

re2::RE2::Options options_with(std::size_t memory) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(static_cast<std::int64_t>(memory));
  return options;
}

bool begins_character(std::string_view text, std::size_t at) noexcept {
  return (text[at] & '\xC0') != '\x80';
}

// Without the part of the pattern that RE2 quotes: messages stand in logs.
std::string refusal_of(const re2::RE2& expression) {
  if (expression.error_code() == re2::RE2::ErrorPatternTooLarge) {
    return "This pattern compiles too large: write smaller counts or sets.";
  }
  const std::string& said = expression.error();
  return "RE2 does not take this pattern: " + said.substr(0, said.find(": ")) + ".";
}

std::string fault_of(const PatternShape& shape, const re2::RE2& expression) {
  if (!expression.ok()) return refusal_of(expression);
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
  std::vector<std::size_t> patterns;  // by their numbers in the set

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
  const re2::RE2::Options options = options_with(pattern_memory_max);
  const PatternShape shape = shape_of(pattern);
  if (std::string fault = fault_of(shape, re2::RE2(pattern, options)); !fault.empty()) {
    return fault;
  }
  int id = 0;
  if (compiled_->Add(pattern, options, &id) != re2::RE2::NoError) {
    return "RE2 does not take this pattern.";
  }
  const std::size_t seen = shape.bytes_max + next_character_bytes;
  expressions_.push_back(
      {.owner = owner, .unbounded = seen > core::match_bytes_max, .prefix = shape.prefix});
  bytes_max_ = std::max(bytes_max_, std::min(seen, core::match_bytes_max));
  return {};
}

std::string PatternTable::build() {
  if (expressions_.empty()) return {};
  std::vector<std::string> literals;
  compiled_->Compile(&literals);
  literals_.build(literals);
  std::vector<int> unfiltered;
  compiled_->AllPotentials({literals_.always().begin(), literals_.always().end()}, &unfiltered);
  if (unfiltered.empty()) return {};
  // What begins alike shares a bucket.
  std::ranges::sort(unfiltered, {}, [this](int index) {
    return expressions_[static_cast<std::size_t>(index)].prefix[0].to_string();
  });
  everywhere_ = std::make_unique<Everywhere>();
  std::size_t instructions = 0;
  for (std::size_t n = 0; n < unfiltered.size(); ++n) {
    const int id = unfiltered[n];
    const re2::RE2& compiled = compiled_->GetRE2(id);
    Expression& expression = expressions_[static_cast<std::size_t>(id)];
    expression.everywhere = true;
    instructions += static_cast<std::size_t>(compiled.ProgramSize());
    if (everywhere_->set.Add("(?s:.)(?:" + compiled.pattern() + ")", nullptr) < 0) {
      return "RE2 does not take these patterns together.";
    }
    everywhere_->patterns.push_back(static_cast<std::size_t>(id));
    const auto bucket =
        static_cast<std::uint8_t>(1U << (n * Everywhere::buckets / unfiltered.size()));
    for (std::size_t i = 0; i < PatternShape::prefix_bytes; ++i) {
      for (std::size_t byte = 0; byte < 256; ++byte) {
        if (expression.prefix[i][byte]) everywhere_->masks[i][byte] |= bucket;
      }
    }
  }
  if (instructions > set_instructions_max || !everywhere_->set.Compile()) {
    return "The patterns without a fixed text of three characters, which must be tried everywhere, "
           "compile too large together: give them such a text, or write fewer.";
  }
  return {};
}

std::size_t PatternTable::match_at(std::size_t index, const Window& window, std::size_t at,
                                   std::vector<Found>& found) const {
  const std::string_view text = window.text;
  re2::StringPiece match;
  const re2::RE2& compiled = compiled_->GetRE2(static_cast<int>(index));
  if (!compiled.Match(text, at, text.size(), re2::RE2::ANCHOR_START, &match, 1)) return 0;
  const std::size_t end = at + match.size();
  const Expression& expression = expressions_[index];
  const bool open = expression.unbounded && !window.last && end == text.size();
  found.push_back({at, end, expression.owner, open});
  return std::max(end, at + 1);
}

void PatternTable::find_one(std::size_t index, const Window& window,
                            std::vector<Found>& found) const {
  const std::string_view text = window.text;
  const auto& prefix = expressions_[index].prefix;
  for (std::size_t at = window.begin; at < window.owned_end;) {
    bool may_begin = begins_character(text, at);
    for (std::size_t i = 0; may_begin && i < prefix.size() && at + i < text.size(); ++i) {
      may_begin = prefix[i][static_cast<unsigned char>(text[at + i])];
    }
    const std::size_t end = may_begin ? match_at(index, window, at, found) : 0;
    at = std::max(end, at + 1);
  }
}

void PatternTable::find_everywhere(const Window& window, std::vector<Found>& found) const {
  const std::string_view text = window.text;
  std::vector<int> matching;
  std::vector<std::pair<std::size_t, std::size_t>> ends;  // of patterns: of their last match
  const auto try_at = [&](std::size_t index, std::size_t at) {
    auto last = std::ranges::find(ends, index, &std::pair<std::size_t, std::size_t>::first);
    if (last != ends.end() && at < last->second) return;
    const std::size_t end = match_at(index, window, at, found);
    if (end == 0) return;
    if (last == ends.end()) last = ends.insert(last, {index, 0});
    last->second = end;
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
      for (const int n : matching) try_at(everywhere_->patterns[static_cast<std::size_t>(n)], at);
    } else if (alone || error.kind != re2::RE2::Set::kNoError) {
      // The automaton may run out of memory: then each is tried.
      for (const std::size_t index : everywhere_->patterns) try_at(index, at);
    }
  }
}

void PatternTable::find(const Window& window, std::vector<Found>& found) const {
  if (expressions_.empty()) return;
  if (everywhere_ != nullptr) find_everywhere(window, found);
  std::vector<int> literals;
  literals_.find(window.text.substr(window.begin), literals);
  if (literals.empty()) return;
  std::vector<int> patterns;
  literals.insert(literals.end(), literals_.always().begin(), literals_.always().end());
  compiled_->AllPotentials(literals, &patterns);
  for (const int pattern : patterns) {
    const auto index = static_cast<std::size_t>(pattern);
    if (!expressions_[index].everywhere) find_one(index, window, found);
  }
}

}  // namespace menshen::detectors
