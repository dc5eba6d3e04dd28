#include "proxy/protocol/document.h"

#include "proxy/protocol/test_support.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <thread>

namespace menshen::protocol {
namespace {

using core::Place;
using nlohmann::json;
using testing::endpoint_of;

core::Result<Document> request(std::string body, std::string_view api = "openai_chat",
                               core::Limits limits = {}) {
  return Document::parse_request(std::move(body), endpoint_of(api), limits);
}

core::Result<Document> response(std::string body, std::string_view api = "openai_chat",
                                unsigned status = 200) {
  return Document::parse_response(std::move(body), endpoint_of(api), status, {});
}

// The leaf at a pointer; of several, the one of this kind.
const Leaf& leaf_at(const Document& document, std::string_view pointer,
                    LeafKind kind = LeafKind::text) {
  for (const Leaf& leaf : document.leaves()) {
    if (leaf.kind == kind && document.pointer(leaf) == pointer) return leaf;
  }
  throw std::logic_error("no leaf at " + std::string(pointer));
}

struct Refused {
  std::string_view api;
  std::string body;
  std::string code;
  std::string where;
};

class RefusedRequest : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedRequest, SaysWhatAndWhere) {
  const auto document = request(GetParam().body, GetParam().api);
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, GetParam().code);
  EXPECT_EQ(document.error().where, GetParam().where);
  EXPECT_EQ(document.error().kind, core::ErrorKind::invalid_request);
  EXPECT_EQ(document.error().source, core::ErrorSource::client);
}

INSTANTIATE_TEST_SUITE_P(
    Table, RefusedRequest,
    ::testing::Values(
        Refused{"openai_chat", "{}", "model_missing", "/model"},
        Refused{"openai_chat", R"({"model":null})", "model_missing", "/model"},
        Refused{"openai_chat", R"({"model":7})", "model_missing", "/model"},
        Refused{"openai_chat", R"({"model":["m"]})", "model_missing", "/model"},
        Refused{"openai_chat", R"({"model":""})", "model_missing", "/model"},
        Refused{"openai_chat", R"({"model":")" + std::string(257, 'm') + "\"}", "model_too_long",
                "/model"},
        Refused{"openai_chat", R"({"model":"m","stream":"true"})", "stream_not_boolean", "/stream"},
        Refused{"openai_chat", R"({"model":"m","stream":1})", "stream_not_boolean", "/stream"},
        Refused{"openai_embeddings", R"({"model":"m","stream":true})", "stream_unsupported",
                "/stream"},
        Refused{"anthropic_count_tokens", R"({"model":"m","stream":true})", "stream_unsupported",
                "/stream"},
        Refused{"openai_responses", R"({"model":"m","background":true})",
                "background_not_supported", "/background"},
        Refused{"openai_responses", R"({"model":"m","background":"yes"})",
                "background_not_supported", "/background"},
        Refused{"openai_chat", R"(["model"])", "not_an_object", "byte 0"},
        Refused{"openai_chat", R"({"model":"m","model":"n"})", "duplicate_key", "/model"}));

TEST(Request, TellsModelAndStream) {
  const auto plain = request(R"({"model":"m","messages":[]})");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->model(), "m");
  EXPECT_FALSE(plain->stream());
  EXPECT_FALSE(request(R"({"model":"m","stream":null})")->stream());
  EXPECT_FALSE(request(R"({"model":"m","stream":false})")->stream());
  EXPECT_TRUE(request(R"({"stream":true,"model":"m"})")->stream());
  EXPECT_EQ(request(R"({"model":"\u6a21\u578b-1"})")->model(), "模型-1");
  EXPECT_TRUE(request(R"({"model":")" + std::string(256, 'm') + "\"}"));
}

TEST(Request, RenamesTheModelInPlace) {
  const auto document = request(R"({ "messages" : [], "model" :  "old\u002dname" , "n":1.50})");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->model(), "old-name");
  Edits edits;
  document->rename_model(edits, "new \"name\"");
  EXPECT_EQ(document->apply(edits), R"({ "messages" : [], "model" :  "new \"name\"" , "n":1.50})");
}

