// Released usage statistics: their options from the configuration, and the gateway's clock for
// them.
#pragma once

#include "audit/dp/report.h"
#include "core/error.h"
#include "proxy/config/config.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>

namespace menshen::gateway {

// The cells are public names alone: groups that API keys were issued for, times models that routes
// spell out. Everything else is counted under (other).
[[nodiscard]] core::Result<audit::dp::Options> privacy_options(const config::Config& config);

// Ends the windows of released statistics on the clock, on a thread of its own. Destroying it stops
// the thread. `failed` is told the code of an error, on that thread.
class Statistics {
 public:
  Statistics(std::function<std::shared_ptr<const config::Config>()> config,
             std::function<void(std::string_view)> failed);
  ~Statistics();
  Statistics(const Statistics&) = delete;
  Statistics& operator=(const Statistics&) = delete;

 private:
  void run();

  const std::function<std::shared_ptr<const config::Config>()> config_;  // the one in force
  std::function<void(std::string_view)> failed_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace menshen::gateway
