#include "proxy/protocol/fold.h"

#include "core/unicode.h"
#include "core/utf8.h"

#include <cstddef>

namespace menshen::protocol {

namespace {

// U+3000 to U+9FFF: Chinese, Japanese and Korean have no case there.
constexpr bool leads_ideograph(unsigned char byte) { return byte >= 0xe3 && byte <= 0xe9; }

char32_t folded(char32_t c) {
  constexpr char32_t dotted_capital_i = 0x130;
  constexpr char32_t dotless_small_i = 0x131;
  if (c == dotted_capital_i || c == dotless_small_i) return U'i';
  return core::simple_fold(c);
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
  for (std::size_t at = 0; at < text.size();) {
    core::append_utf8(out, folded(core::utf8_next(text, at)));
  }
  return out;
}

std::string fold_name(std::string_view text) {
  std::string name = fold_case(text);
  std::erase_if(name, [](char c) { return c == '_' || c == '-'; });
  return name;
}

}  // namespace menshen::protocol
