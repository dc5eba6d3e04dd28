// The words of each API: those that all share, and its own, which are text to the others.
#include "proxy/protocol/words.h"

#include "proxy/protocol/test_support.h"

#include <gtest/gtest.h>

#include <set>

namespace menshen::protocol {
namespace {

TEST(Words, EachIsFoundAndStandsOnce) {
  for (const Adapter* adapter : adapters()) {
    const Vocabulary& words = *adapter->facts().words;
    std::set<std::string_view> seen;
    for (const std::string_view word : words.words()) {
      SCOPED_TRACE(word);
      EXPECT_TRUE(seen.insert(word).second);
      const Word found = words.find(word);
      ASSERT_NE(found, no_word);
      EXPECT_EQ(words.words()[found - 1], word);
    }
  }
}

TEST(Words, CommonOnesHaveTheSameNumberEverywhere) {
  for (const Adapter* adapter : adapters()) {
    for (const std::string_view word : common_words) {
      EXPECT_EQ(adapter->facts().words->find(word), testing::words_of("openai_chat").find(word));
    }
    EXPECT_EQ(adapter->facts().words->find("messages"), "messages"_w);
  }
}

TEST(Words, OfOneApiAreTextInAnother) {
  EXPECT_NE(testing::words_of("openai_chat").find("best_of"), no_word);
  EXPECT_EQ(testing::words_of("anthropic_messages").find("best_of"), no_word);
  EXPECT_NE(testing::words_of("anthropic_messages").find("budget_tokens"), no_word);
  EXPECT_EQ(testing::words_of("openai_chat").find("budget_tokens"), no_word);
  const auto keys = [](std::string_view endpoint) {
    const auto document = Document::parse_request(
        R"({"model":"m","messages":[],"budget_tokens":1})", testing::endpoint_of(endpoint), {});
    return testing::describe(*document);
  };
  EXPECT_EQ(keys("anthropic_messages").find("key"), std::string::npos);
  EXPECT_NE(keys("openai_chat").find("key metadata /budget_tokens = budget_tokens"),
            std::string::npos);
}

// "maxitems" is refused where "maxItems" is a word, at any depth.
TEST(Words, FoldTogetherWithoutRegardToCase) {
  const Vocabulary& words = testing::words_of("openai_chat");
  EXPECT_TRUE(words.folds_to_word("maxitems"));
  EXPECT_TRUE(words.folds_to_word("messages"));
  EXPECT_FALSE(words.folds_to_word("budget_tokens"));
  EXPECT_FALSE(words.is_folded(words.find("maxItems")));
  EXPECT_TRUE(words.is_folded(words.find("messages")));
}

}  // namespace
}  // namespace menshen::protocol
