#include "detectors/labelled_secret/value.h"

#include "detectors/values/boundary.h"
#include "detectors/values/placeholder.h"
#include "detectors/values/token.h"

#include <algorithm>
#include <array>
#include <bitset>

namespace menshen::detectors::labelled_secret {
namespace {

struct Shape {
  std::size_t lower = 0;
  std::size_t upper = 0;
  std::size_t digits = 0;
  std::size_t symbols = 0;  // other than - _ . / : and blanks
  std::size_t joins = 0;    // - _ . / :
  std::size_t blanks = 0;
  std::size_t changes = 0;  // from one of letters and digits to the other, or from small to capital
  std::size_t humps = 0;    // from small to capital
  std::size_t distinct = 0;
  bool foreign = false;  // not ASCII
  [[nodiscard]] std::size_t letters() const { return lower + upper; }
};

Shape shape_of(std::string_view value) {
  Shape s;
  std::bitset<128> seen;
  char before = '\0';
  for (const char c : value) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      s.foreign = true;
      continue;
    }
    seen.set(static_cast<unsigned char>(c));
    if (is_lower(c)) {
      ++s.lower;
    } else if (is_upper(c)) {
      ++s.upper;
    } else if (is_digit(c)) {
      ++s.digits;
    } else if (c == ' ') {
      ++s.blanks;
    } else if (std::string_view("-_./:").find(c) != std::string_view::npos) {
      ++s.joins;
    } else {
      ++s.symbols;
    }
    const bool turns = (is_digit(c) && is_letter(before)) || (is_letter(c) && is_digit(before)) ||
                       (is_upper(c) && is_lower(before));
    s.changes += turns ? 1 : 0;
    s.humps += is_upper(c) && is_lower(before) ? 1 : 0;
    before = c;
  }
  s.distinct = seen.count();
  return s;
}

bool ends_as_file(std::string_view v) {
  static constexpr std::array<std::string_view, 16> endings{
      ".txt",  ".json", ".pem", ".yaml", ".yml", ".key",  ".env", ".crt",
      ".conf", ".ini",  ".py",  ".js",   ".go",  ".html", ".md",  ".properties"};
  return std::ranges::any_of(endings, [v](auto e) { return v.ends_with(e); });
}

// "/run/secrets/db", "../x", "https://x/y".
bool is_path(std::string_view v, const Shape& s) {
  if (v.find("://") != v.npos || v.starts_with("./") || v.starts_with("../") ||
      v.starts_with("~/") || ends_as_file(v)) {
    return true;
  }
  const bool parts = v.find('/') != v.npos;
  return parts && s.symbols == 0 && (s.upper == 0 || s.digits == 0);
}

