// What the driver promises every stage: before() and piece() in order, after() in reverse on every
// exit; and that a stage is one class and one row of the order.
#include "proxy/pipeline/stage.h"

#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/gateway_fixture.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gmock/gmock.h>

#include <algorithm>
#include <stdexcept>

namespace menshen::pipeline {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace testing;

// What the probes of an exchange saw, and what one of them is told to do.
struct Script {
  std::vector<std::string> seen;
  std::string endings;  // the codes that after() was given
  int fails_before = 0;
  int throws_before = 0;
  int throws_after = 0;
  int fails_piece = 0;
  int waits_before = 0;  // until the exchange is cancelled
};
Script probe_script;

// A stage with a before, a piece and an after. It owns its state: how many pieces it saw.
template <int number>
class Probe : public Stage {
 public:
  explicit Probe(Lane&) {}
  ~Probe() override { probe_script.seen.push_back("freed " + std::to_string(number)); }

  Step before(Exchange& ex) override {
    probe_script.seen.push_back("before " + std::to_string(number));
    EXPECT_FALSE(ex.arrival->id.empty());
    if (probe_script.throws_before == number) throw std::runtime_error("bug");
    if (probe_script.fails_before == number) {
      return core::client_error(core::ErrorKind::forbidden, "probe", "No.");
    }
    if (probe_script.waits_before == number) return wait();
    return {};
  }
  Pending piece(Exchange&, Piece& piece) override {
    if (pieces_++ == 0) probe_script.seen.push_back("piece " + std::to_string(number));
    if (probe_script.fails_piece == number) {
      piece.fail(core::provider_error(core::ErrorKind::bad_upstream, "probe_piece", "No."));
    }
    return std::nullopt;
  }
  Pending after(Exchange& ex, Ending& ending) override { return leave(ex, ending); }

 private:
  static asio::awaitable<core::Result<void>> wait() {
    asio::steady_timer never(co_await asio::this_coro::executor,
                             asio::steady_timer::time_point::max());
    boost::system::error_code ec;
    co_await never.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    co_return core::client_error(core::ErrorKind::cancelled, "client_gone", "It went away.");
  }
  static asio::awaitable<void> leave(Exchange& ex, Ending& ending) {
    // What it awaits at the exit is not cancelled.
    asio::steady_timer soon(co_await asio::this_coro::executor);
    soon.expires_after(std::chrono::microseconds(1));
    co_await soon.async_wait(asio::use_awaitable);
    probe_script.seen.push_back("after " + std::to_string(number));
    probe_script.endings += ending.error ? ending.error->code + ";" : ";";
    EXPECT_FALSE(ex.delivery->call);  // no provider is kept at work meanwhile
    if (probe_script.throws_after == number) throw std::runtime_error("bug");
  }

  int pieces_ = 0;
};

constexpr StageKind first_probe = stage_kind<Probe<1>>("first_probe");
constexpr StageKind second_probe = stage_kind<Probe<2>>("second_probe");

// Leaves out what it has no use for.
class Silent : public Stage {
 public:
  explicit Silent(Lane&) {}
};
constexpr StageKind silent_stage = stage_kind<Silent>("silent");
static_assert(!silent_stage.has_before && !silent_stage.has_piece && !silent_stage.has_after);
static_assert(first_probe.has_before && first_probe.has_piece && first_probe.has_after);

// The program's order, with a probe behind `identify`, one behind `intend`, and a silent stage.
std::vector<StageRow> order_with_probes() {
  std::vector<StageRow> rows;
  for (const StageRow& row : Gateway::stages()) {
    rows.push_back(row);
    if (row.kind->name == "identify") rows.push_back({&first_probe, std::nullopt, "for a test"});
    if (row.kind->name == "identify") rows.push_back({&silent_stage, std::nullopt, "for a test"});
    if (row.kind->name == "intend") rows.push_back({&second_probe, std::nullopt, "for a test"});
  }
  return rows;
}

class StagesTest : public GatewayTest {
 protected:
  StagesTest() { probe_script = {}; }

  // Runs an exchange to its end; when it comes to rest before, its client goes away.
  void run(std::string body, std::string path = "/v1/chat/completions", std::string method = "POST",
           std::string key = "good") {
    FakeClient& client = client_of(std::move(body), std::move(path), method, key);
    {
      Gateway gateway(services_, upstreams_, order_);
      asio::cancellation_signal signal;
      asio::co_spawn(context_, gateway.handle(client),
                     asio::bind_cancellation_slot(signal.slot(), asio::detached));
      context_.restart();
      context_.poll();
      if (probe_script.waits_before > 0) signal.emit(asio::cancellation_type::terminal);
      context_.run();
    }
  }
  void expect_both_left_in_reverse() {
    EXPECT_THAT(std::vector(probe_script.seen.end() - 4, probe_script.seen.end()),
                ElementsAre("after 2", "after 1", "freed 2", "freed 1"));
  }

