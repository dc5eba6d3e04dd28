// Long work runs beside the event loop, in a bounded queue, and stops soon when nobody waits for
// it.
#include "core/work_count.h"
#include "proxy/pipeline/inspection.h"
#include "proxy/pipeline/testing.h"
#include "proxy/pipeline/worker_pool.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <thread>

namespace menshen::pipeline {
namespace {

namespace asio = boost::asio;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr std::chrono::minutes long_time{10};

class WorkerPoolTest : public ::testing::Test {
 protected:
  // Starts a piece of work; its outcome, a code or "ok", is appended to outcomes_.
  void start(WorkerPool::Work work, std::chrono::nanoseconds time_left = long_time) {
    asio::co_spawn(context_, run(std::move(work), time_left),
                   asio::bind_cancellation_slot(signal_.slot(), asio::detached));
  }
  asio::awaitable<void> run(WorkerPool::Work work, std::chrono::nanoseconds time_left) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    const auto ran = co_await pool_.run(work, time_left);
    outcomes_.push_back(ran ? "ok" : ran.error().code);
  }

  asio::io_context context_;
  asio::cancellation_signal signal_;
  WorkerPool pool_{1, 2};
  std::vector<std::string> outcomes_;
};

TEST_F(WorkerPoolTest, AsManyAsTheLimitWaitAndOneMoreIsRefused) {
  std::latch open(1);
  std::atomic<int> done = 0;
  const WorkerPool::Work work = [&](const std::stop_token&) {
    open.wait();
    ++done;
  };
  for (int i = 0; i < 3; ++i) start(work);  // one works, two wait
  context_.poll();
  EXPECT_THAT(outcomes_, ElementsAre());
  start(work);
  context_.poll();
  EXPECT_THAT(outcomes_, ElementsAre("scan_queue_full"));
  open.count_down();
  context_.run();
  EXPECT_THAT(outcomes_, ElementsAre("scan_queue_full", "ok", "ok", "ok"));
  EXPECT_EQ(done, 3);
  context_.restart();
  start(work);
  context_.run();
  EXPECT_EQ(outcomes_.back(), "ok");
}

TEST_F(WorkerPoolTest, WorkIsAskedToStopWhenTheClientIsGone) {
  std::latch begun(1);
  start([&](const std::stop_token& stop) {
    begun.count_down();
    while (!stop.stop_requested()) std::this_thread::yield();
  });
  context_.poll();
  begun.wait();
  signal_.emit(asio::cancellation_type::all);
  context_.run();
  EXPECT_THAT(outcomes_, ElementsAre("client_disconnected"));
}

TEST_F(WorkerPoolTest, WorkIsAskedToStopWhenItsTimeIsOver) {
  start(
      [](const std::stop_token& stop) {
        while (!stop.stop_requested()) std::this_thread::yield();
      },
      std::chrono::milliseconds(1));
  bool ran = false;
  start([&](const std::stop_token&) { ran = true; }, std::chrono::nanoseconds(0));
  context_.run();
  EXPECT_THAT(outcomes_, UnorderedElementsAre("exchange_timeout", "exchange_timeout"));
  EXPECT_FALSE(ran);
}

TEST_F(WorkerPoolTest, WorkThatThrowsIsAnError) {
  start([](const std::stop_token&) { throw std::runtime_error("bug"); });
  context_.run();
  EXPECT_THAT(outcomes_, ElementsAre("internal_error"));
}

TEST(LongWork, ScanningAndRedactingStopBetweenTwoSteps) {
  std::string rows;
  for (int i = 0; i < 20'000; ++i) rows += "user" + std::to_string(i) + "@corp.example\\n";
  auto document = protocol::Document::parse_request(
      R"({"model":"m","messages":[{"role":"user","content":")" + rows + R"("}]})",
      testing::endpoint_of(protocol::Api::openai_chat), {});
  ASSERT_TRUE(document);
  ScannerPool pool(detectors::Catalog::instance());
  std::stop_source stop;
  const auto inspected = inspect(*document, pool, stop.get_token());
  ASSERT_TRUE(inspected);
  EXPECT_EQ(inspected->findings.size(), 20'000U);
  stop.request_stop();
  EXPECT_EQ(inspect(*document, pool, stop.get_token()).error().code, "work_stopped");
  const auto set = testing::policy_from(testing::redact_all_as_tag);
  const Redactor redactor("a key");
  Tally tally;
  const policies::Facts facts{&testing::staff(), "m", core::Operation::chat, "internal", 0};
  Judge judge(set->content(facts, core::Direction::request), core::Direction::request, tally);
  const auto judged =
      judge.judge(inspected->findings, protocol::LeafKind::text, stop.get_token());
  EXPECT_EQ(judged.error().code, "work_stopped");
  EXPECT_LE(tally.counts.front().found, 1024U);
  protocol::Edits edits;
  const auto redacted = redact(*document, *inspected, judge, redactor, core::Direction::request,
                               edits, stop.get_token());
  EXPECT_EQ(redacted.error().code, "work_stopped");
  EXPECT_TRUE(edits.empty());
}

}  // namespace
}  // namespace menshen::pipeline
