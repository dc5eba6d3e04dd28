// Prometheus metrics of exchanges, in the names that operators know (OpenTelemetry's GenAI
// conventions where they have one, `menshen_` otherwise). No label carries a user, a key or
// content; a model is named as the configuration's routes name it: by its name, or by the pattern
// that serves it. Whatever is asked for, there is one series for each and one for "(other)".
//
// Overhead is the whole exchange minus the time spent waiting for the provider.
//
// Thread-safe. Each thread counts for itself; a scrape adds up.
#pragma once

#include "audit/indexer.h"
#include "audit/journal.h"
#include "audit/scrubber.h"
#include "proxy/admin/distribution.h"
#include "proxy/pipeline/gateway.h"
#include "proxy/pipeline/score_sampler.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::admin {

struct UpstreamState {
  std::string name;
  bool healthy = true;
  bool breaker_open = false;
  std::uint64_t requests = 0;
  std::uint64_t retries = 0;
  std::uint64_t connects = 0;
  std::int64_t in_flight = 0;
  std::int64_t idle_connections = 0;
  std::vector<std::pair<std::string_view, std::uint64_t>> errors{};  // by what went wrong
  Distribution first_byte{{}};  // seconds until the head of an answer
};

// What is in force, and since when: seconds since 1970.
struct InForceState {
  std::string policy;  // the hash of its file
  std::string config;  // the hash of its file
  double policy_since = 0;
  double config_since = 0;
};

// Released usage statistics, and the budget that they spend.
struct StatisticsState {
  std::string problem{};  // code of what keeps the last look from releasing; empty: nothing does
  std::uint64_t clock_steps = 0;
  // Not a number: nobody knows, because dp.db has not been read yet or cannot be trusted.
  double rho_spent = std::numeric_limits<double>::quiet_NaN();
  double rho_total = std::numeric_limits<double>::quiet_NaN();
  // That the budget holds, each at what a day costs now.
  double days_left = std::numeric_limits<double>::quiet_NaN();
};

struct WitnessState {
  std::string name;
  std::uint64_t records = 0;  // of the head that it has cosigned last
  std::uint64_t cosignatures = 0;
  std::uint64_t failures = 0;
  std::string problem{};  // why the last call failed; empty: it did not
};
struct UrlState {
  std::uint64_t failures = 0;
  std::string problem{};
};

// To whom heads of the log are shown, and how that goes.
struct HeadsState {
  std::size_t quorum = 0;                            // 0: there are no witnesses
  std::optional<std::uint64_t> witnessed_records{};  // of the last head with a quorum
  bool contradicted = false;  // a witness has signed a history that this log has not
  std::vector<WitnessState> witnesses{};
  std::optional<UrlState> url{};
};

struct MetricSources {
  std::function<audit::JournalStats()> journal{};
  std::function<audit::IndexStats()> index{};
  std::function<audit::ScrubStats()> scrub{};  // empty: the log is not read again
  std::function<std::vector<UpstreamState>()> upstreams{};
  std::function<InForceState()> in_force{};
  std::function<std::size_t()> connections{};
  std::function<std::uint64_t()> connections_closed{};  // because there were too many
  std::function<std::size_t()> routes_down{};           // without an upstream that may be called
  std::function<bool()> identity_works{};
  std::function<pipeline::SeenValues::Stats()> seen{};
  std::function<pipeline::ScoreSampler::Stats()> score_samples{};
  std::function<std::uint64_t()> log_lines_lost{};
  std::function<StatisticsState()> statistics{};
  std::function<HeadsState()> heads{};  // empty: they are shown to nobody
};

class Metrics final : public pipeline::Observer {
 public:
  explicit Metrics(MetricSources sources);
  ~Metrics() override;

  void opened() noexcept override;
  void closed(const pipeline::Closed& exchange) noexcept override;

  // Rules that are in no policy in force have no series from now on. Until the first call all have.
  void rules_in_force(std::span<const std::string_view> ids);

  // A reload ended. The start counts as one that was applied, but not here.
  void reloaded(bool applied) noexcept;

  // The text exposition format 0.0.4. No exchange waits for the sources, nor for the writing.
  [[nodiscard]] std::string expose() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace menshen::admin
