#include "policies/model_name.h"

#include <gtest/gtest.h>

#include <string>

namespace menshen::policies {
namespace {

TEST(ModelName, LosesCaseAndTheBlanksAtItsEnds) {
  struct Case {
    std::string_view name, lenient;
  };
  const Case cases[] = {
      {"gpt-4o", "gpt-4o"},
      {"", ""},
      {"  ", ""},
      {" GPT-4o\r\n", "gpt-4o"},
      {"\xc2\x85gpt-4o\xe2\x80\xa8", "gpt-4o"},      // U+0085, U+2028
      {"\xef\xbb\xbfgpt-4o\xe2\x80\x8b", "gpt-4o"},  // U+FEFF, U+200B
      {"gpt-4o\x1f\x7f", "gpt-4o"},
      {"\xe2\x84\xaaimi", "kimi"},  // the Kelvin sign
      {"\xc5\xbfonar", "sonar"},    // the long s
      {"\xce\xa3-\xd0\x96", "\xcf\x83-\xd0\xb6"},
      {"Gpt 4o", "gpt 4o"},  // blanks inside stay
      {"\xe9\x80\x9a\xe4\xb9\x89-Max", "\xe9\x80\x9a\xe4\xb9\x89-max"},
      {"A\xff\xfe"
       "B",
       "a\xff\xfe"
       "b"},  // no UTF-8
      {"\xff", "\xff"},
      {"GPT-*", "gpt-*"},
  };
  for (const Case& c : cases) EXPECT_EQ(lenient_form(c.name), c.lenient) << c.name;
}

TEST(ModelName, LosesWhatOllamaFillsIn) {
  for (const std::string_view same :
       {"llama3", "llama3:latest", "library/llama3", "registry.ollama.ai/library/llama3",
        "https://registry.ollama.ai/library/llama3:latest"}) {
    EXPECT_EQ(without_defaults(same), "llama3") << same;
  }
  EXPECT_EQ(without_defaults("http://registry.ollama.ai/team/llama3:8b"), "team/llama3:8b");
  EXPECT_EQ(without_defaults("my/library/llama3"), "my/library/llama3");
}

TEST(ModelName, IsSaidToBeInThatFormOnlyWhenItIs) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    for (const std::string& name : {std::string(1, c), std::string("a") + c, c + std::string("a"),
                                    std::string("a") + c + "b"}) {
      EXPECT_TRUE(!is_lenient_form(name) || lenient_form(name) == name) << byte;
    }
  }
  EXPECT_TRUE(is_lenient_form("deepseek-r1:70b"));
  EXPECT_FALSE(is_lenient_form("Qwen/Qwen2.5-7B"));
  for (const std::string_view name :
       {"llama3:latest", "library/llama3", "http://llama3", "registry.ollama.ai/team/llama3"}) {
    EXPECT_FALSE(is_lenient_form(name)) << name;
  }
}

TEST(ModelName, EverySpellingOfANameIsReadAsIt) {
  const auto spellings = with_defaults("llama3");
  EXPECT_EQ(spellings.size(), 32U);
  for (const std::string& spelling : spellings) EXPECT_EQ(without_defaults(spelling), "llama3");
}

}  // namespace
}  // namespace menshen::policies
