// For tests of the statistics: a log and its journal, a gateway's releases that can be restarted, a
// clock that is set by hand, and a mechanism that publishes the truth. One thread.
#pragma once

#include "audit/dp/mechanism.h"
#include "audit/dp/releases.h"
#include "audit/dp/report.h"
#include "audit/dp/usage.h"
#include "audit/test_support.h"
#include "core/clock.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace menshen::audit::dp::testing {

inline constexpr std::int64_t day_zero = 20'700;  // 2026-09-04

class ManualClock : public core::Clock {
 public:
  std::int64_t wall_ns() const noexcept override { return now_ns; }
  std::int64_t monotonic_ns() const noexcept override { return now_ns - step_ns; }
  void set(std::int64_t day, double hours) {
    now_ns = day * day_ns + static_cast<std::int64_t>(hours * static_cast<double>(hour_ns));
  }
  // Somebody sets the wall clock: no time passes.
  void step(double days) {
    const auto by = static_cast<std::int64_t>(days * static_cast<double>(day_ns));
    now_ns += by;
    step_ns += by;
  }
  std::int64_t now_ns = day_zero * day_ns;
  std::int64_t step_ns = 0;
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
    options.groups = {"finance", "legal"};
    options.models = {"qwen", "glm"};
    options.mechanism = &truth;
    options.releases_per_day = 24;
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
    for (const auto& seq : append_all(journal(), records)) ASSERT_TRUE(seq);
  }
  Journal& journal() {
    if (!journal_) journal_ = open_journal(dir.path());
    return *journal_;
  }
  // What the gateway does every minute.
  core::Result<Tick> tick() {
    if (!releases_) {
      Record start;
      start.type = RecordType::start;
      start.wall_ns = clock.now_ns;
      add(start);
      releases_ = std::make_unique<Releases>(journal(), clock, clock.now_ns);
    }
    return releases_->tick(dir.path(), options);
  }
  // The gateway ends; the next call starts another one.
  void stop() {
    releases_.reset();
    journal_.reset();
  }
  Tick tick_at(std::int64_t day, double hours) {
    clock.set(day, hours);
    auto out = tick();
    if (!out) throw std::runtime_error(core::to_string(out.error()));
    return *out;
  }
  // After a tick.
  Report report_at(std::int64_t day, double hours) {
    tick_at(day, hours);
    auto out = report(dir.path(), options, clock);
    if (!out) throw std::runtime_error(core::to_string(out.error()));
    return *out;
  }
  std::string refusal_of_tick() {
    const auto out = tick();
    return out ? "released" : out.error().code;
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
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Releases> releases_;
};

}  // namespace menshen::audit::dp::testing
