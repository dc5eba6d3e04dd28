#include "proxy/admin/metrics.h"

#include "core/clock.h"
#include "core/version.h"
#include "proxy/admin/counts.h"
#include "proxy/admin/exposition.h"
#include "proxy/admin/process_usage.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

namespace menshen::admin {
namespace {

// Stands for a rule where the policy's defaults annotate, as in records.
constexpr std::string_view policies_default = "(default)";

double now_seconds() {
  return static_cast<double>(core::system_clock().wall_ns() / 1'000'000) / 1e3;
}

void expose_journal(const audit::JournalStats& stats, Exposition& out) {
  const auto number = [](auto n) { return static_cast<double>(n); };
  out.single(gauge("menshen_journal_records", "Records in the audit log."), number(stats.records));
  out.single(gauge("menshen_journal_queue_bytes", "Records waiting to be committed."),
             number(stats.queued_bytes));
  out.single(counter("menshen_journal_failures_total", "Commits that failed."),
             number(stats.failures));
  out.single(counter("menshen_journal_commits_total", "Group commits."), number(stats.commits));
  out.single(
      counter("menshen_journal_commit_seconds_total", "Time spent in commits, fsync included."),
      stats.commit_seconds_total);
  out.single(gauge("menshen_journal_healthy", "1: the last commit succeeded."),
             stats.healthy ? 1 : 0);
  out.single(counter("menshen_journal_publish_failures_total",
                     "Writes of signed heads outside the database that failed."),
             number(stats.publish_failures));
  out.single(gauge("menshen_journal_publishing", "1: the last head was written where it should."),
             stats.publishing ? 1 : 0);
}

void expose_index(const audit::IndexStats& stats, std::uint64_t log_records, Exposition& out) {
  const std::uint64_t lag = log_records - std::min(log_records, stats.records);
  out.single(gauge("menshen_audit_index_healthy", "1: the index of the log can be written."),
             stats.healthy ? 1 : 0);
  out.single(gauge("menshen_audit_index_lag_records", "Records that the index does not have yet."),
             static_cast<double>(lag));
  out.single(gauge("menshen_audit_index_lag_seconds",
                   "For how long the oldest of them has been in the log."),
             static_cast<double>(stats.behind_ns) * 1e-9);
  out.single(counter("menshen_audit_index_begun_anew_total", "Times that it was begun anew."),
             static_cast<double>(stats.begun_anew));
  out.single(counter("menshen_audit_index_cpu_seconds_total", "Time of processors that it took."),
             static_cast<double>(stats.cpu_ns) * 1e-9);
}

void expose_scrub(const audit::ScrubStats& stats, Exposition& out) {
  out.single(gauge("menshen_audit_problems", "What was found wrong with the log."),
             static_cast<double>(stats.problems));
  out.single(gauge("menshen_audit_scrub_position_records",
                   "Records that were read again, from the first one on."),
             static_cast<double>(stats.position));
  out.single(counter("menshen_audit_scrub_walks_total", "Times that all were."),
             static_cast<double>(stats.walks));
  out.single(gauge("menshen_audit_scrub_walked_timestamp_seconds",
                   "When that was last, since 1970; 0: not yet."),
             static_cast<double>(stats.walked_at_ns) * 1e-9);
}

void expose_calls(const std::vector<UpstreamState>& upstreams, Exposition& out) {
  const auto each = [&](auto value) {
    for (const UpstreamState& u : upstreams) out.sample({u.name}, static_cast<double>(value(u)));
  };
  out.begin(counter("menshen_upstream_requests_total", "Requests that were begun.", {"upstream"}));
  each([](const UpstreamState& u) { return u.requests; });
  out.begin(
      counter("menshen_retries_total", "Attempts after the first, by upstream.", {"upstream"}));
  each([](const UpstreamState& u) { return u.retries; });
  out.begin(counter("menshen_upstream_errors_total", "What went wrong with them.",
                    {"error", "upstream"}));
  for (const UpstreamState& u : upstreams) {
    for (const auto& [error, n] : u.errors) {
      out.sample({error, u.name}, static_cast<double>(n));
    }
  }
  out.begin(histogram("menshen_upstream_first_byte_seconds",
                      "From the call, connecting included, to the head of the answer.",
                      {"upstream"}));
  for (const UpstreamState& u : upstreams) out.sample({u.name}, u.first_byte);
  out.begin(
      counter("menshen_upstream_connects_total", "Connections that were made.", {"upstream"}));
  each([](const UpstreamState& u) { return u.connects; });
}

void expose_upstreams(const std::vector<UpstreamState>& upstreams, Exposition& out) {
  const auto each = [&](auto value) {
    for (const UpstreamState& u : upstreams) out.sample({u.name}, static_cast<double>(value(u)));
  };
  expose_calls(upstreams, out);
  out.begin(gauge("menshen_upstream_in_flight", "Answers that are open.", {"upstream"}));
  each([](const UpstreamState& u) { return u.in_flight; });
  out.begin(gauge("menshen_upstream_idle_connections", "Connections at rest.", {"upstream"}));
  each([](const UpstreamState& u) { return u.idle_connections; });
  out.begin(gauge("menshen_upstream_healthy", "1: may be called.", {"upstream"}));
  each([](const UpstreamState& u) { return u.healthy ? 1 : 0; });
  out.begin(
      gauge("menshen_upstream_breaker_open", "1: the circuit breaker is open.", {"upstream"}));
  each([](const UpstreamState& u) { return u.breaker_open ? 1 : 0; });
}

void expose_in_force(const InForceState& state, Exposition& out) {
  out.begin(gauge("menshen_config_info", "1: the configuration in force.", {"hash"}));
  out.sample({state.config}, 1);
  out.single(gauge("menshen_config_in_force_timestamp_seconds",
                   "Since when this configuration is in force."),
             state.config_since);
  out.begin(gauge("menshen_policy_info", "1: the policy set in force.", {"hash"}));
  out.sample({state.policy}, 1);
  out.single(
      gauge("menshen_policy_in_force_timestamp_seconds", "Since when this policy is in force."),
      state.policy_since);
}

void expose_process(double began, Exposition& out) {
  const ProcessUsage usage = process_usage();
  out.begin(gauge("menshen_build_info", "1: the build that runs.", {"version"}));
  out.sample({core::version()}, 1);
  out.single(gauge("process_start_time_seconds", "When the process began."), began);
  out.single(counter("process_cpu_seconds_total", "Time of processors, user and system."),
             usage.cpu_seconds);
  out.single(gauge("process_resident_memory_bytes", "Resident memory."),
             static_cast<double>(usage.resident_bytes));
  out.single(gauge("process_open_fds", "Open descriptors."),
             static_cast<double>(usage.open_descriptors));
  out.single(gauge("process_max_fds", "Descriptors that there may be."),
             static_cast<double>(usage.descriptors_max));
}

void expose_heads(const HeadsState& state, Exposition& out) {
  if (state.url) {
    out.single(
        counter("menshen_publish_url_failures_total", "Calls to audit.publish_url that failed."),
        static_cast<double>(state.url->failures));
  }
  if (state.quorum == 0) return;
  const auto each = [&](auto value) {
    for (const WitnessState& w : state.witnesses)
      out.sample({w.name}, static_cast<double>(value(w)));
  };
  out.begin(counter("menshen_witness_cosignatures_total", "Heads that it cosigned.", {"witness"}));
  each([](const WitnessState& w) { return w.cosignatures; });
  out.begin(counter("menshen_witness_failures_total", "Calls that failed.", {"witness"}));
  each([](const WitnessState& w) { return w.failures; });
  out.begin(
      gauge("menshen_witness_records", "Records of the head that it cosigned last.", {"witness"}));
  each([](const WitnessState& w) { return w.records; });
  out.single(gauge("menshen_witnessed_records", "Records of the last head with a quorum."),
             static_cast<double>(state.witnessed_records.value_or(0)));
  out.single(
      gauge("menshen_log_contradicted", "1: a witness has signed a history that this log has not."),
      state.contradicted ? 1 : 0);
}

// What one thread has counted; a scrape takes the lock between two exchanges.
struct Shard {
  std::mutex mutex;
  Counts counts;
  std::atomic<std::int64_t> in_flight{0};
};

std::uint64_t next_id() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

}  // namespace

struct Metrics::Impl {
  explicit Impl(MetricSources from) : sources(std::move(from)) {}

