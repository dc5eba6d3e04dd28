// Keys that readers without regard to case take for others: Go's encoding/json does, Unicode
// included, and the last of them wins.
#include "proxy/protocol/fold.h"
#include "proxy/protocol/test_support.h"

#include <gtest/gtest.h>

namespace menshen::protocol {
namespace {

using testing::endpoint_of;

std::string refused(const std::string& fields, std::string_view api = "openai_chat") {
  const auto document =
      Document::parse_request(R"({"model":"m",)" + fields + "}", endpoint_of(api), {});
  return document ? "" : document.error().code;
}

TEST(Fold, IsSimpleFolding) {
  EXPECT_EQ(fold_case("MODEL"), "model");
  EXPECT_EQ(fold_case("\u017ftream"), "stream");
  EXPECT_EQ(fold_case("to\u212aen"), "token");
  EXPECT_EQ(fold_case("\u0130nput"), "input");
  EXPECT_EQ(fold_case("ÄÖ ΣΑΣ Ж"), "äö σασ ж");
  EXPECT_EQ(fold_case("straße 你好 😀"), "straße 你好 😀");
  EXPECT_TRUE(is_folded("model_1 你好"));
  EXPECT_FALSE(is_folded("modeL"));
  EXPECT_FALSE(is_folded("\u017ftream"));
}

TEST(Fold, OfNamesPaysNoRegardToHowWordsAreParted) {
  for (const auto* name : {"vector_store_ids", "vectorStoreIds", "vector-store-ids",
                           "VectorStore_IDs", "vector\u017ftoreids"})
    EXPECT_EQ(fold_name(name), "vectorstoreids") << name;
}

TEST(AmbiguousKeys, OfTheApiAreRefusedAtEveryDepth) {
  for (const auto* fields :
       {R"("MODEL":"n")", R"("Stream":true)", R"("\u017ftream":true)", R"("\u0053tream":true)",
        R"("Messages":[])", R"("tool\u017f":[])", R"("To\u212aens":1)", R"("Logit_Bias":{})",
        R"("messages":[{"Role":"system","content":"x"}])",
        R"("messages":[{"role":"user","Content":"x"}])",
        R"("messages":[{"role":"user","content":[{"type":"text","Text":"x"}]}])",
        R"("messages":[{"role":"user","content":[{"type":"image_url","Image_URL":{"url":"x"}}]}])",
        R"("messages":[{"content":[{"type":"image_url","image_url":{"URL":"x"}}]}])",
        R"("messages":[{"tool_calls":[{"function":{"Name":"f","arguments":"{}"}}]}])",
        R"("tools":[{"type":"function","function":{"name":"f","Parameters":{}}}])",
        R"("tools":[{"Type":"web_search","name":"f"}])",
        R"("response_format":{"Type":"json_object"})",
        R"("tools":[{"name":"f","input_schema":{"additionalproperties":false}}])",
        R"("web_search_options":{"Search":1})"}) {
    EXPECT_EQ(refused(fields), "ambiguous_key") << fields;
    EXPECT_EQ(refused(fields, "openai_responses"), "ambiguous_key") << fields;
    EXPECT_EQ(refused(fields, "anthropic_messages"), "ambiguous_key") << fields;
  }
  // A key of one API is none of another.
  EXPECT_EQ(refused(R"("stream_options":{"Include_Usage":true})"), "ambiguous_key");
  EXPECT_EQ(refused(R"("thinking":{"Budget_Tokens":1})", "anthropic_messages"), "ambiguous_key");
}

TEST(AmbiguousKeys, OfOneObjectAreRefused) {
  std::string many = R"("x_q":1)";
  for (int i = 0; i < 40; ++i) many += ",\"x_" + std::to_string(i) + "\":1";
  for (const std::string& fields :
       {std::string(R"("x_A":1,"x_a":2)"), std::string(R"("x_ä":1,"y":0,"x_Ä":2)"),
        std::string(R"("messages":[{"x_note":1,"x_Note":2}])"), many + R"(,"X_q":1)"}) {
    EXPECT_EQ(refused(fields), "ambiguous_key") << fields;
  }
  EXPECT_EQ(refused(many + R"(,"X_p":1)"), "");
}

TEST(AmbiguousKeys, OfTheClientAreItsOwn) {
  const std::string twins = R"({"Name":1,"name":2,"Model":3,"properties":{"Type":1,"type":2}})";
  for (const std::string& fields :
       {R"("metadata":)" + twins, R"("logit_bias":)" + twins, R"("chat_template_kwargs":)" + twins,
        R"("x_vendor":)" + twins, R"("x_vendor":[{"a":)" + twins + "}]",
        R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object",)"
        R"("properties":)" +
            twins + R"(,"required":["Name"]}}}])",
        R"("tools":[{"name":"f","input_schema":{"$defs":)" + twins + "}}]",
        R"("tools":[{"name":"f","input_schema":{"properties":{"a":{"properties":)" + twins +
            "}}}}]",
        R"("tools":[{"name":"f","input_schema":{"patternProperties":)" + twins + "}}]",
        R"("tools":[{"name":"f","input_schema":{"default":)" + twins + "}}]",
        R"("response_format":{"type":"json_schema","json_schema":{"name":"o","schema":)"
        R"({"properties":)" +
            twins + "}}}",
        R"("messages":[{"role":"assistant","content":[{"type":"tool_use","input":)" + twins +
            "}]}]",
        R"("messages":[{"tool_calls":[{"function":{"name":"f","arguments":)" + twins + "}}]}]",
        R"("mcp_servers":[{"headers":)" + twins + "}]",
        R"("prompt":{"id":"p","variables":)" + twins + "}"}) {
    EXPECT_EQ(refused(fields), "") << fields;
  }
}

TEST(AmbiguousKeys, NameNoKeyOfTheSender) {
  const auto document =
      Document::parse_request(R"({"model":"m","MODEL":"secret"})", endpoint_of("openai_chat"), {});
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().where.find("MODEL"), std::string::npos);
  EXPECT_EQ(document.error().kind, core::ErrorKind::invalid_request);
  EXPECT_EQ(document.error().source, core::ErrorSource::client);
}

// Providers add fields of their own to answers, and errors in other shapes; two readings of one
// object are refused there too.
TEST(AmbiguousKeys, OfAnAnswerAreRefusedWhereOneObjectHasBoth) {
  const auto answer = [](const std::string& body, unsigned status = 200) {
    const auto document = Document::parse_response(body, endpoint_of("openai_chat"), status, {});
    return document ? "" : document.error().code;
  };
  EXPECT_EQ(answer(R"({"choices":[],"Choices":[]})"), "ambiguous_key");
  EXPECT_EQ(answer(R"({"choices":[{"message":{"content":"a","Content":"b"}}]})"), "ambiguous_key");
  EXPECT_EQ(answer(R"({"choices":[],"Code":1})"), "");
  EXPECT_EQ(answer(R"({"Code":"InvalidApiKey","Message":"no","message":"no"})", 401), "");
  EXPECT_EQ(answer(R"({"choices":[{"message":{"content":[{"type":"tool_use",)"
                   R"("input":{"A":1,"a":2}}]}}]})"),
            "");
}

}  // namespace
}  // namespace menshen::protocol
