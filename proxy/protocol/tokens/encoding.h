// Numbers of tokens to bytes and back, as OpenAI's public encodings have it (tiktoken).
//
//   const Encoding* encoding = encoding_of("text-embedding-3-small");   // null: not known
//   for (std::uint32_t id : ids) text += encoding->bytes(id).value();
//   encoding->encode(text, ids);
//
// An Encoding is constant and lives as long as the program; any thread. Its vocabulary is embedded
// in the program; the index of its tokens (0.4 and 0.8 MB) is made when bytes are first asked for,
// the index of their bytes (1 and 2 MB) when a text is first encoded.
#pragma once

#include "proxy/protocol/tokens/splitter.h"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace menshen::protocol::tokens {

using Ids = std::vector<std::uint32_t>;

struct SpecialToken {
  std::uint32_t id;
  std::string_view text;
};

class Encoding {
 public:
  // A longer piece, such as a megabyte of one letter, is merged in parts of this size: the memory
  // of merging is 32 times it.
  static constexpr std::size_t merged_bytes_max = 64 * 1024;

  // `vocabulary`: as vocabularies.mjs writes it. Both must outlive the encoding.
  Encoding(Split split, std::string_view vocabulary, std::span<const SpecialToken> special)
      : split_(split), vocabulary_(vocabulary), special_(special) {}

  // What the token stands for; nullopt: no token has this number.
  [[nodiscard]] std::optional<std::string_view> bytes(std::uint32_t id) const;
  [[nodiscard]] bool is_special(std::uint32_t id) const noexcept;

  // Appends the tokens of a text, in which nothing counts as a special token. Any bytes; time is
  // linear but for the logarithm of a piece's length.
  void encode(std::string_view text, Ids& out) const;

 private:
  void index_tokens() const;
  void index_bytes() const;
  [[nodiscard]] std::string_view token(std::uint32_t id) const noexcept;
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view bytes) const noexcept;
  void merge(std::string_view piece, Ids& out) const;

  Split split_;
  std::string_view vocabulary_;
  std::span<const SpecialToken> special_;
  mutable std::once_flag tokens_once_;
  mutable std::once_flag bytes_once_;
  mutable std::vector<std::uint32_t> begins_;  // of each token's length in the vocabulary
  mutable std::size_t longest_ = 0;
  mutable std::vector<std::uint32_t> slots_;  // open addressing: number + 1 of a token, 0: free
};

[[nodiscard]] const Encoding& cl100k_encoding();
[[nodiscard]] const Encoding& o200k_encoding();

// By the name that OpenAI's API has for a model; "openai/" may stand before it. null: it is not
// known what the model's tokens are.
[[nodiscard]] const Encoding* encoding_of(std::string_view model);

}  // namespace menshen::protocol::tokens
