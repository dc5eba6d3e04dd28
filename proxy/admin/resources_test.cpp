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
  bool trusted = true;
  http::Router router{
      resources({[this] { return readiness; }, [] { return std::string("m 1\n"); }}),
      [this](const http::RequestHead&) { return trusted; }};

  [[nodiscard]] http::Reply get(const std::string& target) const {
    http::RequestHead head;
    head.method = "GET";
    head.target = target;
    return router.route(head);
  }

  [[nodiscard]] std::string type_of(const http::Reply& reply) const {
    return std::string(http::find_header(reply.head.headers, "content-type").value_or(""));
  }
};

TEST(AdminResources, TheProcessLives) {
  const Admin admin;
  const auto reply = admin.get("/healthz?verbose");
  EXPECT_EQ(reply.head.status, 200U);
  EXPECT_EQ(admin.type_of(reply), "application/json");
  EXPECT_EQ(json::parse(reply.body), (json{{"status", "ok"}, {"version", core::version()}}));
}

TEST(AdminResources, ReadinessSaysWhyNot) {
  Admin admin;
  EXPECT_EQ(admin.get("/readyz").head.status, 200U);
  admin.readiness = {.reason = "draining"};
  const auto reply = admin.get("/readyz");
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
  const auto reply = admin.get("/readyz");
  EXPECT_EQ(reply.head.status, 200U);
  const json body = json::parse(reply.body);
  EXPECT_EQ(body["status"], "ready");
  EXPECT_EQ(body["reload"], (json{{"applied", false},
                                  {"time", "2026-01-05T04:00:00.000000000Z"},
                                  {"problem", "p\uFFFD.yaml:7:5 access[0]"},
                                  {"restart_needed", {"threads"}}}));
  EXPECT_EQ(body["routes_down"], json({"gpt-*"}));
}

TEST(AdminResources, WhoIsNotTrustedLearnsWhetherItRunsAndNoMore) {
  Admin admin;
  admin.trusted = false;
  EXPECT_EQ(admin.get("/healthz").body, R"({"status":"ok"})");
  EXPECT_EQ(admin.get("/readyz").body, R"({"status":"ready"})");
  admin.readiness = {.reason = "the evidence store cannot write: /var/lib"};
  admin.readiness.routes_down = {"gpt-*"};
  const auto ready = admin.get("/readyz");
  EXPECT_EQ(ready.head.status, 503U);
  EXPECT_EQ(json::parse(ready.body), (json{{"type", "about:blank"},
                                           {"title", "Service Unavailable"},
                                           {"status", 503},
                                           {"detail", "The gateway is not ready."},
                                           {"code", "not_ready"}}));
  const auto metrics = admin.get("/metrics");
  EXPECT_EQ(metrics.head.status, 401U);
  EXPECT_EQ(http::find_header(metrics.head.headers, "www-authenticate"), "Bearer");
  EXPECT_EQ(json::parse(metrics.body)["code"], "invalid_admin_token");
}

TEST(AdminResources, TheTokenIsTheWholeOfABearersValue) {
  const auto shows = [](const std::string& value) {
    http::RequestHead head;
    if (!value.empty()) head.headers = {{"authorization", value}};
    return shows_token(head, "0123456789abcdef");
  };
  EXPECT_TRUE(shows("Bearer 0123456789abcdef"));
  EXPECT_TRUE(shows("bearer  0123456789abcdef"));
  for (const char* value :
       {"", "Bearer", "Bearer ", "0123456789abcdef", "Basic 0123456789abcdef",
        "Bearer 0123456789abcde", "Bearer 0123456789abcdef0", "Bearer 0123456789abcdeF"}) {
    EXPECT_FALSE(shows(value)) << value;
  }
}

TEST(AdminResources, TheLogIsServedWhereItIsGiven) {
  Admin admin;
  EXPECT_EQ(admin.get("/log/checkpoint").head.status, 404U);
  using File = core::Result<std::optional<audit::ServedFile>>;
  const auto log = [](std::string_view path) -> File {
    if (path == "broken")
      return core::gateway_error(core::ErrorKind::unavailable, "evidence_unreadable", "No.");
    if (path == "checkpoint") return std::optional(audit::ServedFile{"note", true});
    if (path == "tile/0/000") return std::optional(audit::ServedFile{"hashes", false});
    return std::optional<audit::ServedFile>{};
  };
  bool trusted = true;
  const http::Router router(
      resources({[] { return Readiness{}; }, [] { return std::string(); }, log}),
      [&](const http::RequestHead&) { return trusted; });
  const auto get = [&](const char* target) {
    http::RequestHead head;
    head.method = "GET";
    head.target = target;
    return router.route(head);
  };
  const auto checkpoint = get("/log/checkpoint");
  EXPECT_EQ(checkpoint.body, "note");
  EXPECT_EQ(admin.type_of(checkpoint), "text/plain; charset=utf-8");
  EXPECT_EQ(http::find_header(checkpoint.head.headers, "cache-control"), "no-cache");
  const auto tile = get("/log/tile/0/000");
  EXPECT_EQ(tile.body, "hashes");
  EXPECT_EQ(admin.type_of(tile), "application/octet-stream");
  EXPECT_EQ(http::find_header(tile.head.headers, "cache-control"),
            "private, max-age=31536000, immutable");
  EXPECT_EQ(json::parse(get("/log/tile/0/001").body)["code"], "no_such_log_file");
  EXPECT_EQ(get("/log/tile/0/001").head.status, 404U);
  EXPECT_EQ(get("/log/broken").head.status, 503U);
  trusted = false;
  EXPECT_EQ(get("/log/checkpoint").head.status, 401U);
}

TEST(AdminResources, MetricsAreText) {
  const Admin admin;
  const auto reply = admin.get("/metrics");
  EXPECT_EQ(reply.body, "m 1\n");
  EXPECT_EQ(admin.type_of(reply), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace
}  // namespace menshen::admin
