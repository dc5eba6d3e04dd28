// What the provider would fetch, resolve or run is opaque content, however it is written.
#include "proxy/protocol/references.h"

#include "proxy/protocol/references_testing.h"

#include <gtest/gtest.h>

namespace menshen::protocol {
namespace {

using namespace testing;

std::string in_message(const std::string& fields) {
  return R"("messages":[{"role":"user","content":"c",)" + fields + "}]";
}
std::string in_content(const std::string& part) {
  return R"("messages":[{"role":"user","content":[)" + part + "]}]";
}
std::string as_item(const std::string& item) { return "\"input\":[" + item + "]"; }
std::string as_tool(const std::string& tool) { return "\"tools\":[" + tool + "]"; }

TEST(References, AreOpaqueAtTheTop) {
  for (const auto* field : {R"("file_ids":["f"])",
                            R"("attachments":[{"file_id":"f"}])",
                            R"("vector_store_ids":["v"])",
                            R"("data_sources":[{"type":"azure_search"}])",
                            R"("conversation_id":"c")",
                            R"("thread_id":"t")",
                            R"("assistant_id":"a")",
                            R"("cached_content":"c")",
                            R"("context_id":"c")",
                            R"("preset":"p")",
                            R"("tool_resources":{})",
                            R"("enable_search":true)",
                            R"("search_parameters":{"mode":"on"})",
                            R"("search_options":{})",
                            R"("web_search":true)",
                            R"("web_search_options":{})",
                            R"("extra_body":{"enable_search":true})",
                            R"("plugins":[{"id":"web"}])",
                            R"("mcp_servers":[{"url":"u"}])",
                            R"("image_url":"u")",
                            R"("images":["AA=="])",
                            R"("image_data":[{"data":"AA=="}])",
                            R"("prompt_token_ids":[1,2])",
                            R"("imageEmbeds":"AA==")",
                            R"("prompt_embeds":"AA==")",
                            R"("prompt_id":"p")",
                            R"("prompt_template":"t")",
                            R"("cache_id":"c")",
                            R"("enable_code_interpreter":true)",
                            R"("enable_enhancement":true)",
                            R"("force_search_enhancement":true)",
                            R"("enable_deep_search":true)",
                            R"("with_search_enhance":true)",
                            R"("enable_speed_search":true)",
                            R"("search_settings":{"include_domains":["x"]})",
                            R"("search":true)",
                            R"("enable_browsing":true)",
                            R"("know_ids":["k"])",
                            R"("knowledge_base_id":"k")",
                            R"("x_options":{"knowledge_base":{"ids":["k"]}})",
                            R"("x_source":"HTTPS://host/file")",
                            R"("x_source":{"file_ids":["f"]})",
                            R"("x_source":{"tools":[{"type":"web_search"}]})"}) {
    expect_opaque(field, true);
  }
}

// As SDKs of other languages spell them.
TEST(References, AreKnownHoweverTheirWordsAreParted) {
  for (const auto* field :
       {R"("dataSources":[{"type":"AzureCognitiveSearch"}])", R"("vectorStoreIds":["v"])",
        R"("vector-store-ids":["v"])", R"("previousResponseId":"r")", R"("conversationId":"c")",
        R"("fileIds":["f"])", R"("file-id":"f")", R"("webSearchOptions":{})",
        R"("enableSearch":true)", R"("enable-search":true)", R"("extraBody":{"a":1})",
        R"("toolResources":{"fileSearch":{}})", R"("mcpServers":[{"a":1}])",
        R"("web\u0053earchOptions":{})", R"("web\u017fearchOptions":{})",
        R"("x_options":{"fileIds":["f"]})", R"("x_options":[{"deep":{"enableSearch":true}}])"}) {
    expect_opaque(field, true);
  }
  expect_opaque(in_message(R"("fileIds":["f"])"), true);
  expect_opaque(in_content(R"({"type":"text","text":"t","fileId":"f"})"), true);
  expect_opaque(as_tool(R"({"type":"function","name":"f","vectorStoreIds":["v"]})"), true);
}

TEST(References, AreNotGuessedFromLikeNames) {
  for (const auto* field :
       {R"("disable_search":true)", R"("research_mode":"x")", R"("profile_id":"p")",
        R"("acknowledged":true)", R"("session_id":"s")", R"("enableSearch":false)",
        R"("fileIds":[])", R"("metadata":{"fileIds":["f"],"enableSearch":true})"}) {
    expect_opaque(field, false);
  }
  expect_opaque(as_tool(R"({"type":"function","name":"f","parameters":{"properties":{"fileIds":{},)"
                        R"("search":{}}}})"),
                false);
  expect_opaque(
      R"("messages":[{"role":"assistant","tool_calls":[{"id":"c","function":{"name":"search",)"
      R"("arguments":"{\"searchQuery\":\"x\",\"fileIds\":[1]}"}}]}])",
      false);
}

TEST(References, OfStoredFilesStandInPlaceOfATextOfTheSystem) {
  const auto says = [](const std::string& role, const std::string& text) {
    return R"("messages":[{"role":")" + role + R"(","content":")" + text + "\"}]";
  };
  for (const auto* text :
       {"fileid://file-fe-abc", "fileid://file-fe-abc,fileid://file-fe-def", "FileID://a",
        R"(fileid:\/\/a)", R"(\u0066ileid://a)", R"(\n fileid://a)"}) {
    expect_opaque(says("system", text), true);
    expect_opaque(says("developer", text), true);
    expect_opaque(says("user", text), true);
    expect_opaque(R"("system":")" + std::string(text) + "\"", true);
    expect_opaque(in_content(R"({"type":"text","text":")" + std::string(text) + "\"}"), true);
  }
  expect_opaque(says("system", "Read this: ffileid://a"), true);
  expect_opaque(says("user", "What is fileid://a?"), false);
  expect_opaque(says("assistant", "fileid://a"), false);
  for (const auto* text : {"fileid:/", "fileid", "file id://a", "Files: see https://x"})
    expect_opaque(says("system", text), false);
}

