#include "proxy/protocol/words.h"

namespace menshen::protocol {

namespace {

constexpr std::size_t slot_count = 1024;
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

}  // namespace

Word find_word(std::string_view text, std::uint64_t hash) noexcept {
  for (std::size_t slot = hash % slot_count; slots[slot] != no_word;
       slot = (slot + 1) % slot_count) {
    if (word_list[slots[slot] - 1] == text) return slots[slot];
  }
  return no_word;
}

}  // namespace menshen::protocol
