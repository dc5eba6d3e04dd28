// What cannot be read says what it is; and what a provider wants back is known at its field alone.
#include "proxy/protocol/test_support.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace menshen::protocol {
namespace {

using testing::endpoint_of;

// "/pointer image remote_url", a line for each opaque leaf; "returned" behind it.
std::string opaque_of(const Document& document) {
  std::string out;
  for (const Leaf& leaf : document.leaves()) {
    if (leaf.kind != LeafKind::opaque) continue;
    out.append(out.empty() ? "" : "; ").append(document.pointer(leaf));
    for (const core::OpaqueKind kind : core::all_opaque_kinds) {
      if (leaf.kinds().has(kind)) out.append(" ").append(to_string(kind));
    }
    if (leaf.returned) out.append(" returned");
  }
  return out;
}

std::string in_request(std::string_view api, const std::string& fields,
                       const core::Limits& limits = {}) {
  const auto document =
      Document::parse_request(R"({"model":"m",)" + fields + "}", endpoint_of(api), limits);
  return document ? opaque_of(*document) : to_string(document.error());
}

std::string in_answer(std::string_view api, const std::string& body,
                      const core::Limits& limits = {}) {
  const auto document = Document::parse_response(body, endpoint_of(api), 200, limits);
  return document ? opaque_of(*document) : to_string(document.error());
}

std::string in_event(std::string_view api, const std::string& data,
                     const core::Limits& limits = {}) {
  StreamReader reader(endpoint_of(api), limits);
  reader.feed("data: " + data + "\n\n");
  auto event = reader.next();
  if (!event || !*event) return "no event";
  return opaque_of(*(*event)->document);
}

std::string content(const std::string& part) {
  return R"("messages":[{"role":"user","content":[)" + part + "]}]";
}
std::string assistant(const std::string& part) {
  return R"("messages":[{"role":"assistant","content":[)" + part + "]}]";
}
std::string input(const std::string& item) { return "\"input\":[" + item + "]"; }

struct KindCase {
  std::string_view api;
  std::string fields;
  std::string opaque;
};

TEST(OpaqueKinds, OfChats) {
  const KindCase cases[] = {
      {"openai_chat",
       content(R"({"type":"image_url","image_url":{"url":"data:image/png;base64,i"}})"),
       "/messages/0/content/0/image_url image"},
      {"openai_chat", content(R"({"type":"image_url","image_url":{"url":"https://h/a.png"}})"),
       "/messages/0/content/0/image_url image remote_url"},
      {"openai_chat",
       content(R"({"type":"input_audio","input_audio":{"data":"U","format":"wav"}})"),
       "/messages/0/content/0/input_audio audio"},
      {"openai_chat", content(R"({"type":"video_url","video_url":{"url":"http://h/v"}})"),
       "/messages/0/content/0/video_url video remote_url"},
      {"openai_chat",
       content(R"({"type":"file","file":{"file_data":"data:application/pdf;base64,J"}})"),
       "/messages/0/content/0/file file"},
      {"openai_chat", content(R"({"type":"file","file":{"file_id":"f"}})"),
       "/messages/0/content/0/file file stored_reference"},
      {"openai_chat", R"("messages":[{"role":"assistant","audio":{"id":"a"}}])",
       "/messages/0/audio audio stored_reference"},
      {"openai_chat", R"("messages":[{"role":"system","content":"fileid://f"}])",
       "/messages/0/content stored_reference"},
      {"openai_chat", R"("messages":[{"role":"Cache","content":"c"}])",
       "/messages/0 stored_reference"},
      {"openai_chat", content(R"({"type":"x","x_pic":"data:image/png;base64,i"})"),
       "/messages/0/content/0/x_pic image"},
      {"openai_chat", content(R"({"type":"x","x_pic":"data:AUDIO/wav;base64,i"})"),
       "/messages/0/content/0/x_pic audio"},
      {"openai_chat", content(R"({"type":"x","x_pic":"data:text/plain,i"})"),
       "/messages/0/content/0/x_pic file"},
      {"openai_chat", content(R"({"type":"x","where":"https://h/"})"),
       "/messages/0/content/0/where remote_url"},
      {"openai_chat", content(R"({"type":"x","blob":")" + std::string(512, 'A') + "\"}"),
       "/messages/0/content/0/blob other"},
      {"openai_chat", R"("web_search_options":{})", "/web_search_options hosted_tool"},
      {"openai_chat", R"("vectorStoreIds":["v"])", "/vectorStoreIds stored_reference"},
      {"openai_chat", R"("enable_search":true)", "/enable_search hosted_tool"},
      {"openai_chat", R"("extra_body":{"a":1})", "/extra_body other"},
      {"openai_chat", R"("prompt_token_ids":[1])", "/prompt_token_ids token_array"},
      {"openai_chat", R"("tools":[{"type":"web_search"}])", "/tools/0 hosted_tool"},
      {"openai_chat", R"("fallbacks":["n:online"])", "/fallbacks/0 hosted_tool"},
      // What a caller runs himself fetches nothing for the provider.
      {"openai_chat", R"("tools":[{"type":"function","url":"https://h","function":{}}])", ""},
      {"openai_chat", R"("x_options":{"fileIds":["f"],"enableSearch":true})",
       "/x_options stored_reference hosted_tool"},
  };
  for (const KindCase& c : cases) EXPECT_EQ(in_request(c.api, c.fields), c.opaque) << c.fields;
}

TEST(OpaqueKinds, OfOtherOpenAIRequests) {
  const KindCase cases[] = {
      {"openai_completions", R"("prompt":[1,2,3])", "/prompt token_array"},
      {"openai_embeddings", R"("input":[[1,2],[3]])", "/input token_array"},
      {"openai_embeddings", R"("input":[1,2])", "/input token_array"},
      {"openai_responses", R"("previous_response_id":"r")",
       "/previous_response_id stored_reference"},
      {"openai_responses", R"("prompt":{"id":"p"})", "/prompt stored_reference"},
      {"openai_responses", input(R"({"type":"item_reference","id":"i"})"),
       "/input/0 stored_reference"},
      {"openai_responses", input(R"({"type":"message","id":"i"})"), "/input/0 stored_reference"},
      {"openai_responses",
       input(R"({"role":"user","content":[{"type":"input_file","file_id":"f"}]})"),
       "/input/0/content/0/file_id stored_reference"},
      {"openai_responses",
       input(R"({"role":"user","content":[{"type":"input_file","file_url":"https://h/f"}]})"),
       "/input/0/content/0/file_url file remote_url"},
      {"openai_responses",
       input(R"({"role":"user","content":[{"type":"input_image","image_url":"https://h/i"}]})"),
       "/input/0/content/0/image_url image remote_url"},
      {"openai_responses", input(R"({"type":"image_generation_call","id":"i","result":"iVBO"})"),
       "/input/0/result image"},
      {"azure_chat", R"("data_sources":[{"type":"azure_search"}])", "/data_sources hosted_tool"},
  };
  for (const KindCase& c : cases) EXPECT_EQ(in_request(c.api, c.fields), c.opaque) << c.fields;
}

// What one kind is allowed for must not bring in another.
TEST(OpaqueKinds, AreThoseOfAllThatAPartHolds) {
  const std::string pixel = R"("data:image/png;base64,i")";
  const KindCase cases[] = {
      {"openai_responses", R"("prompt":{"id":"p","variables":{"a":{"image_url":)" + pixel + "}}}",
       "/prompt image stored_reference"},
      {"openai_responses",
       R"("prompt":{"id":"p","variables":{"a":")" + std::string(512, 'A') + "\"}}",
       "/prompt stored_reference other"},
      {"openai_chat", R"("extra_body":{"a":)" + pixel + R"(,"enable_search":true})",
       "/extra_body image hosted_tool other"},
      {"openai_chat", R"("attachments":[{"file_id":"f","tools":[{"type":"file_search"}]}])",
       "/attachments file stored_reference hosted_tool"},
      {"openai_chat",
       content(R"({"type":"image_url","image_url":{"url":"data:application/pdf;base64,J"}})"),
       "/messages/0/content/0/image_url image file"},
      {"openai_chat",
       content(R"({"type":"image_url","image_url":{"url":"data:image/png;base64,)" +
               std::string(512, 'A') + "\"}}"),
       "/messages/0/content/0/image_url image"},
      {"openai_responses",
       R"("tools":[{"type":"mcp","server_label":"s","server_url":"https://h"}])",
       "/tools/0 hosted_tool remote_url"},
      {"openai_responses", input(R"({"type":"item_reference","id":"i","image_url":)" + pixel + "}"),
       "/input/0 image stored_reference"},
      {"ollama_generate", R"("context":[1,)" + pixel + "]", "/context image token_array"},
  };
  for (const KindCase& c : cases) EXPECT_EQ(in_request(c.api, c.fields), c.opaque) << c.fields;
}

// Nothing that is said of a sound, and no other shape of a source or a signature, hides it.
TEST(OpaqueKinds, AreSeenInShapesThatNoApiHas) {
  const std::string data(512, 'A');
  const std::string pixel = R"("data:image/png;base64,i")";
  const auto spoken = [](const std::string& audio) {
    return R"("messages":[{"role":"assistant","content":"c","audio":{)" + audio + "}}]";
  };
  const auto source = [](const std::string& type, const std::string& from) {
    return content(R"({"type":")" + type + R"(","source":)" + from + "}");
  };
  const std::string of_part = "/messages/0/content/0/";
  const KindCase cases[] = {
      {"openai_chat", spoken(R"("transcript":"t","id":"a")"),
       "/messages/0/audio audio stored_reference"},
      {"openai_chat", spoken(R"("transcript":"t","b64":"U")"), "/messages/0/audio audio"},
      {"openai_chat", spoken(R"("transcript":"t","url":"https://h/a")"),
       "/messages/0/audio audio remote_url"},
      {"openai_chat", spoken(R"("transcript":"t","id":null,"expires_at":1,"format":"wav")"), ""},
      {"anthropic_messages", source("image", pixel), of_part + "source image"},
      {"anthropic_messages", source("image", R"("https://h/i")"),
       of_part + "source image remote_url"},
      {"anthropic_messages", source("document", "\"" + data + "\""), of_part + "source file"},
      {"anthropic_messages", source("image", R"([{"type":"base64","data":"i"}])"),
       of_part + "source/0 image"},
      {"anthropic_messages", source("search_result", R"("https://h/p")"), ""},
      {"anthropic_messages", source("search_result", pixel), of_part + "source image file"},
      {"anthropic_messages", source("document", R"("a name")"), ""},
      {"anthropic_messages", content(R"({"type":"thinking","signature":")" + data + "\"}"),
       of_part + "signature encrypted_reasoning"},
      {"anthropic_messages", assistant(R"({"type":"text","signature":["https://h/"]})"),
       of_part + "signature remote_url"},
      {"openai_responses",
       input(R"({"type":"reasoning","encrypted_content":{"image_url":)" + pixel + "}}"),
       "/input/0/encrypted_content image encrypted_reasoning"},
  };
  for (const KindCase& c : cases) EXPECT_EQ(in_request(c.api, c.fields), c.opaque) << c.fields;
}

// A file by its id is the provider's; a part's type and a media type say what it is, too.
TEST(OpaqueKinds, AreThoseThatAPartClaims) {
  const std::string of_part = "/messages/0/content/0/";
  const KindCase cases[] = {
      {"openai_chat", content(R"({"type":"file","file":"file-abc"})"),
       of_part + "file file stored_reference"},
      {"openai_chat", content(R"({"type":"file","file":{"id":"f"}})"),
       of_part + "file file stored_reference"},
      {"openai_chat", content(R"({"type":"file","file":"JVBERi0"})"), of_part + "file file"},
      {"openai_chat", R"("attachments":[{"id":"f"}])", "/attachments file stored_reference"},
      {"openai_chat", R"("files":["file-abc"])", "/files file stored_reference"},
      {"openai_responses",
       input(R"({"role":"user","content":[{"type":"input_image","file_id":"f"}]})"),
       "/input/0/content/0/file_id image stored_reference"},
      {"openai_chat", content(R"({"type":"IMAGE","url":"https://h/i"})"),
       of_part + "url image remote_url"},
      {"openai_chat", content(R"({"type":"image","data":"iVBO","mimeType":"image/png"})"),
       of_part + "data image"},
      {"openai_chat", content(R"({"inline_data":{"mime_type":"image/png","data":"iVBO"}})"),
       of_part + "inline_data image"},
      {"openai_chat", content(R"({"inlineData":{"mimeType":"audio/wav","data":"U"}})"),
       of_part + "inlineData audio"},
      {"openai_chat", content(R"({"inlineData":{"mimeType":"IMAGE/PNG","data":"iVBO"}})"),
       of_part + "inlineData image"},
      {"openai_chat", content(R"({"inlineData":{"mimeType":"image\u002fpng","data":"iVBO"}})"),
       of_part + "inlineData image"},
      {"openai_chat", content(R"({"inlineData":{"mimeType":"Application/PDF","data":"JVBE"}})"),
       of_part + "inlineData file"},
      {"openai_chat", content(R"({"x":{"mimeType":"application/json","data":"{}"}})"), ""},
      {"openai_chat", content(R"({"type":"image_url","image_url":null,"uuid":"u"})"),
       of_part + "uuid image stored_reference"},
      {"openai_chat", content(R"({"type":"text","text":"t","uuid":"u"})"), ""},
      {"openai_responses",
       input(R"({"type":"computer_call_output","call_id":"c",)"
             R"("output":{"type":"computer_screenshot","file_id":"f"}})"),
       "/input/0/output/file_id image stored_reference"},
      {"anthropic_messages",
       content(R"({"type":"document","source":{"type":"base64","media_type":"image/png",)"
               R"("data":"i"}})"),
       of_part + "source image file"},
  };
  for (const KindCase& c : cases) EXPECT_EQ(in_request(c.api, c.fields), c.opaque) << c.fields;
}

TEST(OpaqueKinds, OfAnthropicAndOllamaRequests) {
  const auto source = [](const std::string& type, const std::string& from) {
    return content(R"({"type":")" + type + R"(","source":)" + from + "}");
  };
  const std::string at = "/messages/0/content/0/source ";
  const KindCase cases[] = {
      {"anthropic_messages",
       source("image", R"({"type":"base64","media_type":"image/png","data":"i"})"), at + "image"},
      {"anthropic_messages", source("image", R"({"type":"url","url":"https://h/i"})"),
       at + "image remote_url"},
      {"anthropic_messages", source("document", R"({"type":"base64","data":"J"})"), at + "file"},
      {"anthropic_messages", source("document", R"({"type":"file","file_id":"f"})"),
       at + "file stored_reference"},
      {"anthropic_messages", R"("mcp_servers":[{"url":"https://h"}])",
       "/mcp_servers hosted_tool remote_url"},
      {"anthropic_messages", R"("container":"c")", "/container stored_reference"},
      {"anthropic_messages", R"("tools":[{"type":"web_search_20250305","name":"w"}])",
       "/tools/0 hosted_tool"},
      {"ollama_chat", R"("messages":[{"role":"user","content":"c","images":["iVBO"]}])",
       "/messages/0/images image"},
      {"ollama_generate", R"("context":[1,2])", "/context token_array"},
  };
  for (const KindCase& c : cases) EXPECT_EQ(in_request(c.api, c.fields), c.opaque) << c.fields;
}

TEST(OpaqueKinds, OfAnswers) {
  EXPECT_EQ(
      in_answer("openai_chat", R"({"choices":[{"message":{"audio":{"id":"a","data":"U"}}}]})"),
      "/choices/0/message/audio audio");
  EXPECT_EQ(in_answer("openai_responses",
                      R"({"output":[{"type":"image_generation_call","result":"iVBO"}]})"),
            "/output/0/result image");
  EXPECT_EQ(
      in_event("openai_responses", R"({"type":"response.image_generation_call.partial_image",)"
                                   R"("partial_image_b64":"iVBO"})"),
      "/partial_image_b64 image");
  EXPECT_EQ(in_event("openai_responses", R"({"type":"response.audio.delta","delta":"U"})"),
            " audio");
  EXPECT_EQ(in_event("openai_chat", R"({"choices":[{"index":0,"delta":{"audio":{"data":"U"}}}]})"),
            "/choices/0/delta/audio/data audio");
  EXPECT_EQ(in_event("openai_chat", R"({"choices":[{"index":0,"delta":{"images":[{"image_url":)"
                                    R"({"url":"data:image/png;base64,i"}}]}}]})"),
            "/choices/0/delta/images/0/image_url/url image");
}

struct ReturnedCase {
  std::string_view api;
  std::string fields;  // of a request
  std::string pointer;
};

const ReturnedCase returned_cases[] = {
    {"openai_responses",
     input(R"({"type":"reasoning","id":"r","summary":[],"encrypted_content":"gAAA"})"),
     "/input/0/encrypted_content"},
    {"anthropic_messages", assistant(R"({"type":"thinking","thinking":"t","signature":"ErUB"})"),
     "/messages/0/content/0/signature"},
    {"anthropic_messages", assistant(R"({"type":"redacted_thinking","data":"EmwK"})"),
     "/messages/0/content/0/data"},
};

TEST(Returned, IsKnownAtTheFieldsThatTheApisHave) {
  for (const ReturnedCase& c : returned_cases) {
    EXPECT_EQ(in_request(c.api, c.fields), c.pointer + " encrypted_reasoning returned") << c.fields;
  }
  const std::string reasoning = R"({"type":"reasoning","encrypted_content":"gAAA"})";
  const std::string thinking = R"({"type":"thinking","thinking":"t","signature":"ErUB"})";
  const std::string kind = " encrypted_reasoning returned";
  EXPECT_EQ(in_answer("openai_responses", R"({"output":[)" + reasoning + "]}"),
            "/output/0/encrypted_content" + kind);
  EXPECT_EQ(in_answer("anthropic_messages", R"({"content":[)" + thinking + "]}"),
            "/content/0/signature" + kind);
  EXPECT_EQ(in_event("openai_responses",
                     R"({"type":"response.output_item.done","item":)" + reasoning + "}"),
            "/item/encrypted_content" + kind);
  EXPECT_EQ(in_event("openai_responses",
                     R"({"type":"response.output_item.added","item":)" + reasoning + "}"),
            "/item/encrypted_content" + kind);
  EXPECT_EQ(in_event("openai_responses",
                     R"({"type":"response.completed","response":{"output":[)" + reasoning + "]}}"),
            "/response/output/0/encrypted_content" + kind);
  EXPECT_EQ(in_event("anthropic_messages",
                     R"({"type":"message_start","message":{"content":[)" + thinking + "]}}"),
            "/message/content/0/signature" + kind);
  EXPECT_EQ(
      in_event("anthropic_messages", R"({"type":"content_block_start","index":0,"content_block":)"
                                     R"({"type":"redacted_thinking","data":"EmwK"}})"),
      "/content_block/data" + kind);
  EXPECT_EQ(in_event("anthropic_messages", R"({"type":"content_block_delta","index":0,"delta":)"
                                           R"({"type":"signature_delta","signature":"ErUB"}})"),
            "/delta/signature" + kind);
}

// A caller who puts something of his own where it is not looked for meets the policy.
TEST(Returned, IsNothingElsewhereNorOfAnyoneElse) {
  const std::string encrypted = R"("encrypted_content":"gAAA")";
  const KindCase cases[] = {
      {"openai_responses",
       input(R"({"type":"message","role":"user","content":"c",)" + encrypted + "}"),
       "/input/0/encrypted_content encrypted_reasoning"},
      {"openai_responses", input(R"({"type":"compaction",)" + encrypted + "}"),
       "/input/0/encrypted_content encrypted_reasoning"},
      {"openai_responses", encrypted, "/encrypted_content encrypted_reasoning"},
      {"openai_responses",
       input(R"({"role":"assistant","content":[{"type":"reasoning",)" + encrypted + "}]}"),
       "/input/0/content/0/encrypted_content encrypted_reasoning"},
      {"openai_responses", input(R"({"type":"reasoning","encrypted_content":["gAAA"]})"),
       "/input/0/encrypted_content encrypted_reasoning"},
      {"openai_chat", assistant(R"({"type":"reasoning",)" + encrypted + "}"),
       "/messages/0/content/0/encrypted_content encrypted_reasoning"},
      {"openai_chat", assistant(R"({"type":"redacted_thinking","data":"EmwK"})"),
       "/messages/0/content/0/data encrypted_reasoning"},
      {"anthropic_messages", content(R"({"type":"redacted_thinking","data":"EmwK"})"),
       "/messages/0/content/0/data encrypted_reasoning"},
      {"anthropic_messages",
       assistant(R"({"type":"tool_use","content":[{"type":"redacted_thinking","data":"EmwK"}]})"),
       "/messages/0/content/0/content/0/data encrypted_reasoning"},
      {"anthropic_messages", assistant(R"({"type":"reasoning",)" + encrypted + "}"),
       "/messages/0/content/0/encrypted_content encrypted_reasoning"},
      // Read as any text, and no more.
      {"anthropic_messages", content(R"({"type":"thinking","thinking":"t","signature":"ErUB"})"),
       ""},
      {"anthropic_messages", assistant(R"({"type":"text","text":"t","signature":"ErUB"})"), ""},
      {"openai_responses", input(R"({"type":"reasoning","encrypted_content":null})"), ""},
      {"openai_responses", input(R"({"type":"reasoning","encrypted_content":""})"), ""},
  };
  for (const KindCase& c : cases) EXPECT_EQ(in_request(c.api, c.fields), c.opaque) << c.fields;
}

TEST(Returned, HasABound) {
  core::Limits limits;
  limits.encrypted_reasoning_bytes_max = 4;
  for (const ReturnedCase& c : returned_cases) {
    EXPECT_EQ(in_request(c.api, c.fields, limits), c.pointer + " encrypted_reasoning returned");
  }
  limits.encrypted_reasoning_bytes_max = 3;
  for (const ReturnedCase& c : returned_cases) {
    EXPECT_EQ(in_request(c.api, c.fields, limits), c.pointer + " encrypted_reasoning");
  }
  EXPECT_EQ(in_answer("openai_responses",
                      R"({"output":[{"type":"reasoning","encrypted_content":"gAAA"}]})", limits),
            "/output/0/encrypted_content encrypted_reasoning");
  EXPECT_EQ(in_event("openai_responses",
                     R"({"type":"response.output_item.done","item":)"
                     R"({"type":"reasoning","encrypted_content":"gAAA"}})",
                     limits),
            "/item/encrypted_content encrypted_reasoning");
}

}  // namespace
}  // namespace menshen::protocol
