// Refusals of callers whom nobody identified: counted in memory by source and error, and written to
// the log as sums, so that a stranger costs no record, no fsync and no line of his own.
//
//   Strangers strangers(journal, clock);
//   strangers.refused(record);        // any I/O thread: a map look-up under a lock
//
// A thread of its own writes every `interval` what was counted, at most `sources_max` + 1 records:
// sources beyond the bound are summed as "(others)". What could not be written is counted on. The
// destructor writes the rest; the journal outlives it. Nothing that the stranger wrote is kept: a
// source is the keyed pseudonym of his address, an error is one of the gateway's codes.
#pragma once

#include "audit/journal.h"
#include "core/clock.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>

namespace menshen::pipeline {

class Strangers {
 public:
  struct Options {
    std::chrono::milliseconds interval{10'000};
    std::size_t sources_max = 64;
  };

  Strangers(audit::Journal& journal, const core::Clock& clock, Options options);
  Strangers(audit::Journal& journal, const core::Clock& clock)
      : Strangers(journal, clock, Options{}) {}
  ~Strangers();
  Strangers(const Strangers&) = delete;
  Strangers& operator=(const Strangers&) = delete;

  // The outcome as it would have been written. Out of memory: the count is lost.
  void refused(const audit::Record& outcome) noexcept;

  // Hands what was counted to the journal now.
  void flush() noexcept;

 private:
  struct Counts;
  void run();

  audit::Journal& journal_;
  const core::Clock& clock_;
  const Options options_;
  std::shared_ptr<Counts> counts_;  // the journal's callbacks may come later than the destructor

  std::mutex stop_mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace menshen::pipeline
