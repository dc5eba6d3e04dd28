#include "detectors/values/behind.h"

#include "detectors/values/boundary.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace menshen::detectors {
namespace {

constexpr std::string_view links[] = {
    "is", "was",  "are",  ", my", ",my", ", his", ", her",  ", your", "是",   "为", "就是",
    "乃", "这个", "这张", "此",   "该",  ",我的", ", 我的", "，我的", "，是", ",是"};
constexpr std::string_view units[] = {
    "bytes",   "byte",    "kb",      "mb",       "gb",     "kib",    "mib",    "gib",
    "ms",      "us",      "ns",      "seconds",  "rows",   "lines",  "pages",  "records",
    "items",   "entries", "times",   "files",    "tokens", "people", "users",  "usd",
    "rmb",     "cny",     "eur",     "dollars",  "yuan",   "euros",  "steps",  "samples",
    "packets", "hits",    "views",   "requests", "bits",   "blocks", "points", "messages",
    "events",  "nodes",   "objects", "cycles",   "ticks"};
constexpr std::string_view han_units[] = {
    "元",   "次",     "字节",   "毫秒",   "微秒",   "秒",     "美元",   "港元",
    "人次", "号订单", "号工单", "条记录", "条数据", "行数据", "人民币", "比特"};
// Before a label that says what a value is.
constexpr std::string_view determiners[] = {
    "my",     "his",      "her",       "our",    "your", "their",  "the",
    "a",      "an",       "its",       "valid",  "new",  "old",    "current",
    "own",    "personal", "private",   "office", "work", "home",   "business",
    "direct", "main",     "emergency", "also",   "just", "really", "actually"};
constexpr std::string_view han_determiners[] = {
    "我的", "我",   "他的", "她的", "你的", "您的",   "本人的", "本人",   "我们的",
    "我们", "一个", "个",   "一张", "张",   "客户的", "客户",   "用户的", "对方的"};

constexpr std::string_view opening_han = "【";
constexpr std::size_t blanks_max = 2;

enum class Says : std::uint8_t { nothing, undecided, phrase, quantity };
struct Parsed {
  Says says = Says::nothing;
  std::size_t begin = 0;  // of the phrase
  std::size_t end = 0;    // of the phrase; of the unit
  std::size_t reach = 0;  // one past what was looked at
};

constexpr bool is_wide(char c) noexcept { return (c & '\x80') != 0; }

// What a text begins with; undecided when it is a beginning of it.
enum class Begins : std::uint8_t { no, yes, perhaps };
Begins begins_with(std::string_view text, std::string_view word, bool complete) noexcept {
  if (text.empty() || to_lower(text[0]) != to_lower(word[0])) {
    return text.empty() && !complete ? Begins::perhaps : Begins::no;
  }
  const std::size_t shown = std::min(text.size(), word.size());
  if (!equal_ignoring_case(text.substr(0, shown), word.substr(0, shown))) return Begins::no;
  if (shown < word.size()) return complete ? Begins::no : Begins::perhaps;
  if (!is_letter(word.back())) return Begins::yes;
  if (text.size() == shown) return complete ? Begins::yes : Begins::perhaps;
  return is_letter(text[shown]) || text[shown] == '\'' ? Begins::no : Begins::yes;
}

// Up to the bracket that closes, on the same line.
Parsed parse_bracket(std::string_view text, std::size_t at, bool complete) noexcept {
  const std::size_t begin = at + (text[at] == '(' ? 1 : opening_han.size());
  const std::string_view shown = text.substr(0, behind_bytes_max);
  const std::string_view close = text[at] == '(' ? ")" : "】";
  const std::size_t end = shown.find(close, begin);
  const std::size_t line = shown.find('\n', begin);
  if (end != shown.npos && line > end) {
    return {.says = Says::phrase, .begin = begin, .end = end, .reach = end + close.size()};
  }
  const bool open = line == shown.npos && shown.size() < behind_bytes_max && !complete;
  return {.says = open ? Says::undecided : Says::nothing};
}

// Behind a verb: up to the end of the clause.
Parsed parse_clause(std::string_view text, std::size_t begin, bool complete) noexcept {
  const std::string_view shown = text.substr(0, behind_bytes_max);
  static constexpr std::string_view stops[] = {"，", "。", "；", "、", "！", "？", "："};
  for (std::size_t at = begin; at < shown.size(); ++at) {
    const std::string_view rest = shown.substr(at);
    std::size_t stop = 0;
    if (std::string_view("\n,.;!?:=()\"").find(rest[0]) != std::string_view::npos) stop = 1;
    if (is_wide(rest[0]) &&
        std::ranges::any_of(stops, [rest](std::string_view s) { return rest.starts_with(s); })) {
      stop = stops[0].size();
    }
    if (stop == 0) continue;
    return {.says = Says::phrase, .begin = begin, .end = at, .reach = at + stop};
  }
  if (shown.size() < behind_bytes_max && !complete) return {.says = Says::undecided};
  return {.says = Says::phrase, .begin = begin, .end = shown.size(), .reach = shown.size()};
}

// By its first character: how long a verb or a unit may be, a bit each; bit 0: a mark is one.
constexpr std::size_t word_bytes_max = 8;
constexpr std::array<std::uint16_t, 128> lengths_by_first = [] {
  std::array<std::uint16_t, 128> all{};
  const auto add = [&all](std::string_view word) {
    if (is_wide(word[0])) return;
    const unsigned length = is_letter(word[0]) ? static_cast<unsigned>(word.size()) : 0U;
    auto& lengths = all[static_cast<std::size_t>(word[0])];
    lengths = static_cast<std::uint16_t>(lengths | 1U << length);
  };
  for (const std::string_view word : links) add(word);
  for (const std::string_view word : units) add(word);
  add("(");
  return all;
}();

// The last two bytes of the characters with which Chinese ones begin.
constexpr std::size_t wide_bits(std::string_view text) noexcept {
  return (static_cast<unsigned char>(text[1]) & 0x3FU) << 6U |
         (static_cast<unsigned char>(text[2]) & 0x3FU);
}
constexpr std::array<bool, 4096> begins_wide = [] {
  std::array<bool, 4096> all{};
  const auto add = [&all](std::string_view word) {
    if (is_wide(word[0])) all[wide_bits(word)] = true;
  };
  for (const std::string_view word : links) add(word);
  for (const std::string_view word : han_units) add(word);
  add(opening_han);
  return all;
}();

// Most words behind a value are none.
bool may_speak(std::string_view rest) noexcept {
  if (is_wide(rest[0])) return rest.size() < 3 || begins_wide[wide_bits(rest)];
  const unsigned lengths = lengths_by_first[static_cast<std::size_t>(to_lower(rest[0]))];
  if (!is_letter(rest[0]) || lengths == 0) return lengths != 0;
  std::size_t letters = 1;
  while (letters < rest.size() && letters <= word_bytes_max && is_letter(rest[letters])) ++letters;
  const bool whole = letters < rest.size();
  return (whole ? lengths >> letters & 1U : lengths >> letters) != 0;
}

Parsed parse_unit(std::string_view text, std::size_t at, bool complete) noexcept {
  Parsed parsed;
  const auto look_for = [&](std::string_view unit) {
    const Begins begins = begins_with(text.substr(at), unit, complete);
    if (begins == Begins::perhaps) parsed.says = Says::undecided;
    if (begins == Begins::yes) {
      parsed = {.says = Says::quantity, .begin = at, .end = at + unit.size(), .reach = 0};
      parsed.reach = std::min(parsed.end + 1, text.size());
    }
    return begins == Begins::yes;
  };
  if (is_wide(text[at])) {
    std::ranges::any_of(han_units, look_for);
  } else if (at > 0 && is_letter(text[at])) {
    std::ranges::any_of(units, look_for);
  }
  return parsed;
}

Parsed parse(std::string_view text, bool complete) noexcept {
  std::size_t at = 0;
  // "hunter2! is my password"
  if (!text.empty() && std::string_view("!$&*^").find(text[0]) != std::string_view::npos) {
    if (text.size() == 1) return {.says = complete ? Says::nothing : Says::undecided};
    if (text[1] != ' ') return {};
    ++at;
  }
  while (at < text.size() && at <= blanks_max && text[at] == ' ') ++at;
  if (at > blanks_max) return {};
  if (at == text.size()) return {.says = complete ? Says::nothing : Says::undecided};
  const std::string_view rest = text.substr(at);
  if (!may_speak(rest)) return {};
  if (rest[0] == '(') return parse_bracket(text, at, complete);
  const Begins opens = begins_with(rest, opening_han, complete);
  if (opens == Begins::yes) return parse_bracket(text, at, complete);
  bool perhaps = opens == Begins::perhaps;
  for (const std::string_view link : links) {
    const Begins begins = begins_with(rest, link, complete);
    if (begins == Begins::yes) return parse_clause(text, at + link.size(), complete);
    perhaps = perhaps || begins == Begins::perhaps;
  }
  const Parsed unit = parse_unit(text, at, complete);
  if (unit.says == Says::quantity) return unit;
  return perhaps ? Parsed{.says = Says::undecided} : unit;
}

// "John's", 张三的: whose it is.
std::size_t owner_bytes(std::string_view phrase) noexcept {
  constexpr std::size_t owner_max = 15;
  constexpr std::string_view of = "的";
  if (phrase.empty()) return 0;
  if (is_wide(phrase[0])) {
    const std::size_t at = phrase.substr(0, owner_max + of.size()).find(of);
    return at == phrase.npos ? 0 : at + of.size();
  }
  std::size_t end = 0;
  while (end < phrase.size() && is_letter(phrase[end])) ++end;
  return end > 0 && phrase.substr(end).starts_with("'s ") ? end + 3 : 0;
}

std::string_view without_determiners(std::string_view phrase) noexcept {
  for (;;) {
    phrase = without_blanks_before(phrase);
    const auto begins = [phrase](std::string_view word) {
      return begins_with(phrase, word, true) == Begins::yes;
    };
    std::size_t bytes = 0;
    if (const auto* word = std::ranges::find_if(determiners, begins); word != std::end(determiners))
      bytes = word->size();
    if (const auto* word = std::ranges::find_if(han_determiners, begins);
        word != std::end(han_determiners)) {
      bytes = std::max(bytes, word->size());
    }
    bytes = std::max(bytes, owner_bytes(phrase));
    if (bytes == 0) return phrase;
    phrase.remove_prefix(bytes);
  }
}

}  // namespace

