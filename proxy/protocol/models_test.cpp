// Further models that a request names, wherever a router takes them.
#include "proxy/protocol/references_testing.h"

#include <gtest/gtest.h>

namespace menshen::protocol {
namespace {

using namespace testing;

std::vector<std::string> models_of(const std::string& fields) {
  const auto document = request(fields);
  if (!document) return {document.error().code};
  return {document->models().begin(), document->models().end()};
}

TEST(Models, AreAllNamed) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(models_of(R"("models":["a","\u0062"],"fallbacks":["c"])"), (Names{"m", "a", "b", "c"}));
  EXPECT_EQ(models_of(R"("n":1)"), Names{"m"});
  for (const auto* field :
       {R"("models":"a")", R"("fallback":"a")", R"("fallback_model":"a")",
        R"("fallbackModels":["a"])", R"("default_fallbacks":["a"])",
        R"("context_window_fallbacks":["a"])", R"("content-policy-fallbacks":["a"])",
        R"("model_id":"a")", R"("modelName":"a")", R"("f\u0061llback":"a")",
        R"("providerOptions":{"gateway":{"models":["a"]}})", R"("litellm_params":{"model":"a"})",
        R"("config":{"targets":[{"override_params":{"model":"a"}}]})",
        R"("extra_body":{"models":["a"]})", R"("stream_options":{"fallback_model":"a"})"}) {
    EXPECT_EQ(models_of(field), (Names{"m", "a"})) << field;
  }
}

TEST(Models, AreNotLookedForInMapsOfTheClientOrInWhatNamesNone) {
  for (const auto* field :
       {R"("metadata":{"model":"a","fallbacks":["a"]})", R"("x_own":{"metadata":{"model":"a"}})",
        R"("tools":[{"name":"f","input_schema":{"properties":{"model":{"type":"string"}}}}])",
        R"("messages":[{"role":"user","content":"c","model":"a"}])",
        R"("response_format":{"type":"json_schema","json_schema":{"schema":{"properties":)"
        R"({"model":{"type":"string"}}}}})",
        R"("provider":{"allow_fallbacks":false,"order":["a"]})", R"("num_fallbacks":3)",
        R"("mock_testing_fallbacks":true)", R"("fallback":null)", R"("fallback":"")",
        R"("route":"fallback")"}) {
    EXPECT_EQ(models_of(field), std::vector<std::string>{"m"}) << field;
  }
}

TEST(Models, InUnknownShapesAreRefused) {
  for (const std::string field : {"models", "fallbacks", "context_window_fallbacks", "modelList"}) {
    for (const auto* value : {R"({"a":["b"]})", R"([{"model":"a"}])", R"([{"a":["b"]}])", "[7]",
                              R"([""])", R"([["a"]])"}) {
      const std::string list = "\"" + field + "\":" + value;
      EXPECT_EQ(models_of(list), std::vector<std::string>{"unknown_shape"}) << list;
      EXPECT_EQ(models_of("\"x_options\":[{" + list + "}]"),
                std::vector<std::string>{"unknown_shape"})
          << list;
    }
  }
  std::string many = "\"a\"";
  for (int i = 1; i < 16; ++i) many += ",\"a\"";
  EXPECT_TRUE(request("\"models\":[" + many + "]"));
  EXPECT_FALSE(request("\"models\":[" + many + ",\"a\"]"));
  EXPECT_FALSE(request("\"models\":[" + many + "],\"fallback\":\"a\""));
}

TEST(Models, ThatBringContentAreOpaque) {
  for (const auto* name :
       {"m:online", "m:ONLINE", "m:online:nitro", "m@preset/mail", "@preset/x"}) {
    const std::string body = R"({"model":")" + std::string(name) + "\"}";
    EXPECT_EQ(opaque_count(*Document::parse_request(body, endpoint_of("openai_chat"), {})), 1U);
    expect_opaque(R"("models":[")" + std::string(name) + "\"]", true);
  }
  for (const auto* name : {"m:free", "online", "m:onlinex", "m"})
    expect_opaque(R"("models":[")" + std::string(name) + "\"]", false);
}

// In Azure's paths the deployment is the model.
TEST(Models, ThatBringContentAreOpaqueInThePathToo) {
  const auto count = [](std::string_view model, const std::string& body) {
    return opaque_count(*Document::parse_request(body, endpoint_of("azure_chat"), {}, model));
  };
  EXPECT_EQ(count("m:online", "{}"), 1U);
  EXPECT_EQ(count("m:Online:free", R"({"model":"m"})"), 1U);
  EXPECT_EQ(count("m", R"({"model":"m:online"})"), 1U);
  EXPECT_EQ(count("m", "{}"), 0U);
}

}  // namespace
}  // namespace menshen::protocol
