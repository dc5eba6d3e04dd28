#include "policies/model_name.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace menshen::policies {
namespace {

// U+180E and U+200B were white space in earlier versions of Unicode; JavaScript trims U+FEFF.
bool is_trimmed(UChar32 point) noexcept {
  return point == 0x180e || point == 0x200b || point == 0xfeff || u_iscntrl(point) != 0 ||
         u_isUWhiteSpace(point) != 0;
}

bool is_plain(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x80 && (byte < 'A' || byte > 'Z');
}

bool is_plain_end(char c) noexcept { return c > 0x20 && c < 0x7f; }

std::string_view trimmed(std::string_view name) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(name.data());
  const auto size = static_cast<std::int32_t>(name.size());
  std::size_t begin = name.size();
  std::size_t end = name.size();
  for (std::int32_t at = 0; at < size;) {
    const auto before = static_cast<std::size_t>(at);
    UChar32 point = 0;
    U8_NEXT(bytes, at, size, point);
    if (point >= 0 && is_trimmed(point)) continue;
    begin = std::min(begin, before);
    end = static_cast<std::size_t>(at);
  }
  return begin == name.size() ? std::string_view() : name.substr(begin, end - begin);
}

}  // namespace

bool is_lenient_form(std::string_view name) noexcept {
  return name.empty() || (is_plain_end(name.front()) && is_plain_end(name.back()) &&
                          std::ranges::all_of(name, is_plain));
}

std::string lenient_form(std::string_view name) {
  const std::string_view inner = trimmed(name);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(inner.data());
  const auto size = static_cast<std::int32_t>(inner.size());
  std::string out;
  out.reserve(inner.size());
  for (std::int32_t at = 0; at < size;) {
    const std::int32_t before = at;
    UChar32 point = 0;
    U8_NEXT(bytes, at, size, point);
    if (point < 0) {
      out.append(inner, static_cast<std::size_t>(before), static_cast<std::size_t>(at - before));
      continue;
    }
    std::array<std::uint8_t, U8_MAX_LENGTH> folded{};
    std::int32_t length = 0;
    U8_APPEND_UNSAFE(folded.data(), length, u_foldCase(point, U_FOLD_CASE_DEFAULT));
    out.append(reinterpret_cast<const char*>(folded.data()), static_cast<std::size_t>(length));
  }
  return out;
}

}  // namespace menshen::policies
