// Lists of tokens in requests: texts where the model's encoding is known, opaque elsewhere.
#include "proxy/protocol/test_support.h"
#include "proxy/protocol/tokens/encoding.h"

#include <gtest/gtest.h>

namespace menshen::protocol {
namespace {

using testing::endpoint_of;

constexpr std::string_view small = "text-embedding-3-small";

std::string token_list(std::string_view text) {
  tokens::Ids ids;
  tokens::cl100k_encoding().encode(text, ids);
  std::string out = "[";
  for (const std::uint32_t id : ids) out.append(std::to_string(id)).push_back(',');
  out.back() = ']';
  return out;
}

core::Result<Document> parse_served_as(std::string_view served_as, const std::string& fields,
                                       const core::Limits& limits = {},
                                       std::string_view api = "openai_embeddings") {
  return Document::parse_request(R"({"model":"m",)" + fields + "}", endpoint_of(api), limits, {},
                                 served_as);
}

// "/pointer text" of each list, "/pointer opaque" of what is opaque; or the error.
std::string read(std::string_view served_as, const std::string& fields,
                 const core::Limits& limits = {}) {
  const auto document = parse_served_as(served_as, fields, limits);
  if (!document) return document.error().code + " " + document.error().where;
  std::string out;
  std::string scratch;
  for (const Leaf& leaf : document->leaves()) {
    const bool list = leaf.kind == LeafKind::token_list;
    if (!list && leaf.kind != LeafKind::opaque) continue;
    out.append(out.empty() ? "" : "; ").append(document->pointer(leaf)).append(" ");
    out.append(list ? document->text(leaf, scratch) : "opaque");
  }
  return out;
}

TEST(TokenLists, AreTextsOfAKnownModel) {
  const std::string hello = token_list("hello 世界");
  EXPECT_EQ(read(small, "\"input\":" + hello), "/input hello 世界");
  EXPECT_EQ(read(small, "\"input\":[" + hello + "," + token_list("a b") + "]"),
            "/input/0 hello 世界; /input/1 a b");
  EXPECT_EQ(read(small, R"("input":["x",)" + hello + "]"), "/input/1 hello 世界");
  EXPECT_EQ(read("", "\"input\":" + hello), "/input opaque");
  EXPECT_EQ(read("bge-m3", "\"input\":[" + hello + "]"), "/input opaque");
  // What is no list of tokens alone is as opaque as before.
  EXPECT_EQ(read(small, R"("input":7)"), "/input opaque");
  EXPECT_EQ(read(small, R"("input":[7,"x"])"), "/input opaque");
  EXPECT_EQ(read(small, R"("input":[[7,"x"],[64]])"), "/input opaque; /input/1 a");
  EXPECT_EQ(read(small, R"("input":[[[7]]])"), "/input opaque");
  EXPECT_EQ(read(small, R"("input":[])"), "");
}

TEST(TokenLists, AreRefusedAtTheirPlaceWhereTheyAreNoText) {
  EXPECT_EQ(read(small, R"("input":[64,100256])"), "token_unknown /input/1");
  EXPECT_EQ(read(small, R"("input":[[64],[65,66,-1]])"), "token_unknown /input/1/2");
  EXPECT_EQ(read(small, R"("input":[64,1.5])"), "token_unknown /input/1");
  EXPECT_EQ(read(small, R"("input":[64,12345678901234567890])"), "token_unknown /input/1");
  EXPECT_EQ(read(small, R"("input":[64,188])"), "tokens_no_text /input/1");
  core::Limits limits;
  limits.request_body_bytes_max = 4;
  EXPECT_EQ(read(small, R"("input":[[64,65],[66,67]])", limits), "/input/0 ab; /input/1 cd");
  EXPECT_EQ(read(small, R"("input":[[64,65],[66,67,68]])", limits),
            "token_text_too_long /input/1/2");
}

TEST(TokenLists, OfAModelThatMayBeAnotherAreRefused) {
  EXPECT_EQ(read(small, R"("input":[64],"fallbacks":["gpt-4o"])"),
            "token_encoding_differs /fallbacks/0");
  EXPECT_EQ(read(small, R"("input":[64],"fallbacks":["text-embedding-3-large"])"), "/input a");
}

TEST(TokenLists, AreKnownBeforeTheirModelIs) {
  EXPECT_TRUE(parse_served_as("", R"("input":[64])")->has_token_lists());
  EXPECT_FALSE(parse_served_as("", R"("input":["a"])")->has_token_lists());
}

TEST(TokenLists, AreEncodedAnewWhereTheyAreRedacted) {
  const std::string kept = token_list("nothing here");
  const auto document = parse_served_as(
      small, "\"input\": [ " + token_list("call 13812345678 now") + ", " + kept + " ],\"n\": 1");
  ASSERT_TRUE(document);
  Edits edits;
  for (const Leaf& leaf : document->leaves()) {
    if (leaf.kind == LeafKind::token_list && document->pointer(leaf) == "/input/0")
      edits.replace(leaf, 5, 16, "[CN_MOBILE]");
  }
  EXPECT_EQ(document->apply(edits), R"({"model":"m","input": [ )" +
                                        token_list("call [CN_MOBILE] now") + ", " + kept +
                                        " ],\"n\": 1}");
  EXPECT_EQ(document->apply({}), document->bytes());
}

// Each is a document of its own, as each string of a list is: a finding takes nothing of the next.
TEST(TokenLists, SideBySideAreTextsOfTheirOwn) {
  const auto document = parse_served_as(
      small, "\"input\":[" + token_list("a@b.example") + "," + token_list("c@d.example") + "]");
  ASSERT_TRUE(document);
  std::size_t lists = 0;
  for (const Leaf& leaf : document->leaves()) {
    if (leaf.kind != LeafKind::token_list) continue;
    ++lists;
    EXPECT_EQ(leaf.channel, no_channel);
  }
  EXPECT_EQ(lists, 2U);
}

}  // namespace
}  // namespace menshen::protocol
