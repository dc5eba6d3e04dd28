#include "detectors/scanner.h"

#include "detectors/catalog.h"
#include "detectors/detector.h"
#include "detectors/testing/scanning.h"

#include <gtest/gtest.h>

#include <random>

namespace menshen::detectors {
namespace {

using testing::describe;
using testing::expect_cuts_change_nothing;
using testing::feed;
using testing::find;
using testing::redacted;
using testing::Written;

TEST(Scanner, ExampleOfTheHeader) {
  Scanner scanner(testing::catalog());
  scanner.reset();
  ASSERT_TRUE(scanner.feed("call 138 0013 "));
  EXPECT_EQ(scanner.settled(), 5U);
  EXPECT_TRUE(scanner.take().empty());
  ASSERT_TRUE(scanner.feed("8000 now"));
  ASSERT_TRUE(scanner.finish());
  const auto& found = scanner.take();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].type->name, "cn_mobile");
  EXPECT_EQ(found[0].begin, 5U);
  EXPECT_EQ(found[0].end, 18U);
  EXPECT_EQ(scanner.settled(), scanner.text_bytes());
}

TEST(Scanner, HoldsBackAWordOfEnglishAndAFewCharactersOfChinese) {
  Scanner scanner(testing::catalog());
  scanner.reset();
  ASSERT_TRUE(scanner.feed("plain words go throu"));
  EXPECT_EQ(scanner.settled(), 15U);
  scanner.reset();
  ASSERT_TRUE(scanner.feed("今天天气很好，一起"));
  EXPECT_EQ(scanner.settled(), scanner.text_bytes() - std::string_view("一起").size());
  ASSERT_TRUE(scanner.feed("去公园走走看看湖边的花"));
  EXPECT_EQ(scanner.settled(), scanner.text_bytes() - std::string_view("走走看看湖边的花").size());
}

// Behind a sentence a blank waits for nothing; behind a word it may belong to "(at)".
TEST(Scanner, HoldsBackABlankBehindWhatMayBeANameAlone) {
  Scanner scanner(testing::catalog());
  for (const char* text : {"It is done. ", "Well, ", "(so) ", "他说：\"好。\" ", " "}) {
    scanner.reset();
    ASSERT_TRUE(scanner.feed(text));
    EXPECT_EQ(scanner.settled(), scanner.text_bytes()) << text;
  }
  scanner.reset();
  ASSERT_TRUE(scanner.feed("It is done "));
  EXPECT_EQ(scanner.settled(), 6U);
  for (const char* text :
       {"done. (at) b.example", "write to bob (at) corp (dot) example ", "a; (at) b.example",
        "&#98;ob&#59; (at) corp.example", "bo%62 (at) corp.example", "b\\u006f (at) corp.example"})
    expect_cuts_change_nothing(text);
}

TEST(Scanner, EscapesHideNothingAndAreNeverCut) {
  const std::string digits = R"(\u0031\u00338\u0030\u003013800\u0030)";
  const std::vector<Written> texts{
      {digits, "[cn_mobile]"},
      {"Result: {\"t\": \"" + digits + "\"}", "Result: {\"t\": \"[cn_mobile]\"}"},
      {R"(\u8bc113800138000\uff0c)", R"(\u8bc1[cn_mobile]\uff0c)"},
      {R"({"a":"Bob \u003cbob@corp.example\u003e"})", R"({"a":"Bob \u003c[email]\u003e"})"},
      {R"(Bob \u003cbob@corp.example\u003e)", R"(Bob \u003c[email]\u003e)"},
      {R"(Bob \\u003cbob@corp.example\\u003e)", R"(Bob \\u003c[email]\\u003e)"},
      {R"(x \\u0031\\u00338\\u0030\\u003013800\\u0030 y)", "x [cn_mobile] y"},
      {R"(x \u005cu0031\\u0033\u005cu003800138000 y)", "x [cn_mobile] y"},
      {R"(DOMAIN\bob@corp.example)", "DOMAIN[email]"},
      {R"({"a": "\bob@corp.example"})", R"({"a": "\b[email]"})"},
      {R"(a\n13800138000\nb@corp.example\r)", R"(a\n[cn_mobile]\n[email]\r)"},
      {R"("a \"b@corp.example\" \"")", R"("a \"[email]\" \"")"},
      {R"(C:\new\u1234\temp\x13.log \frac{1}{2} \d{11} ^\\+\\d$)",
       R"(C:\new\u1234\temp\x13.log \frac{1}{2} \d{11} ^\\+\\d$)"},
  };
  for (const auto& [text, expected] : texts) {
    EXPECT_EQ(redacted(text), expected);
    expect_cuts_change_nothing(text);
  }
}

