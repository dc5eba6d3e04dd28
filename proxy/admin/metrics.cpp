#include "proxy/admin/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <atomic>
#include <initializer_list>
#include <map>
#include <mutex>
#include <sstream>
#include <utility>
#include <vector>

namespace menshen::admin {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using Buckets = Histogram::BucketBoundaries;

// Buckets of OpenTelemetry's GenAI conventions; overhead needs finer ones.
const Buckets duration_buckets{0.01, 0.02, 0.04, 0.08,  0.16,  0.32,  0.64,
                               1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92};
const Buckets first_token_buckets{0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1,  0.25,
                                  0.5,   0.75,  1.0,  2.5,  5.0,  7.5,  10.0, 30.0, 60.0};
const Buckets token_buckets{1,     4,     16,     64,      256,     1024,     4096,
                            16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864};
const Buckets overhead_buckets{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                               0.01,   0.025,   0.05,   0.1,   0.5,    1.0};

// Counters of one family by the values of its labels. prometheus-cpp's own look-up copies every
// label; this one copies none of a counter that it knows.
class Counters {
 public:
  Counters(Family<Counter>& family, std::initializer_list<const char*> labels)
      : family_(family), labels_(labels) {}

  // As many values as there are labels.
  Counter& of(std::initializer_list<std::string_view> values) {
    key_.clear();
    for (const std::string_view value : values) key_.append(value).push_back('\n');
    const auto known = known_.find(key_);
    if (known != known_.end()) return *known->second;
    prometheus::Labels named;
    auto label = labels_.begin();
    for (const std::string_view value : values) named.emplace(*label++, value);
    return *known_.emplace(key_, &family_.Add(named)).first->second;
  }

 private:
  Family<Counter>& family_;
  std::vector<const char*> labels_;
  std::string key_;
  std::map<std::string, Counter*, std::less<>> known_;
};

double seconds(std::int64_t us) { return static_cast<double>(us) / 1e6; }

}  // namespace

struct Metrics::Impl {
  explicit Impl(MetricSources from) : sources(std::move(from)) {
    reload_successful.Set(1);
    reload_time.SetToCurrentTime();
  }