  Shard& of_thread() {
    thread_local std::uint64_t owner = 0;
    thread_local Shard* shard = nullptr;
    if (owner == id) return *shard;
    const std::lock_guard lock(mutex);
    shard = shards.emplace_back(std::make_unique<Shard>()).get();
    owner = id;
    return *shard;
  }

  void expose_exchanges(Exposition& out) const {
    Counts all;
    std::int64_t in_flight = 0;
    {
      const std::lock_guard lock(mutex);
      for (const auto& shard : shards) {
        in_flight += shard->in_flight;
        const std::lock_guard one(shard->mutex);
        all.add(shard->counts);
      }
      // Exchanges that began under a former policy end later.
      if (!rules.empty()) all.keep_rules(rules);
    }
    all.expose(out);
    out.single(gauge("menshen_in_flight_requests", "Open exchanges."),
               static_cast<double>(in_flight));
  }

  void expose_reloads(Exposition& out) const {
    out.begin(
        counter("menshen_reloads_total", "Reloads (SIGHUP) by what came of them.", {"result"}));
    out.sample({"applied"}, static_cast<double>(reloads_applied));
    out.sample({"refused"}, static_cast<double>(reloads_refused));
    out.single(gauge("menshen_config_last_reload_successful",
                     "1: the last reload, or the start, came into force whole."),
               last_applied ? 1 : 0);
    out.single(gauge("menshen_config_last_reload_success_timestamp_seconds",
                     "When files were last read and came into force."),
               applied_at);
  }

