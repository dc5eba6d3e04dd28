#include "proxy/protocol/words.h"

#include <algorithm>

namespace menshen::protocol {

namespace {

constexpr std::size_t slot_count = 2048;
static_assert(word_count * 2 < slot_count, "probes stay short while the table is half empty");

// Open addressing, built by the compiler.
consteval std::array<Word, slot_count> make_slots() {
  std::array<Word, slot_count> slots{};
  for (std::size_t i = 0; i < word_count; ++i) {
    std::size_t slot = hash_bytes(word_list[i]) % slot_count;
    while (slots[slot] != no_word) slot = (slot + 1) % slot_count;
    slots[slot] = static_cast<Word>(i + 1);
  }
  return slots;
}

constexpr std::array<Word, slot_count> slots = make_slots();

consteval bool words_differ() {
  for (std::size_t i = 0; i < word_count; ++i) {
    for (std::size_t j = i + 1; j < word_count; ++j) {
      if (word_list[i] == word_list[j]) return false;
    }
  }
  return true;
}
static_assert(words_differ(), "a word stands twice in the table");

// The few words with capitals, which a key without any may stand for. The others fold to
// themselves.
constexpr bool has_capital(std::string_view word) {
  for (const char c : word) {
    if (c >= 'A' && c <= 'Z') return true;
  }
  return false;
}

consteval std::size_t count_capitalised() {
  std::size_t count = 0;
  for (const std::string_view word : word_list) count += has_capital(word) ? 1 : 0;
  return count;
}

consteval auto list_capitalised() {
  std::array<std::string_view, count_capitalised()> out;
  std::size_t at = 0;
  for (const std::string_view word : word_list) {
    if (has_capital(word)) out[at++] = word;
  }
  return out;
}

constexpr auto capitalised = list_capitalised();

consteval auto mark_folded() {
  std::array<bool, word_count> out{};
  for (std::size_t i = 0; i < word_count; ++i) out[i] = !has_capital(word_list[i]);
  return out;
}

constexpr auto folded_words = mark_folded();

constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

bool is_folded(Word word) noexcept { return folded_words[word - 1]; }

bool folds_to_word(std::string_view folded) noexcept {
  const auto equals = [folded](std::string_view word) {
    return std::equal(word.begin(), word.end(), folded.begin(), folded.end(),
                      [](char a, char b) { return ascii_lower(a) == b; });
  };
  return find_word(folded) != no_word ||
         std::any_of(capitalised.begin(), capitalised.end(), equals);
}

Word find_word(std::string_view text, std::uint64_t hash) noexcept {
  for (std::size_t slot = hash % slot_count; slots[slot] != no_word;
       slot = (slot + 1) % slot_count) {
    if (word_list[slots[slot] - 1] == text) return slots[slot];
  }
  return no_word;
}

}  // namespace menshen::protocol
