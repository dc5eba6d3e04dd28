#include "proxy/admin/resources.h"

#include "core/version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace menshen::admin {
namespace {

using nlohmann::json;

struct Admin {
  Readiness readiness{.ready = true};
  http::Router router{
      resources({[this] { return readiness; }, [] { return std::string("m 1\n"); }})};

  [[nodiscard]] std::string type_of(const http::Reply& reply) const {
    return std::string(http::find_header(reply.head.headers, "content-type").value_or(""));
  }
};

TEST(AdminResources, TheProcessLives) {
  const Admin admin;
  const auto reply = admin.router.route("GET", "/healthz?verbose");
  EXPECT_EQ(reply.head.status, 200U);
  EXPECT_EQ(admin.type_of(reply), "application/json");
  EXPECT_EQ(json::parse(reply.body), (json{{"status", "ok"}, {"version", core::version()}}));
}

TEST(AdminResources, ReadinessSaysWhyNot) {
  Admin admin;
  EXPECT_EQ(admin.router.route("GET", "/readyz").head.status, 200U);
  admin.readiness = {.reason = "draining"};
  const auto reply = admin.router.route("GET", "/readyz");
  EXPECT_EQ(reply.head.status, 503U);
  EXPECT_EQ(admin.type_of(reply), "application/problem+json");
  EXPECT_EQ(json::parse(reply.body),
            (json{{"type", "about:blank"},
                  {"title", "Service Unavailable"},
                  {"status", 503},
                  {"detail", "draining"},
                  {"code", "not_ready"},
                  {"reload", {{"applied", true}, {"time", "1970-01-01T00:00:00.000000000Z"}}}}));
}

TEST(AdminResources, ReadinessSaysWhatCameOfTheLastReloadAndWhichRoutesAreDown) {
  Admin admin;
  admin.readiness.reload = {
      false, 1'767'585'600'000'000'000, "p\xff.yaml:7:5 access[0]", {"threads"}};
  admin.readiness.routes_down = {"gpt-*"};
  const auto reply = admin.router.route("GET", "/readyz");
  EXPECT_EQ(reply.head.status, 200U);
  const json body = json::parse(reply.body);
  EXPECT_EQ(body["status"], "ready");
  EXPECT_EQ(body["reload"], (json{{"applied", false},
                                  {"time", "2026-01-05T04:00:00.000000000Z"},
                                  {"problem", "p\uFFFD.yaml:7:5 access[0]"},
                                  {"restart_needed", {"threads"}}}));
  EXPECT_EQ(body["routes_down"], json({"gpt-*"}));
}

TEST(AdminResources, MetricsAreText) {
  const Admin admin;
  const auto reply = admin.router.route("GET", "/metrics");
  EXPECT_EQ(reply.body, "m 1\n");
  EXPECT_EQ(admin.type_of(reply), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace
}  // namespace menshen::admin