  void expose_connections(Exposition& out) const {
    if (sources.connections) {
      out.single(gauge("menshen_connections", "Open client connections."),
                 static_cast<double>(sources.connections()));
    }
    if (sources.connections_closed) {
      out.single(counter("menshen_connections_closed_total",
                         "Client connections closed because there were limits.connections_max."),
                 static_cast<double>(sources.connections_closed()));
    }
    if (sources.routes_down) {
      out.single(gauge("menshen_routes_down", "Routes none of whose upstreams may be called now."),
                 static_cast<double>(sources.routes_down()));
    }
    if (sources.identity_works) {
      out.single(gauge("menshen_identity_healthy", "1: callers can be identified."),
                 sources.identity_works() ? 1 : 0);
    }
    if (sources.log_lines_lost) {
      out.single(counter("menshen_log_lines_lost_total", "Lines of the log that were not written."),
                 static_cast<double>(sources.log_lines_lost()));
    }
  }

  void expose_samples(Exposition& out) const {
    if (!sources.score_samples) return;
    const pipeline::ScoreSampler::Stats stats = sources.score_samples();
    out.single(counter("menshen_score_samples_total",
                       "Exchanges whose scores that no rule asked for were recorded."),
               static_cast<double>(stats.scored));
    out.begin(counter("menshen_score_samples_skipped_total",
                      "Exchanges of the sample that were not scored.", {"reason"}));
    out.sample({"busy"}, static_cast<double>(stats.busy));
    out.sample({"failed"}, static_cast<double>(stats.failed));
    out.sample({"too_long"}, static_cast<double>(stats.too_long));
  }

  void expose_seen(Exposition& out) const {
    if (!sources.seen) return;
    const pipeline::SeenValues::Stats seen = sources.seen();
    out.single(gauge("menshen_seen_values",
                     "Values of answers that are remembered for rules that ask what was seen."),
               static_cast<double>(seen.values));
    out.begin(
        counter("menshen_seen_values_forgotten_total", "Of them: those forgotten.", {"reason"}));
    out.sample({"age"}, static_cast<double>(seen.aged));
    out.sample({"all"}, static_cast<double>(seen.crowded_out));
    out.sample({"subject"}, static_cast<double>(seen.displaced));
  }

