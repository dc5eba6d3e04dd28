#include "proxy/http/router.h"

#include "proxy/http/problem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace menshen::http {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

Resource says(std::string method, std::string path, std::string text) {
  return {std::move(method), std::move(path), [text = std::move(text)](const Asked&) {
            return Reply{{}, text};
          }};
}

const Router& router() {
  static const Router made({says("GET", "/keys", "all"), says("POST", "/keys", "made"),
                            says("DELETE", "/cache", "gone")});
  return made;
}

RequestHead head_of(std::string method, std::string target) {
  RequestHead head;
  head.method = std::move(method);
  head.target = std::move(target);
  return head;
}

Reply ask(std::string method, std::string target) {
  return router().route(head_of(std::move(method), std::move(target)));
}

TEST(Router, FindsTheResourceByMethodAndPath) {
  EXPECT_EQ(ask("GET", "/keys").body, "all");
  EXPECT_EQ(ask("GET", "/keys?page=2").body, "all");
  EXPECT_EQ(ask("POST", "/keys").body, "made");
  EXPECT_EQ(ask("HEAD", "/keys").body, "all");  // the transport leaves the body out
}

TEST(Router, AMethodThatThePathDoesNotTakeIsToldWhichItTakes) {
  const Reply reply = ask("PUT", "/keys");
  EXPECT_EQ(reply.head.status, 405U);
  EXPECT_EQ(find_header(reply.head.headers, "allow"), "GET, HEAD, POST");
  EXPECT_EQ(find_header(reply.head.headers, "content-type"), "application/problem+json");
  const Reply head = ask("HEAD", "/cache");
  EXPECT_EQ(head.head.status, 405U);
  EXPECT_EQ(find_header(head.head.headers, "allow"), "DELETE");
}

TEST(Router, AnUnknownPathIsTurnedAway) {
  for (const char* path : {"/", "", "/key", "/keys/", "/KEYS", "//keys", "/keys/../keys", "*"}) {
    const Reply reply = ask("GET", path);
    EXPECT_EQ(reply.head.status, 404U) << path;
    EXPECT_THAT(json::parse(reply.body)["detail"], HasSubstr("/keys, /cache")) << path;
  }
}

TEST(Router, WhatIsGuardedIsForWhoIsTrusted) {
  const auto tells = [](const Asked& asked) { return Reply{{}, asked.trusted ? "all" : "some"}; };
  const Router made(
      {{"GET", "/open", tells}, {"GET", "/guarded", tells, true}},
      [](const RequestHead& head) { return find_header(head.headers, "authorization") == "yes"; });
  RequestHead open = head_of("GET", "/open");
  RequestHead guarded = head_of("HEAD", "/guarded?x");
  EXPECT_EQ(made.route(open).body, "some");
  const Reply refused = made.route(guarded);
  EXPECT_EQ(refused.head.status, 401U);
  EXPECT_EQ(find_header(refused.head.headers, "www-authenticate"), "Bearer");
  for (RequestHead* head : {&open, &guarded}) {
    head->headers = {{"authorization", "yes"}};
    EXPECT_EQ(made.route(*head).body, "all");
  }
  const Router trusting({{"GET", "/guarded", tells, true}});
  EXPECT_EQ(trusting.route(head_of("GET", "/guarded")).body, "all");
}

TEST(Router, AResourceMayHaveAllThatBeginsAsItDoes) {
  const Router made({{"GET", "/log/*", [](const Asked& asked) {
                        return Reply{{}, "<" + std::string(asked.rest) + ">"};
                      }}});
  const auto body = [&](const char* target) { return made.route(head_of("GET", target)).body; };
  EXPECT_EQ(body("/log/tile/0/000?x=/y"), "<tile/0/000>");
  EXPECT_EQ(body("/log/../keys"), "<../keys>");
  EXPECT_EQ(body("/log/"), "<>");
  EXPECT_EQ(made.route(head_of("HEAD", "/log/a")).body, "<a>");
  for (const char* path : {"/log", "/lo", "/LOG/a", "//log/a", "/x/log/a"})
    EXPECT_EQ(made.route(head_of("GET", path)).head.status, 404U) << path;
  const Reply refused = made.route(head_of("PUT", "/log/a"));
  EXPECT_EQ(refused.head.status, 405U);
  EXPECT_EQ(find_header(refused.head.headers, "allow"), "GET, HEAD");
}

TEST(Problem, HasTheMembersOfItsRfc) {
  const Reply reply = problem(core::client_error(core::ErrorKind::invalid_request, "bad_id",
                                                 "No id is \xff like this.", "/id"));
  EXPECT_EQ(reply.head.status, 400U);
  EXPECT_EQ(json::parse(reply.body), (json{{"type", "about:blank"},
                                           {"title", "Bad Request"},
                                           {"status", 400},
                                           {"detail", "No id is \xEF\xBF\xBD like this."},
                                           {"code", "bad_id"},
                                           {"where", "/id"}}));
}

}  // namespace
}  // namespace menshen::http
