#include "core/unicode.h"
#include "core/utf8.h"
#include "detectors/ignored_values.h"
#include "detectors/values/boundary.h"

namespace menshen::detectors {
namespace {

// A sign that joins what stands on its two sides.
bool joins(char c) noexcept {
  return c == '.' || c == '-' || c == '+' || c == '@' || c == '%' || c == '_' || c == '/';
}

bool begins_escape_at(std::string_view rest) noexcept {
  return rest.starts_with("&#") || rest.starts_with("\\u") || rest.starts_with("\\x");
}

}  // namespace

bool stands_alone(const core::FindingType& type, std::string_view text, std::size_t begin,
                  std::size_t end, bool last) noexcept {
  const bool secret = type.category == core::Category::secret;
  const std::string_view rest = text.substr(end);
  if (begin > 0 && (is_alnum(text[begin - 1]) || (!secret && joins(text[begin - 1])))) return false;
  if (rest.empty()) return last;
  if (is_alnum(rest[0]) || rest[0] == '_' || begins_escape_at(rest)) return false;
  if (!secret && joins(rest[0])) return rest.size() > 1 ? !is_alnum(rest[1]) : last;
  if ((rest[0] & '\x80') == 0) return true;
  return !core::has_any(core::utf8_at(rest, 0).point, core::fact::word_letter);
}

}  // namespace menshen::detectors