TEST(Scanner, StyledCharactersAreReadBesideAValueAndAsPartOfIt) {
  const auto tags = [](std::string_view text) {
    std::string out;
    for (const char c : text)
      out += {'\xF3', '\xA0', static_cast<char>(c < '@' ? 0x80 : 0x81),
              static_cast<char>(0x80 | (c & 0x3F))};
    return out;
  };
  const std::vector<Written> texts{
      {"①13800138000 ⑴13800138000 ⒈13800138000", "①[cn_mobile] ⑴[cn_mobile] ⒈[cn_mobile]"},
      {"①③⑧⓪⓪①③⑧⓪⓪⓪ ❶❸❽⓿⓿❶❸❽⓿⓿⓿", "[cn_mobile] [cn_mobile]"},
      {"⑴⑶⑻00⑴⑶⑻000, 〡〣〨〇〇〡〣〨〇〇〇, 🄂🄄🄉🄁🄁🄂🄄🄉🄁🄁🄁", "[cn_mobile], [cn_mobile], [cn_mobile]"},
      {"➀➂➇00➀➂➇000", "[cn_mobile]"},
      {"13800138000²", "[cn_mobile]²"},
      {"138\u202800138000 138\u008500138000", "[cn_mobile] [cn_mobile]"},
      {"13800138000\u202813900139000", "[cn_mobile]\u2028[cn_mobile]"},
      {"1\u20283\u00858\u202900138000", "[cn_mobile]"},
      {"hi " + tags("13800138000") + " you", "hi [cn_mobile] you"},
      {"1" + tags("x") + "3800138000", "[cn_mobile]"},
      {R"(\u2460\u2462\u2467\u24ea\u24ea13800\u24ea)", "[cn_mobile]"},
      {R"(①③⑧ and \u2460\u2462⑧⓪\\u24ea\u00313800⓪)", "①③⑧ and [cn_mobile]"},
  };
  for (const auto& [text, expected] : texts) {
    EXPECT_EQ(redacted(text), expected);
    expect_cuts_change_nothing(text);
  }
}

// A key cannot be redacted, so it is one only where the whole text is the JSON that has it.
// Controls show nothing, or a blank; so do blanks of other alphabets.
TEST(Scanner, ControlsAndRareBlanksHideNothing) {
  const auto between = [](std::string_view text, std::string_view each) {
    std::string out;
    for (const char c : text) out.append(out.empty() ? "" : each).append(1, c);
    return out;
  };
  const std::string key = "AKIAIOSFODNN7EXAMPLE";
  std::vector<std::string> hidden{"\x7f", "\u0080", "\u0085", "\u2028"};
  for (char c = 1; c < 0x20; ++c) {
    if (c != '\t' && c != '\n' && c != '\r') hidden.emplace_back(1, c);
  }
  for (const std::string& c : hidden) {
    for (const std::string& text : {between("13800138000", c), "138" + c + "0013" + c + "8000"}) {
      EXPECT_EQ(redacted("a " + text + " b"), "a [cn_mobile] b") << int{c[0]};
      expect_cuts_change_nothing(text);
    }
    EXPECT_EQ(redacted(between("li@corp.example", c)), "[email]") << int{c[0]};
    EXPECT_EQ(redacted(between(key, c)), "[aws_access_key]") << int{c[0]};
    EXPECT_EQ(redacted("tel" + c + "13800138000" + c + "13900139000"),
              "tel" + c + "[cn_mobile]" + c + "[cn_mobile]");
  }
  EXPECT_EQ(redacted(between("13800138000", R"(\u0001)")), "[cn_mobile]");
  EXPECT_EQ(redacted(between("13800138000", R"(\u001a)")), "[cn_mobile]");
  EXPECT_EQ(redacted(between("13800138000", R"(\b)")), "[cn_mobile]");
  for (const std::string blank : {"\u2800", "\u1680"}) {
    EXPECT_EQ(redacted(between("13800138000", blank)), "[cn_mobile]");
    EXPECT_EQ(redacted("138" + blank + "0013" + blank + "8000"), "[cn_mobile]");
  }
}