TEST(Request, DepthFollowsTheLimits) {
  core::Limits limits;
  limits.json_depth_max = 4;
  EXPECT_TRUE(request(R"({"model":"m","a":[[[1]]]})", "openai_chat", limits));
  const auto document = request(R"({"model":"m","a":[[[[1]]]]})", "openai_chat", limits);
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().code, "too_deep");
}

TEST(Request, RoleOfAMessageMayComeAfterItsContent) {
  const auto document =
      request(R"({"model":"m","messages":[{"content":"a","role":"system"},{"content":"b"}]})");
  ASSERT_TRUE(document);
  EXPECT_EQ(leaf_at(*document, "/messages/0/content").role, core::Role::system);
  EXPECT_EQ(leaf_at(*document, "/messages/1/content").role, core::Role::user);
}

// The client does not choose what is judged: a part cannot take its text out of the user's mouth.
TEST(Request, APartDoesNotChangeWhoSpeaks) {
  const auto document = request(
      R"({"model":"m","messages":[{"role":"user","content":[
        {"type":"text","role":"assistant","text":"a"},{"type":"thinking","thinking":"b"},
        {"type":"function_call","text":"c"},{"type":"tool_result","content":"d"}]}]})");
  ASSERT_TRUE(document);
  EXPECT_EQ(leaf_at(*document, "/messages/0/content/0/text").role, core::Role::user);
  EXPECT_EQ(leaf_at(*document, "/messages/0/content/1/thinking").role, core::Role::user);
  EXPECT_EQ(leaf_at(*document, "/messages/0/content/2/text").role, core::Role::user);
  EXPECT_EQ(leaf_at(*document, "/messages/0/content/3/content").role, core::Role::tool);
}

std::size_t opaque_count(const core::Result<Document>& document) {
  const auto leaves = document->leaves();
  return static_cast<std::size_t>(std::count_if(leaves.begin(), leaves.end(), [](const Leaf& leaf) {
    return leaf.kind == LeafKind::opaque;
  }));
}

struct OpaqueCase {
  std::string field;  // of a request for responses
  std::size_t count;
};

class Opaque : public ::testing::TestWithParam<OpaqueCase> {};

TEST_P(Opaque, WhatCannotBeReadIsMarked) {
  const auto document = request("{\"model\":\"m\"," + GetParam().field + "}", "openai_responses");
  ASSERT_TRUE(document) << to_string(document.error());
  EXPECT_EQ(opaque_count(document), GetParam().count) << testing::describe(*document);
}

std::string in_content(const std::string& part) {
  return R"("messages":[{"role":"user","content":[)" + part + "]}]";
}

