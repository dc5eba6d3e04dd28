#include "detectors/labelled_secret/label.h"

#include "detectors/values/boundary.h"
#include "detectors/values/placeholder.h"

#include <algorithm>
#include <array>
#include <string>

namespace menshen::detectors::labelled_secret {
namespace {

constexpr auto anchors = std::to_array<Anchor>({
    {"password", false},
    {"passwd", false},
    {"passphrase", false},
    {"pwd", false},
    {"psw"},
    {"pw:", false},
    {"pw=", false},
    {"pw =", false},
    {"pw\"", false},
    {"passcode"},
    {"pass"},
    {"identified by"},
    {"pin"},
    {"secret"},
    {"clientsecret", false},
    {"appsecret", false},
    {"secretkey", false},
    {"token"},
    {"accesstoken", false},
    {"authtoken", false},
    {"apitoken", false},
    {"apikey", false},
    {"api_key", false},
    {"api-key", false},
    {"api key"},
    {"accesskey", false},
    {"access_key", false},
    {"access-key", false},
    {"access key"},
    {"accountkey", false},
    {"privatekey", false},
    {"encryptionkey", false},
    {"encryption key"},
    {"license key"},
    {"signingkey", false},
    {"masterkey", false},
    {"_key", false},
    {"-key", false},
    {"authorization"},
    {"bearer"},
    {"_auth"},
    {"sessionid", false},
    {"sessid", false},
    {"session_id", false},
    {"session"},
    {"connect.sid"},
    {"sid"},
    {"sig"},
    {"credential"},
    {"密码", false},
    {"密碼", false},
    {"密 码", false},
    {"密 碼", false},
    {"口令", false},
    {"密钥", false},
    {"密鑰", false},
    {"秘钥", false},
    {"金鑰", false},
    {"令牌", false},
    {"私钥", false},
    {"私鑰", false},
    {"private key"},
    {"presharedkey", false},
    {"psk"},
    {"requirepass"},
    {"masterauth"},
    {"sk:", false},
    {"sk=", false},
    {"sk =", false},
    {"sk\"", false},
    {"passwort", false},
    {"kennwort", false},
    {"mot de passe"},
    {"contraseña", false},
    {"contrasena", false},
    {"senha"},
    {"parola d'ordine"},
    {"parola d’ordine"},
    {"パスワード", false},
    {"暗証番号", false},
    {"비밀번호", false},
    {"curl"},
    {"mysql"},
    {"mysqldump"},
    {"mysqladmin"},
    {"mariadb"},
    {"sshpass"},
    {"redis-cli"},
    {"docker login"},
    {"sqlcmd"},
    {"mongosh"},
    {"ldapsearch"},
    {":5432:", false},
    {"<table", false},
});

// What a compound may say besides, and still name the secret itself.
constexpr auto neutral = std::to_array<std::string_view>(
    {"value",     "val",      "prod",    "production",   "dev",      "test",    "testing",
     "staging",   "stage",    "key",     "secret",       "token",    "text",    "plain",
     "plaintext", "string",   "str",     "raw",          "new",      "old",     "current",
     "admin",     "root",     "user",    "db",           "database", "access",  "api",
     "client",    "app",      "auth",    "master",       "main",     "default", "account",
     "live",      "password", "confirm", "confirmation", "again",    "repeat",  "1",
     "2",         "3",        "local",   "base64"});
// What makes it something else.
constexpr auto others = std::to_array<std::string_view>(
    {"hash",        "hashed",     "digest",       "sha",        "sha1",      "sha256",
     "md5",         "length",     "len",          "min",        "max",       "count",
     "size",        "policy",     "policies",     "file",       "files",     "filename",
     "path",        "dir",        "url",          "uri",        "endpoint",  "name",
     "names",       "field",      "input",        "label",      "type",      "types",
     "regex",       "pattern",    "format",       "prompt",     "reset",     "expiry",
     "expires",     "expiration", "expire",       "ttl",        "age",       "id",
     "ids",         "ref",        "version",      "algorithm",  "alg",       "salt",
     "error",       "errors",     "message",      "msg",        "hint",      "help",
     "required",    "enabled",    "disabled",     "strength",   "manager",   "encoder",
     "provider",    "store",      "valid",        "invalid",    "validator", "validation",
     "check",       "checker",    "generator",    "rotation",   "lifetime",  "budget",
     "limit",       "index",      "encrypted",    "encryption", "public",    "pubkey",
     "next",        "page",       "continuation", "eos",        "bos",       "pad",
     "unk",         "cls",        "sep",          "stop",       "special",   "num",
     "total",       "no",         "is",           "has",        "show",      "hide",
     "toggle",      "get",        "validate",     "verify",     "primary",   "foreign",
     "sort",        "partition",  "cache",        "row",        "column",    "forgot",
     "change",      "update",     "stdin",        "class",      "interface", "namespace",
     "usage",       "env",        "var",          "variable",   "arn",       "color",
     "placeholder", "list",       "map",          "status",     "state",     "time",
     "at",          "date",       "rate",         "pos",        "position",  "span",
     "idx",         "cancel",     "cancellation", "xsrf"});
// Whose "_key" is a secret.
constexpr auto keys = std::to_array<std::string_view>(
    {"encryption",  "signing", "private", "license",      "auth",     "master",
     "storage",     "app",     "webhook", "service",      "deploy",   "jwt",
     "hmac",        "aes",     "des",     "crypto",       "security", "ssh",
     "account",     "shared",  "access",  "secret",       "api",      "admin",
     "integration", "server",  "bot",     "subscription", "consumer", "session",
     "cookie",      "x"});

bool is_compound(char c) { return is_alnum(c) || c == '_' || c == '-' || c == '.'; }

// Calls see(word) for the words of a compound in small letters: at joins, and before a capital that
// follows a small letter.
template <class See>
void for_each_word(std::string_view compound, See&& see) {
  std::string word;
  for (std::size_t i = 0; i < compound.size(); ++i) {
    const char c = compound[i];
    const bool turns = i > 0 && is_upper(c) && is_lower(compound[i - 1]);
    if ((turns || !is_alnum(c)) && !word.empty()) {
      see(std::string_view(word));
      word.clear();
    }
    if (is_alnum(c)) word += to_lower(c);
  }
  if (!word.empty()) see(std::string_view(word));
}

template <class List>
bool in(const List& list, std::string_view word) {
  return std::ranges::find(list, word) != std::end(list);
}

// "pw", "sk", anchored with the sign behind them.
constexpr std::size_t short_bytes = 2;
bool is_short(std::string_view anchor) {
  const std::string_view name = anchor.substr(0, short_bytes);
  return anchor.size() > short_bytes &&
         std::string_view(":= \"").find(anchor[short_bytes]) != std::string_view::npos &&
         (equal_ignoring_case(name, "pw") || equal_ignoring_case(name, "sk"));
}

// "dbPw", "DB_PW", and not "spw".
bool begins_word(std::string_view text, std::size_t at) {
  return at == 0 || !is_alnum(text[at - 1]) || (is_lower(text[at - 1]) && is_upper(text[at]));
}

Family family_of(std::string_view anchor) {
  const auto is = [anchor](std::string_view w) { return equal_ignoring_case(anchor, w); };
  if (is("pin")) return Family::pin;
  if (is_short(anchor)) return to_lower(anchor[0]) == 's' ? Family::secret : Family::password;
  for (const std::string_view w :
       {"password",        "passwd",         "passphrase",    "pwd",          "psw",
        "passcode",        "pass",           "identified by", "密码",         "密碼",
        "密 码",           "密 碼",          "口令",          "psk",          "requirepass",
        "masterauth",      "passwort",       "kennwort",      "mot de passe", "contraseña",
        "contrasena",      "senha",          "パスワード",    "暗証番号",     "비밀번호",
        "parola d'ordine", "parola d’ordine"}) {
    if (is(w)) return Family::password;
  }
  return Family::secret;
}

// "PIN" and "pin code"; a pin of a board is written small, and counts.
bool is_pin(const AnchorWindow& window, Label& label) {
  const std::string_view rest = window.text.substr(label.end);
  for (const std::string_view code : {" code", " number", "_code", "Code", "码", " 码"}) {
    if (!rest.starts_with(code)) continue;
    label.end += code.size();
    return true;
  }
  return window.text.substr(window.begin, 3) == "PIN";
}

// Sessions and signatures are secrets in cookies and addresses: "session=x", "&sig=x".
bool is_parameter(std::string_view anchor) {
  return std::ranges::any_of(
      std::array<std::string_view, 8>{"session", "sessionid", "session_id", "sessid", "sid",
                                      "connect.sid", "sig", "credential"},
      [anchor](std::string_view w) { return equal_ignoring_case(anchor, w); });
}

// "--- PASS: TestParse2", "PASS: test_login_v2": what a runner of tests prints.
bool is_test_result(std::string_view text, const Label& label) {
  if (text.substr(label.begin, label.end - label.begin) != "PASS") return false;
  std::string_view name = text.substr(label.end);
  if (!name.starts_with(": ")) return false;
  name.remove_prefix(std::min(name.find_first_not_of(" \t", 1), name.size()));
  name = name.substr(0, name.find_first_of(" \t\r\n"));
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return is_alnum(c) || std::string_view("_-./:()[]").find(c) != std::string_view::npos;
  });
}

