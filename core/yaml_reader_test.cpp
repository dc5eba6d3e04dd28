#include "core/yaml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace menshen::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::array keys{YamlKey{"name"},
                          YamlKey{"count"},
                          YamlKey{"ratio"},
                          YamlKey{"ready"},
                          YamlKey{"list"},
                          YamlKey{"inner"},
                          YamlKey{"later", "not available in this version."}};

std::vector<std::string> problems_of(std::string_view text, YamlLimits limits = {}) {
  YamlProblems problems("f.yaml");
  const YamlDocument document(text, problems, limits);
  std::vector<std::string> out;
  for (const Problem& p : problems.take()) out.push_back(p.where() + ": " + p.message);
  return out;
}

TEST(YamlReader, ReadsTypedValues) {
  YamlProblems problems("f.yaml");
  const YamlDocument document(
      "name: no\ncount: 12\nratio: 0.25\nready: true\nlist: [a, 'b c', 007]\ninner: {name: 名}\n",
      problems);
  const YamlMap map(document.root(), keys);
  EXPECT_EQ(map.required("name").text(), "no");
  EXPECT_EQ(map["count"].integer(0, 100), 12U);
  EXPECT_EQ(map["ratio"].number(0, 1), 0.25);
  EXPECT_EQ(map["ready"].boolean(), true);
  std::vector<std::string> items;
  for (const YamlValue& item : map["list"].items()) items.push_back(*item.text());
  EXPECT_THAT(items, ElementsAre("a", "b c", "007"));
  EXPECT_EQ(YamlMap(map["inner"], keys)["name"].text(), "名");
  EXPECT_FALSE(YamlMap(map["absent"], keys).has("name"));
  EXPECT_EQ(map["absent"].text(), std::nullopt);
  EXPECT_THAT(problems.take(), IsEmpty());
}

TEST(YamlReader, CollectsEveryProblemInTheOrderOfTheFile) {
  YamlProblems problems("f.yaml");
  const YamlDocument document(
      "名: 1\nnaem: x\ncount: 1e3\nlater: 1\nratio: 2\nready: \"true\"\nlist: []\n"
      "inner: {name: [1]}\n",
      problems);
  const YamlMap map(document.root(), keys);
  (void)YamlMap(map["inner"], keys)["name"].text();
  (void)map["list"].items();
  (void)map["ready"].boolean();
  (void)map["ratio"].number(0, 1);
  (void)map["count"].integer(1, 9);
  (void)map.required("name").text();
  EXPECT_TRUE(problems.has_errors());
  std::vector<std::string> where;
  std::string all;
  for (const Problem& p : problems.take()) {
    where.push_back(p.where());
    all += p.message + "\n";
  }
  EXPECT_THAT(where, ElementsAre("f.yaml:1:1", "f.yaml:1:1", "f.yaml:2:1", "f.yaml:3:8 count",
                                 "f.yaml:4:1", "f.yaml:5:8 ratio", "f.yaml:6:8 ready",
                                 "f.yaml:7:7 list", "f.yaml:8:15 inner.name"));
  EXPECT_THAT(all, HasSubstr("Unknown key \"naem\". Did you mean name?"));
  EXPECT_THAT(all, HasSubstr("The key \"name\" is missing."));
  EXPECT_THAT(all, HasSubstr("a whole number from 1 to 9"));
  EXPECT_THAT(all, HasSubstr("\"later\" may not be used: not available in this version."));
  EXPECT_THAT(all, HasSubstr("Expected a text, found a list."));
}

TEST(YamlReader, ColumnsCountCharacters) {
  YamlProblems problems("f.yaml");
  const YamlDocument document("\xEF\xBB\xBF{name: 门神, count: 门}", problems);
  (void)YamlMap(document.root(), keys)["count"].integer(0, 1);
  EXPECT_EQ(problems.take().at(0).where(), "f.yaml:1:19 count");
}

TEST(YamlReader, ChoicesSuggestAndRefuse) {
  constexpr std::array<std::string_view, 3> names{"allow", "annotate", "deny"};
  constexpr std::array refused{YamlRefusal{"review", "The action review comes later."}};
  const auto read = [&](std::string_view text) {
    YamlProblems problems("f.yaml");
    const YamlDocument document(text, problems);
    const auto index = document.root().choice(names, refused);
    return index ? std::string(names[*index]) : problems.take().at(0).message;
  };
  EXPECT_EQ(read("deny"), "deny");
  EXPECT_EQ(read("dney"),
            "Unknown value \"dney\". Did you mean deny? Use one of: allow, annotate, deny.");
  EXPECT_EQ(read("review"), "The action review comes later.");
  EXPECT_EQ(read("zzz"), "Unknown value \"zzz\". Use one of: allow, annotate, deny.");
  EXPECT_THAT(read("[deny]"), HasSubstr("Expected one of: allow, annotate, deny, found a list."));
}