TEST(Scanner, FramedLettersAreLetters) {
  for (const std::string text : {"🅐🅚🅘🅐🅘🅞🅢🅕🅞🅓🅝🅝7🅔🅧🅐🅜🅟🅛🅔", "🄐🄚🄘🄐🄘🄞🄢🄕🄞🄓🄝🄝7🄔🄧🄐🄜🄟🄛🄔",
                                 "🅰🅺🅸🅰🅸🅾🆂🅵🅾🅳🅽🅽7🅴🆇🅰🅼🅿🅻🅴", "🄰🄺🄸🄰🄸🄾🅂🄵🄾🄳🄽🄽7🄴🅇🄰🄼🄿🄻🄴"}) {
    EXPECT_EQ(redacted(text), "[aws_access_key]") << text;
    expect_cuts_change_nothing(text);
  }
  EXPECT_EQ(redacted("⒵⒣⒜⒩⒢@⒞⒪⒭⒫.⒞⒪⒨"), "[email]");
}

TEST(Scanner, AnIdeographicFullStopIsADotInADomainAlone) {
  const std::vector<Written> texts{
      {"zhang@corp。com", "[email]"},
      {"邮箱zhang@corp｡com，谢谢", "邮箱[email]，谢谢"},
      {"zhang@corp.com。谢谢", "[email]。谢谢"},
      {"邮箱 zhang@corp.com。13800138000", "邮箱 [email]。[cn_mobile]"},
      {"电话13800138000。2024年", "电话[cn_mobile]。2024年"},
  };
  for (const auto& [text, expected] : texts) {
    EXPECT_EQ(redacted(text), expected);
    expect_cuts_change_nothing(text);
  }
}

// JSON in JSON in JSON in text; and where more levels than are read would show something.
TEST(Scanner, EscapesInEscapesAreReadOrTheTextIsRefused) {
  const auto quoted = [](std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    return out + '"';
  };
  std::string digits;
  for (const char c : std::string("13800138000")) digits += std::string("\\u003") + c;
  std::string text = "{\"备注\":\"" + digits + "\"}";
  for (int depth = 1; depth <= 3; ++depth) {
    const auto found = find(text);
    ASSERT_EQ(found.size(), 1U) << text;
    EXPECT_EQ(found[0].type->name, "cn_mobile");
    expect_cuts_change_nothing(text);
    expect_cuts_change_nothing("so: " + text);
    text = "{\"r\":" + quoted(text) + "}";
  }
  for (const std::size_t piece : {1'000'000U, 7U, 1U}) {
    Scanner scanner(testing::catalog());
    scanner.reset();
    core::Result<void> read;
    for (std::size_t at = 0; read && at < text.size(); at += piece) {
      read = scanner.feed(std::string_view(text).substr(at, piece));
    }
    if (read) read = scanner.finish();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, "detector_failed");
  }
  EXPECT_TRUE(scan_text(testing::catalog(), std::string(64, '\\') + "users and \\\\\\\\u"));
}

std::string base64_lines(std::size_t bytes, std::string_view line_end) {
  static constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::mt19937 random(3);
  std::string body;
  for (std::size_t i = 1; i <= bytes; ++i) {
    body += alphabet[random() % alphabet.size()];
    if (i % 64 == 0) body += line_end;
  }
  return body;
}

