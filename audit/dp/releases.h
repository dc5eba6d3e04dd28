// Releases usage statistics: the one that writes the log's account, so it runs in the process that
// has the log.
//
//   Releases releases(journal, clock, start.wall_ns);
//   const auto tick = releases.tick("var", options);   // every minute or so
//
// The order is what makes a loss harmless. A day's charge is durable in the log before noise is
// drawn; what was drawn is durable in the repository before it is written to the log; it is
// published when the log has it. Whatever fails between, nothing is drawn twice and no day is
// charged twice. Before a charge the repository is held against the log, and a repository that
// lacks something releases nothing.
//
// One thread. Noise is drawn here, never while a request waits. Errors: those of plan.h, usage.h,
// account.h, and of the journal.
#pragma once

#include "audit/dp/clock_watch.h"
#include "audit/dp/mechanism.h"
#include "audit/dp/plan.h"
#include "audit/dp/usage.h"
#include "audit/journal.h"
#include "core/clock.h"
#include "core/error.h"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace menshen::audit::dp {

struct Tick {
  std::uint32_t windows = 0;           // published by this call
  std::optional<core::Error> refusal;  // the budget is spent
  std::int64_t clock_step_ns = 0;      // the clock was set; nothing is closed for a while
  std::uint64_t micro_spent = 0;
  std::uint64_t micro_total = 0;
  std::uint64_t micro_rho_day = 0;
};

class Releases {
 public:
  // The run's start record says that it began at `started_ns`.
  Releases(Journal& journal, const core::Clock& clock, std::int64_t started_ns)
      : journal_(journal), watch_(clock) {
    watch_.begin(started_ns / day_ns);
  }

  [[nodiscard]] core::Result<Tick> tick(const std::filesystem::path& directory,
                                        const Options& options);

 private:
  struct Run;

  [[nodiscard]] core::Result<std::optional<std::int64_t>> look_at_clock(LogReader& log,
                                                                        std::uint64_t size,
                                                                        Tick& out);
  [[nodiscard]] core::Result<void> release_due(Run& run);
  [[nodiscard]] core::Result<void> release(Run& run, const DayRow& day);
  [[nodiscard]] core::Result<bool> charge(Run& run, const DayRow& day);
  [[nodiscard]] core::Result<void> carry_over(Run& run);
  [[nodiscard]] core::Result<void> publish_staged(Run& run);
  [[nodiscard]] core::Result<void> publish(Run& run, const StagedWindow& window);
  [[nodiscard]] core::Result<std::uint64_t> write(const Record& record);

  Journal& journal_;
  ClockWatch watch_;
  std::int64_t now_ns_ = 0;
  bool looked_ = false;  // at the clock
  bool settled_ = true;
  bool checked_ = false;  // since the start, and since the last charge
};

}  // namespace menshen::audit::dp
