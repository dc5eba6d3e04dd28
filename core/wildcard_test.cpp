#include "core/wildcard.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace menshen::core {
namespace {

struct Case {
  std::string_view pattern;
  std::string_view name;
  bool matches;
};

TEST(Wildcard, Table) {
  const Case cases[] = {
      {"", "", true},
      {"", "a", false},
      {"*", "", true},
      {"*", "anything/at:all", true},
      {"qwen3-*", "qwen3-32b", true},
      {"qwen3-*", "qwen3-", true},
      {"qwen3-*", "qwen3", false},
      {"qwen3-*", "Qwen3-32b", false},
      {"*-instruct", "llama-instruct", true},
      {"*-instruct", "llama-instruct-v2", false},
      {"a*b*c", "aXXbYYbZc", true},
      {"a*b*c", "aXXbYYbZ", false},
      {"gpt-?o", "gpt-4o", true},
      {"gpt-?o", "gpt-o", false},
      {"gpt-?o", "gpt-44o", false},
      {"模?", "模型", true},
      {"模?", "模", false},
      {"*?", "型", true},
      {"**", "x", true},
      {"?", "", false},
      {"[a]", "a", false},
      {"a.c", "abc", false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(matches_wildcard(c.pattern, c.name), c.matches) << c.pattern << " " << c.name;
  }
  EXPECT_TRUE(has_wildcard("a?"));
  EXPECT_FALSE(has_wildcard("a"));
  EXPECT_EQ(literal_prefix("ab*c?"), "ab");
  EXPECT_EQ(literal_prefix("ab"), "ab");
}

bool reference(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] == '*') {
    return reference(pattern.substr(1), name) ||
           (!name.empty() && reference(pattern, name.substr(1)));
  }
  return !name.empty() && (pattern[0] == '?' || pattern[0] == name[0]) &&
         reference(pattern.substr(1), name.substr(1));
}

TEST(Wildcard, AgreesWithTheDefinitionOnRandomPatterns) {
  std::mt19937 random(20'260'105);
  const auto draw = [&](std::string_view alphabet) {
    std::string out;
    for (std::size_t n = random() % 9; n > 0; --n) out += alphabet[random() % alphabet.size()];
    return out;
  };
  int matched = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string pattern = draw("ab*?");
    const std::string name = draw("ab");
    const bool expected = reference(pattern, name);
    matched += expected ? 1 : 0;
    ASSERT_EQ(matches_wildcard(pattern, name), expected) << pattern << " " << name;
  }
  EXPECT_GT(matched, 1000);
}

TEST(Wildcard, TwoPatternsMeetWhenANameMatchesBoth) {
  EXPECT_TRUE(wildcards_meet("gpt-*", "*-4o"));
  EXPECT_TRUE(wildcards_meet("千问?", "*问3"));
  EXPECT_TRUE(wildcards_meet("", "*"));
  EXPECT_FALSE(wildcards_meet("", "?"));
  EXPECT_FALSE(wildcards_meet("gpt-*", "qwen*"));
  std::vector<std::string> names{""};
  for (std::size_t i = 0; names[i].size() < 8; ++i) {
    for (const char c : {'a', 'b'}) names.push_back(names[i] + c);
  }
  std::mt19937 random(20'260'106);
  const auto draw = [&] {
    std::string out;
    for (std::size_t n = random() % 5; n > 0; --n) out += "ab*?"[random() % 4];
    return out;
  };
  int met = 0;
  for (int i = 0; i < 1'000; ++i) {
    const std::string a = draw();
    const std::string b = draw();
    const bool expected = std::ranges::any_of(
        names, [&](const auto& name) { return reference(a, name) && reference(b, name); });
    met += expected ? 1 : 0;
    ASSERT_EQ(wildcards_meet(a, b), expected) << a << " " << b;
  }
  EXPECT_GT(met, 100);
  EXPECT_LT(met, 900);
}

}  // namespace
}  // namespace menshen::core
