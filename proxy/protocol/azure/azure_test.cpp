// Azure's paths: the deployment is the model, the version of the API stands in the query.
#include "proxy/protocol/adapter.h"
#include "proxy/protocol/document.h"
#include "proxy/protocol/test_support.h"

#include <gtest/gtest.h>

namespace menshen::protocol {
namespace {

const Endpoint& chat() { return testing::endpoint_of("azure_chat"); }

TEST(Azure, TheDeploymentIsTheModel) {
  const auto call = find_call({"POST", "/openai/deployments/my-gpt.4_o/chat/completions", {}, {}});
  ASSERT_TRUE(call);
  EXPECT_EQ(call->endpoint, &chat());
  EXPECT_EQ(call->model, "my-gpt.4_o");
  for (const char* path :
       {"/openai/deployments//chat/completions", "/openai/deployments/a/b/chat/completions",
        "/openai/deployments/../chat/completions", "/openai/deployments/a%2fb/chat/completions/",
        "/openai/deployments/a b/chat/completions", "/openai/deployments/a/chat/completionsx",
        "/openai/deployments/a%2fb/chat/completions", "/openai/deployments/a/images/generations"}) {
    const auto refused = find_call({"POST", path, {}, {}});
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().code, "unknown_path") << path;
  }
}

TEST(Azure, OnlyTheVersionOfTheApiMayStandInTheQuery) {
  const Adapter& adapter = chat().adapter();
  for (const char* query : {"api-version=2024-10-21", "api-version=2025-04-01-preview",
                            "api-version=preview", "api-version=latest", "api-version=v1"}) {
    EXPECT_TRUE(adapter.takes_query(chat(), query)) << query;
  }
  for (const char* query :
       {"api-version", "api-version=", "api-version=13812345678", "api-version=2024-10-2",
        "api-version=2024-10-211", "api-version=2024-10-21-x", "api-version=2024-10-21&a=b", "a=b",
        "Api-Version=2024-10-21", "api-version=2024-10-21%20"}) {
    EXPECT_FALSE(adapter.takes_query(chat(), query)) << query;
  }
}

TEST(Azure, ACallGoesToTheDeploymentOfItsTarget) {
  EXPECT_EQ(chat().adapter().target(chat(), "east gpt/4", "api-version=v1"),
            "/openai/deployments/east%20gpt%2F4/chat/completions?api-version=v1");
  EXPECT_EQ(chat().adapter().facts().credential.name, "api-key");
}

// Azure goes by the path; whoever goes by the body must be judged, too.
TEST(Azure, AModelInTheBodyIsJudgedBesides) {
  const std::string body = R"({"model":"gpt-4o","messages":[]})";
  const auto document = Document::parse_request(body, chat(), {}, "my-dep");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->model(), "my-dep");
  EXPECT_EQ(std::vector<std::string>(document->models().begin(), document->models().end()),
            (std::vector<std::string>{"my-dep", "gpt-4o"}));
  Edits edits;
  document->rename_model(edits, "other");
  EXPECT_EQ(document->apply(edits), R"({"model":"other","messages":[]})");

  const auto same = Document::parse_request(body, chat(), {}, "gpt-4o");
  EXPECT_EQ(same->models().size(), 1U);
  const auto bare = Document::parse_request(R"({"messages":[]})", chat(), {}, "my-dep");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->model(), "my-dep");
  Edits none;
  bare->rename_model(none, "other");
  EXPECT_TRUE(none.empty());
  const auto odd = Document::parse_request(R"({"model":7,"messages":[]})", chat(), {}, "my-dep");
  ASSERT_FALSE(odd);
  EXPECT_EQ(odd.error().code, "model_missing");
}

TEST(Azure, ItsPathsAreItsCallers) {
  EXPECT_EQ(likely_adapter({"POST", "/openai/deployments/m/audio/speech", {}, {}}).facts().name,
            "azure");
}

}  // namespace
}  // namespace menshen::protocol
