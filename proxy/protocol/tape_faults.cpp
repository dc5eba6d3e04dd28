#include "proxy/protocol/tape_faults.h"

#include <new>
#include <utility>

namespace menshen::protocol::faults {

namespace {

// The first byte that is no part of a character. Whole blocks are passed over while they are valid.
std::size_t invalid_utf8_at(std::string_view bytes) {
  constexpr std::size_t block = 4096;
  std::size_t at = 0;
  while (at + block < bytes.size()) {
    std::size_t end = at + block;
    while (end > at && (static_cast<unsigned char>(bytes[end]) & 0xc0) == 0x80) --end;
    if (end == at || !simdjson::validate_utf8(bytes.data() + at, end - at)) break;
    at = end;
  }
  while (at < bytes.size()) {
    const auto lead = static_cast<unsigned char>(bytes[at]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (at + size > bytes.size() || !simdjson::validate_utf8(bytes.data() + at, size)) return at;
    at += size;
  }
  return at;
}

// The place of the first control character inside a string, or the end.
std::size_t control_character(std::string_view bytes) noexcept {
  bool inside = false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (inside && static_cast<unsigned char>(bytes[i]) < 0x20) return i;
    if (inside && bytes[i] == '\\')
      ++i;
    else if (bytes[i] == '"')
      inside = !inside;
  }
  return bytes.size();
}

core::Error refusal(std::string code, std::string message, std::string where) {
  return core::client_error(core::ErrorKind::invalid_request, std::move(code), std::move(message),
                            std::move(where));
}

std::string place(std::size_t byte) { return "byte " + std::to_string(byte); }

}  // namespace

core::Error invalid_json(std::string message, std::size_t byte) {
  return refusal("invalid_json", std::move(message), place(byte));
}

core::Error not_an_object() {
  return refusal("not_an_object", "The body must be a JSON object.", place(0));
}

core::Error trailing_bytes(std::size_t byte) {
  return refusal("trailing_bytes", "The body goes on after its JSON value.", place(byte));
}

core::Error too_many_values(std::size_t byte) {
  return refusal("too_many_values", "The body holds too many values for its size.", place(byte));
}

core::Error too_deep(std::string where) {
  return refusal("too_deep", "The body nests deeper than the limit json_depth_max.",
                 std::move(where));
}

core::Error duplicate_key(std::string where) {
  return refusal("duplicate_key", "An object has the same key twice.", std::move(where));
}

core::Error stage_one(simdjson::error_code code, std::string_view bytes) {
  if (code == simdjson::MEMALLOC) throw std::bad_alloc();
  if (code == simdjson::UTF8_ERROR) {
    return refusal("invalid_utf8", "The body is not valid UTF-8.", place(invalid_utf8_at(bytes)));
  }
  return invalid_json(code == simdjson::UNESCAPED_CHARS   ? "A string holds a control character."
                      : code == simdjson::UNCLOSED_STRING ? "A string does not end."
                      : code == simdjson::EMPTY           ? "The body is empty."
                                                          : "The body is no JSON.",
                      control_character(bytes));
}

core::Error escape(const EscapeError& fault, std::size_t begin) {
  const std::size_t at = begin + fault.at;
  switch (fault.fault) {
    case EscapeFault::syntax: return invalid_json("A string holds an unknown escape.", at);
    case EscapeFault::nul:
      return refusal("nul_character", "A string holds the character U+0000.", place(at));
    case EscapeFault::lone_surrogate: break;
  }
  return refusal("lone_surrogate", "A string holds half of a surrogate pair.", place(at));
}

}  // namespace menshen::protocol::faults