// "next page token: x"
bool is_of_pages(std::string_view text, const Label& label) {
  constexpr std::size_t shown = 24;
  std::size_t end = label.begin;
  while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '\t')) --end;
  if (end == label.begin) return false;
  std::size_t begin = end;
  while (begin > 0 && end - begin < shown && is_letter(text[begin - 1])) --begin;
  const std::string_view word = text.substr(begin, end - begin);
  return std::ranges::any_of(
      std::array<std::string_view, 5>{"page", "next", "pagination", "continuation", "cursor"},
      [word](std::string_view w) { return equal_ignoring_case(word, w); });
}

bool begins_parameter(std::string_view text, const Label& label) {
  constexpr std::string_view hexadecimal = "=0x";
  const std::string_view rest = text.substr(label.end);
  return rest.starts_with('=') && !rest.starts_with(hexadecimal);
}

}  // namespace

std::span<const Anchor> label_anchors() noexcept { return anchors; }

bool is_password_label(std::string_view anchor) noexcept {
  return family_of(anchor) == Family::password && !is_short(anchor);
}

std::optional<Label> read_label(const AnchorWindow& window) {
  const std::string_view text = window.text;
  const std::string_view anchor = text.substr(window.begin, window.end - window.begin);
  Label label{.family = family_of(anchor), .begin = window.begin, .end = window.end};
  if (is_short(anchor)) {
    if (!begins_word(text, window.begin)) return std::nullopt;
    label.end = window.begin + short_bytes;
  }
  label.han = static_cast<unsigned char>(anchor.front()) >= 0x80;
  if (label.family == Family::pin && !is_pin(window, label)) return std::nullopt;
  constexpr std::size_t pass = 4;  // a verb, more often
  label.bare = anchor.size() > pass;
  if (label.han) return label;
  const std::size_t word_end = is_short(anchor) ? label.end : window.end;
  while (label.begin > 0 && is_compound(text[label.begin - 1])) --label.begin;
  // A dot belongs to the compound when it goes on.
  while (
      label.end < text.size() && is_compound(text[label.end]) &&
      (text[label.end] != '.' || (label.end + 1 < text.size() && is_letter(text[label.end + 1])))) {
    ++label.end;
  }
  label.bare = label.bare && label.end == window.end;
  bool other = false;
  for_each_word(text.substr(word_end, label.end - word_end), [&](std::string_view word) {
    other = other || in(others, word);
    label.weak = label.weak || !in(neutral, word);
  });
  bool named = false;
  for_each_word(text.substr(label.begin, window.begin - label.begin), [&](std::string_view word) {
    const auto key = std::ranges::find(keys, word);
    named = key != keys.end();
    other = other || (in(others, word) && !named);
  });
  const bool bare_key =
      anchor.size() == 4 && anchor.substr(1) != "auth" && !is_letter(anchor.front());
  if (other || (bare_key && !named)) return std::nullopt;
  if (is_test_result(text, label)) return std::nullopt;
  if (label.begin > 0 && is_tag(text.substr(label.begin - 1))) return std::nullopt;
  if (label.family == Family::secret && is_of_pages(text, label)) return std::nullopt;
  if (is_parameter(anchor) && !begins_parameter(text, label)) return std::nullopt;
  return label;
}

}  // namespace menshen::detectors::labelled_secret