std::optional<std::size_t> reach_behind(std::string_view run, std::string_view text,
                                        bool complete) {
  // A bracket that the run opens behind a value: 13800138000(手机)
  const std::size_t open = run.rfind('(');
  const bool in_bracket = open != run.npos && open > 0 && run.size() - open < behind_bytes_max &&
                          run.find(')', open) == run.npos;
  if (!in_bracket) {
    const Parsed parsed = parse(text, complete);
    return parsed.says == Says::undecided ? std::nullopt : std::optional(parsed.reach);
  }
  std::string tail(run.substr(open));
  const std::size_t shown = tail.size();
  const Parsed parsed = parse(tail.append(text), complete);
  if (parsed.says == Says::undecided) return std::nullopt;
  return parsed.reach - std::min(parsed.reach, shown);
}

Behind read_behind(std::string_view tail) {
  const Parsed parsed = parse(tail, true);
  if (parsed.says == Says::quantity) return {.phrase = {}, .quantity = true};
  if (parsed.says != Says::phrase) return {};
  // A label of the next value.
  const std::string_view next = tail.substr(parsed.end);
  if (next.starts_with(':') || next.starts_with('=') || next.starts_with("：")) return {};
  const std::string_view phrase = tail.substr(parsed.begin, parsed.end - parsed.begin);
  return {.phrase = std::string(without_determiners(phrase))};
}

