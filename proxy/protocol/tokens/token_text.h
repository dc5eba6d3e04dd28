// A list of numbers of tokens in a document, "[1212, 318]", as the text that it stands for.
//
//   std::string text;
//   if (auto fault = read_list(encoding, "[19182,1917]", bytes_max, text)) refuse(fault->index);
//   write_list(encoding, "[19182,1917]", edits, out);      // edits of that text; "[...]"
//
// Pure functions, linear in the list and the text.
//
// The list may begin and end within a character, as clients cut a long text that is tokens already:
// what is there of the character is no part of the text, and keeps its tokens.
#pragma once

#include "proxy/protocol/tokens/encoding.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace menshen::protocol::tokens {

struct ListFault {
  enum class Kind : std::uint8_t {
    no_token,  // no number that a token has, or no number
    no_text,   // its bytes are no UTF-8, or NUL
    too_long,  // the text passes the bound
  };
  Kind kind;
  std::size_t index;  // of the element
};

// Replaces `text`. `list`: an array of JSON without nested values.
[[nodiscard]] std::optional<ListFault> read_list(const Encoding& encoding, std::string_view list,
                                                 std::uint64_t bytes_max, std::string& text);

struct ListEdit {
  std::size_t begin;  // of the list's text
  std::size_t end;
  std::string_view replacement;
};

// Appends the list with the edits made: each stretch between special tokens that holds an edit is
// encoded anew, as a whole; others keep their numbers. `list`: one that was read without fault.
// `edits`: in rising order, and none overlaps another. A special token that an edit touches is
// text.
void write_list(const Encoding& encoding, std::string_view list, std::span<const ListEdit> edits,
                std::string& out);

}  // namespace menshen::protocol::tokens
