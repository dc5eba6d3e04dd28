// A running gateway asked for its readiness, by its own table of resources and by what is none.
#include "proxy/admin/probe.h"

#include "proxy/net/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::admin {
namespace {

using net::testing::RawSocket;
using net::testing::ScriptedUpstream;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::chrono::seconds patience{net::testing::patience_seconds};

// Serves the admin address's resources, one request a connection.
ScriptedUpstream::Script serving(Readiness readiness) {
  return [readiness = std::move(readiness)](RawSocket& socket) {
    const http::Router router(
        resources({[&readiness] { return readiness; }, [] { return std::string(); }}));
    const std::string asked = socket.read_message();
    const std::string path = asked.substr(4, asked.find(' ', 4) - 4);
    http::RequestHead head;
    head.method = "GET";
    head.target = path;
    const http::Reply reply = router.route(head);
    socket.write("HTTP/1.1 " + std::to_string(reply.head.status) + " X\r\ncontent-length: " +
                 std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body);
  };
}

core::Result<Readiness> ask(const ScriptedUpstream& server, const std::string& host) {
  return ask_readiness(host, server.port(), patience);
}

TEST(Probe, SaysWhatTheGatewaySays) {
  const ScriptedUpstream ready(serving({true, {}}));
  const auto yes = ask(ready, "127.0.0.1");
  ASSERT_TRUE(yes);
  EXPECT_TRUE(yes->ready);
  const ScriptedUpstream full(serving({false, "the evidence store cannot write: disk full"}));
  const auto no = ask(full, "127.0.0.1");
  ASSERT_TRUE(no);
  EXPECT_FALSE(no->ready);
  EXPECT_EQ(no->reason, "the evidence store cannot write: disk full");
}

TEST(Probe, AsksOnLoopbackWhereTheGatewayListensEverywhere) {
  const ScriptedUpstream ready(serving({true, {}}));
  const auto yes = ask(ready, "0.0.0.0");
  ASSERT_TRUE(yes) << core::to_string(yes.error());
  EXPECT_TRUE(yes->ready);
}

TEST(Probe, TakesNothingElseForAGateway) {
  for (const std::string body :
       {"", "ready", R"({"status":"ok"})", R"(["ready"])", "{\"status\":"}) {
    const ScriptedUpstream other([&body](RawSocket& socket) {
      socket.read_message();
      socket.write(net::testing::http_answer(body));
    });
    const auto asked = ask(other, "127.0.0.1");
    ASSERT_FALSE(asked) << body;
    EXPECT_EQ(asked.error().code, "not_a_gateway");
  }
}

TEST(Probe, PrintsNoControlCharactersOfWhoeverAnswers) {
  const ScriptedUpstream other([](RawSocket& socket) {
    socket.read_message();
    const std::string body = R"({"code":"not_ready","detail":"a\u001b[2Jb\nc"})";
    socket.write("HTTP/1.1 503 X\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" +
                 body);
  });
  const auto asked = ask(other, "127.0.0.1");
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->reason, "a?[2Jb?c");
}

TEST(Probe, NobodyAnswers) {
  std::uint16_t free = 0;
  {
    const ScriptedUpstream gone([](RawSocket&) {});
    free = gone.port();
  }
  const auto asked = ask_readiness("127.0.0.1", free, patience);
  ASSERT_FALSE(asked);
  EXPECT_THAT(asked.error().message, HasSubstr("refuses connections"));
}

}  // namespace
}  // namespace menshen::admin