  void expose_statistics(Exposition& out) const {
    if (!sources.statistics) return;
    const StatisticsState state = sources.statistics();
    out.single(gauge("menshen_statistics_healthy",
                     "1: nothing keeps usage statistics from their release."),
               state.problem.empty() ? 1 : 0);
    out.single(gauge("menshen_privacy_rho_spent", "Of the privacy budget, by all days so far."),
               state.rho_spent);
    out.single(gauge("menshen_privacy_rho_budget", "The privacy budget: privacy.rho_total."),
               state.rho_total);
    out.single(
        gauge("menshen_privacy_days_left", "Days of statistics that the budget still holds."),
        state.days_left);
    out.single(
        counter("menshen_clock_steps_total", "Steps of the wall clock, noticed by statistics."),
        static_cast<double>(state.clock_steps));
  }

  const std::uint64_t id = next_id();  // no other object ever has it
  const double began = now_seconds();
  const MetricSources sources;
  mutable std::mutex mutex;                  // the list of shards, and the rules
  std::set<std::string, std::less<>> rules;  // in force; empty: nobody has said which
  std::vector<std::unique_ptr<Shard>> shards;
  std::atomic<std::uint64_t> reloads_applied{0};
  std::atomic<std::uint64_t> reloads_refused{0};
  std::atomic<bool> last_applied{true};
  std::atomic<double> applied_at{began};
};

Metrics::Metrics(MetricSources sources) : impl_(std::make_unique<Impl>(std::move(sources))) {}
Metrics::~Metrics() = default;

void Metrics::opened() noexcept {
  try {
    impl_->of_thread().in_flight.fetch_add(1, std::memory_order_relaxed);
  } catch (const std::exception&) {
    // Out of memory for this thread's first exchange: the count is lost, the exchange is not.
  }
}

void Metrics::closed(const pipeline::Closed& exchange) noexcept {
  try {
    Shard& shard = impl_->of_thread();
    shard.in_flight.fetch_sub(1, std::memory_order_relaxed);
    const std::lock_guard lock(shard.mutex);
    shard.counts.add(exchange);
  } catch (const std::exception&) {
    // As above.
  }
}

void Metrics::rules_in_force(std::span<const std::string_view> ids) {
  std::set<std::string, std::less<>> rules(ids.begin(), ids.end());
  rules.emplace(policies_default);
  const std::lock_guard lock(impl_->mutex);
  impl_->rules = std::move(rules);
  for (const auto& shard : impl_->shards) {
    const std::lock_guard one(shard->mutex);
    shard->counts.keep_rules(impl_->rules);
  }
}

void Metrics::reloaded(bool applied) noexcept {
  ++(applied ? impl_->reloads_applied : impl_->reloads_refused);
  impl_->last_applied = applied;
  if (applied) impl_->applied_at = now_seconds();
}

std::string Metrics::expose() const {
  Exposition out;
  impl_->expose_exchanges(out);
  if (impl_->sources.journal) expose_journal(impl_->sources.journal(), out);
  if (impl_->sources.journal && impl_->sources.index) {
    const audit::IndexStats index = impl_->sources.index();  // first: the log has what it has
    expose_index(index, impl_->sources.journal().records, out);
  }
  if (impl_->sources.scrub) expose_scrub(impl_->sources.scrub(), out);
  if (impl_->sources.upstreams) expose_upstreams(impl_->sources.upstreams(), out);
  if (impl_->sources.in_force) expose_in_force(impl_->sources.in_force(), out);
  impl_->expose_reloads(out);
  impl_->expose_connections(out);
  impl_->expose_seen(out);
  impl_->expose_samples(out);
  impl_->expose_statistics(out);
  if (impl_->sources.heads) expose_heads(impl_->sources.heads(), out);
  expose_process(impl_->began, out);
  return std::move(out).text();
}

}  // namespace menshen::admin
