#include "detectors/values/placeholder.h"

#include "detectors/values/boundary.h"

#include <algorithm>
#include <array>
#include <string>

namespace menshen::detectors {
namespace {

bool is_name(std::string_view text) noexcept {
  return !text.empty() && !is_digit(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_alnum(c) || c == '_'; });
}

bool enclosed(std::string_view v, char open, char close) noexcept {
  return v.size() >= 2 && v.front() == open && v.back() == close;
}

std::string lowered(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), to_lower);
  return lower;
}

constexpr std::array<std::string_view, 9> openings{"${", "$(", "{{", "#{", "<%",
                                                   "{%", "@{", "%(", "[["};
constexpr std::array<std::string_view, 9> references{
    "vault:", "env:", "enc(", "enc[", "arn:", "ssm:", "op://", "file:", "secretref:"};
constexpr std::array<std::string_view, 24> template_words{
    "your",   "example", "placeholder", "changeme", "change_me", "change-me", "replace",  "insert_",
    "redact", "dummy",   "todo",        "fixme",    "sample",    "enter_",    "mask",     "foobar",
    "你的",   "您的",    "示例",        "请输入",   "替换",      "占位",      "不要泄露", "填写"};
constexpr auto label_words = std::to_array<std::string_view>(
    {"password",   "passwd",      "pass",      "pwd",     "passphrase", "secret",   "secrets",
     "token",      "tokens",      "key",       "keys",    "api",        "apikey",   "auth",
     "my",         "the",         "a",         "an",      "new",        "old",      "current",
     "some",       "test",        "testing",   "demo",    "fake",       "mock",     "user",
     "username",   "name",        "value",     "val",     "string",     "str",      "text",
     "here",       "goes",        "this",      "is",      "not",        "none",     "null",
     "nil",        "true",        "false",     "default", "empty",      "required", "optional",
     "hidden",     "access",      "client",    "private", "public",     "db",       "database",
     "credential", "credentials", "foo",       "bar",     "baz",        "bearer",   "basic",
     "undefined",  "bytes",       "byte",      "any",     "int",        "char",     "varchar",
     "object",     "bool",        "boolean",   "number",  "interface",  "option",   "field",
     "data",       "input",       "args",      "params",  "arg",        "param",    "var",
     "const",      "self",        "config",    "env",     "hashed",     "hash",     "encrypted",
     "plain",      "result",      "yes",       "no",      "ok",         "on",       "off",
     "wrong",      "invalid",     "incorrect", "correct", "enabled",    "disabled", "set",
     "unset",      "missing",     "needed",    "changed", "updated",    "expired",  "failed",
     "success",    "ask",         "prompt",    "na",      "unknown",    "same",     "see",
     "below",      "above",       "protected", "masked",  "denied",     "accepted", "type",
     "must",       "should",      "please",    "enter",   "login",      "account",  "session",
     "cookie",     "server",      "service",   "nan",     "of",         "for",      "to",
     "and",        "or",          "id"});

}  // namespace

bool is_tag(std::string_view v) noexcept {
  if (!v.starts_with('[')) return false;
  const std::size_t end = v.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", 1);
  if (end == v.npos || end == 1) return false;
  if (v[end] == ']') return true;
  constexpr std::size_t hash_bytes = 16;
  const std::string_view hash = v.substr(end + 1, hash_bytes);
  return v[end] == ':' && hash.size() == hash_bytes && std::ranges::all_of(hash, is_hex);
}

bool is_variable(std::string_view v) noexcept {
  if (v.empty()) return false;
  if (is_tag(v)) return true;
  if (std::ranges::any_of(openings, [v](auto o) { return v.find(o) != v.npos; })) return true;
  if (enclosed(v, '<', '>') || enclosed(v, '[', ']') || enclosed(v, '{', '}')) return true;
  if (v.size() >= 3 && enclosed(v, '%', '%') && is_name(v.substr(1, v.size() - 2))) return true;
  if (v.size() > 4 && v.starts_with("__") && v.ends_with("__")) return true;
  if (v.front() == '%' && v.size() <= 3) return true;
  if (v.front() == '$' && is_name(v.substr(1))) return true;
  const bool sigil = std::string_view("@:!&").find(v.front()) != std::string_view::npos;
  if (sigil && is_name(v.substr(1)) && std::ranges::none_of(v, is_digit)) return true;
  return std::ranges::any_of(references, [v](std::string_view r) {
    return equal_ignoring_case(v.substr(0, r.size()), r);
  });
}

bool is_mask(std::string_view v) noexcept {
  constexpr std::size_t mask_min = 3;
  if (v.find("***") != v.npos || v.find("...") != v.npos || v.find("\xE2\x80\xA6") != v.npos ||
      v.find("\xE2\x80\xA2") != v.npos || v.find("\xE2\x97\x8F") != v.npos ||
      v.find("%2A%2A") != v.npos || v.find("%2a%2a") != v.npos) {
    return true;
  }
  constexpr std::size_t crosses = 4;
  std::size_t same = 0;
  for (const char c : v) {
    same = c == 'x' || c == 'X' ? same + 1 : 0;
    if (same == crosses) return true;
  }
  const auto filler = [](char c) {
    return std::string_view("xX*.-_#? ").find(c) != std::string_view::npos;
  };
  return std::ranges::all_of(v, filler) ||
         (v.size() >= mask_min && v.find_first_not_of(v.front()) == v.npos);
}

bool is_template(std::string_view value) {
  const std::string lower = lowered(value);
  return std::ranges::any_of(template_words,
                             [&](auto w) { return lower.find(w) != std::string::npos; });
}

bool is_placeholder(std::string_view value) {
  return is_variable(value) || is_mask(value) || is_template(value);
}

bool is_made_of_labels(std::string_view value) {
  constexpr std::size_t bytes_max = 64;
  if (value.size() > bytes_max) return false;
  bool any = false;
  for (std::size_t at = 0; at < value.size();) {
    if (!is_letter(value[at])) {
      if (is_digit(value[at]) || static_cast<unsigned char>(value[at]) >= 0x80) return false;
      ++at;
      continue;
    }
    // A word ends where the letters do, or where a capital follows a small letter.
    std::size_t end = at + 1;
    while (end < value.size() && is_letter(value[end]) &&
           !(is_upper(value[end]) && is_lower(value[end - 1]))) {
      ++end;
    }
    const std::string word = lowered(value.substr(at, end - at));
    // Glued: "mypassword".
    std::string_view rest = word;
    while (!rest.empty()) {
      std::size_t longest = 0;
      for (const std::string_view w : label_words) {
        if (rest.starts_with(w) && (w.size() > 1 || rest.size() == 1)) {
          longest = std::max(longest, w.size());
        }
      }
      if (longest == 0) return false;
      rest.remove_prefix(longest);
    }
    any = true;
    at = end;
  }
  return any;
}

}  // namespace menshen::detectors
