// GET /v1/models: who may list what, and how upstreams are asked.
#include "proxy/pipeline/listing.h"

#include "proxy/pipeline/gateway_fixture.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gmock/gmock.h>

#include <map>

namespace menshen::pipeline {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace testing;

std::string list_of(std::initializer_list<std::string_view> names) {
  Json data = Json::array();
  for (const std::string_view name : names) data.push_back({{"id", name}});
  return Json{{"data", data}}.dump();
}

// Upstreams by name: what each lists, or that it never answers. A call goes once around the loop
// before it is answered, so that the log tells calls that overlap.
class Listed : public Upstreams {
 public:
  bool route(const RoutesPtr&, std::string_view, const protocol::Adapter&,
             std::vector<Target>& out) override {
    out = targets();
    return true;
  }
  void listing_targets(const RoutesPtr&, const protocol::Adapter&,
                       std::vector<Target>& out) override {
    out = targets();
  }
  void named_models(const RoutesPtr&, const protocol::Adapter&,
                    std::vector<std::string>&) override {}
  asio::awaitable<core::Result<std::unique_ptr<UpstreamCall>>> call(
      const Target& target, const UpstreamRequest&) override {
    log.push_back("ask " + std::string(target.name));
    const auto executor = co_await asio::this_coro::executor;
    const ScriptedAnswer& answer = answers.at(std::string(target.name));
    if (answer.pieces.empty()) {
      asio::steady_timer never(executor, asio::steady_timer::time_point::max());
      boost::system::error_code ignored;
      co_await never.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      log.push_back("stop " + std::string(target.name));
      co_return core::provider_error(core::ErrorKind::cancelled, "cancelled", "Cancelled.");
    }
    co_await asio::post(executor, asio::use_awaitable);
    log.push_back("told " + std::string(target.name));
    co_return std::unique_ptr<UpstreamCall>(std::make_unique<FakeCall>(answer));
  }
  [[nodiscard]] unsigned retries(const Target&) const noexcept override { return 0; }
  [[nodiscard]] std::vector<Target> targets() const {
    std::vector<Target> out;
    for (const auto& [name, answer] : answers) {
      out.push_back({static_cast<std::uint32_t>(out.size()), name, "internal", "",
                     &protocol::likely_adapter({})});
    }
    return out;
  }

  std::map<std::string, ScriptedAnswer> answers;
  Log log;
};

class ListingTest : public ::testing::Test {
 protected:
  std::vector<std::string> collect() {
    std::vector<std::string> names;
    asio::co_spawn(
        context_,
        [&]() -> asio::awaitable<void> {
          const auto asked =
              co_await listings_->collect(upstreams_.targets(), {}, scanners_, names);
          EXPECT_TRUE(asked);
          asked_ = asked ? *asked : 0;
        },
        asio::detached);
    context_.restart();
    context_.run();
    return names;
  }
  void begin(ListingBounds bounds) {
    listings_ = std::make_unique<ModelListings>(upstreams_, clock_, bounds);
  }
  void wait_ms(std::int64_t ms) { clock_.now += ms * 1'000'000; }

