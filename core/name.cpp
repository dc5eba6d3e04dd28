#include "core/name.h"

#include "core/unicode.h"
#include "core/utf8.h"

namespace menshen::core {
namespace {

// White space, and what has no width wherever it stands.
bool is_unseen(char32_t c) noexcept {
  return has_any(c, fact::blank) || c == 0xad || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

}  // namespace

bool is_name(std::string_view text, std::size_t bytes_max) noexcept {
  if (text.empty() || text.size() > bytes_max) return false;
  bool unseen = true;  // the character before
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Character c = utf8_at(text, i);
    if (!c.valid || has_any(c.point, fact::control) || c.point == ',') return false;
    unseen = is_unseen(c.point);
    if (i == 0 && unseen) return false;
    i += c.bytes;
  }
  return !unseen;
}

}  // namespace menshen::core
