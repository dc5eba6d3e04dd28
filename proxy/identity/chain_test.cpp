// The chain over API keys and over links of these tests.
#include "proxy/identity/chain.h"

#include "proxy/identity/api_keys.h"
#include "proxy/identity/key_format.h"
#include "proxy/identity/key_store.h"
#include "proxy/identity/testing.h"
#include "store/testing/temporary_directory.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace menshen::identity {
namespace {

namespace asio = boost::asio;
using ::testing::ElementsAre;
using ::testing::Pair;

using Asked = std::vector<std::string>;
using Links = std::vector<std::unique_ptr<Authenticator>>;

// "toy:NAME:DEPARTMENT" is its own; who has no department is refused. Suspends, as a link that
// fetches something does.
class Toy final : public Authenticator {
 public:
  Toy(std::string name, Asked& asked) : name_(std::move(name)), asked_(asked) {}

  asio::awaitable<Answer> authenticate(const Presented& presented) override {
    asked_.push_back(name_);
    co_await asio::post(asio::use_awaitable);
    std::string_view rest = presented.credential;
    if (!rest.starts_with("toy:")) co_return std::nullopt;
    rest.remove_prefix(4);
    const auto colon = rest.find(':');
    if (colon == std::string_view::npos) {
      co_return core::client_error(core::ErrorKind::unauthenticated, "toy_without_department",
                                   "A toy has a department.");
    }
    core::Subject subject{std::string(rest.substr(0, colon)), core::SubjectKind::user, {name_}};
    subject.attributes = {{"department", std::string(rest.substr(colon + 1))}};
    co_return subject;
  }

 private:
  std::string name_;
  Asked& asked_;
};

// Whoever comes through a front proxy is known by its header, whatever his credential.
class ByHeader final : public Authenticator {
 public:
  asio::awaitable<Answer> authenticate(const Presented& presented) override {
    const auto caller = http::find_header(presented.headers, "x-front-proxy-caller");
    if (!caller) co_return std::nullopt;
    co_return core::Subject{std::string(*caller), core::SubjectKind::user, {"by-header"}};
  }
};

// Its tokens can be checked by a server alone, which does not answer.
class Unreachable final : public Authenticator {
 public:
  explicit Unreachable(Asked& asked) : asked_(asked) {}
  asio::awaitable<Answer> authenticate(const Presented& presented) override {
    asked_.push_back("unreachable");
    co_await asio::post(asio::use_awaitable);
    if (!presented.credential.starts_with("far:")) co_return std::nullopt;
    co_return core::gateway_error(core::ErrorKind::unavailable, "identity_unavailable",
                                  "The issuer cannot be reached.");
  }

 private:
  Asked& asked_;
};

template <class... Link>
Links links_of(Link... link) {
  Links links;
  (links.push_back(std::move(link)), ...);
  return links;
}

class ChainTest : public ::testing::Test {
 protected:
  ChainTest() : store_(KeyStore::open(folder_.path()).value()) { options_.clock = &clock_; }

  std::unique_ptr<Authenticator> keys() {
    return api_keys(KeyCache::start(open_key_file(folder_.path()).value(), options_).value());
  }
  std::unique_ptr<Toy> toy(std::string name) {
    return std::make_unique<Toy>(std::move(name), asked_);
  }
  std::string create(std::string subject) {
    KeyRequest request;
    request.subject = std::move(subject);
    return store_.create(request, clock_.wall)->key;
  }

  core::Result<core::Subject> identify(Links links, http::Headers headers) {
    asked_.clear();
    const Chain chain(std::move(links));
    http::RequestHead head;
    head.headers = std::move(headers);
    asio::io_context context;
    core::Result<core::Subject> answer = core::Error{};
    asio::co_spawn(
        context, [&]() -> asio::awaitable<void> { answer = co_await chain.identify(head); },
        asio::detached);
    context.run();
    return answer;
  }
  // Subject, or the error's code.
  std::string who(Links links, http::Headers headers) {
    const auto subject = identify(std::move(links), std::move(headers));
    return subject ? subject->id : subject.error().code;
  }
  static http::Headers bearer(const std::string& credential) {
    return {{"authorization", "Bearer " + credential}};
  }

