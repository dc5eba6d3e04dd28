#include "proxy/http/cors.h"

#include <gtest/gtest.h>

namespace menshen::http {
namespace {

const Cors& cors() {
  static const Cors named({"https://app.example", "http://localhost:5173"},
                          [](std::string_view path) { return path == "/v1/x" ? "POST" : ""; });
  return named;
}

RequestHead head_of(std::string method, std::string target, Headers headers) {
  return {std::move(method), std::move(target), std::move(headers), "127.0.0.1"};
}

RequestHead question(std::string origin, Headers more = {}) {
  Headers headers{{"origin", std::move(origin)}, {"access-control-request-method", "POST"}};
  headers.insert(headers.end(), more.begin(), more.end());
  return head_of("OPTIONS", "/v1/x?a=b", std::move(headers));
}

TEST(Cors, AnswersTheQuestionOfANamedOrigin) {
  const auto reply = cors().preflight(question(
      "http://localhost:5173", {{"access-control-request-headers", "authorization, x-a"}}));
  ASSERT_TRUE(reply);
  const Headers expected{
      {"access-control-allow-origin", "http://localhost:5173"},
      {"access-control-allow-methods", "POST"},
      {"access-control-allow-headers", "authorization, x-a"},
      {"access-control-max-age", "600"},
      {"vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}};
  EXPECT_EQ(reply->head.status, 204U);
  EXPECT_EQ(reply->head.headers, expected);
  EXPECT_EQ(reply->body, "");
}

TEST(Cors, AnswersNoOtherQuestion) {
  for (const std::string origin : {"https://app.example.evil", "https://APP.example", "null", "*",
                                   "https://app.example:443", "http://app.example", ""})
    EXPECT_FALSE(cors().preflight(question(origin))) << origin;
  EXPECT_FALSE(cors().preflight(
      question("https://app.example", {{"origin", "https://app.example"}})));  // twice
  RequestHead other = question("https://app.example");
  other.target = "/v1/y";
  EXPECT_FALSE(cors().preflight(other));
  other = question("https://app.example");
  other.method = "POST";
  EXPECT_FALSE(cors().preflight(other));
  EXPECT_FALSE(cors().preflight(head_of("OPTIONS", "/v1/x", {{"origin", "https://app.example"}})));
}

TEST(Cors, GivesBackNoNamesThatAreNone) {
  const auto reply = cors().preflight(
      question("https://app.example", {{"access-control-request-headers", "a: b"}}));
  EXPECT_FALSE(find_header(reply->head.headers, "access-control-allow-headers"));
}

TEST(Cors, LetsNamedOriginsReadAndTellsCaches) {
  const Headers answer{{"content-type", "application/json"}, {"x-menshen-exchange", "1"}};
  Headers marked = answer;
  cors().mark(head_of("POST", "/v1/x", {{"origin", "https://app.example"}}), marked);
  EXPECT_EQ(find_header(marked, "access-control-allow-origin"), "https://app.example");
  EXPECT_EQ(find_header(marked, "access-control-expose-headers"),
            "content-type, x-menshen-exchange");
  EXPECT_EQ(find_header(marked, "vary"), "Origin");
  EXPECT_FALSE(find_header(marked, "access-control-allow-credentials"));
  for (const Headers& asked : {Headers{}, Headers{{"origin", "https://other.example"}}}) {
    marked = answer;
    cors().mark(head_of("POST", "/v1/x", asked), marked);
    EXPECT_EQ(marked.size(), answer.size() + 1);
    EXPECT_EQ(find_header(marked, "vary"), "Origin");
  }
}

}  // namespace
}  // namespace menshen::http