// Words and small numbers, joined: "us-east-1", "user.password.label", "Bearer".
bool is_slug(std::string_view v) {
  constexpr std::size_t number_max = 2;
  std::size_t at = 0;
  while (at < v.size()) {
    std::size_t letters = 0;
    std::size_t digits = 0;
    while (at < v.size() && is_letter(v[at])) {
      if (letters > 0 && is_upper(v[at]) && is_lower(v[at - 1])) return false;
      ++letters, ++at;
    }
    while (at < v.size() && is_digit(v[at])) ++digits, ++at;
    if (digits > number_max || letters + digits == 0) return false;
    if (at < v.size() && std::string_view("-_./: ").find(v[at++]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool is_name(std::string_view v) {
  return !v.empty() && !is_digit(v.front()) &&
         std::ranges::all_of(v, [](char c) { return is_alnum(c) || c == '_'; });
}

bool is_capital_name(std::string_view v) { return is_name(v) && std::ranges::none_of(v, is_lower); }

// "@@DB_PW1@@", "@DB_PW1@", "##db_pw1##": a name between signs.
bool is_marked_name(std::string_view v) {
  const char mark = v.empty() ? '\0' : v.front();
  if (std::string_view("@#~^%").find(mark) == std::string_view::npos) return false;
  const std::size_t marks = std::min(v.find_first_not_of(mark), v.size());
  if (v.size() <= 2 * marks || v.substr(v.size() - marks).find_first_not_of(mark) != v.npos) {
    return false;
  }
  const std::string_view name = v.substr(marks, v.size() - 2 * marks);
  return marks > 1 ? is_name(name) : is_capital_name(name);
}

// "CVE-2024-1234", "RFC-2617": capitals and numbers apart.
bool is_reference(std::string_view v) {
  const std::size_t letters = std::min(v.find_first_of("-_ "), v.size());
  return letters > 1 && letters < v.size() && std::ranges::all_of(v.substr(0, letters), is_upper) &&
         std::ranges::all_of(v.substr(letters), [](char c) { return is_digit(c) || c == '-'; });
}

// "user1.password": members, the last of which is a label.
bool is_labelled_member(std::string_view v) {
  const std::size_t last = v.rfind('.');
  if (last == v.npos || !is_made_of_labels(v.substr(last + 1))) return false;
  for (std::size_t at = 0; at < last;) {
    const std::size_t end = std::min(v.find('.', at), last);
    if (!is_name(v.substr(at, end - at))) return false;
    at = end + 1;
  }
  return true;
}

// "{password!r}", "{pw1:>8}": a field of a format.
bool is_format_field(std::string_view v) {
  if (!v.starts_with('{')) return false;
  const std::string_view field = v.substr(1);
  return is_name(field.substr(0, field.find_first_of("!:.[(}")));
}

// Unquoted, an expression of code: a call, an index, a member, a type.
bool is_code(std::string_view v, const Shape& s, bool literal) {
  const std::size_t open = v.find_first_of("([");
  const bool closed = std::string_view("([)]>").find(v.back()) != std::string_view::npos;
  if (literal && !closed && s.digits > 0 && v.find("${") == v.npos) return is_labelled_member(v);
  if (open != v.npos && (open == 0 || is_alnum(v[open - 1]) || v[open - 1] == '_')) return true;
  if (v.find("->") != v.npos || v.find("::") != v.npos || v.find("=>") != v.npos ||
      v.find('<') != v.npos || v.find('>') != v.npos || v.find("${") != v.npos) {
    return true;
  }
  if (v.back() == '{' || is_format_field(v) || is_labelled_member(v)) return true;
  const std::size_t name = v.find_first_not_of("&*!@~^-+|?");
  if (name == v.npos) return true;
  const std::string_view rest = v.substr(name);
  const auto is_member = [](char c) { return is_letter(c) || c == '_' || c == '.' || c == '?'; };
  if (std::ranges::all_of(rest, is_member)) return name > 0 || s.joins > 0;
  // "&corev1.Secret", "self.v2.password"
  const bool reference = name > 0 && std::ranges::all_of(rest, [&](char c) {
                           return is_member(c) || is_digit(c) || c == '{';
                         });
  if (reference && rest.find('.') != rest.npos) return true;
  // "process.env.PW1"
  const std::size_t dot = rest.find('.');
  return dot != rest.npos && dot > 1 && s.symbols == 0 &&
         std::ranges::all_of(rest.substr(0, dot), is_letter) && dot + 1 < rest.size() &&
         is_letter(rest[dot + 1]);
}

// A word of technology that has digits: "sha256", "utf8", "oauth2", "base64", "http2".
bool is_technical(std::string_view v) {
  static constexpr std::array<std::string_view, 16> words{
      "sha1",  "sha256",  "sha512", "md5",  "utf8", "utf-8",   "base64", "oauth2",
      "http2", "bcrypt2", "argon2", "x509", "i18n", "ed25519", "aes256", "rs256"};
  return std::ranges::any_of(words, [v](std::string_view w) { return equal_ignoring_case(v, w); });
}

bool looks_made_by_machine(std::string_view v, const Shape& s) {
  constexpr std::size_t bytes_min = 8;
  constexpr std::size_t distinct_min = 6;
  if (v.size() < bytes_min || s.distinct < distinct_min || s.blanks > 0 || !looks_random(v)) {
    return false;
  }
  if (s.digits > 0 && s.letters() > 0) return s.changes >= 2 || s.digits >= 3;
  // Letters alone: words of camel case have four and more for a capital.
  return s.symbols == 0 && s.upper > 0 && s.lower > 0 && (s.humps + 1) * 7 > v.size() * 2;
}

float judge_password(std::string_view v, const Shape& s, const Manner& manner) {
  constexpr std::size_t bytes_min = 4;
  constexpr std::size_t usual = 6;
  if (v.size() < bytes_min) return 0;
  const bool mixed = s.letters() > 0 && s.digits > 0;
  if (s.blanks > 0) {
    // A phrase of symbols and digits, not a sentence.
    return manner.quoted && mixed && s.symbols > 0 && s.blanks <= 3 ? 0.6F : 0.0F;
  }
  if (manner.weak || manner.spoken) {
    constexpr std::size_t joined = 3;
    const bool word = is_slug(v) && (manner.weak || (s.joins > 0 && s.joins < joined));
    if (is_reference(v)) return 0;
    if (mixed && v.size() >= usual && !word) return 0.75F;
    if (mixed && !manner.weak && !word) return 0.6F;
    if (!manner.weak && s.letters() == 0 && s.digits >= bytes_min) return 0.6F;
    if (!manner.weak && s.digits + s.joins + s.symbols == 0 && v.size() >= usual) {
      if (looks_made_by_machine(v, s)) return 0.75F;
      if (manner.quoted) return 0.55F;
    }
    return s.symbols > 0 && s.letters() > 0 && v.size() >= usual ? 0.6F : 0.0F;
  }
  if (mixed) {
    return v.size() < usual ? 0.65F
                            : (s.changes > 1 || s.symbols > 0 || s.digits > 1 ? 0.88F : 0.8F);
  }
  if (s.letters() == 0)
    return s.digits >= bytes_min ? (s.symbols + s.joins > 0 ? 0.6F : 0.7F) : 0.0F;
  if (s.symbols > 0 && v.size() >= usual) return 0.7F;
  if (looks_made_by_machine(v, s)) return 0.8F;
  // Letters alone: a word or a name, unless it stands where a value does.
  constexpr std::size_t capitals = 3;
  const bool plain = s.lower == 0 || s.upper == 0 || manner.quoted || s.upper >= capitals;
  return s.joins == 0 && plain && (manner.quoted || manner.alone) && v.size() >= usual ? 0.55F
                                                                                       : 0.0F;
}

float judge_secret(std::string_view v, const Shape& s, const Manner& manner) {
  constexpr std::size_t sure = 16;
  if (!looks_made_by_machine(v, s) || is_slug(v)) return 0;
  const bool apart = manner.weak || manner.spoken;
  if (v.size() < sure) return apart ? 0.0F : 0.7F;
  return apart ? 0.75F : 0.88F;
}

// "$ecret123", and not a variable: "$DB_PW1", "$password2", "$db_pw1".
bool is_dollar_word(std::string_view v) {
  if (!v.starts_with('$') || !is_name(v.substr(1)) || is_capital_name(v.substr(1))) return false;
  if (v.find('_') != v.npos || std::ranges::none_of(v, is_digit)) return false;
  return !is_made_of_labels(v.substr(0, v.find_last_not_of("0123456789") + 1));
}

// "password1": a name of code, where it stands without quotes.
bool is_numbered_label(std::string_view v) {
  return v.size() > 1 && is_digit(v.back()) && is_made_of_labels(v.substr(0, v.size() - 1));
}

}  // namespace

float judge(std::string_view value, const Manner& manner) {
  const Shape s = shape_of(value);
  if (manner.family == Family::pin) {
    constexpr std::size_t pin_min = 4;
    constexpr std::size_t pin_max = 8;
    const bool digits = s.digits == value.size() && s.distinct > 1;
    return digits && value.size() >= pin_min && value.size() <= pin_max ? 0.75F : 0.0F;
  }
  const bool stands_in = manner.verbatim && is_dollar_word(value)
                             ? is_mask(value) || is_template(value)
                             : is_placeholder(value);
  if (s.foreign || stands_in || is_made_of_labels(value) || is_path(value, s) ||
      is_technical(value) || is_marked_name(value) ||
      (!manner.quoted && (is_code(value, s, manner.literal) || is_numbered_label(value)))) {
    return 0;
  }
  return manner.family == Family::password ? judge_password(value, s, manner)
                                           : judge_secret(value, s, manner);
}

}  // namespace menshen::detectors::labelled_secret
