// Tokens are those that other implementations make, and stand for the bytes that they were made of.
#include "proxy/protocol/tokens/encoding.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <random>
#include <string>
#include <unordered_set>
#include <utility>

namespace menshen::protocol::tokens {
namespace {

const Encoding& encoding_named(const std::string& name) {
  return name == "cl100k_base" ? cl100k_encoding() : o200k_encoding();
}

std::string decoded(const Encoding& encoding, const Ids& ids) {
  std::string out;
  for (const std::uint32_t id : ids) out.append(encoding.bytes(id).value());
  return out;
}

Ids encoded(const Encoding& encoding, std::string_view text) {
  Ids out;
  encoding.encode(text, out);
  return out;
}

TEST(TokenEncoding, MakesTheTokensThatOthersMake) {
  std::ifstream file(MENSHEN_SOURCE_DIR "/proxy/protocol/tokens/testdata/vectors.jsonl");
  std::size_t count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    const auto vector = nlohmann::json::parse(line);
    const Encoding& encoding = encoding_named(vector.at("encoding"));
    const std::string text = vector.at("text");
    const Ids ids = vector.at("ids");
    EXPECT_EQ(encoded(encoding, text), ids) << vector.at("encoding") << " " << vector.at("text");
    EXPECT_EQ(decoded(encoding, ids), text);
  }
  EXPECT_GT(count, 900U);
}

// Where the vectors' maker differs from tiktoken.
TEST(TokenEncoding, ReadsBlanksAndContractionsAsUnicodeDoes) {
  const auto pieces = [](Split split, std::string_view text) {
    std::vector<std::string> out;
    for (std::size_t at = 0, end = 0; at < text.size(); at = end) {
      end = next_piece(split, text, at);
      out.emplace_back(text.substr(at, end - at));
    }
    return out;
  };
  using Pieces = std::vector<std::string>;
  for (const Split split : {Split::cl100k, Split::o200k}) {
    // U+0085 is a blank: the second goes with the letter, and not with the symbol.
    EXPECT_EQ(pieces(split, "!\u0085\u0085x"), (Pieces{"!", "\u0085", "\u0085x"}));
    // U+FEFF is none.
    EXPECT_EQ(pieces(split, "!\uFEFF\uFEFF!"), (Pieces{"!\uFEFF\uFEFF!"}));
    EXPECT_EQ(pieces(split, "1'\u017Fx").size(), split == Split::cl100k ? 3U : 2U);
  }
  EXPECT_EQ(pieces(Split::o200k, "it'\u017Fx"), (Pieces{"it'\u017F", "x"}));
  EXPECT_EQ(pieces(Split::cl100k, " \n  "), (Pieces{" \n  "}));
  EXPECT_EQ(pieces(Split::o200k, " \n  "), (Pieces{" \n", "  "}));
}

TEST(TokenEncoding, AnyBytesComeBack) {
  std::mt19937 random(7);
  const std::string_view alphabet = "ab '\n1\xe4\xb8\xad\xf0\x9f\xff\xc3";
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    const bool any = round % 2 == 0;
    for (unsigned size = random() % 60; text.size() < size;)
      text.push_back(any ? static_cast<char>(random()) : alphabet[random() % alphabet.size()]);
    for (const Encoding* encoding : {&cl100k_encoding(), &o200k_encoding()})
      ASSERT_EQ(decoded(*encoding, encoded(*encoding, text)), text);
  }
}

TEST(TokenEncoding, NoTwoTokensAreAlike) {
  const std::pair<const Encoding*, std::size_t> sizes[] = {{&cl100k_encoding(), 100'256},
                                                           {&o200k_encoding(), 199'998}};
  for (const auto& [encoding, size] : sizes) {
    std::unordered_set<std::string_view> seen;
    for (std::uint32_t id = 0; id < size; ++id)
      ASSERT_TRUE(seen.insert(encoding->bytes(id).value()).second) << id;
    EXPECT_FALSE(encoding->bytes(static_cast<std::uint32_t>(size)));
  }
}

TEST(TokenEncoding, LongPiecesAreMergedInParts) {
  for (const char c : {'a', '\n', '\xff'}) {
    const std::string text(Encoding::merged_bytes_max + 17, c);
    const Ids ids = encoded(cl100k_encoding(), text);
    EXPECT_EQ(decoded(cl100k_encoding(), ids), text);
    EXPECT_LE(ids.size(), text.size());
  }
}

TEST(TokenEncoding, SpecialTokensAreReadAndNeverWritten) {
  EXPECT_EQ(cl100k_encoding().bytes(100257), "<|endoftext|>");
  EXPECT_EQ(o200k_encoding().bytes(199999), "<|endoftext|>");
  EXPECT_TRUE(o200k_encoding().is_special(200018));
  for (const Encoding* encoding : {&cl100k_encoding(), &o200k_encoding()}) {
    for (const std::uint32_t id : encoded(*encoding, "<|endoftext|><|endofprompt|>"))
      EXPECT_FALSE(encoding->is_special(id));
  }
}

TEST(TokenEncoding, NumbersOfNoTokenStandForNothing) {
  EXPECT_FALSE(cl100k_encoding().bytes(100256));  // a gap before the special ones
  EXPECT_FALSE(cl100k_encoding().bytes(100277));
  EXPECT_FALSE(cl100k_encoding().bytes(0xffffffff));
  EXPECT_FALSE(o200k_encoding().bytes(200019));
}

TEST(TokenEncoding, IsOfTheModel) {
  for (const char* model : {"text-embedding-3-small", "text-embedding-3-large", "davinci-002",
                            "openai/text-embedding-ada-002", "gpt-3.5-turbo-instruct",
                            "gpt-3.5-turbo-instruct-0914", "gpt-4", "gpt-4-0613"})
    EXPECT_EQ(encoding_of(model), &cl100k_encoding()) << model;
  for (const char* model : {"gpt-4o", "gpt-4o-mini", "gpt-4.1-2025-04-14", "o3", "o4-mini"})
    EXPECT_EQ(encoding_of(model), &o200k_encoding()) << model;
  for (const char* model : {"", "openai/", "text-embedding-3", "text-embedding-3-small-v2", "gpt-3",
                            "gpt-40", "GPT-4", "text-davinci-003", "bge-m3", "x/gpt-4", "o30"})
    EXPECT_EQ(encoding_of(model), nullptr) << model;
}

}  // namespace
}  // namespace menshen::protocol::tokens
