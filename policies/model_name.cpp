#include "policies/model_name.h"

#include "core/unicode.h"
#include "core/utf8.h"

#include <algorithm>

namespace menshen::policies {
namespace {

// U+180E and U+200B, which are formats, were white space in earlier versions of Unicode; JavaScript
// trims U+FEFF.
bool is_trimmed(char32_t c) noexcept {
  return core::has_any(c, core::fact::blank | core::fact::control | core::fact::format);
}

bool is_plain(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x80 && (byte < 'A' || byte > 'Z');
}

bool is_plain_end(char c) noexcept { return c > 0x20 && c < 0x7f; }

// What Ollama fills in where a name leaves it out (ParseName of its types/model).
constexpr std::string_view schemes[] = {"https://", "http://"};
constexpr std::string_view registry = "registry.ollama.ai/";
constexpr std::string_view library = "library/";
constexpr std::string_view default_tag = ":latest";

std::string_view trimmed(std::string_view name) {
  std::size_t begin = name.size();
  std::size_t end = name.size();
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t before = at;
    const core::Utf8Character c = core::utf8_at(name, at);
    at += c.valid ? c.bytes : c.replaced;
    if (c.valid && is_trimmed(c.point)) continue;
    begin = std::min(begin, before);
    end = at;
  }
  return begin == name.size() ? std::string_view() : name.substr(begin, end - begin);
}

}  // namespace

std::string_view without_defaults(std::string_view name) noexcept {
  for (const std::string_view scheme : schemes) {
    if (name.starts_with(scheme)) name.remove_prefix(scheme.size());
  }
  if (name.starts_with(registry)) name.remove_prefix(registry.size());
  if (name.starts_with(library)) name.remove_prefix(library.size());
  if (name.ends_with(default_tag)) name.remove_suffix(default_tag.size());
  return name;
}

std::vector<std::string> with_defaults(std::string_view least) {
  std::vector<std::string> out{std::string(least)};
  const auto also_with = [&out](std::string_view before, std::string_view behind) {
    const std::size_t count = out.size();
    for (std::size_t i = 0; i < count; ++i) {
      out.push_back(std::string(before) + out[i] + std::string(behind));
    }
  };
  also_with({}, default_tag);
  also_with(library, {});
  also_with(registry, {});
  also_with(schemes[1], {});
  also_with(schemes[0], {});
  return out;
}

bool is_lenient_form(std::string_view name) noexcept {
  return name.empty() || (is_plain_end(name.front()) && is_plain_end(name.back()) &&
                          std::ranges::all_of(name, is_plain) && without_defaults(name) == name);
}

std::string lenient_form(std::string_view name) {
  const std::string_view inner = trimmed(name);
  std::string out;
  out.reserve(inner.size());
  for (std::size_t at = 0; at < inner.size();) {
    const core::Utf8Character c = core::utf8_at(inner, at);
    if (!c.valid) {
      out.append(inner, at, c.replaced);
      at += c.replaced;
      continue;
    }
    core::append_utf8(out, core::simple_fold(c.point));
    at += c.bytes;
  }
  return out;
}

}  // namespace menshen::policies
