// Strings of JSON (RFC 8259, section 7) between their raw bytes and their text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace menshen::protocol {

// Without JSON's blanks at either end.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

// All other functions take the raw bytes between the quotes, of which the caller knows that they
// are UTF-8 and hold neither an unescaped quote nor a control character.

enum class EscapeFault : unsigned char { syntax, lone_surrogate, nul };
struct EscapeError {
  EscapeFault fault;
  std::size_t at;
};
// The fault of a raw string's escapes, if any. What it lets through can be decoded.
[[nodiscard]] std::optional<EscapeError> check_escapes(std::string_view raw) noexcept;

// Appends the text of a checked raw string.
void append_decoded(std::string& out, std::string_view raw);

// Appends `text` so that it can stand between quotes.
void append_escaped(std::string& out, std::string_view text);

// Maps offsets of the text to offsets of the raw string, in rising order, in one pass over the raw
// bytes.
class OffsetMap {
 public:
  explicit OffsetMap(std::string_view raw) noexcept : raw_(raw) {}
  // Where the character that holds text offset `offset` begins, or where one that begins there
  // does.
  std::size_t begin_of(std::size_t offset) noexcept;
  // Where the character that holds the byte before `offset` ends.
  std::size_t end_of(std::size_t offset) noexcept;

 private:
  void advance_past(std::size_t offset) noexcept;

  std::string_view raw_;
  std::size_t raw_begin_ = 0;  // the current character in the raw bytes
  std::size_t raw_end_ = 0;
  std::size_t text_begin_ = 0;  // the same in the text
  std::size_t text_end_ = 0;
};

}  // namespace menshen::protocol
