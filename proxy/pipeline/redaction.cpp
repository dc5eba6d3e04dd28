#include "proxy/pipeline/redaction.h"

#include "core/digest.h"
#include "core/unicode.h"
#include "core/utf8.h"
#include "proxy/pipeline/pseudonyms.h"

namespace menshen::pipeline {
namespace {

constexpr std::string_view kept_punctuation = "-.@_+:/() ";

// A letter or digit that shows one of the value alone, so that a mask may count it: no ligature and
// no number in a circle.
bool is_countable(char32_t c) noexcept {
  if (c < 0x80) return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
  if (!core::has_any(c, core::fact::letter) && core::decimal_digit(c) < 0) return false;
  const auto compatible = core::compatible(c);
  return !compatible || compatible->size() == 1;
}

std::size_t countable_in(std::string_view value) noexcept {
  std::size_t count = 0;
  for (std::size_t i = 0; i < value.size();) {
    const core::Utf8Character c = core::utf8_at(value, i);
    i += c.bytes;
    if (c.valid && is_countable(c.point)) ++count;
  }
  return count;
}

// Whether a third is hidden of so many.
bool may_keep(core::RedactStyle style, std::size_t count) noexcept {
  return style.kept() > 0 && style.kept() * std::size_t{3} <= count * std::size_t{2};
}

std::string mask(std::string_view value, core::RedactStyle style) {
  const std::size_t count = style.kept() > 0 ? countable_in(value) : 0;
  const bool keeps = may_keep(style, count);
  const std::size_t head = keeps ? style.head : 0;
  const std::size_t tail = keeps ? count - style.tail : count;
  std::string out;
  std::size_t seen = 0;
  for (std::size_t i = 0; i < value.size();) {
    const core::Utf8Character c = core::utf8_at(value, i);
    const std::string_view character = value.substr(i, c.bytes);
    i += c.bytes;
    bool shown = kept_punctuation.find(character) != std::string_view::npos;
    if (keeps && c.valid && is_countable(c.point)) {
      shown = seen < head || seen >= tail;
      ++seen;
    }
    out.append(shown ? character : "*");
  }
  return out;
}

// Of a secret every character helps to guess the rest; of a piece nobody knows which end it is.
core::RedactStyle allowed(const core::Finding& finding, core::RedactStyle style) noexcept {
  const bool whole = !finding.continued && !finding.part;
  return whole && finding.type->category != core::Category::secret ? style : style.as;
}

// The quotes of a string as they are written at this depth: escaped once for each string around.
std::string quoted(const std::string& text, unsigned depth) {
  const std::string quote = std::string((std::size_t{1} << depth) - 1, '\\') + '"';
  return quote + text + quote;
}

void append_name(std::string& out, std::string_view name) {
  out.append(std::to_string(name.size())).append(":").append(name);
}

}  // namespace

std::string tenant_of(const core::Subject& subject) {
  std::string out;
  if (subject.groups.empty()) {
    out.append("subject ");
    append_name(out, subject.actor.empty() ? subject.id : subject.actor);
    return out;
  }
  out.append("groups ");
  for (const std::string& group : subject.groups) append_name(out, group);
  return out;
}

std::string Redactor::key_of(std::string_view tenant) const {
  return std::string(core::as_text(core::hmac_sha256(key_, tenant)));
}

std::string Replacer::replacement(const core::Finding& finding, std::string_view value,
                                  core::RedactStyle style, unsigned depth) {
  std::string text = unquoted(finding, value, style, depth);
  // A value that goes on leaves nothing behind.
  const bool number = finding.place == core::Place::json_bare && !text.empty();
  return number ? quoted(text, finding.depth) : text;
}

std::string Replacer::unquoted(const core::Finding& finding, std::string_view value,
                               core::RedactStyle style, unsigned depth) {
  if (style.as == core::RedactAs::mask) return mask(value, allowed(finding, style));
  if (finding.continued) return {};
  if (style.as == core::RedactAs::pseudonym && pseudonyms_ != nullptr)
    return pseudonyms_->of(*finding.type, plain_value(*finding.type, value, depth));
  std::string out = "[";
  out.append(finding.type->tag);
  if (style.as == core::RedactAs::hash) {
    if (key_.empty()) key_ = redactor_.key_of(tenant_);
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
