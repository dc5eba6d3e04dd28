// How a running gateway stands: its metrics and its readiness.
#include "proxy/gateway/process_parts.h"

namespace menshen::gateway {

namespace {

admin::UpstreamState state_of(const transport::UpstreamStatus& status) {
  const transport::UpstreamCounts& counts = *status.counts;
  admin::UpstreamState out{.name = status.name,
                           .healthy = status.healthy,
                           .breaker_open = status.breaker == transport::Breaker::State::open,
                           .requests = counts.calls,
                           .retries = counts.retries,
                           .connects = counts.connects,
                           .in_flight = counts.in_flight,
                           .idle_connections = counts.idle_connections,
                           .errors = {},
                           .first_byte = admin::Distribution(transport::first_byte_bounds)};
  for (std::size_t i = 0; i < counts.errors.size(); ++i) {
    out.errors.emplace_back(transport::upstream_errors[i], counts.errors[i]);
  }
  const std::vector<std::uint64_t> buckets(counts.first_byte.begin(), counts.first_byte.end());
  out.first_byte.add(buckets, static_cast<double>(counts.first_byte_us) / 1e6);
  return out;
}

double seconds_of(std::int64_t ns) { return static_cast<double>(ns / 1'000'000) / 1e3; }

admin::InForceState state_of(const Snapshot& snapshot) {
  return {.policy = snapshot.policy->version(),
          .config = snapshot.config->version,
          .policy_since = seconds_of(snapshot.policy_since_ns),
          .config_since = seconds_of(snapshot.config_since_ns)};
}

}  // namespace

admin::MetricSources Process::Impl::metric_sources() {
  return {
      .journal = [this] { return journal_->stats(); },
      .index = [this] { return indexer_->stats(journal_->stats().records); },
      .scrub =
          scrubber_ ? [this] { return scrubber_->stats(); } : std::function<audit::ScrubStats()>{},
      .upstreams =
          [this] {
            std::vector<admin::UpstreamState> states;
            for (const auto& status : upstreams_->status()) states.push_back(state_of(status));
            return states;
          },
      .in_force = [this] { return state_of(*in_force_.load()); },
      .connections =
          [this] {
            return data_ ? static_cast<std::size_t>(data_->counters().connections_open.load())
                         : std::size_t{0};
          },
      .connections_closed = [this]() -> std::uint64_t {
        if (!data_) return 0;
        const auto& counters = data_->counters();
        return counters.connections_refused + counters.connections_displaced;
      },
      .routes_down = [this] { return routes_down(*in_force_.load()).size(); },
      .identity_works = [this] { return chain_->problem().empty(); },
      .seen = [this] { return seen_->stats(); },
      .score_samples = [this] { return sampler_->stats(); },
      .log_lines_lost = [this] { return log_.lost(); },
      .statistics = [this] { return statistics_->state(); },
      .heads = heads_ ? [this] { return heads_->state(); } : std::function<admin::HeadsState()>{}};
}

void Process::Impl::tell_receivers(admin::Readiness& out) const {
  if (!heads_) return;
  const admin::HeadsState state = heads_->state();
  if (out.publishing.empty() && state.url) out.publishing = state.url->problem;
  for (const admin::WitnessState& witness : state.witnesses) {
    if (!witness.problem.empty())
      out.witnesses_failing.push_back(witness.name + ": " + witness.problem);
  }
}

// Records say who asked for what, and the files are their owner's alone: never without a token.
decltype(admin::AdminSources::log) Process::Impl::served_log() const {
  if (!config_->admin.token) return {};
  return [this](std::string_view path) { return audit::read_served(config_->store, path); };
}

// A route without an upstream is shown; only a gateway that could serve none is not ready. So one
// provider's failure takes no gateway away from the others, and one that reaches nothing is left.
admin::Readiness Process::Impl::readiness() const {
  admin::Readiness out;
  {
    const std::lock_guard lock(reload_mutex_);
    out.reload = last_reload_;
  }
  const SnapshotPtr now = in_force_.load();
  out.routes_down = routes_down(*now);
  out.statistics = statistics_->state().problem;
  const std::string nobody_known = chain_->problem();
  const audit::JournalStats evidence = journal_->stats();
  out.publishing = evidence.publish_reason;
  if (scrubber_) out.damage = scrubber_->stats().problem;
  tell_receivers(out);
  if (draining_) {
    out.reason = "draining";
  } else if (!evidence.healthy) {
    out.reason = "the evidence store cannot write: " + evidence.reason;
  } else if (!nobody_known.empty()) {
    out.reason = "API keys cannot be checked: " + nobody_known;
  } else if (out.routes_down.size() == now->config->routes.size()) {
    out.reason = "no route has an upstream that may be called";
  } else {
    out.ready = true;
  }
  return out;
}

}  // namespace menshen::gateway