  asio::io_context context_;
  Listed upstreams_;
  MovingClock clock_;
  ScannerPool scanners_{detectors::Catalog::built_in()};
  std::unique_ptr<ModelListings> listings_;
  std::uint32_t asked_ = 0;
};

TEST_F(ListingTest, UpstreamsAreAskedAtOnceWithinABound) {
  for (const char* name : {"a", "b", "c"}) upstreams_.answers[name] = {.pieces = {list_of({name})}};
  begin({.at_once_max = 3});
  EXPECT_THAT(collect(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(upstreams_.log, ElementsAre("ask a", "ask b", "ask c", "told a", "told b", "told c"));
  EXPECT_EQ(asked_, 3U);
  upstreams_.log.clear();
  begin({.at_once_max = 2});
  EXPECT_THAT(collect(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(upstreams_.log, ElementsAre("ask a", "ask b", "told a", "ask c", "told b", "told c"));
}

TEST_F(ListingTest, WhatWasListedAMomentAgoIsNotAskedForAgain) {
  upstreams_.answers["a"] = {.pieces = {list_of({"old"})}};
  begin({.fresh_ms = 10});
  EXPECT_THAT(collect(), ElementsAre("old"));
  upstreams_.answers["a"] = {.pieces = {list_of({"new"})}};
  wait_ms(9);
  EXPECT_THAT(collect(), ElementsAre("old"));
  EXPECT_EQ(asked_, 0U);
  wait_ms(1);
  EXPECT_THAT(collect(), ElementsAre("new"));
  EXPECT_EQ(asked_, 1U);
}

TEST_F(ListingTest, AnUpstreamThatFailsAnswersWithWhatItSaidBeforeForAWhile) {
  upstreams_.answers["a"] = {.pieces = {list_of({"old"})}};
  begin({.fresh_ms = 10, .retry_ms = 5, .stale_max_ms = 100});
  collect();
  upstreams_.answers["a"] = {.status = 500, .pieces = {"no"}};
  wait_ms(10);
  EXPECT_THAT(collect(), ElementsAre("old"));
  EXPECT_EQ(asked_, 1U);
  wait_ms(4);
  EXPECT_THAT(collect(), ElementsAre("old"));
  EXPECT_EQ(asked_, 0U);
  wait_ms(1);
  EXPECT_THAT(collect(), ElementsAre("old"));
  EXPECT_EQ(asked_, 1U);
  wait_ms(84);
  EXPECT_THAT(collect(), ElementsAre("old"));
  wait_ms(1);
  EXPECT_THAT(collect(), IsEmpty());
}

TEST_F(ListingTest, AnUpstreamThatNeverAnswersIsLeftOut) {
  upstreams_.answers["a"] = {};
  upstreams_.answers["b"] = {.pieces = {list_of({"b"})}};
  begin({.timeout_ms = 20});
  EXPECT_THAT(collect(), ElementsAre("b"));
  EXPECT_THAT(upstreams_.log, Contains("stop a"));
}

TEST_F(ListingTest, ListsBeyondTheBoundsAreNotUsed) {
  upstreams_.answers["a"] = {.pieces = {list_of({"x", "y"})}};
  upstreams_.answers["b"] = {.pieces = {list_of({"1", "2", "3"})}};
  begin({.names_max = 2});
  EXPECT_THAT(collect(), ElementsAre("x", "y"));
  const auto bytes = static_cast<std::uint32_t>(list_of({"x", "y"}).size());
  begin({.bytes_max = bytes});
  EXPECT_THAT(collect(), ElementsAre("x", "y"));
  begin({.bytes_max = bytes - 1});
  EXPECT_THAT(collect(), IsEmpty());
}

TEST_F(ListingTest, NamesInWhichSomethingIsFoundAreLeftOut) {
  upstreams_.answers["a"] = {.pieces = {list_of({"x", "zhang.san@corp.example"})}};
  begin({});
  EXPECT_THAT(collect(), ElementsAre("x"));
}

std::string rules(std::string_view access) {
  return "apiVersion: menshen/v1\nkind: PolicySet\nmetadata: {name: test}\naccess:\n"
         "  - {id: all, effect: allow, who: {groups: [staff]}}\n" +
         std::string(access);
}

std::vector<std::string> ids_of(const FakeClient& client) {
  std::vector<std::string> ids;
  const Json list = Json::parse(client.received);
  for (const Json& model : list["data"]) ids.push_back(model["id"]);
  return ids;
}

TEST_F(GatewayTest, ADenyOfListingIsARefusal) {
  policy_ = policy_from(
      rules("  - {id: no-list, effect: deny, what: {operations: [models]}, reason: Not you.}\n"));
  answer({.pieces = {list_of({"open-1"})}});
  for (const std::string path : {"/v1/models", "/v1/models/open-1"}) {
    log_.clear();
    const FakeClient& client = ask("", path, "GET");
    EXPECT_EQ(client.sent_head.status, 403U);
    const Json error = Json::parse(client.received)["error"];
    EXPECT_EQ(error["code"], "access_denied");
    EXPECT_EQ(error["message"].get<std::string>().find("Not you."), 0U);
    EXPECT_THAT(log_, ElementsAre("outcome", "send"));
    EXPECT_EQ(outcome().access_rule, "no-list");
    EXPECT_EQ(outcome().decision, "deny");
  }
  upstreams_.targets.clear();  // nothing is up: the rule is told all the same
  EXPECT_EQ(ask("", "/v1/models", "GET").sent_head.status, 403U);
}

TEST_F(GatewayTest, ListingIsDeniedByDefaultLikeEveryOperation) {
  policy_ = policy_from(
      "apiVersion: menshen/v1\nkind: PolicySet\nmetadata: {name: test}\naccess:\n"
      "  - {id: chat, effect: allow, what: {operations: [chat]}}\n");
  EXPECT_EQ(ask("", "/v1/models", "GET").sent_head.status, 403U);
  EXPECT_EQ(outcome().access_rule, "");
  EXPECT_EQ(upstreams_.calls, 0U);
}

TEST_F(GatewayTest, ADenyOfListingByZoneTakesTheModelsOfThatZoneOut) {
  policy_ = policy_from(
      rules("  - {id: not-public, effect: deny, what: {operations: [models], zones: [public]}}\n"));
  upstreams_.targets = {{0, "inside", "internal", ""}, {1, "outside", "public", ""}};
  answer({.pieces = {list_of({"open-1"})}});
  EXPECT_THAT(ids_of(ask("", "/v1/models", "GET")), ElementsAre("named", "open-1"));
  EXPECT_THAT(log_, ElementsAre("intent", "call inside", "outcome", "send"));
  EXPECT_THAT(outcome().targets_denied, ElementsAre("outside: not-public"));
  upstreams_.targets = {{1, "outside", "public", ""}};
  EXPECT_EQ(ask("", "/v1/models", "GET").sent_head.status, 403U);
}

TEST_F(GatewayTest, ADenyOfListingByModelTakesThatModelOut) {
  policy_ = policy_from(
      rules("  - {id: hidden, effect: deny, what: {operations: [models], models: [open-1]}}\n"));
  answer({.pieces = {list_of({"open-1", "Open-1", "open-2"})}});
  EXPECT_THAT(ids_of(ask("", "/v1/models", "GET")), ElementsAre("named", "open-2"));
  EXPECT_EQ(ask("", "/v1/models/open-1", "GET").sent_head.status, 404U);
  EXPECT_EQ(ask("", "/v1/models/open-2", "GET").sent_head.status, 200U);
}

}  // namespace
}  // namespace menshen::pipeline
