#include "proxy/protocol/fold.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstdint>

namespace menshen::protocol {

namespace {

// U+3000 to U+9FFF: Chinese, Japanese and Korean have no case there.
constexpr bool leads_ideograph(unsigned char byte) { return byte >= 0xe3 && byte <= 0xe9; }

UChar32 folded(UChar32 c) {
  constexpr UChar32 dotted_capital_i = 0x130;
  constexpr UChar32 dotless_small_i = 0x131;
  if (c == dotted_capital_i || c == dotless_small_i) return 'i';
  return u_foldCase(c, U_FOLD_CASE_DEFAULT);
}

}  // namespace

bool is_folded(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 'A' && byte <= 'Z') return false;
    if (byte < 0x80) continue;
    if (!leads_ideograph(byte)) return false;
    at += 2;
  }
  return true;
}

std::string fold_case(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < size;) {
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(bytes, at, size, c);
    std::uint8_t encoded[U8_MAX_LENGTH];
    std::int32_t encoded_size = 0;
    U8_APPEND_UNSAFE(encoded, encoded_size, folded(c));
    out.append(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(encoded_size));
  }
  return out;
}

std::string fold_name(std::string_view text) {
  std::string name = fold_case(text);
  std::erase_if(name, [](char c) { return c == '_' || c == '-'; });
  return name;
}

}  // namespace menshen::protocol