TEST(Scanner, ALongKeyIsReportedInPiecesThatTouch) {
  const std::string header = "-----BEGIN PRIVATE KEY-----\n";
  for (const std::string end : {"\n-----END PRIVATE KEY-----", "\n", ""}) {
    const std::string key = header + base64_lines(100'003, "\n") + end;
    const std::string text = "here: " + key + "\n\nso much for that 你好";
    const auto found = find(text);
    ASSERT_EQ(found.size(), 1U) << describe(found);
    EXPECT_EQ(found[0].begin, 6U);
    EXPECT_EQ(found[0].end, 6 + key.size() - (end == "\n" ? 1 : 0));
    Scanner scanner(testing::catalog());
    const auto pieces = feed(scanner, text, {50'000});
    EXPECT_GT(pieces.findings.size(), 50U);
    for (std::size_t i = 1; i < pieces.findings.size(); ++i) {
      EXPECT_TRUE(pieces.findings[i].continued);
      EXPECT_EQ(pieces.findings[i].begin, pieces.findings[i - 1].end);
    }
    expect_cuts_change_nothing(text);
  }
}

TEST(Scanner, AKeyOverSeveralJsonStringsIsAFindingInEach) {
  const std::string line = base64_lines(64, "");
  const std::string text =
      "[\"-----BEGIN PRIVATE KEY-----\", \"" + line + "\", \"" + line + "\", \"abcd\"]";
  std::size_t covered = 0;
  for (const core::Finding& f : find(text)) {
    EXPECT_EQ(text.substr(f.begin, f.end - f.begin).find('"'), std::string::npos);
    covered += f.end - f.begin;
  }
  EXPECT_GE(covered, 2 * line.size());
  expect_cuts_change_nothing(text);
}

// Texts that are all one run, or flooded with what shows nothing, or cut characters.
TEST(Scanner, HostileTextsKeepThePromises) {
  const auto repeat = [](std::string_view unit, std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) text += unit;
    return text;
  };
  const std::string flood =
      "1" + repeat("\u200b", 40'000) + "3800138000 13800138000 " + repeat("\u0301", 20'000);
  std::vector<std::string> texts{
      flood,
      repeat("4111111111111111", 20'000),
      repeat("4111 1111 1111 1111 ", 20'000),
      repeat("13800138000 ", 20'000),
      repeat("13800138000.", 20'000),
      repeat("一", 20'000),
      repeat("一三八零零一三八零零零 ", 20'000),
      repeat("1三8 零零1 38000, a@b.com ", 20'000),
      repeat("a@", 20'000),
      repeat("a@b.com", 20'000),
      repeat("-----BEGIN PRIVATE KEY-----\n", 20'000),
      repeat("-----BEGIN PRIVATE KEY-----\n" + base64_lines(100, "\\n"), 20'000),
      repeat("\xF0\x9F\x98", 9'000),
      repeat("\xF0\x9D\x9F\x8F", 20'000),
      repeat("⑳㈠ﷺ", 20'000),
      repeat("GB82 WEST 1234 5698 7654 32 ", 20'000),
      repeat("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.", 20'000),
      "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w" + repeat("\u200b", 30'000) + "abc",
      base64_lines(20'000, ""),
  };
  for (const std::string& text : texts) {
    expect_cuts_change_nothing(text);
    expect_cuts_change_nothing("\"" + text + "\"");
  }
  std::string escaped;
  for (const char c : std::string("\"13800138000 x@example.com ")) {
    escaped += "\\u00";
    escaped += "0123456789abcdef"[static_cast<unsigned char>(c) / 16];
    escaped += "0123456789abcdef"[static_cast<unsigned char>(c) % 16];
  }
  expect_cuts_change_nothing(repeat(escaped, 20'000));
}

TEST(Scanner, RandomTextsOfTelltaleCharacters) {
  static constexpr std::string_view atoms[] = {"138",         "0013",    "8000",
                                               " ",           "-",       ".",
                                               "+86",         "(",       ")",
                                               "一",          "三",      "零",
                                               "八",          "@",       "a",
                                               "com",         "\n",      "\u200b",
                                               "１",          "\ufe0f",  "\xff",
                                               "\xe4\xb8",    "中",      "，",
                                               "\"",          "\\",      "\\u0031",
                                               "\\\\",        "\\u005c", "\\\"",
                                               "u0031",       "{\"a\":", "{\\\"a\\\":",
                                               "[",           "}",       "③",
                                               "\u2028",      "\\u2462", "\U000e0038",
                                               "n",           "GB82",    "WEST",
                                               "eyJ",         "sk-",     "-----BEGIN ",
                                               "PRIVATE KEY", "-----",   "4111",
                                               "1111",        "X",       "11010519491231002",
                                               ":",           "::",      "é"};
  std::mt19937 random(11);
  for (int round = 0; round < 400; ++round) {
    std::string text;
    const std::size_t count = 1 + random() % 60;
    for (std::size_t i = 0; i < count; ++i) text += atoms[random() % std::size(atoms)];
    expect_cuts_change_nothing(text);
  }
}

constexpr core::FindingType fake_type{"fake", core::Category::pii, "FAKE", "A fake."};

// Says what it is told to.
class Fake final : public Detector {
 public:
  enum class Mode { fails, throws, outside, exhausted, says_exhausted };
  explicit Fake(Mode mode) : mode_(mode) {}
  std::string_view name() const noexcept override { return "fake"; }
  unsigned version() const noexcept override { return 1; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return triggers_; }
  core::Result<void> scan(const Window& window, Matches& matches) const override {
    if (mode_ == Mode::throws) throw std::runtime_error("a bug");
    if (mode_ == Mode::exhausted) throw std::bad_alloc();
    if (mode_ == Mode::says_exhausted) return core::out_of_memory();
    if (mode_ == Mode::fails)
      return core::gateway_error(core::ErrorKind::internal, "re2", "it gave up");
    matches.add(fake_type, window.owned_end, window.owned_end + 1, 1.0F);
    return {};
  }

 private:
  static constexpr std::array<const core::FindingType*, 1> types_{&fake_type};
  static constexpr std::array<Trigger, 1> triggers_{Trigger{.bytes_min = 4}};
  Mode mode_;
};

TEST(Scanner, CouldNotTellIsAnErrorAndStaysOne) {
  using enum Fake::Mode;
  for (const auto mode : {fails, throws, outside, exhausted, says_exhausted}) {
    const bool no_memory = mode == exhausted || mode == says_exhausted;
    const Fake fake(mode);
    const auto catalog = std::make_shared<const Catalog>(std::vector<const Detector*>{&fake});
    Scanner scanner(catalog);
    scanner.reset();
    EXPECT_TRUE(scanner.feed("a b "));
    const auto fed = scanner.feed("word, ");
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error().code, no_memory ? "out_of_memory" : "detector_failed");
    EXPECT_EQ(fed.error().kind,
              no_memory ? core::ErrorKind::unavailable : core::ErrorKind::internal);
    EXPECT_FALSE(scanner.feed("x"));
    EXPECT_FALSE(scanner.finish());
    EXPECT_FALSE(scan_text(catalog, "word"));
    scanner.reset();
    EXPECT_TRUE(scanner.feed("a b "));
    EXPECT_TRUE(scanner.finish());
  }
}

TEST(Catalog, TwoDetectorsMustNotClaimOneType) {
  const Fake a(Fake::Mode::fails);
  EXPECT_DEATH(Catalog({&a, &a}), "Two detectors claim the type fake");
}

TEST(Catalog, IsSortedAndNamesItsVersions) {
  const Catalog& catalog = *testing::catalog();
  EXPECT_TRUE(std::ranges::is_sorted(catalog.recognisers(), {}, &Recogniser::name));
  EXPECT_NE(std::string(catalog.versions()).find("email/3"), std::string::npos);
  for (const core::FindingType* type : catalog.types()) {
    EXPECT_EQ(type->name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"),
              std::string_view::npos);
  }
}

}  // namespace
}  // namespace menshen::detectors
