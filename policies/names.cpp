#include "policies/names.h"

#include "core/unicode.h"
#include "core/utf8.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include <algorithm>
#include <utility>

namespace menshen::policies {
namespace {

// They compose with each other, so a row of them has another form.
bool is_conjoining_jamo(char32_t c) noexcept {
  return (c >= 0x1100 && c <= 0x11ff) || (c >= 0xa960 && c <= 0xa97f) ||
         (c >= 0xd7b0 && c <= 0xd7ff);
}

bool is_id_character(char32_t c) noexcept {
  if (c < 0x80) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  }
  if (c == U'〇') return true;  // a number to Unicode
  const bool letter = core::has_any(c, core::fact::letter) &&
                      !core::has_any(c, core::fact::ignorable | core::fact::format);
  return letter && !is_conjoining_jamo(c) && !core::compatible(c);
}

template <class Each>
bool all_of(std::string_view text, Each each) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const core::Utf8Character c = core::utf8_at(text, i);
    if (!c.valid || !each(c.point)) return false;
    i += c.bytes;
  }
  return true;
}

}  // namespace

bool is_id(std::string_view text) noexcept { return all_of(text, is_id_character); }

std::string id_meant(std::string_view text) {
  std::string meant;
  for (std::size_t i = 0; i < text.size();) {
    const core::Utf8Character c = core::utf8_at(text, i);
    if (!c.valid) return {};
    if (const auto other = core::compatible(c.point)) {
      for (const char32_t point : *other) core::append_utf8(meant, point);
    } else {
      meant.append(text, i, c.bytes);
    }
    i += c.bytes;
  }
  meant = composed(meant);
  return is_id(meant) ? meant : std::string();
}

bool hides_something(std::string_view text) noexcept {
  constexpr unsigned hidden = core::fact::control | core::fact::format | core::fact::ignorable;
  return !all_of(text, [](char32_t c) { return !core::has_any(c, hidden); });
}

std::string composed(const std::string& text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const form = icu::Normalizer2::getNFCInstance(status);
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  if (U_SUCCESS(status)) form->normalizeUTF8(0, text, sink, nullptr, status);
  return U_SUCCESS(status) ? out : text;
}

std::optional<WrongName> wrong_group(const std::string& name) {
  if (hides_something(name)) {
    return WrongName{"The name of a group has no control characters and none that show nothing.",
                     {}};
  }
  std::string form = composed(name);
  if (form == name) return std::nullopt;
  return WrongName{"The name of a group is written in composed form (NFC).", std::move(form)};
}

}  // namespace menshen::policies
