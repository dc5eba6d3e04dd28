// Released usage statistics: their options from the configuration, and the gateway's clock for
// them.
#pragma once

#include "audit/dp/releases.h"
#include "audit/journal.h"
#include "core/clock.h"
#include "core/error.h"
#include "proxy/admin/metrics.h"
#include "proxy/config/config.h"
#include "proxy/gateway/log.h"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace menshen::gateway {

// Names of figures are public ones alone: groups that API keys were issued for, and models that
// routes spell out. Everything else is counted under (other).
[[nodiscard]] core::Result<audit::dp::Options> privacy_options(const config::Config& config);

// Releases statistics on the clock, on a thread of its own, between start() and stop(): at once and
// then every minute.
class Statistics {
 public:
  Statistics(audit::Journal& journal, Log& log,
             std::function<std::shared_ptr<const config::Config>()> config)
      : journal_(journal), log_(log), config_(std::move(config)) {}
  ~Statistics() { stop(); }
  Statistics(const Statistics&) = delete;
  Statistics& operator=(const Statistics&) = delete;

  void start(std::int64_t wall_ns);                    // what the gateway's start record says
  void stop();                                         // waits for a release that is under way
  [[nodiscard]] admin::StatisticsState state() const;  // any thread

 private:
  void run();
  void tick();
  void take(const audit::dp::Tick& tick);
  void fail(const core::Error& error);
  void end_look(const std::optional<core::Error>& error);
  void warn_of_the_end(double days_left);

  audit::Journal& journal_;
  Log& log_;
  const std::function<std::shared_ptr<const config::Config>()> config_;  // the one in force
  std::optional<audit::dp::Releases> releases_;
  double days_left_told_ = -1;
  mutable std::mutex mutex_;
  admin::StatisticsState state_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace menshen::gateway
