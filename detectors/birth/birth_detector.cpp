#include "detectors/detector.h"
#include "detectors/numbers/label_index.h"
#include "detectors/values/boundary.h"
#include "detectors/values/checksum.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace menshen::detectors {
namespace {

constexpr core::FindingType date_type{
    "date_of_birth",
    core::Category::pii,
    "DATE_OF_BIRTH",
    "A date directly behind 出生日期, 生日, date of birth, DOB, born on and the like (0.9; a year "
    "alone 0.7).",
    {core::FindingClass::hipaa_c}};
constexpr core::FindingType age_type{
    "age",
    core::Category::pii,
    "AGE",
    "Years of age written with 岁 directly behind 年龄, 今年, 现年, 男 or 女 (0.85).",
    {core::FindingClass::hipaa_c}};

constexpr std::array<std::string_view, 28> birth_labels{"出生日期",
                                                        "出生年月",
                                                        "出生年月日",
                                                        "出生",
                                                        "生日",
                                                        "出生时间",
                                                        "生辰",
                                                        "出生于",
                                                        "誕生日",
                                                        "生年月日",
                                                        "date of birth",
                                                        "birth date",
                                                        "birthdate",
                                                        "birthday",
                                                        "dob",
                                                        "d.o.b",
                                                        "born",
                                                        "born on",
                                                        "born in",
                                                        "date birth",
                                                        "geburtsdatum",
                                                        "date de naissance",
                                                        "fecha de nacimiento",
                                                        "bdate",
                                                        "我生于",
                                                        "他生于",
                                                        "她生于",
                                                        "本人生于"};

// What an age stands directly behind; a comma may part them.
constexpr std::array<std::string_view, 10> age_words{"年龄", "年齡", "年纪", "今年", "现年",
                                                     "現年", "男",   "女",   "男性", "女性"};

bool follows_age_word(std::string_view context) {
  constexpr std::array<std::string_view, 8> marks{"，", "：", "、", "为", "是", ",", ":", " "};
  const auto ends = [&context](std::string_view word) { return context.ends_with(word); };
  for (const auto* mark = marks.begin(); mark != marks.end();) {
    mark = std::ranges::find_if(marks, ends);
    if (mark != marks.end()) context.remove_suffix(mark->size());
  }
  return std::ranges::any_of(age_words, ends);
}

// 生于 ends words of other kinds: 发生于, 学生于, 医生于.
constexpr std::string_view born = "生于";
constexpr std::string_view other_before_born =
    "发發产產诞誕衍派寄滋萌新丛叢共再催孳着野学學医醫先女男考究业業卫衛人一师師习習"
    "招众眾养養民陌伴自原水陆陸花余餘永长長";

// 0: it does not stand there. "张三，生于1990年", and less sure behind other Han: a name, as often.
float sure_of_born(std::string_view context) {
  while (context.ends_with(' ')) context.remove_suffix(1);
  if (!context.ends_with(born)) return 0;
  context.remove_suffix(born.size());
  constexpr std::size_t han_bytes = 3;
  constexpr std::array<std::string_view, 4> stops{"，", "。", "；", "、"};
  if (context.empty() || static_cast<unsigned char>(context.back()) < 0x80) return 0.9F;
  if (context.size() < han_bytes) return 0;
  const std::string_view before = context.substr(context.size() - han_bytes);
  if (std::ranges::find(stops, before) != stops.end()) return 0.9F;
  return other_before_born.find(before) == std::string_view::npos ? 0.7F : 0;
}

const LabelIndex& labels() {
  static const LabelIndex index = [] {
    LabelIndex made;
    made.add(birth_labels, 0);
    made.finish();
    return made;
  }();
  return index;
}

constexpr int year_min = 1900;
constexpr int year_max = 2049;  // a fixed range: a text has the same findings on every day

// Reads one to so many digits.
std::optional<int> read_digits(std::string_view text, std::size_t& at, std::size_t most) {
  int value = 0;
  const std::size_t from = at;
  while (at < text.size() && at - from < most && is_digit(text[at])) {
    value = value * 10 + (text[at++] - '0');
  }
  if (at == from || (at < text.size() && is_digit(text[at]))) return std::nullopt;
  return value;
}

// Three letters of a month, of which more may follow; 0: none.
int read_month_name(std::string_view text, std::size_t& at) {
  constexpr std::string_view months = "janfebmaraprmayjunjulaugsepoctnovdec";
  std::array<char, 3> name{};
  std::size_t size = 0;
  while (at < text.size() && is_letter(text[at])) {
    if (size < name.size()) name[size] = to_lower(text[at]);
    ++size;
    ++at;
  }
  if (size < name.size()) return 0;
  const std::size_t found = months.find({name.data(), name.size()});
  return found == months.npos || found % 3 != 0 ? 0 : static_cast<int>(found / 3) + 1;
}

bool is_birth_date(int year, int month, int day) {
  return year >= year_min && year <= year_max && is_date(year, month, day);
}

// 1990-01-15, 1990-01, 15/01/1990, 1/15/1990, 15-Jan-1990, 19900115: where the date ends.
std::optional<std::size_t> date_end(std::string_view text, std::size_t begin) {
  std::size_t at = begin;
  const auto first = read_digits(text, at, 8);
  if (!first) return std::nullopt;
  if (at - begin == 8) {
    const bool date = is_birth_date(*first / 10'000, *first / 100 % 100, *first % 100);
    return date ? std::optional(at) : std::nullopt;
  }
  const char separator = at < text.size() ? text[at] : '\0';
  if (separator != '-' && separator != '/' && separator != '.') return std::nullopt;
  ++at;
  const bool named = at < text.size() && is_letter(text[at]);
  const auto second = named ? std::optional(read_month_name(text, at)) : read_digits(text, at, 2);
  if (!second || *second == 0) return std::nullopt;
  if (at >= text.size() || text[at] != separator) {
    const bool month = *first >= year_min && is_birth_date(*first, *second, 1);
    return month ? std::optional(at) : std::nullopt;
  }
  ++at;
  const auto third = read_digits(text, at, 4);
  if (!third) return std::nullopt;
  if (*first >= year_min) {
    return is_birth_date(*first, *second, *third) ? std::optional(at) : std::nullopt;
  }
  constexpr int two_digits = 100;
  const int year = *third < two_digits ? year_min + *third : *third;
  const bool date =
      is_birth_date(year, *second, *first) || (!named && is_birth_date(year, *first, *second));
  return date ? std::optional(at) : std::nullopt;
}

// "T00:00:00Z" of ISO 8601 behind a date.
bool is_time(std::string_view text, std::size_t at) {
  if (text.size() < at + 4 || text[at] != 'T') return false;
  return is_digit(text[at + 1]) && is_digit(text[at + 2]) && text[at + 3] == ':';
}

// 6 January 1990, 6th of January, 1990, January 6, 1990: where the date ends.
std::optional<std::size_t> spelled_date_end(std::string_view text, std::size_t at) {
  const auto skip = [&](std::string_view word) {
    if (text.substr(at).starts_with(word)) at += word.size();
  };
  const auto read_day = [&]() -> int {
    int day = 0;
    const std::size_t from = at;
    while (at < text.size() && at - from < 2 && is_digit(text[at]))
      day = day * 10 + (text[at++] - '0');
    for (const std::string_view ending : {"st", "nd", "rd", "th"}) skip(ending);
    return day;
  };
  int month = 0;
  int day = 0;
  if (at < text.size() && is_letter(text[at])) {
    month = read_month_name(text, at);
    skip(" ");
    day = read_day();
  } else {
    day = read_day();
    skip(" ");
    skip("of ");
    month = read_month_name(text, at);
  }
  skip(",");
  skip(" ");
  const std::size_t from = at;
  const auto year = read_digits(text, at, 4);
  if (!year || at - from != 4 || (at < text.size() && is_alnum(text[at]))) return std::nullopt;
  return is_birth_date(*year, month, day) ? std::optional(at) : std::nullopt;
}

// What stands behind a year: 1990年1月15日, 1990年1月15号.
struct Rest {
  static constexpr std::string_view year = "年";
  static constexpr std::string_view month = "月";
  static constexpr std::string_view day = "日";
  static constexpr std::string_view number = "号";
};

// state[0]: the part that is being read (0: 年, 1: digits, 2: the rest of 月, 3: digits, 4: the
// rest of 日 or 号, 5: done); state[1]: how many digits or bytes of it there are.
Step read_on(ExtensionState& state, int byte) noexcept {
  const auto is = [&](std::string_view sign) {
    return byte == static_cast<unsigned char>(sign[state[1]]);
  };
  const auto sign = [&](std::string_view text) {
    if (!is(text)) return Step::stop;
    if (++state[1] < text.size()) return Step::hold;
    ++state[0];
    state[1] = 0;
    return Step::belongs;
  };
  const auto digits = [&](std::string_view then, std::string_view or_then) {
    constexpr std::uint32_t most = 2;
    if (byte >= '0' && byte <= '9' && state[1] < most) {
      ++state[1];
      return Step::hold;
    }
    if (byte == ' ') return Step::hold;
    if (state[1] == 0) return Step::stop;
    const bool first = byte == static_cast<unsigned char>(then[0]);
    if (!first && byte != static_cast<unsigned char>(or_then[0])) return Step::stop;
    state[2] = first ? 0 : 1;
    ++state[0];
    state[1] = 1;
    return Step::hold;
  };
  switch (state[0]) {
    case 0: return sign(Rest::year);
    case 1: return digits(Rest::month, Rest::month);
    case 2: return sign(Rest::month);
    case 3: return digits(Rest::day, Rest::number);
    case 4: return sign(state[2] == 0 ? Rest::day : Rest::number);
    default: return Step::stop;
  }
}

// Behind the number of an age: 岁. state[1] counts its bytes.
Step read_unit(ExtensionState& state, int byte) noexcept {
  constexpr std::string_view unit = "岁";
  if (state[1] == unit.size() || byte != static_cast<unsigned char>(unit[state[1]])) {
    return Step::stop;
  }
  return ++state[1] == unit.size() ? Step::belongs : Step::hold;
}

class Birth final : public Detector {
 public:
  std::string_view name() const noexcept override { return "birth"; }
  unsigned version() const noexcept override { return 2; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return triggers_; }

  std::span<const Anchor> anchors() const noexcept override { return anchors_; }

  // Dates with the name of a month: no run holds them.
  core::Result<void> look(const AnchorWindow& window, Matches& matches) const override {
    constexpr std::size_t gap_max = 8;
    const std::string_view text = window.text;
    const auto parts = [](char c) {
      return std::string_view(" \t:=\"'*|(").find(c) != std::string_view::npos;
    };
    std::size_t at = window.end;
    while (at < text.size() && at - window.end < gap_max && parts(text[at])) ++at;
    if (at == window.end) return {};
    const auto end = spelled_date_end(text, at);
    if (end && (*end < text.size() || window.last)) matches.add(date_type, at, *end, 0.9F);
    return {};
  }

  core::Result<void> scan(const Window& window, Matches& matches) const override {
    for (const DigitGroup& group : window.groups) {
      constexpr std::size_t year_digits = 4;
      if (is_age(window, group)) {
        matches.add_open(age_type, group.begin, group.end, 0.85F, read_unit);
      }
      const bool may = group.size() <= 2 || group.size() == year_digits || group.size() == 8;
      if (!may || !window.owns(group.begin)) continue;
      if (group.begin > 0 && is_alnum(window.text[group.begin - 1])) continue;
      const std::string_view context = window.context(group.begin);
      const bool labelled = labels().before(context).rows[0];
      const float sure = labelled ? 0.9F : sure_of_born(context);
      if (sure <= 0) continue;
      if (const auto end = date_end(window.text, group.begin)) {
        if (!is_alnum(window.at(*end)) || is_time(window.text, *end))
          matches.add(date_type, group.begin, *end, sure);
      } else if (group.size() == year_digits && group.end == window.text.size()) {
        add_year(window, group, sure, matches);
      }
    }
    return {};
  }

 private:
  static void add_year(const Window& window, const DigitGroup& group, float sure,
                       Matches& matches) {
    std::size_t at = group.begin;
    const auto year = read_digits(window.text, at, 4);
    if (!year || *year < year_min || *year > year_max) return;
    const bool spelled = window.next == U'年';
    matches.add_open(date_type, group.begin, group.end, spelled ? sure : 0.7F, read_on);
  }

  static bool is_age(const Window& window, const DigitGroup& group) {
    constexpr std::size_t digits_max = 3;
    if (window.next != U'岁' || group.end != window.text.size()) return false;
    if (group.size() > digits_max || !window.owns(group.begin)) return false;
    return group.separators == 0 && follows_age_word(window.context(group.begin));
  }

  static constexpr std::array<const core::FindingType*, 2> types_{&date_type, &age_type};
  static constexpr std::array<Anchor, 10> anchors_{
      Anchor{"date of birth"}, Anchor{"birth date"}, Anchor{"birthdate"}, Anchor{"birthday"},
      Anchor{"date_of_birth"}, Anchor{"birth_date"}, Anchor{"dob"},       Anchor{"d.o.b"},
      Anchor{"born"},          Anchor{"born on"}};
  static constexpr std::array<Trigger, 3> triggers_{
      Trigger{.bytes_min = 6, .digits_min = 4},
      Trigger{.bytes_min = 4, .digits_min = 4, .next = U'年', .before = "生"},
      Trigger{.bytes_min = 1, .digits_min = 1, .next = U'岁'}};
};

}  // namespace

const Detector& birth_detector() {
  static const Birth detector;
  return detector;
}

}  // namespace menshen::detectors