  std::vector<StageRow> order_ = order_with_probes();
};

TEST_F(StagesTest, BeforeAndPieceRunInOrderAndAfterInReverse) {
  answer({.pieces = {chat_answer("Hello")}});
  run(chat("Hi"));
  EXPECT_EQ(client_->sent_head.status, 200U);
  EXPECT_THAT(probe_script.seen, ElementsAre("before 1", "before 2", "piece 1", "piece 2",
                                             "after 2", "after 1", "freed 2", "freed 1"));
  EXPECT_EQ(probe_script.endings, ";;");
}

TEST_F(StagesTest, OfAStreamEachPieceGoesThroughThem) {
  const std::string stream = chat_stream({{0, Field::content, "Hi "}});
  answer({.type = "text/event-stream", .pieces = {stream.substr(0, 99), stream.substr(99)}});
  run(chat("Hi", true));
  EXPECT_THAT(client_->received, HasSubstr("[DONE]"));
  EXPECT_THAT(probe_script.seen, ElementsAre("before 1", "before 2", "piece 1", "piece 2",
                                             "after 2", "after 1", "freed 2", "freed 1"));
}

TEST_F(StagesTest, AfterRunsInReverseWhenALaterStageRefuses) {
  answer({.status = 401, .pieces = {"{}"}});  // refused by a stage behind both
  run(chat("Hi"));
  EXPECT_EQ(client_->sent_head.status, 502U);
  expect_both_left_in_reverse();
  EXPECT_EQ(probe_script.endings, "upstream_credential_refused;upstream_credential_refused;");
}

TEST_F(StagesTest, AfterRunsOfWhatWasBegunWhenAStageRefuses) {
  probe_script.fails_before = 2;
  run(chat("Hi"));
  EXPECT_EQ(client_->sent_head.status, 403U);
  expect_both_left_in_reverse();
  EXPECT_EQ(probe_script.endings, "probe;probe;");
  EXPECT_EQ(outcome().error, "probe");

  probe_script = {};
  probe_script.fails_before = 1;  // the second was not begun
  run(chat("Hi"));
  EXPECT_THAT(probe_script.seen, ElementsAre("before 1", "after 1", "freed 1"));
}

TEST_F(StagesTest, NoneIsBegunBehindARefusal) {
  run(chat("Hi"), "/v1/chat/completions", "POST", "bad");
  EXPECT_EQ(client_->sent_head.status, 401U);
  EXPECT_THAT(probe_script.seen, ElementsAre());
}

TEST_F(StagesTest, AfterRunsWhenTheProviderBreaksOff) {
  const auto reset = core::provider_error(core::ErrorKind::bad_upstream, "reset", "Reset.");
  answer({.type = "text/event-stream", .pieces = {"data: {}\n\n"}, .breaks = reset});
  run(chat("Hi", true));
  expect_both_left_in_reverse();
  EXPECT_EQ(probe_script.endings, "reset;reset;");
}

TEST_F(StagesTest, AfterRunsWhenTheClientIsGone) {
  gone_after_writes_ = 0;
  answer({.type = "text/event-stream", .pieces = {chat_stream({{0, Field::content, "Hi "}})}});
  run(chat("Hi", true));
  EXPECT_TRUE(client_->aborted);
  expect_both_left_in_reverse();
  EXPECT_EQ(probe_script.endings, "client_gone;client_gone;");
  EXPECT_EQ(outcome().error, "client_gone");
}

TEST_F(StagesTest, AfterRunsToItsEndWhenTheExchangeIsCancelled) {
  for (const int waits : {1, 2}) {
    probe_script = {};
    probe_script.waits_before = waits;
    run(chat("Hi"));
    EXPECT_TRUE(client_->aborted);
    if (waits == 2) expect_both_left_in_reverse();
    EXPECT_THAT(probe_script.seen, Contains("after 1"));
    EXPECT_EQ(outcome().error, "client_gone");
  }
  EXPECT_EQ(upstreams_.calls, 0U);
}

TEST_F(StagesTest, AfterRunsWhenAStageThrows) {
  probe_script.throws_before = 2;
  run(chat("Hi"));
  EXPECT_EQ(client_->sent_head.status, 500U);
  expect_both_left_in_reverse();
  EXPECT_EQ(outcome().error, "internal_error");
}

TEST_F(StagesTest, AnAfterThatThrowsLeavesTheOthersTheirTurnAndReleasesNothing) {
  probe_script.throws_after = 2;
  answer({.pieces = {chat_answer("Hello")}});
  run(chat("Hi"));
  expect_both_left_in_reverse();
  EXPECT_TRUE(client_->aborted);
  EXPECT_EQ(client_->received, "");
  EXPECT_EQ(observer_.open, 1);
  EXPECT_EQ(observer_.done, 1);
}

TEST_F(StagesTest, AStageMayEndAnAnswerInItsMidst) {
  probe_script.fails_piece = 2;
  answer({.pieces = {chat_answer("the answer")}});
  run(chat("Hi"));
  EXPECT_EQ(client_->sent_head.status, 502U);
  EXPECT_EQ(outcome().error, "probe_piece");
  expect_both_left_in_reverse();
}

TEST_F(StagesTest, AListingPassesItsOwnStages) {
  answer({.pieces = {R"({"object":"list","data":[]})"}});
  run("", "/v1/models", "GET");
  EXPECT_EQ(client_->sent_head.status, 200U);
  EXPECT_THAT(probe_script.seen,
              ElementsAre("before 1", "before 2", "after 2", "after 1", "freed 2", "freed 1"));
  for (const StageRow& row : Gateway::stages()) {
    if (row.kind->name == "list") {
      EXPECT_EQ(row.course, Course::listing);
    }
    if (row.kind->name == "read") {
      EXPECT_EQ(row.course, Course::inference);
    }
  }
}

}  // namespace
}  // namespace menshen::pipeline