TEST(YamlReader, GuessesGoByCharactersAndNotByCase) {
  constexpr std::array<std::string_view, 4> names{"email", "cn_mobile", "财务", "人力资源"};
  EXPECT_EQ(nearest_name("EMAIL", names), "email");
  EXPECT_EQ(nearest_name("CN_MOBLIE", names), "cn_mobile");
  EXPECT_EQ(nearest_name("财物", names), "财务");
  EXPECT_EQ(nearest_name("人力资元", names), "人力资源");
  EXPECT_EQ(nearest_name("法务部门", names), "");
  EXPECT_EQ(nearest_name("\xff\xff", names), "");
}

TEST(YamlReader, NumbersAtTheirBoundsAndOnePast) {
  const auto integer = [](std::string_view text) {
    YamlProblems problems("f.yaml");
    const YamlDocument document(text, problems);
    return document.root().integer(5, 18'446'744'073'709'551'615U);
  };
  EXPECT_EQ(integer("5"), 5U);
  EXPECT_EQ(integer("18446744073709551615"), 18'446'744'073'709'551'615U);
  for (const std::string_view bad :
       {"4", "18446744073709551616", "-5", "+5", "5.0", "0x5", "05", "'5'", "5 ms", "~"}) {
    EXPECT_EQ(integer(bad), std::nullopt) << bad;
  }
  const auto number = [](std::string_view text) {
    YamlProblems problems("f.yaml");
    const YamlDocument document(text, problems);
    return document.root().number(0, 1);
  };
  EXPECT_EQ(number("0"), 0.0);
  EXPECT_EQ(number("1"), 1.0);
  for (const std::string_view bad : {"1.0000001", "-0.1", ".nan", "nan", "inf", "'0.5'", "0.5x"}) {
    EXPECT_EQ(number(bad), std::nullopt) << bad;
  }
}

struct Refusal {
  std::string_view text;
  std::string_view where;
  std::string_view message;
};

TEST(YamlReader, RefusesWhatCouldBeReadInTwoWays) {
  const Refusal cases[] = {
      {"", "f.yaml:1:1", "The file is empty."},
      {"# only a comment\n", "f.yaml:1:1", "The file is empty."},
      {"a: 1\na: 2\n", "f.yaml:2:1", "The key \"a\" occurs twice."},
      {"{a: 1, \"a\": 2}", "f.yaml:1:8", "The key \"a\" occurs twice."},
      {"a: 1\n---\nb: 2\n", "f.yaml:2:1", "A second document"},
      {"a: 1\n...\nb: 2\n", "f.yaml:3:1", "A second document"},
      {"a: [1", "f.yaml:1:", "This is not YAML: end of sequence flow not found."},
      {"a: !!str 1", "f.yaml:1:4", "Tags are not supported"},
      {"!mine {a: 1}", "f.yaml:1:1", "Tags are not supported"},
      {"x: &x {a: 1}\ny: {<<: *x}\n", "f.yaml:2:5", "Merge keys"},
      {"{[a]: 1}", "f.yaml:1:2", "A key must be a plain name."},
      {"{~: 1}", "f.yaml:1:2", "A key must be a plain name."},
      {"a: *b", "f.yaml:1:4", "This is not YAML: the referenced anchor is not defined."},
      {"a: &a [*a]", "f.yaml:1:8", "This alias stands for something that contains it"},
      {"a: \xff", "f.yaml:1:4", "not valid UTF-8"},
      {"a: 1\n名: \xe5\x90", "f.yaml:2:4", "not valid UTF-8"},
      {"a: \xed\xa0\x80", "f.yaml:1:4", "not valid UTF-8"},
      {"a: 1\n\x04"
       "b: 2",
       "f.yaml:2:1", "control character"},
      {std::string_view("a: \0", 4), "f.yaml:1:4", "control character"},
      {"a: \xEF\xBB\xBF", "f.yaml:1:4", "control character"},
  };
  for (const Refusal& c : cases) {
    const auto problems = problems_of(c.text);
    ASSERT_THAT(problems, SizeIs(1)) << c.text;
    EXPECT_THAT(problems[0], HasSubstr(std::string(c.where))) << c.text;
    EXPECT_THAT(problems[0], HasSubstr(std::string(c.message))) << c.text;
  }
}

TEST(YamlReader, AliasesShareAValue) {
  YamlProblems problems("f.yaml");
  const YamlDocument document("list: &l [a, b]\ninner: {list: *l}\n", problems);
  const YamlMap map(document.root(), keys);
  EXPECT_THAT(YamlMap(map["inner"], keys)["list"].items(), SizeIs(2));
  EXPECT_THAT(problems.take(), IsEmpty());
}

TEST(YamlReader, BoundsHoldAndOnePastIsRefused) {
  const std::string nested(7, '[');
  const YamlLimits limits{.bytes_max = 64, .depth_max = 8, .nodes_max = 10};
  EXPECT_THAT(problems_of(nested + "x" + std::string(7, ']'), limits), IsEmpty());
  EXPECT_THAT(problems_of("[" + nested + "x" + std::string(8, ']'), limits).at(0),
              HasSubstr("nested deeper than 8 levels"));
  EXPECT_THAT(problems_of("[1,2,3,4,5,6,7,8,9]", limits), IsEmpty());
  EXPECT_THAT(problems_of("[1,2,3,4,5,6,7,8,9,0]", limits).at(0), HasSubstr("more than 10 values"));
  EXPECT_THAT(problems_of("'" + std::string(62, 'x') + "'", limits), IsEmpty());
  EXPECT_THAT(problems_of("'" + std::string(63, 'x') + "'", limits).at(0),
              HasSubstr("larger than 64 bytes"));
}

