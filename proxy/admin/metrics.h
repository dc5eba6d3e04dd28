// Prometheus metrics of exchanges, in the names that operators know (OpenTelemetry's GenAI
// conventions where they have one, `menshen_` otherwise). No label carries a user, a key or
// content; models are those that routes spell out, and at most `model_names_max` others.
//
// Overhead is the whole exchange minus the time spent waiting for the provider.
//
// Thread-safe.
#pragma once

#include "audit/journal.h"
#include "proxy/pipeline/gateway.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace menshen::admin {

inline constexpr std::size_t model_names_max = 200;

struct UpstreamState {
  std::string name;
  bool healthy = true;
  bool breaker_open = false;
};

struct MetricSources {
  std::function<audit::JournalStats()> journal;
  std::function<std::vector<UpstreamState>()> upstreams;
  std::function<std::size_t()> connections;
};

class Metrics final : public pipeline::Observer {
 public:
  explicit Metrics(MetricSources sources);
  ~Metrics() override;

  void opened() noexcept override;
  void closed(const audit::Record& record, std::uint32_t failed_open,
              bool recorded) noexcept override;

  // The text exposition format 0.0.4.
  [[nodiscard]] std::string expose() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace menshen::admin
