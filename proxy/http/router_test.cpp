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
  return {std::move(method), std::move(path), [text = std::move(text)] { return Reply{{}, text}; }};
}

const Router& router() {
  static const Router made({says("GET", "/keys", "all"), says("POST", "/keys", "made"),
                            says("DELETE", "/cache", "gone")});
  return made;
}

TEST(Router, FindsTheResourceByMethodAndPath) {
  EXPECT_EQ(router().route("GET", "/keys").body, "all");
  EXPECT_EQ(router().route("GET", "/keys?page=2").body, "all");
  EXPECT_EQ(router().route("POST", "/keys").body, "made");
  EXPECT_EQ(router().route("HEAD", "/keys").body, "all");  // the transport leaves the body out
}

TEST(Router, AMethodThatThePathDoesNotTakeIsToldWhichItTakes) {
  const Reply reply = router().route("PUT", "/keys");
  EXPECT_EQ(reply.head.status, 405U);
  EXPECT_EQ(find_header(reply.head.headers, "allow"), "GET, HEAD, POST");
  EXPECT_EQ(find_header(reply.head.headers, "content-type"), "application/problem+json");
  const Reply head = router().route("HEAD", "/cache");
  EXPECT_EQ(head.head.status, 405U);
  EXPECT_EQ(find_header(head.head.headers, "allow"), "DELETE");
}

TEST(Router, AnUnknownPathIsTurnedAway) {
  for (const char* path : {"/", "", "/key", "/keys/", "/KEYS", "//keys", "/keys/../keys", "*"}) {
    const Reply reply = router().route("GET", path);
    EXPECT_EQ(reply.head.status, 404U) << path;
    EXPECT_THAT(json::parse(reply.body)["detail"], HasSubstr("/keys, /cache")) << path;
  }
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