Behind read_behind(const Window& window, std::size_t end) {
  const std::string_view rest = window.text.substr(std::min(end, window.text.size()));
  if (rest.empty()) return window.behind.empty() ? Behind{} : read_behind(window.behind);
  // Within a run letters follow directly, or behind a bracket.
  if (rest[0] != '(' && !rest.starts_with(" (") && rest.size() > 1) return {};
  std::string tail(rest.substr(0, behind_bytes_max));
  return read_behind(tail.append(window.behind));
}

bool begins_with_word(std::string_view phrase, Words words) noexcept {
  return std::ranges::any_of(words, [phrase](std::string_view word) {
    return begins_with(phrase, word, true) == Begins::yes;
  });
}

bool names_other_number(std::string_view phrase) {
  constexpr std::size_t bytes_max = 32;
  constexpr auto numbers = std::to_array<std::string_view>(
      {"号", "號", "号码", "號碼", "编号", "編號", "单号", " no", " number", " id", " code", " #"});
  static constexpr auto things =
      std::to_array<std::string_view>({"part", "page", "model", "product", "port", "account"});
  constexpr auto persons = std::to_array<std::string_view>(
      {"phone", "mobile", "tel", "contact", "电话", "電話", "手机", "手機", "联系", "聯繫"});
  phrase = phrase.substr(0, phrase.find_last_not_of(" .:,;!?\x1A") + 1);
  if (phrase.size() > bytes_max) return false;
  bool numbered = false;
  for (const std::string_view number : {"号", "號"}) {
    if (!phrase.starts_with(number)) continue;
    phrase.remove_prefix(number.size());
    numbered = true;
  }
  if (!begins_with_word(phrase, number_labels()) && !begins_with_word(phrase, things)) return false;
  std::string lower(phrase);
  std::ranges::transform(lower, lower.begin(), to_lower);
  const auto has = [&lower](std::string_view word) { return lower.find(word) != lower.npos; };
  if (std::ranges::any_of(persons, has)) return false;
  return numbered || std::ranges::any_of(numbers, [&lower](std::string_view number) {
           return lower.ends_with(number);
         });
}

}  // namespace menshen::detectors
