#include "proxy/protocol/adapter.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace menshen::protocol {
namespace {

const std::vector<std::pair<std::string, std::string>> versioned{{"anthropic-version", "x"}};

core::Result<Call> find(std::string_view method, std::string_view path) {
  return find_call({method, path, {}, {}});
}

std::string_view likely(std::string_view path, HeaderViews headers = {}) {
  return likely_adapter({"POST", path, {}, headers}).facts().name;
}

// A path of the endpoint, for a model of this name.
std::string path_for(const Endpoint& endpoint, const std::string& model) {
  std::string path(endpoint.path);
  if (path.ends_with('/')) return path + model;
  if (const auto hole = path.find("{model}"); hole != std::string::npos)
    path.replace(hole, 7, model);
  return path;
}

TEST(Endpoint, FindsEachOfEveryApi) {
  for (const Adapter* adapter : adapters()) {
    for (const Endpoint& endpoint : adapter->facts().endpoints) {
      const std::string path = path_for(endpoint, "qwen3-32b");
      SCOPED_TRACE(path);
      EXPECT_EQ(&endpoint.adapter(), adapter);
      const bool shared = endpoint.path.starts_with("/v1/models");
      const auto found =
          find_call({endpoint.method,
                     path,
                     {},
                     shared && adapter == find_adapter("anthropic") ? versioned : HeaderViews{}});
      ASSERT_TRUE(found);
      EXPECT_EQ(found->endpoint, &endpoint);
      EXPECT_EQ(found->model, endpoint.has_model() ? "qwen3-32b" : "");
    }
  }
}

// Records name an endpoint alone; the page of their format says what that means.
TEST(Endpoint, TheFormatOfRecordsKnowsEach) {
  std::ifstream in(MENSHEN_SOURCE_DIR "/audit/FORMAT.md");
  std::ostringstream page;
  page << in.rdbuf();
  for (const Adapter* adapter : adapters()) {
    for (const Endpoint& endpoint : adapter->facts().endpoints) {
      std::string row = "\n| `";
      row.append(endpoint.name).append("` | `").append(core::to_string(endpoint.operation));
      row.append("` | `").append(endpoint.path).append("` |\n");
      EXPECT_NE(page.str().find(row), std::string::npos) << row;
      EXPECT_EQ(endpoint.method == "POST", endpoint.operation != core::Operation::models);
    }
  }
}

TEST(Endpoint, HasReadersForWhatItAnswers) {
  for (const Adapter* adapter : adapters()) {
    for (const Endpoint& endpoint : adapter->facts().endpoints) {
      SCOPED_TRACE(endpoint.name);
      EXPECT_EQ(endpoint.can_stream(), endpoint.read_event != nullptr);
      const bool lists = endpoint.operation == core::Operation::models;
      EXPECT_EQ(endpoint.method == "GET", lists);
      EXPECT_EQ(endpoint.read_request == nullptr, lists);
      EXPECT_EQ(endpoint.read_answer == nullptr, lists);
    }
  }
}

TEST(Endpoint, AListingIsOfTheApiThatTheHeadersTell) {
  for (const char* path : {"/v1/models", "/v1/models/m"}) {
    EXPECT_EQ(find_call({"GET", path, {}, {}})->adapter().facts().name, "openai");
    EXPECT_EQ(find_call({"GET", path, {}, versioned})->adapter().facts().name, "anthropic");
  }
}

TEST(Endpoint, ModelIdsMayHoldSlashes) {
  for (const std::string id :
       {"gpt-4o", "Qwen/Qwen3-32B", "org/sub/model:tag@1.0_x", "..a", "a.."}) {
    const auto found = find("GET", "/v1/models/" + id);
    ASSERT_TRUE(found) << id;
    EXPECT_EQ(found->model, id);
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
                           "/v1/models/%E6%A8",
                           "/v1/models/%00",
                           "/v1/models/a%20b",
                           "/v1/models/a%3Bb",
                           "/v1/models/a%E2%80%8Bb",
                           "/v1/models/%EF%BC%8E%EF%BC%8E",
                           "/openai/deployments/a%2Fb/chat/completions",
                           "/v1/audio/speech",
                           "/v1/files",
                           "/v1/messages/batches",
                           "/chat/completions",
                           "\\v1\\chat\\completions"}) {
    const auto found = find("POST", path);
    ASSERT_FALSE(found) << path;
    EXPECT_EQ(found.error().kind, core::ErrorKind::not_found);
    EXPECT_EQ(found.error().code, "unknown_path");
  }
  EXPECT_FALSE(find("GET", "/v1/models/" + std::string(257, 'm')));
  EXPECT_TRUE(find("GET", "/v1/models/" + std::string(256, 'm')));
}