  Family<Counter>& counter(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  Family<Gauge>& gauge(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
  }
  Family<Histogram>& histogram(const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
  }

  // What every exchange of one kind counts on; looked up once, then kept.
  struct Series {
    Histogram* duration;
    Histogram* overhead;
    Histogram* first_token;
    Histogram* input_tokens;
    Histogram* output_tokens;
  };

  // Names come from the configuration alone: a caller cannot make a series.
  std::string model_label(const std::string& model) const {
    if (model.empty()) return "(none)";
    std::string name = sources.route_name ? sources.route_name(model) : "";
    return name.empty() ? "(other)" : name;
  }

  Series& series_of(std::string_view model, std::string_view api) {
    key.assign(api).append("\n").append(model);
    const auto known = series.find(key);
    if (known != series.end()) return known->second;
    const prometheus::Labels labels{{"gen_ai_operation_name", std::string(api)},
                                    {"gen_ai_request_model", std::string(model)}};
    auto with_type = labels;
    Series s{};
    s.duration = &duration.Add(labels, duration_buckets);
    s.overhead = &overhead.Add({{"gen_ai_operation_name", std::string(api)}}, overhead_buckets);
    s.first_token = &first_token.Add(labels, first_token_buckets);
    with_type["gen_ai_token_type"] = "input";
    s.input_tokens = &tokens.Add(with_type, token_buckets);
    with_type["gen_ai_token_type"] = "output";
    s.output_tokens = &tokens.Add(with_type, token_buckets);
    return series.emplace(key, s).first->second;
  }

  void count(const audit::Record& record, std::string_view model, std::uint32_t failed,
             bool recorded) {
    const std::string_view api = record.api.empty() ? std::string_view("(unknown)") : record.api;
    Series& s = series_of(model, api);
    s.duration->Observe(seconds(record.duration_us));
    s.overhead->Observe(seconds(record.duration_us - record.upstream_wait_us));
    if (record.first_byte_us > 0) s.first_token->Observe(seconds(record.first_byte_us));
    if (record.input_tokens > 0) s.input_tokens->Observe(static_cast<double>(record.input_tokens));
    if (record.output_tokens > 0)
      s.output_tokens->Observe(static_cast<double>(record.output_tokens));
    requests.of({api, std::to_string(record.status), record.error}).Increment();
    checks.of({record.decision}).Increment();
    if (failed > 0) checks.of({"failopen"}).Increment(failed);
    for (const auto& [type, n] : record.findings_request) {
      findings.of({type, "request"}).Increment(n);
    }
    for (const auto& [type, n] : record.findings_response) {
      findings.of({type, "response"}).Increment(n);
    }
    for (const auto& [kind, n] : record.opaque_request) opaque.of({kind, "request"}).Increment(n);
    for (const auto& [kind, n] : record.opaque_response) opaque.of({kind, "response"}).Increment(n);
    for (const auto& [type, n] : record.redactions) redactions.of({type}).Increment(n);
    if (record.attempts > 1) retries.of({record.upstream}).Increment(record.attempts - 1);
    if (!recorded) unrecorded.Increment();
    in_flight.Decrement();
  }

  void refresh() {
    if (sources.journal) {
      const audit::JournalStats stats = sources.journal();
      journal_records.Set(static_cast<double>(stats.records));
      journal_queue.Set(static_cast<double>(stats.queued_bytes));
      journal_failures.Set(static_cast<double>(stats.failures));
      journal_commits.Set(static_cast<double>(stats.commits));
      journal_commit_seconds.Set(stats.commit_seconds_total);
      journal_healthy.Set(stats.healthy ? 1 : 0);
    }
    if (sources.connections) connections.Set(static_cast<double>(sources.connections()));
    if (sources.connections_closed) {
      const auto closed = static_cast<double>(sources.connections_closed());
      connections_closed.Increment(closed - connections_closed.Value());
    }
    if (sources.routes_down) routes_down.Set(static_cast<double>(sources.routes_down()));
    if (sources.statistics) refresh_statistics(sources.statistics());
    if (!sources.upstreams) return;
    for (const UpstreamState& state : sources.upstreams()) {
      upstream_healthy.Add({{"upstream", state.name}}).Set(state.healthy ? 1 : 0);
      breaker_open.Add({{"upstream", state.name}}).Set(state.breaker_open ? 1 : 0);
    }
  }

  void refresh_statistics(const StatisticsState& state) {
    statistics_healthy.Set(state.problem.empty() ? 1 : 0);
    privacy_spent.Set(state.rho_spent);
    privacy_total.Set(state.rho_total);
    privacy_days_left.Set(state.days_left);
    clock_steps.Increment(static_cast<double>(state.clock_steps) - clock_steps.Value());
  }

  MetricSources sources;
  prometheus::Registry registry;
  std::mutex mutex;          // the maps of series; exchanges take it, scrapes do not
  std::mutex refresh_mutex;  // scrapes
  std::string key;           // of series
  std::map<std::string, Series, std::less<>> series;

  Family<Histogram>& duration = histogram("gen_ai_server_request_duration_seconds",
                                          "Whole exchanges, as the client sees them.");
  Family<Histogram>& overhead = histogram(
      "menshen_overhead_seconds", "Exchange duration minus the time waiting for the provider.");
  Family<Histogram>& first_token = histogram("gen_ai_server_time_to_first_token_seconds",
                                             "From the request to the first released event.");
  Family<Histogram>& tokens =
      histogram("gen_ai_client_token_usage", "Tokens as the provider counted them.");
  Counters requests{counter("menshen_requests_total", "Exchanges by API, status and error."),
                    {"api", "status", "error_type"}};
  Counters checks{
      counter("menshen_guardrail_checks_total",
              "Exchanges by decision: allow, annotate, redact, deny, error; failopen: a check that "
              "failed and that the policy let pass."),
      {"action"}};
  Counters findings{counter("menshen_findings_total", "Findings by type and direction."),
                    {"type", "direction"}};
  Counters opaque{
      counter("menshen_opaque_total", "Parts that cannot be read, by kind and direction."),
      {"kind", "direction"}};
  Counters redactions{counter("menshen_redactions_total", "Redacted values by type."), {"type"}};
  Counters retries{counter("menshen_retries_total", "Attempts after the first, by upstream."),
                   {"upstream"}};
  Counter& unrecorded = counter("menshen_unrecorded_total",
                                "Exchanges refused because their evidence could not be written.")
                            .Add({});
  Counters reloads{counter("menshen_reloads_total", "Reloads (SIGHUP) by what came of them."),
                   {"result"}};
  Gauge& reload_successful = gauge("menshen_config_last_reload_successful",
                                   "1: the last reload, or the start, came into force whole.")
                                 .Add({});
  Gauge& reload_time = gauge("menshen_config_last_reload_success_timestamp_seconds",
                             "When configuration and policy came into force.")
                           .Add({});
  Gauge& routes_down =
      gauge("menshen_routes_down", "Routes none of whose upstreams may be called now.").Add({});
  Gauge& in_flight = gauge("menshen_in_flight_requests", "Open exchanges.").Add({});
  Gauge& connections = gauge("menshen_connections", "Open client connections.").Add({});
  Counter& connections_closed =
      counter("menshen_connections_closed_total",
              "Client connections closed because there were limits.connections_max.")
          .Add({});
  Gauge& journal_records = gauge("menshen_journal_records", "Records in the audit log.").Add({});
  Gauge& journal_queue =
      gauge("menshen_journal_queue_bytes", "Records waiting to be committed.").Add({});
  Gauge& journal_failures = gauge("menshen_journal_failures", "Commits that failed.").Add({});
  Gauge& journal_commits = gauge("menshen_journal_commits", "Group commits.").Add({});
  Gauge& journal_commit_seconds =
      gauge("menshen_journal_commit_seconds", "Time spent in commits, fsync included.").Add({});
  Gauge& journal_healthy =
      gauge("menshen_journal_healthy", "1: the last commit succeeded.").Add({});
  Gauge& statistics_healthy =
      gauge("menshen_statistics_healthy", "1: nothing keeps usage statistics from their release.")
          .Add({});
  Gauge& privacy_spent =
      gauge("menshen_privacy_rho_spent", "Of the privacy budget, by all days so far.").Add({});
  Gauge& privacy_total =
      gauge("menshen_privacy_rho_total", "The privacy budget: privacy.rho_total.").Add({});
  Gauge& privacy_days_left =
      gauge("menshen_privacy_days_left", "Days of statistics that the budget still holds.").Add({});
  Counter& clock_steps =
      counter("menshen_clock_steps_total", "Steps of the wall clock, noticed by statistics.")
          .Add({});
  Family<Gauge>& upstream_healthy = gauge("menshen_upstream_healthy", "1: may be called.");
  Family<Gauge>& breaker_open =
      gauge("menshen_upstream_breaker_open", "1: the circuit breaker is open.");
};

Metrics::Metrics(MetricSources sources) : impl_(std::make_unique<Impl>(std::move(sources))) {}
Metrics::~Metrics() = default;

void Metrics::opened() noexcept { impl_->in_flight.Increment(); }

void Metrics::closed(const audit::Record& record, std::uint32_t failed_open,
                     bool recorded) noexcept {
  try {
    const std::string model = impl_->model_label(record.model);
    const std::lock_guard lock(impl_->mutex);
    impl_->count(record, model, failed_open, recorded);
  } catch (const std::exception&) {
    impl_->in_flight.Decrement();  // out of memory: a count is lost, the exchange is not
  }
}

void Metrics::reloaded(bool applied) noexcept {
  impl_->reload_successful.Set(applied ? 1 : 0);
  if (applied) impl_->reload_time.SetToCurrentTime();
  try {
    const std::lock_guard lock(impl_->mutex);
    impl_->reloads.of({applied ? "applied" : "refused"}).Increment();
  } catch (const std::exception&) {
    // Out of memory: a count is lost.
  }
}

void Metrics::expose(std::ostream& out) const {
  std::vector<prometheus::MetricFamily> families;
  {
    const std::lock_guard lock(impl_->refresh_mutex);
    impl_->refresh();
    families = impl_->registry.Collect();
  }
  prometheus::TextSerializer().Serialize(out, families);
}

std::string Metrics::expose() const {
  std::ostringstream out;
  expose(out);
  return std::move(out).str();
}

}  // namespace menshen::admin
