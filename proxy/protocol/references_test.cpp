// What the provider would fetch, resolve or run is opaque content, however it is written.
#include "proxy/protocol/references.h"

#include "proxy/protocol/test_support.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace menshen::protocol {
namespace {

using testing::endpoint_of;

core::Result<Document> request(const std::string& fields, Api api = Api::openai_chat) {
  return Document::parse_request(R"({"model":"m",)" + fields + "}", endpoint_of(api), {});
}

std::size_t opaque_count(const Document& document) {
  const auto leaves = document.leaves();
  return static_cast<std::size_t>(std::count_if(leaves.begin(), leaves.end(), [](const Leaf& leaf) {
    return leaf.kind == LeafKind::opaque;
  }));
}

void expect_opaque(const std::string& fields, bool opaque) {
  for (const Api api : {Api::openai_chat, Api::openai_responses, Api::anthropic_messages}) {
    const auto document = request(fields, api);
    ASSERT_TRUE(document) << fields << to_string(document.error());
    EXPECT_EQ(opaque_count(*document) > 0, opaque) << fields << testing::describe(*document);
  }
}

std::string in_message(const std::string& fields) {
  return R"("messages":[{"role":"user","content":"c",)" + fields + "}]";
}
std::string in_content(const std::string& part) {
  return R"("messages":[{"role":"user","content":[)" + part + "]}]";
}
std::string as_item(const std::string& item) { return "\"input\":[" + item + "]"; }
std::string as_tool(const std::string& tool) { return "\"tools\":[" + tool + "]"; }

TEST(References, AreOpaqueAtTheTop) {
  for (const auto* field :
       {R"("file_ids":["f"])", R"("attachments":[{"file_id":"f"}])", R"("vector_store_ids":["v"])",
        R"("data_sources":[{"type":"azure_search"}])", R"("conversation_id":"c")",
        R"("thread_id":"t")", R"("assistant_id":"a")", R"("cached_content":"c")",
        R"("context_id":"c")", R"("preset":"p")", R"("tool_resources":{})",
        R"("enable_search":true)", R"("search_parameters":{"mode":"on"})",
        R"("search_options":{})", R"("web_search":true)", R"("web_search_options":{})",
        R"("extra_body":{"enable_search":true})", R"("plugins":[{"id":"web"}])",
        R"("mcp_servers":[{"url":"u"}])", R"("image_url":"u")", R"("images":["AA=="])",
        R"("image_data":[{"data":"AA=="}])", R"("prompt_token_ids":[1,2])",
        R"("prompt_embeds":"AA==")", R"("x_source":"HTTPS://host/file")",
        R"("x_source":{"file_ids":["f"]})", R"("x_source":{"tools":[{"type":"web_search"}]})"}) {
    expect_opaque(field, true);
  }
}

TEST(References, ThatAskForNothingAreNone) {
  for (const auto* field :
       {R"("file_ids":[])", R"("attachments":null)", R"("enable_search":false)",
        R"("plugins":[])", R"("conversation":null)", R"("preset":"")", R"("tools":[])",
        R"("tools":null)", R"("models":["a","b"])", R"("metadata":{"file_id":"f","u":"https://x"})",
        R"("user":"https://id.example/u1")", R"("stop":["https://"])"}) {
    expect_opaque(field, false);
  }
}

TEST(References, AreOpaqueInsideMessages) {
  for (const auto* field :
       {R"("file_ids":["f"])", R"("attachments":[{"file_id":"f"}])", R"("images":["AA=="])",
        R"("data_sources":[{}])", R"("x_note":{"vector_store_ids":["v"]})"}) {
    expect_opaque(in_message(field), true);
  }
  for (const auto* part :
       {R"({"type":"text","text":"t","file_id":"f"})", R"({"type":"x","doc":{"file_ids":["f"]}})",
        R"({"type":"document","source":{"type":"text","data":"t","file_id":"f"}})",
        R"({"type":"container_upload","file_id":"f"})"}) {
    expect_opaque(in_content(part), true);
  }
}

TEST(References, UrlsAreKnownHoweverTheyAreWritten) {
  for (const auto* text :
       {"data:x/y;base64,AA==", "DATA:,x", "dAtA:,x", "  data:,x", R"(\u0064ata:,x)",
        R"(da\nta:,x)", "https://x/y", "HTTPS://x/y", R"(https:\/\/x)", R"(https:\u002f\u002fx)",
        "//host/path", "http:host", "file:/etc/passwd", "s3://bucket/key",
        R"(https:\\\\host)"}) {
    expect_opaque(in_content(R"({"type":"hologram","where":")" + std::string(text) + "\"}"), true);
  }
  for (const auto* text :
       {"a note: read https://x", "12:30", "note: //", "key:value", "a//b", ""}) {
    expect_opaque(in_content(R"({"type":"hologram","where":")" + std::string(text) + "\"}"), false);
  }
}

