// Long work runs beside the event loop, in a bounded queue, and stops soon when nobody waits for
// it.
#include "core/work_count.h"
#include "proxy/pipeline/gateway_fixture.h"
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
#include <list>
#include <stdexcept>
#include <thread>

namespace menshen::pipeline {
namespace {

namespace asio = boost::asio;
using ::testing::ElementsAre;
using testing::FakeClient;
using testing::Field;
using testing::GatewayTest;
using ::testing::HasSubstr;
using testing::Json;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr std::chrono::minutes long_time{10};

class WorkerPoolTest : public ::testing::Test {
 protected:
  // Starts a piece of work; its outcome, "ok", a code or what it threw, is appended to outcomes_.
  void start(WorkerPool::Work work, std::chrono::nanoseconds time_left = long_time) {
    asio::co_spawn(context_, run(std::move(work), time_left),
                   asio::bind_cancellation_slot(signals_.emplace_back().slot(), asio::detached));
  }
  asio::awaitable<void> run(WorkerPool::Work work, std::chrono::nanoseconds time_left) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    try {
      const auto ran = co_await pool_.run(work, time_left);
      outcomes_.push_back(ran ? "ok" : ran.error().code);
    } catch (const std::runtime_error& error) {
      outcomes_.push_back(error.what());
    }
  }

