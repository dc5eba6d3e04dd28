#include "proxy/protocol/json_string.h"

#include "core/hex.h"
#include "core/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace menshen::protocol {

namespace {

// The code unit of \uXXXX at raw[at], the backslash; -1: there is none.
std::int32_t code_unit(std::string_view raw, std::size_t at) noexcept {
  if (at + 6 > raw.size() || raw[at] != '\\' || raw[at + 1] != 'u') return -1;
  std::int32_t value = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    const int digit = core::hex_value(raw[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

constexpr bool is_high(std::int32_t unit) noexcept { return unit >= 0xd800 && unit < 0xdc00; }
constexpr bool is_low(std::int32_t unit) noexcept { return unit >= 0xdc00 && unit < 0xe000; }

struct Escape {
  std::uint32_t code_point;
  std::size_t raw_size;
};

// The checked escape at raw[at].
Escape read_escape(std::string_view raw, std::size_t at) noexcept {
  switch (raw[at + 1]) {
    case 'b': return {'\b', 2};
    case 'f': return {'\f', 2};
    case 'n': return {'\n', 2};
    case 'r': return {'\r', 2};
    case 't': return {'\t', 2};
    case 'u': break;
    default: return {static_cast<unsigned char>(raw[at + 1]), 2};
  }
  const std::int32_t unit = code_unit(raw, at);
  if (!is_high(unit)) return {static_cast<std::uint32_t>(unit), 6};
  const std::int32_t low = code_unit(raw, at + 6);
  return {static_cast<std::uint32_t>(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)), 12};
}

std::size_t sequence_size(char lead) noexcept {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

}  // namespace

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

std::optional<EscapeError> check_escapes(std::string_view raw) noexcept {
  std::size_t at = raw.find('\\');
  while (at != std::string_view::npos) {
    if (at + 1 >= raw.size()) return EscapeError{EscapeFault::syntax, at};
    std::size_t size = 2;
    if (raw[at + 1] == 'u') {
      const std::int32_t unit = code_unit(raw, at);
      if (unit < 0) return EscapeError{EscapeFault::syntax, at};
      if (unit == 0) return EscapeError{EscapeFault::nul, at};
      const bool paired = is_high(unit) && is_low(code_unit(raw, at + 6));
      if ((is_high(unit) && !paired) || is_low(unit)) {
        return EscapeError{EscapeFault::lone_surrogate, at};
      }
      size = paired ? 12 : 6;
    } else if (std::string_view("\"\\/bfnrt").find(raw[at + 1]) == std::string_view::npos) {
      return EscapeError{EscapeFault::syntax, at};
    }
    at = raw.find('\\', at + size);
  }
  return std::nullopt;
}

void append_decoded(std::string& out, std::string_view raw) {
  std::size_t from = 0;
  while (true) {
    const std::size_t at = raw.find('\\', from);
    out.append(raw, from, at == std::string_view::npos ? at : at - from);
    if (at == std::string_view::npos) return;
    const Escape escape = read_escape(raw, at);
    core::append_utf8(out, escape.code_point);
    from = at + escape.raw_size;
  }
}

void append_escaped(std::string& out, std::string_view text) {
  static constexpr std::string_view hex = "0123456789abcdef";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out.append("\\u00");
      out.push_back(hex[static_cast<unsigned char>(c) >> 4]);
      out.push_back(hex[static_cast<unsigned char>(c) & 0xf]);
    } else {
      out.push_back(c);
    }
  }
}

void OffsetMap::advance_past(std::size_t offset) noexcept {
  while (text_end_ <= offset && raw_end_ < raw_.size()) {
    raw_begin_ = raw_end_;
    text_begin_ = text_end_;
    if (raw_[raw_begin_] == '\\') {
      const Escape escape = read_escape(raw_, raw_begin_);
      raw_end_ += escape.raw_size;
      text_end_ += core::utf8_size(escape.code_point);
    } else {
      const std::size_t size = std::min(sequence_size(raw_[raw_begin_]), raw_.size() - raw_begin_);
      raw_end_ += size;
      text_end_ += size;
    }
  }
}

std::size_t OffsetMap::begin_of(std::size_t offset) noexcept {
  advance_past(offset);
  return offset < text_end_ ? raw_begin_ : raw_end_;
}

std::size_t OffsetMap::end_of(std::size_t offset) noexcept {
  if (offset == 0) return 0;
  advance_past(offset - 1);
  return raw_end_;
}

}  // namespace menshen::protocol
