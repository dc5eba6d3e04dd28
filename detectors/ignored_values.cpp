#include "core/unicode.h"
#include "detectors/ignored_values.h"
#include "detectors/text/escapes.h"
#include "detectors/values/boundary.h"

namespace menshen::detectors {
namespace {

// A sign that joins what stands on its two sides.
bool joins(char c) noexcept {
  return c == '.' || c == '-' || c == '+' || c == '@' || c == '%' || c == '_' || c == '/';
}

// A letter of a script in which words are written with blanks, or a digit.
bool goes_on(char32_t c) noexcept {
  if (c < 0x80) return is_alnum(static_cast<char>(c)) || c == U'_';
  return core::has_any(c, core::fact::word_letter);
}

}  // namespace

bool stands_alone(const core::FindingType& type, std::string_view text, std::size_t begin,
                  std::size_t end, bool last) noexcept {
  const bool secret = type.category == core::Category::secret;
  const std::string_view rest = text.substr(end);
  if (begin > 0 && (is_alnum(text[begin - 1]) || (!secret && joins(text[begin - 1])))) return false;
  if (rest.empty()) return last;
  // An escape is what it stands for.
  const Unit next = unit_at(1, rest, last);
  if (next.bytes == 0 || goes_on(next.value)) return false;
  if (secret || next.value >= 0x80 || !joins(static_cast<char>(next.value))) return true;
  const std::string_view behind = rest.substr(next.bytes);
  if (behind.empty()) return last;
  const Unit second = unit_at(1, behind, last);
  return second.bytes != 0 && !goes_on(second.value);
}

}  // namespace menshen::detectors