  asio::io_context context_;
  std::list<asio::cancellation_signal> signals_;  // of each piece of work
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
  for (int i = 0; i < 3; ++i) start(work);  // one works, two wait: scan_queue_max
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
  signals_.back().emit(asio::cancellation_type::all);
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

TEST_F(WorkerPoolTest, WhatTheWorkThrowsIsThrownHere) {
  start([](const std::stop_token&) { throw std::runtime_error("bug"); });
  start([](const std::stop_token&) {});
  context_.run();
  EXPECT_THAT(outcomes_, ElementsAre("bug", "ok"));
}

TEST(LongWork, ScanningAndRedactingStopBetweenTwoSteps) {
  std::string rows;
  for (int i = 0; i < 20'000; ++i) rows += "user" + std::to_string(i) + "@corp.example\\n";
  auto document = protocol::Document::parse_request(
      R"({"model":"m","messages":[{"role":"user","content":")" + rows + R"("}]})",
      testing::endpoint_of("openai_chat"), {});
  ASSERT_TRUE(document);
  ScannerPool pool(detectors::Catalog::built_in());
  std::stop_source stop;
  const auto inspected = inspect(*document, pool, stop.get_token());
  ASSERT_TRUE(inspected);
  EXPECT_EQ(inspected->findings.size(), 20'000U);
  stop.request_stop();
  EXPECT_EQ(inspect(*document, pool, stop.get_token()).error().code, "work_stopped");
  const auto set = testing::policy_from(testing::redact_all_as_tag);
  const Redactor redactor("a key");
  Replacer replacer(redactor);
  Tally tally;
  const policies::Facts facts{&testing::staff(), "m", core::Operation::chat, "internal", 0};
  Judge judge(set->content(facts, core::Direction::request), core::Direction::request, tally);
  const auto judged = judge.judge(inspected->findings, protocol::LeafKind::text, core::Role::user,
                                  stop.get_token());
  EXPECT_EQ(judged.error().code, "work_stopped");
  EXPECT_LE(tally.counts.front().found, 1024U);
  protocol::Edits edits;
  const auto redacted = redact(*document, *inspected, {judge, replacer}, core::Direction::request,
                               edits, stop.get_token());
  EXPECT_EQ(redacted.error().code, "work_stopped");
  EXPECT_TRUE(edits.empty());
}

class LongExchange : public GatewayTest {
 protected:
  // The work of this thread while an exchange runs to its end.
  core::WorkCount work_here(const std::function<void()>& exchange) {
    const core::WorkCount before = core::work_count;
    exchange();
    EXPECT_EQ(client_->sent_head.status, 200U);
    core::WorkCount work = core::work_count;
    work.decoded_bytes -= before.decoded_bytes;
    work.source_bytes -= before.source_bytes;
    return work;
  }

  const std::string filler_ = std::string(core::inline_scan_bytes_max, 'x');
};

TEST_F(LongExchange, LongBodiesAreReadAndEditedBesideTheLoop) {
  const std::string text = filler_ + "\n zhang.san@corp.example";
  const auto decoded_here = [&](std::string_view asked, std::string_view answered) {
    upstreams_.answers = {{.pieces = {chat_answer(answered)}}};
    const core::WorkCount work = work_here([&] { ask(chat(asked)); });
    EXPECT_THAT(upstreams_.seen_body, Not(HasSubstr("zhang.san")));
    EXPECT_THAT(client_->received, Not(HasSubstr("zhang.san")));
    return work.decoded_bytes;
  };
  EXPECT_GT(decoded_here("a\nb", "c\nd zhang.san@corp.example"), 0U);
  EXPECT_EQ(decoded_here(text, "c"), 0U);
  EXPECT_EQ(decoded_here("a", text), 0U);
  EXPECT_EQ(upstreams_.seen_body, chat("a"));
}

// The answer is short, but what it may rest on is long.
TEST_F(LongExchange, LongSourcesAreReadBesideTheLoop) {
  answer({.pieces = {chat_answer("The sky is blue.")}});
  const auto read_here = [&](std::string result) {
    const core::WorkCount work = work_here([&] {
      ask(Json{{"model", "m"},
               {"messages", {{{"role", "tool"}, {"tool_call_id", "1"}, {"content", result}}}}}
              .dump());
    });
    EXPECT_NE(client_->header("x-menshen-grounding"), "");
    return work.source_bytes;
  };
  EXPECT_GT(read_here("The sky is blue."), 0U);
  EXPECT_EQ(read_here("The sky is blue. " + filler_), 0U);
}

// A text that begins on the loop goes on beside it, where another part of it begins too.
TEST_F(LongExchange, LongEventsAreReadBesideTheLoop) {
  const std::string stream =
      testing::messages_stream({{0, Field::content, "I am\nzhang.san@"},
                                {1, Field::content, "corp.example.\n" + filler_ + " and "},
                                {2, Field::content, "li.si@"},
                                {3, Field::content, "corp.example."}});
  const std::size_t begin = stream.rfind("event: ", stream.find("corp.example"));
  const std::size_t end = stream.find("event: ", begin + 1);
  answer(
      {.type = "text/event-stream",
       .pieces = {stream.substr(0, begin), stream.substr(begin, end - begin), stream.substr(end)}});
  const core::WorkCount work = work_here([&] {
    ask(Json{{"model", "m"},
             {"stream", true},
             {"max_tokens", 9},
             {"messages", {{{"role", "user"}, {"content", "Who?"}}}}}
            .dump(),
        "/v1/messages");
  });
  EXPECT_GT(work.decoded_bytes, 0U);
  EXPECT_LT(work.decoded_bytes, filler_.size());
  const auto texts = testing::texts_of(client_->received);
  EXPECT_EQ(texts.at({0, Field::content}), "I am\n[EMAIL]");
  EXPECT_EQ(texts.at({1, Field::content}), ".\n" + filler_ + " and ");
  EXPECT_EQ(texts.at({2, Field::content}), "[EMAIL]");
  EXPECT_EQ(texts.at({3, Field::content}), ".");
}

TEST_F(LongExchange, AFullQueueRefusesLongBodiesAndOnlyThose) {
  WorkerPool none(0, 0);
  services_.long_work = &none;
  answer({.pieces = {chat_answer("Hello")}});
  std::string lenient(testing::two_zones);
  lenient.replace(lenient.find("access: deny}"), 13, "access: deny, on_error: allow}");
  policy_ = testing::policy_from(lenient);
  EXPECT_EQ(ask(chat(filler_)).sent_head.status, 503U);
  EXPECT_EQ(client_->header("retry-after"), "1");
  EXPECT_THAT(client_->received, HasSubstr("scan_queue_full"));
  EXPECT_EQ(outcome().error, "scan_queue_full");
  EXPECT_EQ(upstreams_.calls, 0U);
  EXPECT_EQ(ask(chat("Hi")).sent_head.status, 200U);
}

TEST_F(LongExchange, AClientThatLeavesEndsItsWork) {
  std::latch open(1);
  const auto keep_busy = [&]() -> asio::awaitable<void> {
    const WorkerPool::Work work = [&](const std::stop_token&) { open.wait(); };
    std::ignore = co_await pool_.run(work, long_time);
  };
  asio::co_spawn(context_, keep_busy(), asio::detached);
  Gateway gateway(services_, upstreams_);
  asio::cancellation_signal signal;
  FakeClient& client = client_of(chat(filler_), "/v1/chat/completions", "POST", "good");
  asio::co_spawn(context_, gateway.handle(client),
                 asio::bind_cancellation_slot(signal.slot(), asio::detached));
  context_.poll();
  signal.emit(asio::cancellation_type::all);
  open.count_down();
  context_.run();
  EXPECT_EQ(outcome().error, "client_disconnected");
  EXPECT_EQ(upstreams_.calls, 0U);
}

TEST_F(LongExchange, NoWorkBeginsAfterTheExchangesTime) {
  services_.limits.exchange_timeout_ms = 0;
  EXPECT_EQ(ask(chat(filler_)).sent_head.status, 504U);
  EXPECT_EQ(outcome().error, "exchange_timeout");
  EXPECT_EQ(upstreams_.calls, 0U);
}

}  // namespace
}  // namespace menshen::pipeline
