#include "core/name.h"

#include "core/utf8.h"

namespace menshen::core {
namespace {

bool is_control(char32_t c) noexcept { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

// Unicode's White_Space past the controls, and what has no width.
bool is_unseen(char32_t c) noexcept {
  return c == 0x20 || c == 0xa0 || c == 0xad || c == 0x1680 || (c >= 0x2000 && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202f) || (c >= 0x205f && c <= 0x206f) || c == 0x3000 || c == 0xfeff;
}

}  // namespace

bool is_name(std::string_view text, std::size_t bytes_max) noexcept {
  if (text.empty() || text.size() > bytes_max) return false;
  bool unseen = true;  // the character before
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Character c = utf8_at(text, i);
    if (!c.valid || is_control(c.point) || c.point == ',') return false;
    unseen = is_unseen(c.point);
    if (i == 0 && unseen) return false;
    i += c.bytes;
  }
  return !unseen;
}

}  // namespace menshen::core
