#include "proxy/admin/resources.h"

#include "core/version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace menshen::admin {
namespace {

using nlohmann::json;

struct Admin {
  Readiness readiness{true, {}};
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
  admin.readiness = {false, "draining"};
  const auto reply = admin.router.route("GET", "/readyz");
  EXPECT_EQ(reply.head.status, 503U);
  EXPECT_EQ(admin.type_of(reply), "application/problem+json");
  EXPECT_EQ(json::parse(reply.body), (json{{"type", "about:blank"},
                                           {"title", "Service Unavailable"},
                                           {"status", 503},
                                           {"detail", "draining"},
                                           {"code", "not_ready"}}));
}

TEST(AdminResources, MetricsAreText) {
  const Admin admin;
  const auto reply = admin.router.route("GET", "/metrics");
  EXPECT_EQ(reply.body, "m 1\n");
  EXPECT_EQ(admin.type_of(reply), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace
}  // namespace menshen::admin