TEST(Endpoint, AnUnknownPathIsToldWhatIsWrongWithItsBaseUrl) {
  const auto told = [](std::string_view method, std::string_view path) {
    const auto found = find(method, path);
    EXPECT_FALSE(found) << path;
    return found ? std::string() : found.error().message;
  };
  const std::string none = "The gateway has no such endpoint.";
  EXPECT_EQ(told("POST", "/chat/completions"),
            none + " Did you mean /v1/chat/completions? Let the base URL end in /v1.");
  EXPECT_EQ(told("GET", "/models/qwen"),
            none + " Did you mean /v1/models/? Let the base URL end in /v1.");
  EXPECT_EQ(told("POST", "/v1/v1/messages"),
            none + " Did you mean /v1/messages? Leave /v1 out of the base URL.");
  EXPECT_EQ(told("POST", "/v1/api/chat"),
            none + " Did you mean /api/chat? Leave /v1 out of the base URL.");
  for (const char* path : {"/", "", "/v1", "/v1/audio/speech", "/v1/v1", "/favicon.ico"})
    EXPECT_EQ(told("POST", path), none) << path;
}

TEST(Endpoint, AModelsIdMayBeEscapedAsSdksDo) {
  for (const char* path : {"/v1/models/qwen/qwen3:32b", "/v1/models/qwen%2Fqwen3%3a32b"}) {
    const auto found = find("GET", path);
    ASSERT_TRUE(found) << path;
    EXPECT_EQ(found->model, "qwen/qwen3:32b");
  }
  for (const auto& [escaped, id] : {std::pair{"%E6%A8%A1%E5%9E%8B-2", "模型-2"},
                                    {"r%C3%A9sum%C3%A9+1", "résumé+1"},
                                    {"m~v%3D1", "m~v=1"}}) {
    const auto found = find("GET", std::string("/v1/models/") + escaped);
    ASSERT_TRUE(found) << escaped;
    EXPECT_EQ(found->model, id);
    const auto at = find("POST", std::string("/openai/deployments/") + escaped + "/embeddings");
    ASSERT_TRUE(at) << escaped;
    EXPECT_EQ(at->model, id);
    EXPECT_EQ(find("POST", at->adapter().target(*at->endpoint, id, ""))->model, id);
  }
}

TEST(Endpoint, OtherMethodsAreRefused) {
  for (const auto& [method, path] : {std::pair{"GET", "/v1/chat/completions"},
                                     {"POST", "/v1/models"},
                                     {"post", "/v1/messages"},
                                     {"DELETE", "/v1/models/m"},
                                     {"HEAD", "/v1/messages"}}) {
    const auto found = find(method, path);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, core::ErrorKind::method_not_allowed);
    EXPECT_EQ(found.error().code, "method_not_allowed");
    EXPECT_TRUE(found.error().message.ends_with(": " + allowed_methods(path) + "."));
  }
  EXPECT_EQ(allowed_methods("/v1/chat/completions"), "POST");
  EXPECT_EQ(allowed_methods("/v1/models/m"), "GET, HEAD");
  EXPECT_EQ(allowed_methods("/v1/nothing"), "");
}

TEST(Endpoint, HeadIsCalledAsGetIs) {
  for (const char* path : {"/v1/models", "/v1/models/m", "/api/tags"})
    EXPECT_EQ(find("HEAD", path)->endpoint, find("GET", path)->endpoint);
}

TEST(Endpoint, GuessesTheApiOfACaller) {
  EXPECT_EQ(likely("/v1/messages"), "anthropic");
  EXPECT_EQ(likely("/v1/messages/batches"), "anthropic");
  EXPECT_EQ(likely("/v1/messagesx"), "openai");
  EXPECT_EQ(likely("/v1/models", versioned), "anthropic");
  EXPECT_EQ(likely("/v1/chat/completions"), "openai");
  EXPECT_EQ(likely(""), "openai");
}

}  // namespace
}  // namespace menshen::protocol
