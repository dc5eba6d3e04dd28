#include "proxy/protocol/words.h"

#include "proxy/protocol/references.h"

#include <algorithm>
#include <bit>
#include <ranges>

namespace menshen::protocol {

namespace {

static_assert(are_different(common_words));

// Probes stay short while most of the table is empty.
constexpr std::size_t slots_per_word = 4;

constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool has_capital(std::string_view word) {
  return std::any_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

Vocabulary::Vocabulary(std::span<const std::string_view> own,
                       std::span<const ReturnedField> returned)
    : words_(std::begin(common_words), std::end(common_words)),
      slots_(std::bit_ceil(slots_per_word * (std::size(common_words) + own.size()))) {
  words_.insert(words_.end(), own.begin(), own.end());
  for (std::size_t i = 0; i < words_.size(); ++i) {
    const bool capital = has_capital(words_[i]);
    if (capital) capitalised_.push_back(words_[i]);
    traits_.push_back({!capital, reference_kinds(words_[i])});
    std::size_t slot = hash_bytes(words_[i]) & (slots_.size() - 1);
    while (slots_[slot] != no_word) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = static_cast<Word>(i + 1);
  }
  for (const ReturnedField& field : returned) {
    Returned& kept = returned_.emplace_back();
    kept.type = find(field.type);
    for (const auto step : std::views::split(field.place, '/'))
      kept.place.push_back(find(std::string_view(step.begin(), step.end())));
  }
}

bool Vocabulary::returns(std::span<const Word> place, Word type) const noexcept {
  return std::any_of(returned_.begin(), returned_.end(), [&](const Returned& field) {
    return field.type == type &&
           std::equal(place.begin(), place.end(), field.place.begin(), field.place.end());
  });
}

// The few words with capitals, which a key without any may stand for. The others fold to
// themselves.
bool Vocabulary::folds_to_word(std::string_view folded) const noexcept {
  const auto equals = [folded](std::string_view word) {
    return std::equal(word.begin(), word.end(), folded.begin(), folded.end(),
                      [](char a, char b) { return ascii_lower(a) == b; });
  };
  return find(folded) != no_word || std::any_of(capitalised_.begin(), capitalised_.end(), equals);
}

Word Vocabulary::find(std::string_view text, std::uint64_t hash) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash & mask; slots_[slot] != no_word; slot = (slot + 1) & mask) {
    if (words_[slots_[slot] - 1] == text) return slots_[slot];
  }
  return no_word;
}

}  // namespace menshen::protocol