INSTANTIATE_TEST_SUITE_P(
    Table, Opaque,
    ::testing::Values(
        OpaqueCase{in_content(R"({"type":"image_url","image_url":"https://x"})"), 1},
        OpaqueCase{in_content(R"({"type":"text","text":"t","image_url":{"url":"x"}})"), 1},
        OpaqueCase{in_content(R"({"type":"input_audio","input_audio":{"data":"AA=="}})"), 1},
        OpaqueCase{in_content(R"({"type":"file","file":{"file_id":"f"}})"), 1},
        OpaqueCase{in_content(R"({"type":"input_file","file_url":"https://x"})"), 1},
        OpaqueCase{in_content(R"({"type":"image","source":{"type":"base64","data":"AA=="}})"), 1},
        OpaqueCase{in_content(R"({"type":"image","source":{"type":"file","file_id":"f"}})"), 1},
        OpaqueCase{in_content(R"({"type":"document","source":{"data":"no type"}})"), 1},
        OpaqueCase{in_content(R"({"type":"document","source":{"type":"text","data":"text"}})"), 0},
        OpaqueCase{in_content(R"({"type":"document","source":{"type":"content","content":[
            {"type":"text","text":"t"},{"type":"image","source":{"type":"url","url":"u"}}]}})"),
                   1},
        OpaqueCase{in_content(R"({"type":"redacted_thinking","data":"AA=="})"), 1},
        OpaqueCase{in_content(R"({"type":"hologram","where":"https://x"})"), 1},
        OpaqueCase{in_content(R"({"type":"hologram","bits":"data:x/y;base64,AA=="})"), 1},
        OpaqueCase{in_content(R"({"type":"hologram","bits":")" + std::string(600, 'A') + "\"}"), 1},
        OpaqueCase{in_content(R"({"type":"hologram","note":"just text"})"), 0},
        OpaqueCase{in_content(R"({"type":"text","text":"data:x/y;base64,AA== is said here"})"), 0},
        OpaqueCase{in_content(R"({"type":"image_url","image_url":null})"), 0},
        OpaqueCase{R"("images":["data:image/png;base64,AA=="])", 1},
        OpaqueCase{R"("metadata":{"page":"https://x"})", 0},
        OpaqueCase{R"("previous_response_id":"resp_1")", 1},
        OpaqueCase{R"("previous_response_id":null,"conversation":null)", 0},
        OpaqueCase{R"("conversation":{"id":"conv_1"})", 1},
        OpaqueCase{R"("prompt":{"id":"pmpt_1"})", 1}, OpaqueCase{R"("prompt":"text")", 0},
        OpaqueCase{R"("prompt":[1,2,3])", 1}, OpaqueCase{R"("prompt":[[1,2],[3]])", 1},
        OpaqueCase{R"("prompt":["a","b"])", 0}, OpaqueCase{R"("input":5)", 1},
        OpaqueCase{R"("input":["a",7])", 1},
        OpaqueCase{R"("input":[{"type":"item_reference","id":"x"}])", 1},
        OpaqueCase{R"("input":[{"type":null,"id":"x"}])", 1},
        OpaqueCase{R"("input":[{"type":"reasoning","summary":[],"encrypted_content":"AA"}])", 1},
        OpaqueCase{R"("input":[{"type":"reasoning","summary":[],"encrypted_content":null}])", 0},
        OpaqueCase{R"("tools":[{"type":"function","name":"f"},{"name":"g","input_schema":{}}])", 0},
        OpaqueCase{
            R"("tools":[{"type":"web_search"},{"type":"file_search"},{"type":"mcp"},{"type":7}])",
            4},
        OpaqueCase{R"("tools":[{"type":"text_editor_20250124"},{"type":"custom"}])", 0},
        OpaqueCase{R"("web_search_options":{})", 1},
        OpaqueCase{R"("mcp_servers":[{"type":"url","url":"https://x"}])", 1}));

TEST(Opaque, WhatCanBeReadInItIsALeafToo) {
  const auto document = request(
      "{\"model\":\"m\"," +
      in_content(R"({"type":"image_url","image_url":{"url":"https://x/?mail=wang@example.com"}})") +
      "}");
  ASSERT_TRUE(document);
  std::string scratch;
  const Leaf& url = leaf_at(*document, "/messages/0/content/0/image_url/url");
  EXPECT_EQ(document->text(url, scratch), "https://x/?mail=wang@example.com");
}

TEST(Opaque, EncodedDataIsATextToo) {
  const auto document = request("{\"model\":\"m\"," +
                                in_content(R"({"type":"image","source":{"type":"base64","data":")" +
                                           std::string(512, 'A') + "\"}}") +
                                "}");
  ASSERT_TRUE(document);
  const Leaf& data = leaf_at(*document, "/messages/0/content/0/source/data");
  EXPECT_EQ(data.kind, LeafKind::text);
  EXPECT_TRUE(data.returned);  // for secrets alone
}

TEST(Edits, InsideEscapedText) {
  const auto document =
      request(R"({"model":"m","messages":[{"content":"\u4f60\n13812345678\ud83d\ude00!"}]})");
  ASSERT_TRUE(document);
  const Leaf& leaf = leaf_at(*document, "/messages/0/content");
  Edits edits;
  edits.replace(leaf, 4, 15, "[A]");
  EXPECT_EQ(document->apply(edits),
            R"({"model":"m","messages":[{"content":"\u4f60\n[A]\ud83d\ude00!"}]})");
  edits.clear();
  // In no order, and inside of characters: whole characters go.
  edits.replace(leaf, 16, 17, "[B]");
  edits.replace(leaf, 1, 2, "[C]");
  EXPECT_EQ(document->apply(edits),
            R"({"model":"m","messages":[{"content":"[C]\n13812345678[B]!"}]})");
}

TEST(Edits, InsideJsonInsideAString) {
  const auto document =
      request(R"({"model":"m","messages":[{"role":"assistant","tool_calls":[{"function":)"
              R"({"arguments":"{\"a\": \"138\", \"b\": 139 }"}}]}]})");
  ASSERT_TRUE(document);
  const Leaf& leaf =
      leaf_at(*document, "/messages/0/tool_calls/0/function/arguments", LeafKind::json_text);
  std::string scratch;
  ASSERT_EQ(document->text(leaf, scratch), R"({"a": "138", "b": 139 })");
  Edits edits;
  edits.replace(leaf, 7, 10, "[X]");
  edits.replace(leaf, 18, 21, "\"[Y]\"");
  const json after = json::parse(document->apply(edits));
  EXPECT_EQ(after["messages"][0]["tool_calls"][0]["function"]["arguments"],
            R"({"a": "[X]", "b": "[Y]" })");
  edits.clear();
  // A value that began in an earlier piece leaves nothing here.
  edits.replace(leaf, 18, 21, "");
  const json gone = json::parse(document->apply(edits));
  EXPECT_EQ(gone["messages"][0]["tool_calls"][0]["function"]["arguments"],
            R"({"a": "138", "b":  })");
}

TEST(Edits, ANumberBecomesAString) {
  const auto document = request(R"({"model":"m","user_number": 13812345678 ,"small":12345678})");
  ASSERT_TRUE(document);
  const Leaf& leaf = leaf_at(*document, "/user_number", LeafKind::number);
  Edits edits;
  edits.replace(leaf, 0, 11, "[P]");
  EXPECT_EQ(document->apply(edits), R"({"model":"m","user_number": "[P]" ,"small":12345678})");
  edits.clear();
  edits.replace(leaf, 0, 3, "A");
  edits.replace(leaf, 9, 11, "B");
  EXPECT_EQ(document->apply(edits), R"({"model":"m","user_number": "A123456B" ,"small":12345678})");
  EXPECT_THROW(leaf_at(*document, "/small", LeafKind::number), std::logic_error);
}

TEST(Edits, TokensTakeTheirLogprobsAlongOnce) {
  const auto document = response(
      R"({"choices":[{"text":"ab","logprobs" : {"tokens":["a","b"],"top_logprobs":[{"a":-1}]} }]})",
      "openai_completions");
  ASSERT_TRUE(document);
  Edits edits;
  for (const Leaf& leaf : document->leaves()) {
    if (leaf.kind == LeafKind::token) edits.replace(leaf, 0, 1, "*");
  }
  EXPECT_EQ(document->apply(edits), R"({"choices":[{"text":"ab","logprobs" : null }]})");
}

TEST(Edits, OverlapsLeaveNothingBehind) {
  const auto document = request(R"({"model":"m","messages":[{"content":"0123456789"}]})");
  ASSERT_TRUE(document);
  const Leaf& leaf = leaf_at(*document, "/messages/0/content");
  Edits edits;
  edits.replace(leaf, 2, 6, "[A]");
  edits.replace(leaf, 4, 8, "[B]");
  EXPECT_EQ(document->apply(edits), R"({"model":"m","messages":[{"content":"01[A]89"}]})");
}

TEST(Edits, ReplacementsAreEscapedWhateverTheyAre) {
  const auto document = request(R"({"model":"m","messages":[{"content":"abc"}]})");
  ASSERT_TRUE(document);
  Edits edits;
  edits.replace(leaf_at(*document, "/messages/0/content"), 1, 2, "\"\\\n\x01");
  const json after = json::parse(document->apply(edits));
  EXPECT_EQ(after["messages"][0]["content"],
            "a\"\\\n\x01"
            "c");
}

TEST(Response, ErrorsOfTheProviderAreMetadata) {
  const auto document = response(
      R"({"error":{"message":"wang@example.com has no quota","code":"q"}})", "openai_chat", 429);
  ASSERT_TRUE(document);
  const Leaf& leaf = leaf_at(*document, "/error/message");
  EXPECT_EQ(leaf.role, core::Role::metadata);
  EXPECT_FALSE(leaf.answer);
}

TEST(Response, WhatIsNoJsonObjectIsTheProvidersFault) {
  for (const std::string body : {"", "<html>", "[]", R"({"a":1,"a":2})", "{\"a\":\"\xff\"}"}) {
    const auto document = response(body);
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().code, "bad_upstream_body");
    EXPECT_EQ(document.error().source, core::ErrorSource::provider);
    EXPECT_EQ(document.error().kind, core::ErrorKind::bad_upstream);
  }
}

