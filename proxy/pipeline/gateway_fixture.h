// A gateway between fakes, for tests: ask() runs one exchange to its end.
#pragma once

#include "proxy/pipeline/gateway_parts.h"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace menshen::pipeline::testing {

inline constexpr std::string_view two_zones = R"(
apiVersion: menshen/v1
kind: PolicySet
metadata: {name: test}
defaults: {access: deny}
access:
  - {id: staff, effect: allow, who: {groups: [staff]}}
  - id: not-secret
    effect: deny
    who: {groups: [staff]}
    what: {models: [secret-*]}
    reason: Not that one.
content:
  - {id: personal, direction: request, find: {types: [email]}, then: {action: redact, as: tag}}
  - id: outside
    direction: request
    find: {types: [cn_mobile]}
    what: {zones: [public]}
    then: {action: deny, reason: Stays inside.}
  - {id: answers, direction: response, find: {categories: [pii]}, then: {action: redact, as: tag}}
  - {id: keys, find: {categories: [secret]}, then: {action: deny, reason: A credential was found.}}
)";

// The same with one more of the defaults: "scores: always".
inline std::string with_defaults(std::string_view more) {
  std::string yaml(two_zones);
  const std::string_view before = "defaults: {";
  return yaml.insert(yaml.find(before) + before.size(), std::string(more) + ", ");
}

class GatewayTest : public ::testing::Test, protected GatewayParts {
 protected:
  GatewayTest() : GatewayParts(two_zones, 1) { services_.identify = identify; }

  // "good": staff; "portal": a service of theirs that may say for whom it calls.
  static asio::awaitable<core::Result<core::Subject>> identify(const RequestHead& head) {
    const auto key = find_header(head.headers, "authorization");
    if (key == "Bearer good") co_return staff();
    if (key == "Bearer portal") {
      core::Subject portal{"portal", core::SubjectKind::service, {"staff"}, "key2"};
      portal.may_set_user = true;
      portal.application = "reception";
      co_return portal;
    }
    co_return core::client_error(core::ErrorKind::unauthenticated, "invalid_api_key",
                                 "Unknown key.");
  }

  FakeClient& client_of(std::string body, std::string path, std::string method, std::string key) {
    RequestHead head{method,
                     path,
                     {{"authorization", "Bearer " + key}, {"content-type", "application/json"}},
                     "127.0.0.1",
                     services_.clock->monotonic_ns()};
    head.headers.insert(head.headers.end(), more_headers_.begin(), more_headers_.end());
    client_ = std::make_unique<FakeClient>(log_, std::move(head), std::move(body));
    client_->gone_after_writes = gone_after_writes_;
    client_->exhausted = client_exhausted_;
    return *client_;
  }
  FakeClient& ask(std::string body, std::string path = "/v1/chat/completions",
                  std::string method = "POST", std::string key = "good") {
    FakeClient& client =
        client_of(std::move(body), std::move(path), std::move(method), std::move(key));
    Gateway gateway(services_, upstreams_);
    asio::co_spawn(context_, gateway.handle(client), asio::detached);
    context_.restart();
    context_.run();
    return client;
  }
  void answer(ScriptedAnswer answer) { upstreams_.answers.push_back(std::move(answer)); }
  static std::string chat(std::string_view content, bool stream = false) {
    return Json{{"model", "m"},
                {"stream", stream},
                {"messages", Json::array({{{"role", "user"}, {"content", content}}})}}
        .dump();
  }
  static std::string chat_answer(std::string_view content) {
    return Json{
        {"id", "c"},
        {"object", "chat.completion"},
        {"choices", Json::array({{{"index", 0},
                                  {"message", {{"role", "assistant"}, {"content", content}}},
                                  {"finish_reason", "stop"}}})},
        {"usage", {{"prompt_tokens", 3}, {"completion_tokens", 4}}}}
        .dump();
  }
  [[nodiscard]] const audit::Record& outcome() const { return journal_.records.back(); }

  std::unique_ptr<FakeClient> client_;
  std::optional<int> gone_after_writes_;
  bool client_exhausted_ = false;
  Headers more_headers_;
};

}  // namespace menshen::pipeline::testing