TEST(References, LongDataUrlsAreNotScannedAndOddOnesAre) {
  const std::string data(600, 'A');
  const auto texts = [](const std::string& url) {
    const auto document =
        request(in_content(R"({"type":"image_url","image_url":{"url":")" + url + "\"}}"));
    return testing::describe(*document).find("/image_url/url = ") != std::string::npos;
  };
  EXPECT_FALSE(texts("data:image/png;base64," + data));
  EXPECT_FALSE(texts(R"(data:image\/svg+xml;base64,)" + data));
  EXPECT_TRUE(texts("data:text/plain,13800138000"));
  EXPECT_TRUE(texts("data:13800138000;base64," + data));
  EXPECT_TRUE(texts("data:image/13800138000;base64," + data));
  EXPECT_TRUE(texts("data:image/png;base64," + data + " 13800138000"));
}

struct Tool {
  std::string tool;
  bool opaque;
};

class Tools : public ::testing::TestWithParam<Tool> {};

TEST_P(Tools, OfTheProviderAreOpaqueWhereverTheyStand) {
  const auto& [tool, opaque] = GetParam();
  expect_opaque(as_tool(tool), opaque);
  expect_opaque(as_tool(R"({"type":"function","name":"f"},)" + tool), opaque);
  expect_opaque(as_item(R"({"type":"additional_tools","role":"developer","tools":[)" + tool + "]}"),
                opaque);
  expect_opaque(as_tool(R"({"type":"namespace","name":"n","tools":[)" + tool + "]}"), opaque);
  expect_opaque(in_content(R"({"type":"tool_addition","tool":{"type":"tool_definition",)"
                           R"("definition":)" + tool + "}}"),
                opaque);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Tools,
    ::testing::Values(
        Tool{R"({"type":"function","function":{"name":"f","parameters":{"type":"object"}}})",
             false},
        Tool{R"({"type":"function","name":"f","parameters":{},"strict":true})", false},
        Tool{R"({"function":{"name":"f"}})", false},
        Tool{R"({"name":"f","description":"d","input_schema":{},"cache_control":{}})", false},
        Tool{R"({"type":"custom","name":"f","input_schema":{}})", false},
        Tool{R"({"type":"custom","custom":{"name":"f","format":{"type":"text"}}})", false},
        Tool{R"({"type":"bash_20250124","name":"bash"})", false},
        Tool{R"({"type":"text_editor_20250728","name":"e"})", false},
        Tool{R"({"type":"memory_20250818","name":"memory"})", false},
        Tool{R"({"type":"computer_20250124","name":"computer"})", false},
        Tool{R"({"type":"computer_use_preview","environment":"browser"})", false},
        Tool{R"({"type":"local_shell"})", false}, Tool{R"({"type":"apply_patch"})", false},
        Tool{R"({"type":"shell","environment":{"type":"local"}})", false},
        Tool{R"({"type":"tool_search","execution":"client"})", false},
        Tool{R"({"type":"shell"})", true},
        Tool{R"({"type":"shell","environment":{"type":"container_auto"}})", true},
        Tool{R"({"type":"tool_search"})", true}, Tool{R"({"google_search":{}})", true},
        Tool{R"({"name":"f","google_search":{}})", true},
        Tool{R"({"type":"function","name":"f","google_search":{}})", true},
        Tool{R"({"functionDeclarations":[]})", true}, Tool{"{}", true},
        Tool{R"({"type":"function_search"})", true}, Tool{R"({"type":"custom_web"})", true},
        Tool{R"({"type":"Function"})", true}, Tool{R"({"type":"bash_20250124x"})", true},
        Tool{R"({"type":"web_search"})", true}, Tool{R"({"type":"web_search_20250305"})", true},
        Tool{R"({"type":"mcp","server_url":"u"})", true}, Tool{R"({"type":7})", true},
        Tool{R"({"type":"\u0077eb_search"})", true}));

