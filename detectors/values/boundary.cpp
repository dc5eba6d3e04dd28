#include "detectors/values/boundary.h"

#include <algorithm>

namespace menshen::detectors {
namespace {

constexpr std::size_t blob_chunk_min = 4;

// Does an escape end at `at`: a backslash and n, r or t; or a percent sign and two hex digits?
bool escape_ends(std::string_view text, std::size_t at) noexcept {
  if (at >= 2 && text[at - 2] == '\\') {
    return text[at - 1] == 'n' || text[at - 1] == 'r' || text[at - 1] == 't';
  }
  return at >= 3 && text[at - 3] == '%' && is_hex(text[at - 2]) && is_hex(text[at - 1]);
}

std::string_view chunk_before(std::string_view text, std::size_t at) noexcept {
  std::size_t from = at;
  while (from > 0 && is_alnum(text[from - 1])) --from;
  return text.substr(from, at - from);
}

std::string_view chunk_after(std::string_view text, std::size_t at) noexcept {
  std::size_t to = at;
  while (to < text.size() && is_alnum(text[to])) ++to;
  return text.substr(at, to - at);
}

bool mixed(std::string_view chunk) noexcept {
  return std::ranges::any_of(chunk, is_digit) && std::ranges::any_of(chunk, is_letter);
}

// Connectors within base64, UUIDs and file names; '=', ':' and '#' part a name from its value
// instead.
bool is_glue(char c) noexcept {
  return c == '-' || c == '_' || c == '+' || c == '/' || c == '.' || c == '~';
}

}  // namespace

Side left_side(std::string_view text, std::size_t begin) noexcept {
  if (begin == 0 || escape_ends(text, begin)) return Side::clean;
  const char c = text[begin - 1];
  if (is_digit(c)) return Side::blob;
  if (is_letter(c)) return mixed(chunk_before(text, begin)) ? Side::blob : Side::letters;
  if (!is_glue(c)) return Side::clean;
  if (c == '.' && begin >= 2 && is_digit(text[begin - 2])) return Side::blob;
  const std::string_view chunk = chunk_before(text, begin - 1);
  return chunk.size() >= blob_chunk_min && mixed(chunk) ? Side::blob : Side::clean;
}

Side right_side(std::string_view text, std::size_t end) noexcept {
  if (end >= text.size()) return Side::clean;
  const char c = text[end];
  if (is_digit(c)) return Side::blob;
  if (is_letter(c)) return mixed(chunk_after(text, end)) ? Side::blob : Side::letters;
  if (!is_glue(c)) return Side::clean;
  if (c == '.' && end + 1 < text.size() && is_digit(text[end + 1])) {
    // Spreadsheets write identifiers as 13800138000.0.
    const bool point_zero =
        text[end + 1] == '0' && (end + 2 == text.size() || !is_alnum(text[end + 2]));
    return point_zero ? Side::clean : Side::blob;
  }
  const std::string_view chunk = chunk_after(text, end + 1);
  return chunk.size() >= blob_chunk_min && mixed(chunk) ? Side::blob : Side::clean;
}

std::string_view letters_before(std::string_view text, std::size_t begin) noexcept {
  std::size_t from = begin;
  while (from > 0 && is_letter(text[from - 1])) --from;
  return text.substr(from, begin - from);
}

std::string_view letters_after(std::string_view text, std::size_t end) noexcept {
  std::size_t to = end;
  while (to < text.size() && is_letter(text[to])) ++to;
  return text.substr(end, to - end);
}

bool begins_token(std::string_view text, std::size_t at) noexcept {
  return at == 0 || !is_alnum(text[at - 1]) || escape_ends(text, at);
}

}  // namespace menshen::detectors
