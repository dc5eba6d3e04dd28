// For tests of the statistics: a log that a journal wrote, a clock that is set by hand, and a
// mechanism that publishes the truth. One thread.
#pragma once

#include "audit/dp/mechanism.h"
#include "audit/dp/report.h"
#include "audit/dp/usage.h"
#include "audit/test_support.h"
#include "core/clock.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace menshen::audit::dp::testing {

inline constexpr std::int64_t day_zero = 20'700;  // 2026-09-04

class ManualClock : public core::Clock {
 public:
  std::int64_t wall_ns() const noexcept override { return now_ns; }
  std::int64_t monotonic_ns() const noexcept override { return now_ns; }
  void set(std::int64_t day, double hours) {
    now_ns = day * day_ns + static_cast<std::int64_t>(hours * static_cast<double>(hour_ns));
  }
  std::int64_t now_ns = day_zero * day_ns;
};

// Publishes the truth and keeps every call: what a grey-box test needs to see.
class Truth : public Mechanism {
 public:
  core::Result<std::int64_t> release(const Query& query, std::int64_t count) override {
    calls.emplace_back(query, count);
    return count;
  }
  std::vector<std::pair<Query, std::int64_t>> calls;
};

class Usage : public ::testing::Test {
 protected:
  Usage() {
    options.cells = {{"finance", "qwen"}, {"legal", "qwen"}, {"legal", "glm"}};
    options.mechanism = &truth;
    add(event(RecordType::start, day_zero, 0.5));
  }

  static Record event(RecordType type, std::int64_t day, double hours) {
    Record record;
    record.type = type;
    record.wall_ns = day * day_ns + static_cast<std::int64_t>(hours * static_cast<double>(hour_ns));
    return record;
  }
  Record request(const std::string& who, double hours, const std::string& group = "finance",
                 const std::string& model = "qwen", std::int64_t day = day_zero) {
    Record record = event(RecordType::outcome, day, hours);
    record.exchange = "x" + std::to_string(++exchanges_);
    record.subject = who;
    record.subject_kind = "user";
    record.groups = {group};
    record.model = model;
    record.status = 200;
    return record;
  }
  void add(const Record& record) { add(std::vector{record}); }
  void add(const std::vector<Record>& records) {
    const auto journal = open_journal(dir.path());
    for (const auto& seq : append_all(*journal, records)) ASSERT_TRUE(seq);
  }
  Report report_at(std::int64_t day, double hours) {
    clock.set(day, hours);
    auto out = report(dir.path(), options, clock);
    if (!out) throw std::runtime_error(core::to_string(out.error()));
    return *out;
  }
  Tick tick_at(std::int64_t day, double hours) {
    clock.set(day, hours);
    auto out = tick(dir.path(), options, clock);
    if (!out) throw std::runtime_error(core::to_string(out.error()));
    return *out;
  }
  static Figure figure(const DayFigures& day, const Cell& cell) {
    for (const Figure& f : day.figures) {
      if (f.cell == cell) return f;
    }
    throw std::runtime_error("no such cell");
  }

  TemporaryDirectory dir;
  ManualClock clock;
  Truth truth;
  Options options;

 private:
  int exchanges_ = 0;
};

}  // namespace menshen::audit::dp::testing