TEST(Response, CountsTokens) {
  const auto usage = [](const std::string& counts, std::string_view api) {
    return response(R"({"usage":{)" + counts + "}}", api)->usage();
  };
  EXPECT_EQ(usage(R"("prompt_tokens":3,"completion_tokens":4)", "openai_chat").input_tokens, 3U);
  EXPECT_EQ(usage(R"("prompt_tokens":3,"completion_tokens":4)", "openai_chat").output_tokens, 4U);
  EXPECT_EQ(usage(R"("input_tokens":3,"cache_creation_input_tokens":2,"cache_read_input_tokens":1,
                     "output_tokens":9)",
                  "anthropic_messages")
                .input_tokens,
            6U);
  EXPECT_EQ(usage(R"("input_tokens":3,"prompt_tokens":3)", "openai_chat").input_tokens, 3U);
  EXPECT_EQ(usage(R"("prompt_tokens":-3,"completion_tokens":"4")", "openai_chat").input_tokens, 0U);
  EXPECT_EQ(response(R"({"usage":null})")->usage().input_tokens, 0U);
}

TEST(Response, AnswersAreTheAssistants) {
  const auto document = response(R"({"choices":[{"message":{"role":"system","content":"x"}}]})");
  ASSERT_TRUE(document);
  EXPECT_EQ(leaf_at(*document, "/choices/0/message/content").role, core::Role::assistant);
  EXPECT_TRUE(leaf_at(*document, "/choices/0/message/content").answer);
}

