#include "proxy/protocol/endpoint.h"

#include <gtest/gtest.h>

#include <set>

namespace menshen::protocol {
namespace {

TEST(Endpoint, FindsEachOfTheTable) {
  std::set<Api> seen;
  for (const Endpoint& endpoint : endpoints()) {
    const std::string path =
        std::string(endpoint.path) + (endpoint.api == Api::model ? "qwen3-32b" : "");
    const auto found = find_endpoint(endpoint.method, path);
    ASSERT_TRUE(found) << path;
    EXPECT_EQ(*found, &endpoint);
    seen.insert(endpoint.api);
  }
  EXPECT_EQ(seen.size(), 8U);
}

TEST(Endpoint, ModelIdsMayHoldSlashes) {
  for (const auto* id : {"gpt-4o", "Qwen/Qwen3-32B", "org/sub/model:tag@1.0_x", "..a", "a.."}) {
    const auto found = find_endpoint("GET", std::string("/v1/models/") + id);
    ASSERT_TRUE(found) << id;
    EXPECT_EQ((*found)->api, Api::model);
  }
}

TEST(Endpoint, OtherFormsOfAPathAreUnknown) {
  for (const auto* path : {"",
                           "/",
                           "/v1",
                           "/v1/",
                           "/v1/chat",
                           "/v1/chat/completions/",
                           "//v1/chat/completions",
                           "/v1//chat/completions",
                           "/v1/./chat/completions",
                           "/v1/x/../chat/completions",
                           "/v1/chat%2Fcompletions",
                           "/v1/chat/completion%73",
                           "/V1/chat/completions",
                           "/v1/chat/completions?x",
                           "/v1/chat/completions#f",
                           "/v1/chat/completions;a",
                           "/v1/models/",
                           "/v1/models//a",
                           "/v1/models/a/",
                           "/v1/models/.",
                           "/v1/models/..",
                           "/v1/models/a/../b",
                           "/v1/models/a/./b",
                           "/v1/models/%2e%2e",
                           "/v1/models/a%2f",
                           "/v1/models/a%2",
                           "/v1/models/a%+f",
                           "/v1/models/a%252fb",
                           "/v1/models/a b",
                           "/v1/models/模型",
                           "/v1/audio/speech",
                           "/v1/files",
                           "/v1/messages/batches",
                           "/chat/completions",
                           "\\v1\\chat\\completions"}) {
    const auto found = find_endpoint("POST", path);
    ASSERT_FALSE(found) << path;
    EXPECT_EQ(found.error().kind, core::ErrorKind::not_found);
    EXPECT_EQ(found.error().code, "unknown_path");
  }
  EXPECT_FALSE(find_endpoint("GET", "/v1/models/" + std::string(257, 'm')));
  EXPECT_TRUE(find_endpoint("GET", "/v1/models/" + std::string(256, 'm')));
}

TEST(Endpoint, AModelsIdMayBeEscapedAsSdksDo) {
  for (const char* path : {"/v1/models/qwen/qwen3:32b", "/v1/models/qwen%2Fqwen3%3a32b"}) {
    const auto found = find_endpoint("GET", path);
    ASSERT_TRUE(found) << path;
    EXPECT_EQ(listed_model(**found, path), "qwen/qwen3:32b");
  }
}

TEST(Endpoint, OtherMethodsAreRefused) {
  for (const auto& [method, path] : {std::pair{"GET", "/v1/chat/completions"},
                                     {"POST", "/v1/models"},
                                     {"post", "/v1/messages"},
                                     {"DELETE", "/v1/models/m"},
                                     {"HEAD", "/v1/models"}}) {
    const auto found = find_endpoint(method, path);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, core::ErrorKind::method_not_allowed);
    EXPECT_EQ(found.error().code, "method_not_allowed");
  }
}

TEST(Endpoint, GuessesTheFamilyOfACaller) {
  EXPECT_EQ(family_of("/v1/messages", false), Family::anthropic);
  EXPECT_EQ(family_of("/v1/messages/batches", false), Family::anthropic);
  EXPECT_EQ(family_of("/v1/messagesx", false), Family::openai);
  EXPECT_EQ(family_of("/v1/models", true), Family::anthropic);
  EXPECT_EQ(family_of("/v1/chat/completions", false), Family::openai);
}

}  // namespace
}  // namespace menshen::protocol
