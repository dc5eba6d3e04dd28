#include "proxy/pipeline/redaction.h"

#include "core/digest.h"

namespace menshen::pipeline {
namespace {

constexpr std::string_view kept_punctuation = "-.@_+:/() ";

std::string mask(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const bool continuation_byte = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    if (continuation_byte) continue;
    out.push_back(kept_punctuation.find(c) != std::string_view::npos ? c : '*');
  }
  return out;
}

// The quotes of a string as they are written at this depth: escaped once for each string around.
std::string quoted(const std::string& text, unsigned depth) {
  const std::string quote = std::string((std::size_t{1} << depth) - 1, '\\') + '"';
  return quote + text + quote;
}

}  // namespace

std::string Redactor::replacement(const core::Finding& finding, std::string_view value,
                                  core::RedactAs as) const {
  std::string text = unquoted(finding, value, as);
  // A value that goes on leaves nothing behind.
  const bool number = finding.place == core::Place::json_bare && !text.empty();
  return number ? quoted(text, finding.depth) : text;
}

std::string Redactor::unquoted(const core::Finding& finding, std::string_view value,
                               core::RedactAs as) const {
  if (as == core::RedactAs::mask) return mask(value);
  if (finding.continued) return {};
  std::string out = "[";
  out.append(finding.type->tag);
  if (as == core::RedactAs::hash) {
    std::string keyed(finding.type->name);
    keyed.push_back('\0');
    keyed.append(value);
    out.push_back(':');
    out.append(core::to_hex(core::as_text(core::hmac_sha256(key_, keyed)).substr(0, 8)));
  }
  out.push_back(']');
  return out;
}

}  // namespace menshen::pipeline