TEST(Tools, ThatChangeNamesOnlyAreTheClients) {
  expect_opaque(
      in_content(R"({"type":"tool_addition","tool":{"type":"tool_reference","name":"f"}})"), false);
  expect_opaque(
      in_content(R"({"type":"tool_addition","tool":{"type":"mcp_toolset_reference"}})"), true);
  expect_opaque(R"("functions":[{"name":"f","parameters":{}}])", false);
}

TEST(Tools, InUnknownShapesAreRefused) {
  for (const auto* value : {R"({"type":"web_search"})", R"("web_search")", "7", "true", "[7]",
                            R"(["web_search"])", "[null]", R"([[{"type":"web_search"}]])"}) {
    for (const std::string field : {"tools", "functions"}) {
      const auto document = request("\"" + field + "\":" + value);
      ASSERT_FALSE(document) << field << value;
      EXPECT_EQ(document.error().code, "unknown_shape");
    }
    const std::string item = std::string(R"({"type":"additional_tools","tools":)") + value + "}";
    EXPECT_FALSE(request(as_item(item), Api::openai_responses));
  }
}

TEST(Tools, OfAnAnswerAreAnEcho) {
  const auto document = Document::parse_response(
      R"({"tools":[{"type":"web_search"}],"output":[{"type":"x","tools":"none"}]})",
      endpoint_of(Api::openai_responses), 200, {});
  ASSERT_TRUE(document);
  EXPECT_EQ(opaque_count(*document), 0U);
}

TEST(Models, AreAllNamed) {
  const auto document = request(R"("models":["a","\u0062"],"fallbacks":["c"])");
  ASSERT_TRUE(document);
  const auto models = document->models();
  EXPECT_EQ(std::vector<std::string>(models.begin(), models.end()),
            (std::vector<std::string>{"m", "a", "b", "c"}));
  EXPECT_EQ(request(R"("n":1)")->models().size(), 1U);
}

TEST(Models, InUnknownShapesAreRefused) {
  for (const auto* value :
       {R"("a")", R"({"a":["b"]})", R"([{"model":"a"}])", "[7]", R"([""])", R"([["a"]])"}) {
    const auto document = request(std::string("\"models\":") + value);
    ASSERT_FALSE(document) << value;
    EXPECT_EQ(document.error().code, "unknown_shape");
  }
  std::string many = "\"a\"";
  for (int i = 1; i < 16; ++i) many += ",\"a\"";
  EXPECT_TRUE(request("\"models\":[" + many + "]"));
  EXPECT_FALSE(request("\"models\":[" + many + ",\"a\"]"));
}

TEST(Models, ThatBringContentAreOpaque) {
  for (const auto* name :
       {"m:online", "m:ONLINE", "m:online:nitro", "m@preset/mail", "@preset/x"}) {
    const std::string body = R"({"model":")" + std::string(name) + "\"}";
    EXPECT_EQ(opaque_count(*Document::parse_request(body, endpoint_of(Api::openai_chat), {})), 1U);
    expect_opaque(R"("models":[")" + std::string(name) + "\"]", true);
  }
  for (const auto* name : {"m:free", "online", "m:onlinex", "m"})
    expect_opaque(R"("models":[")" + std::string(name) + "\"]", false);
}

TEST(Messages, InUnknownShapesAreRefused) {
  for (const auto* value : {R"({"role":"user"})", R"("hi")", "7", R"(["hi"])", "[7]", "[null]"}) {
    const auto document = request(std::string("\"messages\":") + value);
    ASSERT_FALSE(document) << value;
    EXPECT_EQ(document.error().code, "unknown_shape");
  }
}

}  // namespace
}  // namespace menshen::protocol