TEST(YamlReader, AliasesCountWithAllThatTheyStandFor) {
  const YamlLimits limits{.nodes_max = 10};
  EXPECT_THAT(problems_of("[&a [1,2], *a, *a]", limits), IsEmpty());
  EXPECT_THAT(problems_of("[&a [1,2], *a, *a, 1]", limits).at(0), HasSubstr("more than 10"));
  std::string laughs = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 40; ++i) {
    const std::string n = std::to_string(i);
    const std::string before = std::to_string(i - 1);
    laughs += "a" + n + ": &a" + n + " [*a" + before + ", *a" + before + "]\n";
  }
  EXPECT_THAT(problems_of(laughs, {.depth_max = 100}).at(0), HasSubstr("more than 100000 values"));
  EXPECT_THAT(problems_of(laughs).at(0), HasSubstr("more than 100000 values"));
  EXPECT_THAT(problems_of(laughs, {.depth_max = 8}).at(0), HasSubstr("nested deeper than 8"));
}

TEST(YamlReader, NamesATabThatIndents) {
  for (const std::string text : {"a:\n\tb: 1\n", "a:\n  b: 1\n\tc: 2\n", "a:\n\t- b\n\t- c\n"}) {
    const auto problems = problems_of(text);
    ASSERT_FALSE(problems.empty()) << text;
    EXPECT_THAT(problems[0], HasSubstr("A tab indents this line")) << text;
  }
  EXPECT_THAT(problems_of("a: {\n\tb: 1}\n"), IsEmpty()) << "within brackets blanks are blanks";
}

TEST(YamlReader, NamesASignThatAnInputMethodWrote) {
  const std::pair<std::string, std::string> cases[] = {
      {"a: 1\nb：\n  - c: 1\n", "f.yaml:2:2: This is not YAML. Here stands ："},
      {"a: [甲，乙\n", "f.yaml:1:6: This is not YAML. Here stands ，"},
      {"a: [\"x\"，\"y\"]\n", "f.yaml:1:8: This is not YAML. Here stands ，"}};
  for (const auto& [text, expected] : cases) {
    const auto problems = problems_of(text);
    ASSERT_FALSE(problems.empty()) << text;
    EXPECT_THAT(problems[0], HasSubstr(expected)) << text;
  }
  EXPECT_THAT(problems_of("a: 甲：乙，丙\n"), IsEmpty()) << "in a text they are nothing special";
}

TEST(YamlReader, KeepsABoundedNumberOfProblems) {
  YamlProblems problems("f.yaml");
  for (std::size_t i = 0; i < YamlProblems::problems_max + 5; ++i)
    problems.add({true, {}, 1, 1, {}, "x", {}});
  const auto taken = problems.take();
  ASSERT_THAT(taken, SizeIs(YamlProblems::problems_max + 1));
  EXPECT_EQ(taken.back().message, "And 5 more problems.");
  EXPECT_TRUE(taken.back().is_error);
}

TEST(YamlReader, ManyWarningsHideNoError) {
  YamlProblems problems("f.yaml");
  for (std::size_t i = 0; i < YamlProblems::problems_max + 5; ++i)
    problems.add({false, {}, i + 1, 1, {}, "a warning", {}});
  problems.add({true, {}, 500, 1, {}, "the error", {}});
  const auto taken = problems.take();
  ASSERT_THAT(taken, SizeIs(YamlProblems::problems_max + 1));
  EXPECT_EQ(taken[YamlProblems::problems_max - 1].message, "the error");
  EXPECT_EQ(taken.back().message, "And 6 more problems.");
}

TEST(YamlReader, EveryCutOfADocumentIsReadWithoutHarm) {
  const std::string text =
      "a: &x [1, 'two', \"th\\u0072ee\"]\nb: {c: *x, 名: |\n  long\n  text}\n# end\n";
  for (std::size_t n = 0; n <= text.size(); ++n) {
    YamlProblems problems("f.yaml");
    const YamlDocument document(text.substr(0, n), problems);
    EXPECT_NE(document.root().present(), problems.has_errors()) << n;
  }
}

TEST(YamlReader, NamesInMessagesAreCutAndClean) {
  EXPECT_EQ(quoted_name("a\nb"), "\"a b\"");
  EXPECT_EQ(quoted_name(std::string(64, 'x')), "\"" + std::string(64, 'x') + "\"");
  EXPECT_EQ(quoted_name(std::string(65, 'x')), "\"" + std::string(64, 'x') + "...\"");
  EXPECT_EQ(quoted_name(std::string(63, 'x') + "门"), "\"" + std::string(63, 'x') + "...\"");
}

}  // namespace
}  // namespace menshen::core
