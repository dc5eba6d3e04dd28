// Prometheus metrics of exchanges, in the names that operators know (OpenTelemetry's GenAI
// conventions where they have one, `menshen_` otherwise). No label carries a user, a key or
// content; a model is named as the configuration's routes name it: by its name, or by the
// pattern that serves it. Whatever is asked for, there is one series for each and one for
// "(other)".
//
// Overhead is the whole exchange minus the time spent waiting for the provider.
//
// Thread-safe.
#pragma once

#include "audit/journal.h"
#include "proxy/pipeline/gateway.h"

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::admin {

struct UpstreamState {
  std::string name;
  bool healthy = true;
  bool breaker_open = false;
};

// Released usage statistics, and the budget that they spend.
struct StatisticsState {
  std::string problem{};  // code of what keeps the last look from releasing; empty: nothing does
  std::uint64_t clock_steps = 0;
  double rho_spent = 0;
  double rho_total = 0;
  double days_left = 0;  // that the budget holds, each at what a day costs now
};

struct MetricSources {
  std::function<audit::JournalStats()> journal{};
  std::function<std::vector<UpstreamState>()> upstreams{};
  std::function<std::size_t()> connections{};
  std::function<std::uint64_t()> connections_closed{};  // because there were too many
  std::function<std::size_t()> routes_down{};           // without an upstream that may be called
  std::function<StatisticsState()> statistics{};
  // The name or pattern of the routes that serves a model, for its label; empty: none does. Called
  // by exchanges, on all threads.
  std::function<std::string(std::string_view model)> route_name{};
};

class Metrics final : public pipeline::Observer {
 public:
  explicit Metrics(MetricSources sources);
  ~Metrics() override;

  void opened() noexcept override;
  void closed(const audit::Record& record, std::uint32_t failed_open,
              bool recorded) noexcept override;

  // A reload ended. The start counts as one that was applied, but not here.
  void reloaded(bool applied) noexcept;

  // The text exposition format 0.0.4. Numbers are copied out, then written: no exchange waits for
  // the writing, nor for the sources.
  void expose(std::ostream& out) const;
  [[nodiscard]] std::string expose() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace menshen::admin