  store::testing::TemporaryDirectory folder_;
  testing::FixedClock clock_;
  KeyStore store_;
  KeyCache::Options options_{.poll = std::chrono::hours(1)};
  Asked asked_;
};

TEST_F(ChainTest, ReadsTheCredentialWhereSdksPutIt) {
  const std::string key = create("alice");
  EXPECT_EQ(who(links_of(keys()), bearer(key)), "alice");
  EXPECT_EQ(who(links_of(keys()), {{"authorization", "bEARER " + key}}), "alice");
  EXPECT_EQ(who(links_of(keys()), {{"x-api-key", key}}), "alice");
  EXPECT_EQ(who(links_of(keys()), {{"x-api-key", key}, {"authorization", "Bearer " + key}}),
            "alice");
}

TEST_F(ChainTest, RefusesWhatIsNoCredential) {
  const std::string key = create("alice");
  for (const auto& [headers, code] : std::vector<std::pair<http::Headers, std::string>>{
           {{}, "missing_api_key"},
           {{{"x-api-key", ""}}, "missing_api_key"},
           {{{"authorization", ""}}, "malformed_api_key"},
           {{{"authorization", "Bearer "}}, "malformed_api_key"},
           {{{"authorization", "Basic " + key}}, "malformed_api_key"},
           {{{"authorization", key}}, "malformed_api_key"},
           {bearer("sk-proj-0123456789"), "malformed_api_key"},
           {bearer("msk_short"), "malformed_api_key"},
           {bearer(generate_key().text), "invalid_api_key"},
           {{{"x-api-key", key}, {"authorization", "Bearer toy:eve:x"}},
            "conflicting_credentials"}}) {
    const auto refused = identify(links_of(keys(), toy("toy")), headers);
    ASSERT_FALSE(refused) << code;
    EXPECT_EQ(refused.error().code, code);
    EXPECT_EQ(core::http_status(refused.error().kind),
              code == "conflicting_credentials" ? 400 : 401);
    EXPECT_THAT(refused.error().message, ::testing::Not(::testing::HasSubstr(key)));
  }
}

TEST_F(ChainTest, WhatIsNotALinksOwnGoesOnToTheNext) {
  const std::string key = create("alice");
  const auto subject = identify(links_of(keys(), toy("toy")), bearer("toy:bob:sales"));
  ASSERT_TRUE(subject) << to_string(subject.error());
  EXPECT_EQ(subject->id, "bob");
  EXPECT_THAT(subject->attributes, ElementsAre(Pair("department", "sales")));
  EXPECT_EQ(who(links_of(toy("toy"), keys()), bearer(key)), "alice");
  EXPECT_THAT(asked_, ElementsAre("toy"));
  EXPECT_EQ(who(links_of(keys(), toy("toy")), bearer(key)), "alice");
  EXPECT_THAT(asked_, ElementsAre());  // the first that knows ends the questions
}

TEST_F(ChainTest, TheFirstLinkThatKnowsTheCallerDecides) {
  const auto groups = [&](Links links) {
    return identify(std::move(links), bearer("toy:bob:sales"))->groups;
  };
  EXPECT_THAT(groups(links_of(toy("one"), toy("two"))), ElementsAre("one"));
  EXPECT_THAT(groups(links_of(toy("two"), toy("one"))), ElementsAre("two"));
  const http::Headers both{{"authorization", "Bearer toy:bob:sales"},
                           {"x-front-proxy-caller", "carol"}};
  EXPECT_EQ(who(links_of(toy("toy"), std::make_unique<ByHeader>()), both), "bob");
  EXPECT_EQ(who(links_of(std::make_unique<ByHeader>(), toy("toy")), both), "carol");
}

TEST_F(ChainTest, ALinkMayKnowACallerWithoutACredential) {
  EXPECT_EQ(
      who(links_of(keys(), std::make_unique<ByHeader>()), {{"x-front-proxy-caller", "carol"}}),
      "carol");
}

TEST_F(ChainTest, WhatIsALinksOwnAndBadEndsThere) {
  EXPECT_EQ(who(links_of(toy("one"), toy("two")), bearer("toy:bob")), "toy_without_department");
  EXPECT_THAT(asked_, ElementsAre("one"));
  EXPECT_EQ(who(links_of(keys(), toy("toy")), bearer("msk_toy:bob:sales")), "malformed_api_key");
  EXPECT_THAT(asked_, ElementsAre());
}

TEST_F(ChainTest, ALinkThatCannotTellFailsClosed) {
  const auto links = [&] {
    return links_of(std::make_unique<Unreachable>(asked_), toy("toy"), keys());
  };
  const auto refused = identify(links(), bearer("far:token"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "identity_unavailable");
  EXPECT_EQ(core::http_status(refused.error().kind), 503);
  EXPECT_THAT(asked_, ElementsAre("unreachable"));  // nobody else vouches for it
  const std::string key = create("alice");
  EXPECT_EQ(who(links(), bearer(key)), "alice");  // who has another credential goes on
}

TEST_F(ChainTest, WithoutLinksNobodyIsKnown) {
  EXPECT_EQ(who({}, bearer("toy:bob:sales")), "malformed_api_key");
  EXPECT_EQ(who({}, {}), "missing_api_key");
}

}  // namespace
}  // namespace menshen::identity
