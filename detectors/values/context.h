// Words before a value that say what it is.
//
// For words behind a value see behind.h. ASCII words match in any case and as whole words; '_' and
// digits end a word ("phone_1"). Words of other scripts match anywhere.
//
//   last_word("我的手机号是", {"手机", "tel"})   the position behind 手机
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace menshen::detectors {

using Words = std::span<const std::string_view>;

inline constexpr std::size_t no_word = static_cast<std::size_t>(-1);

// One past the last occurrence in `context` (its last context_bytes_max bytes) of any of the words
// (given in lower case); no_word.
[[nodiscard]] std::size_t last_word(std::string_view context, Words words) noexcept;
[[nodiscard]] inline bool has_word(std::string_view context, Words words) noexcept {
  return last_word(context, words) != no_word;
}

// Does the context end with one of the words, with nothing behind it but ':', '=', '#', quotes,
// spaces and fillers such as "number", "is", 号, 为?  "订单号：", "order no. "
[[nodiscard]] bool labelled(std::string_view context, Words words) noexcept;

// Words that label numbers of other kinds: orders, parcels, serials, timestamps, books.
[[nodiscard]] Words number_labels() noexcept;

}  // namespace menshen::detectors
