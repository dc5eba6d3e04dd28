#include "detectors/recognizers/recognizers.h"

#include "detectors/catalog.h"
#include "detectors/engine/lines.h"
#include "detectors/recognizers/pattern_table.h"
#include "detectors/recognizers/word_table.h"
#include "detectors/scanner.h"
#include "detectors/testing/feeding.h"

#include <gtest/gtest.h>

#include <random>

namespace menshen::detectors {
namespace {

struct Own {
  RecognizerSpec spec;
  std::vector<std::string> patterns{};
  std::vector<std::string> words{};
  std::vector<std::string> context{};
};

RecognizerSpec named(std::string name, float confidence = 0.8F) {
  return {.name = std::move(name), .summary = "for tests", .confidence = confidence};
}

std::shared_ptr<const Catalog> catalog_of(const std::vector<Own>& all,
                                          const std::shared_ptr<const Catalog>& base = nullptr) {
  RecognizersBuilder builder;
  for (const Own& own : all) {
    const std::uint32_t number = builder.add(own.spec);
    for (const auto& pattern : own.patterns) EXPECT_EQ(builder.add_pattern(number, pattern), "");
    for (const auto& word : own.words) EXPECT_EQ(builder.add_word(number, word), "");
    for (const auto& word : own.context) EXPECT_EQ(builder.add_context(number, word), "");
  }
  EXPECT_EQ(builder.build(), "");
  return Catalog::extended(base, builder.take());
}

// What stands in place of what was found.
std::string marked(const std::shared_ptr<const Catalog>& catalog, std::string_view text) {
  const auto found = scan_text(catalog, text);
  EXPECT_TRUE(found);
  std::string out;
  std::size_t done = 0;
  for (const core::Finding& f : *found) {
    if (f.begin < done) continue;
    out.append(text, done, f.begin - done).append("[").append(f.type->tag).append("]");
    done = f.end;
  }
  return out.append(text.substr(done));
}

std::string marked(const Own& own, std::string_view text) {
  return marked(catalog_of({own}), text);
}

void expect_cuts_of(const std::shared_ptr<const Catalog>& catalog, std::string_view text) {
  Scanner scanner(catalog);
  const auto whole = testing::feed(scanner, text, {});
  ASSERT_EQ(whole.broken, "");
  const auto check = [&](const std::vector<std::size_t>& cuts) {
    const auto cut = testing::feed(scanner, text, cuts);
    ASSERT_EQ(cut.broken, "");
    ASSERT_TRUE(testing::same(whole.findings, cut.findings))
        << text << "\nwhole " << testing::describe(whole.findings) << "\ncut "
        << testing::describe(cut.findings);
  };
  for (std::size_t cut = 0; cut <= text.size(); ++cut) check({cut});
  std::vector<std::size_t> all;
  for (std::size_t cut = 1; cut < text.size(); ++cut) all.push_back(cut);
  check(all);
  std::mt19937 random(5);
  for (int i = 0; i < 30; ++i) {
    std::vector<std::size_t> some;
    for (std::size_t at = 0; at < text.size(); at += 1 + random() % 100) some.push_back(at);
    check(some);
  }
}

const Own staff{named("employee_no"), {"\\bEMP-\\d{6}\\b"}};
const Own projects{named("project_name"), {}, {"Project Falcon", "猎鹰", "X-15", "R&D"}};

TEST(Recognizers, FindWhatAPatternMatches) {
  EXPECT_EQ(marked(staff, "ask EMP-204815 now"), "ask [EMPLOYEE_NO] now");
  EXPECT_EQ(marked(staff, "工号EMP-204815，离职"), "工号[EMPLOYEE_NO]，离职");
  EXPECT_EQ(marked(staff, "EMP-2048155 emp-204815 TEMP-204815"),
            "EMP-2048155 emp-204815 TEMP-204815");
  EXPECT_EQ(marked(staff, "EMP-204815\nEMP-204816 EMP-204817"),
            "[EMPLOYEE_NO]\n[EMPLOYEE_NO] [EMPLOYEE_NO]");
  EXPECT_EQ(marked(staff, "EMP-2048\n15"), "EMP-2048\n15");
}

// Without a fixed text of three characters, and beside one with it.
TEST(Recognizers, FindWhatHasNoFixedText) {
  const Own loose{named("plant_code"), {"\\b[A-Z]{2}\\d{4}\\b", "W\\d{7}", "中\\d{3}"}};
  EXPECT_EQ(marked(loose, "AB1234, xAB1234, W1234567, 中123"),
            "[PLANT_CODE], xAB1234, [PLANT_CODE], [PLANT_CODE]");
  EXPECT_EQ(marked(catalog_of({loose, staff}), "AB1234 EMP-204815"), "[PLANT_CODE] [EMPLOYEE_NO]");
}

TEST(Recognizers, FindWordsWholeInAlphabetsAndAnywhereInHan) {
  EXPECT_EQ(marked(projects, "The project  FALCON starts"), "The [PROJECT_NAME] starts");
  EXPECT_EQ(marked(projects, "Project Falconry, Xproject Falcon"),
            "Project Falconry, Xproject Falcon");
  EXPECT_EQ(marked(projects, "大猎鹰号与獵鷹"), "大[PROJECT_NAME]号与[PROJECT_NAME]");
  EXPECT_EQ(marked(projects, "an x-15, X-150, r&d."), "an [PROJECT_NAME], X-150, [PROJECT_NAME].");
  EXPECT_EQ(marked({named("cafe"), {}, {"Café Noir"}}, "CAFE NOIR, café noir"), "[CAFE], [CAFE]");
  EXPECT_EQ(marked({named("city"), {}, {"Москва"}}, "в МОСКВА, Москвань"), "в [CITY], Москвань");
}

// Scripts that part no words: each character counts, its vowels and tones too.
TEST(Recognizers, FindWordsAnywhereInScriptsWithoutBlanks) {
  const Own own{named("name"), {}, {"เหยี่ยว", "ໂຄງການ", "គម្រោង", "စီမံကိန်း", "ถ้ำ ลับ"}};
  EXPECT_EQ(marked(own, "เอกสารเหยี่ยวลับ"), "เอกสาร[NAME]ลับ");
  EXPECT_EQ(marked(own, "ຊື່ໂຄງການນີ້"), "ຊື່[NAME]ນີ້");
  EXPECT_EQ(marked(own, "ឈ្មោះគម្រោងនេះ"), "ឈ្មោះ[NAME]នេះ");
  EXPECT_EQ(marked(own, "ထိုစီမံကိန်းသည်"), "ထို[NAME]သည်");
  EXPECT_EQ(marked(own, "ในถ้ำ  ลับ"), "ใน[NAME]");
  EXPECT_EQ(marked(own, "เหยียว เหยี่ย"), "เหยียว เหยี่ย");
}

TEST(Recognizers, FindAllWordsThatBeginAlike) {
  const Own both{named("a"), {}, {"blue", "blue sky project"}};
  EXPECT_EQ(marked(both, "blue sky"), "[A] sky");
  EXPECT_EQ(marked(both, "blue sky project"), "[A]");
  const auto two = catalog_of({{named("a"), {}, {"blue"}}, {named("b"), {}, {"Blue"}}});
  const auto found = scan_text(two, "blue");
  ASSERT_TRUE(found);
  EXPECT_EQ(testing::describe(*found), "a [0, 4) b [0, 4) ");
}

TEST(Recognizers, SeeThroughWhatTheNormalFormSeesThrough) {
  EXPECT_EQ(marked(staff, "ＥＭＰ－２０４８１５"), "[EMPLOYEE_NO]");
  EXPECT_EQ(marked(staff, "E\u200BMP-204\u200B815."), "[EMPLOYEE_NO].");
  EXPECT_EQ(marked(staff, R"({"a": "\u0045MP-20481\u0035"})"), R"({"a": "[EMPLOYEE_NO]"})");
  EXPECT_EQ(marked(projects, "Ｐｒｏｊｅｃｔ Fal\u200Dcon, 猎\u200B鹰"),
            "[PROJECT_NAME], [PROJECT_NAME]");
  EXPECT_EQ(marked(projects, R"("\u730e\u9e70")"), R"("[PROJECT_NAME]")");
}

// As their authors write them in Chinese.
TEST(Recognizers, MayBeWrittenInAnyForm) {
  const Own chinese{named("employee_no"), {"工号：\\d{6}", "（密级）[Ａ-Ｃ]{2}　\\d"}, {}, {}};
  EXPECT_EQ(marked(chinese, "他的工号：204815。"), "他的[EMPLOYEE_NO]。");
  EXPECT_EQ(marked(chinese, "工号:２０４８１５"), "[EMPLOYEE_NO]");
  EXPECT_EQ(marked(chinese, "（密级）AB 1, (密级)ＢＣ　2"), "[EMPLOYEE_NO], [EMPLOYEE_NO]");
}

TEST(Recognizers, AskTheirValidator) {
  RecognizerSpec spec = named("member_no");
  spec.validator = find_validator("luhn");
  const Own member{spec, {"\\bM\\d{6}\\b"}};
  EXPECT_EQ(marked(member, "M123455 M123456"), "[MEMBER_NO] M123456");
}

TEST(Validators, KnowTheNumbersOfTheirSources) {
  const auto holds = [](std::string_view name, std::string_view value) {
    const Validator validator = find_validator(name);
    return validator != nullptr && validator(value);
  };
  EXPECT_TRUE(holds("luhn", "4111 1111-1111 1111"));
  EXPECT_FALSE(holds("luhn", "4111 1111-1111 1112"));
  EXPECT_TRUE(holds("verhoeff", "No. 2363"));
  EXPECT_FALSE(holds("verhoeff", "2364"));
  EXPECT_FALSE(holds("verhoeff", "3263"));
  EXPECT_TRUE(holds("damm", "572-4"));
  EXPECT_FALSE(holds("damm", "5274"));
  EXPECT_TRUE(holds("mod11_2", "07940"));
  EXPECT_TRUE(holds("mod11_2", "079X"));
  EXPECT_FALSE(holds("mod11_2", "07941"));
  EXPECT_TRUE(holds("mod97_10", "123456 76"));
  EXPECT_FALSE(holds("mod97_10", "123456 67"));
  EXPECT_TRUE(holds("iban", "GB82 WEST 1234 5698 7654 32"));
  EXPECT_FALSE(holds("iban", "GB83 WEST 1234 5698 7654 32"));
  EXPECT_EQ(find_validator("crc"), nullptr);
  for (const std::string_view name : validator_names()) {
    EXPECT_FALSE(holds(name, "")) << name;
    EXPECT_FALSE(holds(name, "一二三")) << name;
  }
}

TEST(Recognizers, AreSurerBesideContextOrNeedIt) {
  RecognizerSpec surer = named("badge", 0.5F);
  surer.context_confidence = 0.9F;
  const auto raised = catalog_of({{surer, {"\\b\\d{6}\\b"}, {}, {"工号", "staff no"}}});
  const auto found = scan_text(raised, "204815\n工号：204816 Staff No. 204817 staffno 204818");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 4U);
  EXPECT_FLOAT_EQ((*found)[0].confidence, 0.5F);
  EXPECT_FLOAT_EQ((*found)[1].confidence, 0.9F);
  EXPECT_FLOAT_EQ((*found)[2].confidence, 0.9F);
  RecognizerSpec needing = named("badge", 0.8F);
  needing.context_required = true;
  const Own needs{needing, {"\\b\\d{6}\\b"}, {}, {"工号"}};
  EXPECT_EQ(marked(needs, "204815 工号204816"), "204815 工号[BADGE]");
  EXPECT_EQ(marked(needs, "工号\n204815"), "工号\n[BADGE]") << "context may stand a line before";
  EXPECT_EQ(marked(needs, "工号" + std::string(64, '.') + "204815"),
            "工号" + std::string(64, '.') + "204815");
}

TEST(Recognizers, OfAPolicyStandBesideTheDetectorsOfTheBuild) {
  const auto base = Catalog::built_in();
  const auto catalog = catalog_of({staff}, base);
  EXPECT_EQ(marked(catalog, "EMP-204815 a@b.example"), "[EMPLOYEE_NO] [EMAIL]");
  EXPECT_EQ(catalog->types().size(), base->types().size() + 1);
  EXPECT_NE(catalog->digest(), base->digest());
  EXPECT_NE(catalog->versions().find("recognizers/1"), std::string_view::npos);
  EXPECT_EQ(Catalog::extended(base, nullptr), base);
}

// Law 4, for values at every place of a window, in long lines, and longer than a window.
TEST(Recognizers, CutsChangeNothing) {
  const Own loose{named("plant_code"), {"\\b[A-Z]{2}\\d{4}\\b"}};
  const Own token{named("token"), {"\\btok_[A-Za-z0-9]{8,}"}};
  RecognizerSpec spec = named("member_no", 0.5F);
  spec.validator = find_validator("luhn");
  spec.context_confidence = 0.9F;
  const Own member{spec, {"\\bM\\d{6}\\b"}, {}, {"会员号"}};
  const auto catalog = catalog_of({staff, projects, loose, token, member}, Catalog::built_in());
  for (std::size_t before = 150; before < 260; before += 7) {
    const std::string prose(before, before % 2 == 0 ? '.' : 'x');
    expect_cuts_of(
        catalog,
        prose + " EMP-204815，项目猎鹰 project Falcon AB1234 会员号M123455 M123456 " + prose);
  }
  std::string text = "令牌 tok_" + std::string(700, 'k') + " and tok_" + std::string(300, 'q');
  expect_cuts_of(catalog, text + " EMP-204815");
  expect_cuts_of(catalog, R"({"会员号": "M12345\u0035", "n": 1.23455e5, "of": "\u730e鹰"})");
  EXPECT_EQ(marked(catalog, text + ". Falcon"), "令牌 [TOKEN] and [TOKEN]. Falcon");
}

// However long, with whatever its pattern lets it go on.
TEST(Recognizers, FollowWhatHasNoBoundToItsEnd) {
  const auto catalog = catalog_of({{named("any"), {"SECRET-.*"}},
                                   {named("pairs"), {"P:(?:a?b )+", "P:[0-9]*"}},
                                   {named("han"), {"密：中+"}}});
  std::string words;
  std::string pairs;
  std::string han;
  for (int n = 0; n < 500; ++n) {
    words += " ab c(汉字) \\";
    pairs += n % 3 == 0 ? "b " : "ab ";
    han += "中";
  }
  EXPECT_EQ(marked(catalog, "a SECRET-" + words + "\nand"), "a [ANY]\nand");
  EXPECT_EQ(marked(catalog, "a SECRET-" + words), "a [ANY]");
  EXPECT_EQ(marked(catalog, "P:" + pairs + "c"), "[PAIRS]c");
  EXPECT_EQ(marked(catalog, "密：" + han + "国" + han), "[HAN]国" + han);
  expect_cuts_of(catalog, "a SECRET-" + words.substr(0, 700) + "\nP:" + pairs.substr(0, 600) + ".");
}

// A value is found wherever in a line it stands.
TEST(Recognizers, FindTheSameAtEveryPlaceOfALine) {
  const auto catalog = catalog_of({staff, projects});
  for (const std::string filler : {"a ", "b", "汉", ", "}) {
    std::string prose;
    while (prose.size() < 900) {
      prose += filler;
      const std::string text = prose + " EMP-204815 Project Falcon,猎鹰" + prose;
      ASSERT_EQ(marked(catalog, text),
                prose + " [EMPLOYEE_NO] [PROJECT_NAME],[PROJECT_NAME]" + prose);
    }
  }
}

// A flood of what shows nothing ends a line, as it ends a run.
TEST(Recognizers, HoldBackNoMoreThanPromised) {
  const auto catalog = catalog_of({staff, {named("token"), {"tok_\\w+"}}});
  std::string flood;
  for (int i = 0; i < 12'000; ++i) flood += "\u200B";
  Scanner scanner(catalog);
  for (const std::string& text :
       {"EMP-20" + flood + "4815 EMP-204815", "tok_" + flood + "x" + flood, flood + flood,
        "tok_" + std::string(100'000, 'x'), std::string(100'000, ' ')}) {
    std::vector<std::size_t> cuts;
    for (std::size_t at = 97; at < text.size(); at += 97) cuts.push_back(at);
    const auto whole = testing::feed(scanner, text, {});
    const auto cut = testing::feed(scanner, text, cuts);
    EXPECT_EQ(whole.broken, "");
    EXPECT_EQ(cut.broken, "");
    EXPECT_TRUE(testing::same(whole.findings, cut.findings))
        << testing::describe(whole.findings) << "\n"
        << testing::describe(cut.findings);
  }
  EXPECT_EQ(marked(catalog, "EMP-204815" + flood), "[EMPLOYEE_NO]" + flood);
}

// Where all beginnings are followed at once these take minutes: each byte is a new state of
// thousands of parts.
TEST(Recognizers, AreCheapInTextsThatAreMadeForThem) {
  RecognizersBuilder builder;
  const std::uint32_t own = builder.add(named("own"));
  for (int i = 0; i < 150; ++i) {
    const std::string from = std::to_string(6 + i % 7);
    const std::string to = std::to_string(36 + i % 7);
    ASSERT_EQ(builder.add_pattern(own, "[A-Z][A-Z0-9]{" + from + "," + to + "}[g-z]"), "");
    ASSERT_EQ(builder.add_pattern(own, "[A-Z][A-Z0-9]{" + from + "," + to + "}#EMP"), "");
  }
  ASSERT_EQ(builder.build(), "");
  const auto catalog = Catalog::extended(nullptr, builder.take());
  std::mt19937 random(11);
  std::string text;
  while (text.size() < 100'000) {
    text += "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[random() % 36];
    if (random() % 100 == 0) text += "#EMX";
  }
  EXPECT_EQ(marked(catalog, text), text);
  EXPECT_EQ(marked(catalog, "#" + text.substr(0, 5) + "ABCDEFGh#"), "#[OWN]#");
}

std::string fault_of_pattern(const std::string& pattern) {
  RecognizersBuilder builder;
  return builder.add_pattern(builder.add(named("own")), pattern);
}

TEST(Recognizers, RefuseWhatCannotBeAskedFor) {
  const auto says = [](const std::string& pattern, std::string_view what) {
    EXPECT_NE(fault_of_pattern(pattern).find(what), std::string::npos)
        << pattern << ": " << fault_of_pattern(pattern);
  };
  says("(", "RE2 does not take this pattern: missing )");
  says("a(?=b)",
       "RE2 does not take this pattern: invalid perl operator: there is no looking ahead");
  says("(?<!a)b", "there is no looking ahead or back; write \\b");
  says("(a)\\1", "nothing refers back to a group");
  says("a\\q", "RE2 does not take this pattern: invalid escape sequence.");
  says("(\\pL{1,30}){1,30}", "compiles too large");
  says("a{2000}", "RE2 does not take this pattern");
  for (const char* empty : {"", "a*", "\\b", "(?:a|b?)", "(a*)+", "\\B\\b", "x{0,3}"}) {
    says(empty, "matches the empty text");
  }
  for (const char* anchor : {"^a", "a$", "\\Aa", "a\\z", "(?m)^a", "(?:b|^)a"}) {
    says(anchor, "no anchors");
  }
  says("\\Cab", "whole characters");
  says("[0-9]{257}", "up to 256 bytes");
  says(std::string(1001, 'a'), "longer than 1000 bytes");
  for (const char* good : {"a+?b", "[$^]a", "\\$\\^", "\\Q^$\\E", "(?i)emp", "[^a]b", "[]a]",
                           "(?P<n>ab)|c{1}", "\\x{4e00}", "\\pN", "a{2}?", "[[:^alpha:]$]"}) {
    EXPECT_EQ(fault_of_pattern(good), "") << good;
  }
}

TEST(Recognizers, RefuseWordsThatSayNothing) {
  RecognizersBuilder builder;
  const std::uint32_t own = builder.add(named("own"));
  for (const char* word : {"", "  ", "---", "，。", "\u200B"}) {
    EXPECT_NE(builder.add_word(own, word), "") << word;
  }
  EXPECT_EQ(builder.add_word(own, std::string(word_characters_max, 'a')), "");
  EXPECT_NE(builder.add_word(own, std::string(word_characters_max + 1, 'a')), "");
  EXPECT_EQ(builder.add_word(own, "C#"), "");
}

TEST(Recognizers, RefuseMoreThanTheirLimits) {
  RecognizersBuilder builder;
  const std::uint32_t own = builder.add(named("own"));
  for (std::size_t i = 0; i < patterns_max; ++i) {
    ASSERT_EQ(builder.add_pattern(own, "abc" + std::to_string(i)), "");
  }
  EXPECT_NE(builder.add_pattern(own, "abcd"), "");
  for (std::size_t i = 0; i < context_words_max; ++i) {
    ASSERT_EQ(builder.add_context(own, "w" + std::to_string(i)), "");
  }
  EXPECT_NE(builder.add_context(own, "more"), "");
  RecognizersBuilder loose;
  const std::uint32_t second = loose.add(named("own"));
  for (int i = 0; i < 100; ++i) {
    const std::string n = std::to_string(i);
    ASSERT_EQ(loose.add_pattern(second, "[A-Z]{100}[0-9]{100}[a-z]{30}" + n.substr(0, 1)), "");
  }
  EXPECT_NE(loose.build().find("compile too large together"), std::string::npos);
}

TEST(Recognizers, TakeManyWords) {
  RecognizersBuilder builder;
  const std::uint32_t own = builder.add(named("own"));
  for (int i = 0; i < 50'000; ++i) ASSERT_EQ(builder.add_word(own, "w" + std::to_string(i)), "");
  ASSERT_EQ(builder.build(), "");
  const auto catalog = Catalog::extended(nullptr, builder.take());
  EXPECT_EQ(marked(catalog, "w0 w49999 w50000 w"), "[OWN] [OWN] w50000 w");
}

}  // namespace
}  // namespace menshen::detectors
