#include "proxy/pipeline/async.h"

#include "audit/record.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace menshen::pipeline {
namespace {

// Keeps what it is given until it is asked to answer, as a disk would.
class SlowJournal final : public audit::Journal {
 public:
  void append(audit::PendingList list) noexcept override {
    lists_.push_back(0);
    while (audit::Pending* const pending = list.pop()) {
      ++lists_.back();
      waiting_.push(*pending);
    }
  }
  void publish_cosigned(std::string) override {}
  void refuse(const core::Error&) override {}
  [[nodiscard]] audit::JournalStats stats() const override { return {}; }
  [[nodiscard]] const std::string& commitment_key() const noexcept override { return key_; }

  // Every second one is refused. From another thread, as the journal does.
  void answer() {
    std::thread([this] {
      for (std::uint64_t seq = 0; audit::Pending* const pending = waiting_.pop(); ++seq) {
        const bool refused = seq % 2 == 1;
        pending->written(refused ? core::Result<std::uint64_t>(core::gateway_error(
                                       core::ErrorKind::unavailable, "planted", ""))
                                 : seq);
      }
    }).join();
  }

  [[nodiscard]] const std::vector<int>& lists() const { return lists_; }

 private:
  std::vector<int> lists_;
  audit::PendingList waiting_;
  std::string key_;
};

TEST(JournalPort, WhatReadyHandlersAppendLeavesTogetherAndComesBackToEach) {
  SlowJournal journal;
  JournalPort port(journal);
  asio::io_context loop(1);
  std::vector<std::string> answers(5);
  for (std::string& answer : answers) {
    const auto ask = [&]() -> asio::awaitable<void> {
      audit::Record record;
      record.exchange = "an exchange";
      const auto written = co_await port.append(record);
      answer = written ? "written" : written.error().code;
    };
    asio::co_spawn(loop, ask, asio::detached);
  }
  // The handlers wait for the journal; nothing else keeps the loop.
  const auto work = asio::make_work_guard(loop);
  loop.poll();
  EXPECT_EQ(journal.lists(), std::vector{5});
  EXPECT_EQ(answers, std::vector<std::string>(5));

  journal.answer();
  loop.poll();
  const std::vector<std::string> expected{"written", "planted", "written", "planted", "written"};
  EXPECT_EQ(answers, expected);
}

}  // namespace
}  // namespace menshen::pipeline
