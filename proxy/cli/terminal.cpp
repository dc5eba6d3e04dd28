#include "proxy/cli/terminal.h"

#include "core/unicode.h"
#include "core/utf8.h"

#include <array>
#include <cstdio>

namespace menshen::cli {

std::string spelled(std::string_view text) {
  constexpr unsigned unseen = core::fact::control | core::fact::format | core::fact::ignorable;
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const core::Utf8Character c = core::utf8_at(text, i);
    if (core::has_any(c.point, unseen) || core::ends_line(c.point)) {
      std::array<char, 16> code{};
      std::snprintf(code.data(), code.size(), "\\u{%04X}", static_cast<unsigned>(c.point));
      out.append(code.data());
    } else {
      out.append(text.substr(i, c.bytes));
    }
    i += c.bytes;
  }
  return out;
}

}  // namespace menshen::cli