TEST(Response, TokensOfVllmPromptsAreTokens) {
  const auto document = response(
      R"({"choices":[],"prompt_logprobs":[null,{"279":{"rank":1,"decoded_token":"138"},
          "5":{"decoded_token":"139"}},{"8":{"decoded_token":"12345678"}}]})");
  ASSERT_TRUE(document);
  const Leaf& first = leaf_at(*document, "/prompt_logprobs/1/279/decoded_token", LeafKind::token);
  const Leaf& second = leaf_at(*document, "/prompt_logprobs/2/8/decoded_token", LeafKind::token);
  EXPECT_EQ(first.channel, second.channel);
  Edits edits;
  edits.replace(second, 0, 8, "*");
  EXPECT_EQ(document->apply(edits), R"({"choices":[],"prompt_logprobs":null})");
}

TEST(Document, MovesWithItsLeaves) {
  auto parsed = request(R"({"model":"m","messages":[{"content":"hello"}]})");
  ASSERT_TRUE(parsed);
  const Leaf leaf = leaf_at(*parsed, "/messages/0/content");
  std::string scratch;
  const std::string_view before = parsed->text(leaf, scratch);
  const Document moved = std::move(*parsed);
  EXPECT_EQ(before, "hello");
  EXPECT_EQ(moved.text(leaf, scratch).data(), before.data());
}

TEST(Document, ThreadsDoNotMeet) {
  const auto work = [] {
    for (int i = 0; i < 200; ++i) {
      const auto document = request(testing::read_golden("openai/testdata/requests/chat.json"));
      ASSERT_TRUE(document);
      ASSERT_EQ(document->model(), "qwen3-32b");
    }
  };
  std::thread other(work);
  work();
  other.join();
}

TEST(Document, LargeBodiesAreReadWhole) {
  std::string text;
  while (text.size() < 3 * 1024 * 1024) text += "一段很长的文字 with 13812345678 \\n ";
  const auto document =
      request(R"({"model":"m","messages":[{"role":"user","content":")" + text + "\"}]}");
  ASSERT_TRUE(document);
  std::string scratch;
  const Leaf& leaf = leaf_at(*document, "/messages/0/content");
  EXPECT_GT(document->text(leaf, scratch).size(), text.size() / 2);
  // The parser of long documents leaves the one of short ones as it was.
  EXPECT_TRUE(request(R"({"model":"m"})"));
}

}  // namespace
}  // namespace menshen::protocol