TEST(References, ToACacheStandInPlaceOfAMessage) {
  expect_opaque(R"("messages":[{"role":"cache","content":"cache_id=c;reset_ttl=3600"}])", true);
  expect_opaque(R"("messages":[{"role":"c\u0061che","content":"tag=t"}])", true);
  expect_opaque(R"("messages":[{"role":"user","content":"cache_id=c"}])", false);
}

TEST(References, AreItemsWithoutContentOfTheirOwn) {
  for (const auto* item :
       {R"({"type":"image_generation_call","id":"ig_1"})",
        R"({"type":"image_generation_call","id":"ig_1","result":null,"status":"completed"})",
        R"({"type":"image_generation_call","id":"ig_1","result":"","x":"y"})",
        R"({"type":"message","id":"msg_1"})", R"({"type":"message","id":"msg_1","content":[]})",
        R"({"role":"assistant","id":"msg_1"})", R"({"type":"code_interpreter_call","id":"ci_1"})",
        R"({"type":"web_search_call","id":"ws_1","status":"completed"})",
        R"({"type":"function_call","id":"fc_1","call_id":"c"})", R"({"type":"x_call","id":"x"})",
        R"({"type":"item_reference","id":"msg_1"})", R"({"id":"msg_1"})"}) {
    expect_opaque(as_item(item), true);
  }
  for (
      const auto* item :
      {R"({"type":"message","id":"msg_1","role":"assistant","content":"c"})",
       R"({"type":"message","role":"assistant","content":[]})", R"({"role":"user","content":""})",
       R"({"type":"web_search_call","id":"ws_1","action":{"type":"search","query":"q"}})",
       R"({"type":"function_call","id":"fc_1","call_id":"c","name":"f","arguments":""})",
       R"({"type":"function_call_output","id":"o_1","call_id":"c","output":""})",
       R"({"type":"computer_call","id":"cc_1","call_id":"c","actions":[{"type":"click"}]})",
       R"({"type":"apply_patch_call","id":"a_1","call_id":"c","operation":{"type":"delete_file"}})",
       R"({"type":"custom_tool_call","id":"t_1","call_id":"c","name":"f","input":""})",
       R"({"type":"reasoning","id":"rs_1","summary":[]})"}) {
    expect_opaque(as_item(item), false);
  }
}

TEST(References, OfAnAnswerAreItsOwnItems) {
  const auto document = Document::parse_response(
      R"({"output":[{"type":"message","id":"msg_1","content":[]},{"type":"x_call","id":"x"}]})",
      endpoint_of("openai_responses"), 200, {});
  ASSERT_TRUE(document);
  EXPECT_EQ(opaque_count(*document), 0U);
}

TEST(References, EncryptedReasoningIsOpaqueAtAnySize) {
  for (const auto* entry : {R"({"type":"reasoning.encrypted","data":"QUJD"})",
                            R"({"data":"QUJD","type":"reasoning.\u0065ncrypted"})"}) {
    expect_opaque(in_message(R"("reasoning_details":[)" + std::string(entry) + "]"), true);
    expect_opaque(in_content(entry), true);
  }
  for (const auto* entry : {R"({"type":"reasoning.encrypted","data":""})",
                            R"({"type":"reasoning.text","text":"thought","data":"QUJD"})"}) {
    expect_opaque(in_message(R"("reasoning_details":[)" + std::string(entry) + "]"), false);
  }
}

TEST(References, ThatAskForNothingAreNone) {
  for (const auto* field :
       {R"("file_ids":[])", R"("attachments":null)", R"("enable_search":false)", R"("plugins":[])",
        R"("conversation":null)", R"("preset":"")", R"("tools":[])", R"("tools":null)",
        R"("models":["a","b"])", R"("metadata":{"file_id":"f","u":"https://x"})",
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
        "//host/path", "http:host", "file:/etc/passwd", "s3://bucket/key", R"(https:\\\\host)"}) {
    expect_opaque(in_content(R"({"type":"hologram","where":")" + std::string(text) + "\"}"), true);
  }
  for (const auto* text :
       {"a note: read https://x", "12:30", "note: //", "key:value", "a//b", ""}) {
    expect_opaque(in_content(R"({"type":"hologram","where":")" + std::string(text) + "\"}"), false);
  }
}

TEST(References, DataUrlsAreScannedHoweverLongTheyAre) {
  const std::string data(600, 'A');
  const auto texts = [](const std::string& url) {
    const auto document =
        request(in_content(R"({"type":"image_url","image_url":{"url":")" + url + "\"}}"));
    return testing::describe(*document).find("/image_url/url = ") != std::string::npos;
  };
  EXPECT_TRUE(texts("data:image/png;base64," + data));
  EXPECT_TRUE(texts(R"(data:image\/svg+xml;base64,)" + data));
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
                           R"("definition":)" +
                           tool + "}}"),
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
  expect_opaque(in_content(R"({"type":"tool_addition","tool":{"type":"mcp_toolset_reference"}})"),
                true);
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
    EXPECT_FALSE(request(as_item(item), "openai_responses"));
  }
}

TEST(Tools, OfAnAnswerAreAnEcho) {
  const auto document = Document::parse_response(
      R"({"tools":[{"type":"web_search"}],"output":[{"type":"x","tools":"none"}]})",
      endpoint_of("openai_responses"), 200, {});
  ASSERT_TRUE(document);
  EXPECT_EQ(opaque_count(*document), 0U);
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
