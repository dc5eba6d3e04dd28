#include "detectors/engine/encoded.h"

#include "core/hex.h"
#include "core/limits.h"
#include "core/utf8.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace menshen::detectors {
namespace {

constexpr std::uint8_t no_digit = 0xFF;

// Values of the characters of base64, of both alphabets.
constexpr std::array<std::uint8_t, 256> base64_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < digits.size(); ++i) {
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  }
  values['-'] = values['+'];
  values['_'] = values['/'];
  return values;
}();

std::uint8_t base64_value(char c) noexcept { return base64_values[static_cast<unsigned char>(c)]; }
bool is_token(char c) noexcept { return base64_value(c) != no_digit; }
bool is_mark(char c) noexcept { return is_token(c) && !is_alnum(c); }

// A byte of ASCII that shows something, or one of a longer character.
bool may_show(unsigned byte) noexcept {
  return (byte >= 0x20 && byte != 0x7F) || byte == '\t' || byte == '\n' || byte == '\r';
}

bool decode_base64(std::string_view token, std::string& text) {
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : token) {
    bits = bits << 6U | base64_value(c);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    const unsigned byte = bits >> held & 0xFFU;
    if (!may_show(byte)) return false;
    text += static_cast<char>(byte);
  }
  return true;
}

bool decode_hex(std::string_view token, std::string& text) {
  for (std::size_t i = 0; i + 2 <= token.size(); i += 2) {
    const auto byte =
        static_cast<unsigned>(core::hex_value(token[i]) * 16 + core::hex_value(token[i + 1]));
    if (!may_show(byte)) return false;
    text += static_cast<char>(byte);
  }
  return true;
}

// Is it UTF-8, but for a character that is cut where the text does not begin, or end?
bool is_utf8(std::string_view text, bool begins, bool ends) noexcept {
  std::size_t at = 0;
  if (!begins) {
    while (at < text.size() && at < 3 && (text[at] & '\xC0') == '\x80') ++at;
  }
  while (at < text.size()) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const core::Utf8Character c = core::utf8_at(text, at);
    if (!c.valid) return c.cut && !ends;
    at += c.bytes;
  }
  return true;
}

}  // namespace

// The part of a token that the window shows, from a group of characters on.
void EncodedTokens::decode(const View& view, const RunWindow& run, const Token& token,
                           bool irregular, std::vector<Decoded>& decoded) {
  if (token.end - token.begin < token_bytes_min) return;
  constexpr std::size_t step = 4;  // whole groups of either encoding
  std::size_t begin = token.begin;
  if (run.begin > begin + core::context_bytes_max) {
    begin += (run.begin - core::context_bytes_max - begin + step - 1) / step * step;
  }
  const std::string_view shown = view.slice(begin, token.end);
  const std::size_t raw_begin = view.raw_begin(begin);
  const bool as_fed = view.raw_end(token.padded_end, false) - raw_begin == token.padded_end - begin;
  if (irregular && as_fed) return;
  const std::size_t rest = shown.size() % step;
  const bool hex = std::ranges::all_of(shown, is_hex) && (!token.whole || rest % 2 == 0);
  if (!hex && token.whole && rest == 1) return;
  const std::string_view source = token.whole ? shown : shown.substr(0, shown.size() - rest);
  Decoded out;
  out.group_bytes = hex ? 1 : 3;
  if (!(hex ? decode_hex(source, out.text) : decode_base64(source, out.text))) return;
  if (out.text.empty() || !is_utf8(out.text, begin == token.begin, token.whole)) return;
  const std::size_t group = hex ? 2 : step;
  for (std::size_t at = 0; at < source.size(); at += group) {
    out.bounds.push_back(as_fed ? raw_begin + at : view.raw_begin(begin + at));
  }
  const std::size_t end = token.whole ? token.padded_end : begin + source.size();
  out.bounds.push_back(view.raw_end(end, false));
  out.owned_begin = view.raw_begin(run.begin);
  out.owned_end = run.owned_end == view.end() ? view.raw_end() : view.raw_begin(run.owned_end);
  decoded.push_back(std::move(out));
}

void EncodedTokens::read(const View& view, const RunWindow& run, bool irregular,
                         std::vector<Decoded>& decoded) {
  std::size_t at = run.begin;
  std::size_t begin = run.run_begin == run.begin ? none : open_;
  open_ = none;
  while (at < run.owned_end) {
    if (begin == none) {
      while (at < run.owned_end && !is_token(*view.at(at))) ++at;
      if (at == run.owned_end) return;
      const bool prefix =
          at + 2 <= run.end && *view.at(at) == '0' && (*view.at(at + 1) | 0x20) == 'x';
      if (prefix) at += 2;  // 0x3133
      begin = at;
    }
    while (at < run.end && is_token(*view.at(at))) ++at;
    Token token{.begin = begin, .end = at, .padded_end = at, .whole = at < run.end || run.last};
    while (token.padded_end < run.end && token.padded_end < at + 2 &&
           *view.at(token.padded_end) == '=') {
      ++token.padded_end;
    }
    const std::size_t before = decoded.size();
    decode(view, run, token, irregular, decoded);
    if (decoded.size() == before && token.whole && begin >= run.begin) {
      for (std::size_t part = begin; part < token.end;) {
        std::size_t end = part;
        while (end < token.end && !is_mark(*view.at(end))) ++end;
        const bool last = end == token.end;
        if (part != begin || !last) {
          decode(view, run, {part, end, last ? token.padded_end : end, true}, irregular, decoded);
        }
        part = end + 1;
      }
    }
    if (at > run.owned_end) open_ = begin;
    begin = none;
  }
}

}  // namespace menshen::detectors
