#include "proxy/admin/counts.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>
#include <vector>

namespace menshen::admin {
namespace {

// Buckets of OpenTelemetry's GenAI conventions; overhead needs finer ones.
constexpr std::array duration_bounds{0.01, 0.02, 0.04, 0.08,  0.16,  0.32,  0.64,
                                     1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92};
constexpr std::array first_token_bounds{0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1,  0.25,
                                        0.5,   0.75,  1.0,  2.5,  5.0,  7.5,  10.0, 30.0, 60.0};
constexpr std::array token_bounds{1.0,       4.0,       16.0,       64.0,      256.0,
                                  1024.0,    4096.0,    16384.0,    65536.0,   262144.0,
                                  1048576.0, 4194304.0, 16777216.0, 67108864.0};
constexpr std::array score_bounds{0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95};
constexpr std::array overhead_bounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                     0.01,   0.025,   0.05,   0.1,   0.5,    1.0};

constexpr unsigned status_failed = 400;

double seconds(std::int64_t us) { return static_cast<double>(us) / 1e6; }

// What an API may answer with; whatever else a provider says is one.
std::string_view status_label(std::uint32_t status, std::array<char, 3>& digits) {
  if (status < 100 || status > 599) return "(other)";
  std::to_chars(digits.data(), digits.data() + digits.size(), status);
  return {digits.data(), digits.size()};
}

// An error that a provider answered with has no code of ours.
std::string_view error_label(std::string_view error, std::uint32_t status) {
  return error.empty() && status >= status_failed ? std::string_view("provider_error") : error;
}

std::vector<std::string_view> split_values(std::string_view key) {
  std::vector<std::string_view> out;
  while (!key.empty()) {
    const std::size_t end = key.find('\n');
    out.push_back(key.substr(0, end));
    key.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

void LabelledCounts::add(std::initializer_list<std::string_view> values, std::uint64_t n) {
  key_.clear();
  for (const std::string_view value : values) key_.append(value).push_back('\n');
  const auto known = counts_.find(std::string_view(key_));
  if (known != counts_.end()) {
    known->second += n;
  } else {
    counts_.emplace(key_, n);
  }
}

void LabelledCounts::add(const LabelledCounts& other) {
  for (const auto& [key, n] : other.counts_) counts_[key] += n;
}

void LabelledCounts::keep(std::size_t place, const std::set<std::string, std::less<>>& names) {
  std::erase_if(counts_, [&](const auto& series) {
    return !names.contains(split_values(series.first)[place]);
  });
}

void LabelledCounts::expose(Family family, Exposition& out) const {
  out.begin(std::move(family));
  std::vector<std::pair<std::string_view, std::uint64_t>> sorted(counts_.begin(), counts_.end());
  std::ranges::sort(sorted);
  for (const auto& [key, n] : sorted) out.sample(split_values(key), static_cast<double>(n));
}

Counts::Series::Series()
    : duration(duration_bounds),
      overhead(overhead_bounds),
      first_token(first_token_bounds),
      input_tokens(token_bounds),
      output_tokens(token_bounds) {}

void Counts::Series::add(const audit::Record& record) {
  duration.observe(seconds(record.duration_us));
  overhead.observe(seconds(record.duration_us - record.upstream_wait_us));
  if (record.first_byte_us > 0) first_token.observe(seconds(record.first_byte_us));
  if (record.input_tokens > 0) input_tokens.observe(static_cast<double>(record.input_tokens));
  if (record.output_tokens > 0) output_tokens.observe(static_cast<double>(record.output_tokens));
  add(record.told_status(), record.error, record.decision, 1);
}

void Counts::Series::add(std::uint32_t status, std::string_view error, std::string_view decision,
                         std::uint64_t n) {
  for (Outcome& seen : outcomes) {
    if (seen.status != status || seen.error != error || seen.decision != decision) continue;
    seen.count += n;
    return;
  }
  outcomes.push_back({status, std::string(error), std::string(decision), n});
}

void Counts::Series::add(const Series& other) {
  duration.add(other.duration);
  overhead.add(other.overhead);
  first_token.add(other.first_token);
  input_tokens.add(other.input_tokens);
  output_tokens.add(other.output_tokens);
  for (const Outcome& seen : other.outcomes) {
    add(seen.status, seen.error, seen.decision, seen.count);
  }
}

Counts::Series& Counts::series_of(std::string_view api, std::string_view model) {
  auto of_api = series_.find(api);
  if (of_api == series_.end()) of_api = series_.emplace(api, ByModel()).first;
  const auto known = of_api->second.find(model);
  return known != of_api->second.end() ? known->second : of_api->second[std::string(model)];
}

void Counts::add_rules(const audit::Record& record) {
  if (!record.access_rule.empty()) {
    const bool denied = record.error == "access_denied";
    rules_.add({denied ? "deny" : "allow", "enforce", record.access_rule}, 1);
  }
  for (const audit::FiredRule& fired : record.rules) {
    rules_.add({fired.action, fired.enforced ? "enforce" : "shadow", fired.rule}, fired.count);
  }
}

void Counts::add_scores(const audit::Record& record) {
  for (const auto& [mine, theirs] : {std::pair(&scores_request_, &record.scores_request),
                                     std::pair(&scores_response_, &record.scores_response)}) {
    for (const auto& [name, value] : *theirs)
      mine->try_emplace(name, score_bounds).first->second.observe(static_cast<double>(value));
  }
}

void Counts::add(const pipeline::Closed& exchange) {
  const audit::Record& record = exchange.record;
  const std::string_view api = record.api.empty() ? std::string_view("(unknown)") : record.api;
  std::string_view model = exchange.route;
  if (model.empty()) model = record.model.empty() ? "(none)" : "(other)";
  series_of(api, model).add(record);
  failed_open_ += exchange.failed_open;
  for (const auto& [direction, groups] :
       {std::pair("request", &record.findings_request), {"response", &record.findings_response}}) {
    for (const audit::FindingGroup& group : *groups) {
      findings_.add({direction, group.type}, group.count);
      if (group.action == "redact") redactions_.add({group.type}, group.count);
    }
  }
  for (const auto& [type, n] : record.pseudonyms) pseudonyms_.add({type}, n);
  for (const auto& [type, n] : record.restored) restored_.add({type}, n);
  scanned_bytes_ += record.scanned_bytes;
  for (const auto& [kind, n] : record.opaque_request) {
    opaque_.add({"request", kind}, n);
    if (record.attempts > 0) unread_forwarded_.add({kind}, n);
  }
  for (const auto& [kind, n] : record.opaque_response) opaque_.add({"response", kind}, n);
  add_rules(record);
  add_scores(record);
  if (!exchange.recorded) ++unrecorded_;
}

void Counts::add(const Counts& other) {
  for (const auto& [api, models] : other.series_) {
    for (const auto& [model, series] : models) series_of(api, model).add(series);
  }
  failed_open_ += other.failed_open_;
  findings_.add(other.findings_);
  scanned_bytes_ += other.scanned_bytes_;
  opaque_.add(other.opaque_);
  unread_forwarded_.add(other.unread_forwarded_);
  redactions_.add(other.redactions_);
  pseudonyms_.add(other.pseudonyms_);
  restored_.add(other.restored_);
  rules_.add(other.rules_);
  for (const auto& [mine, theirs] : {std::pair(&scores_request_, &other.scores_request_),
                                     std::pair(&scores_response_, &other.scores_response_)}) {
    for (const auto& [name, scores] : *theirs)
      mine->try_emplace(name, score_bounds).first->second.add(scores);
  }
  unrecorded_ += other.unrecorded_;
}

void Counts::expose_outcomes(Exposition& out) const {
  LabelledCounts requests;
  LabelledCounts checks;
  for (const auto& [api, models] : series_) {
    for (const auto& [model, series] : models) {
      for (const Outcome& seen : series.outcomes) {
        std::array<char, 3> digits{};
        const std::string_view error = error_label(seen.error, seen.status);
        requests.add({api, error, status_label(seen.status, digits)}, seen.count);
        checks.add({seen.decision}, seen.count);
      }
    }
  }
  checks.add({"failopen"}, failed_open_);
  requests.expose(counter("menshen_requests_total", "Exchanges by API, status and error.",
                          {"api", "error_type", "status"}),
                  out);
  checks.expose(
      counter("menshen_guardrail_checks_total",
              "Exchanges by decision: allow, annotate, redact, deny, error; failopen: a check that "
              "failed and that the policy let pass.",
              {"action"}),
      out);
}

void Counts::expose_times(Exposition& out) const {
  const auto each = [&](Distribution Series::*member) {
    for (const auto& [api, models] : series_) {
      for (const auto& [model, series] : models) out.sample({api, model}, series.*member);
    }
  };
  out.begin(histogram("gen_ai_server_request_duration_seconds",
                      "Whole exchanges, as the client sees them.",
                      {"gen_ai_operation_name", "gen_ai_request_model"}));
  each(&Series::duration);
  out.begin(histogram("gen_ai_server_time_to_first_token_seconds",
                      "From the request to the first released event.",
                      {"gen_ai_operation_name", "gen_ai_request_model"}));
  each(&Series::first_token);
  out.begin(histogram("menshen_overhead_seconds",
                      "Exchange duration minus the time waiting for the provider.",
                      {"gen_ai_operation_name"}));
  for (const auto& [api, models] : series_) {
    Distribution sum(overhead_bounds);
    for (const auto& [model, series] : models) sum.add(series.overhead);
    out.sample({api}, sum);
  }
}

void Counts::expose_tokens(Exposition& out) const {
  out.begin(histogram("gen_ai_client_token_usage", "Tokens as the provider counted them.",
                      {"gen_ai_operation_name", "gen_ai_request_model", "gen_ai_token_type"}));
  for (const auto& [api, models] : series_) {
    for (const auto& [model, series] : models) {
      out.sample({api, model, "input"}, series.input_tokens);
      out.sample({api, model, "output"}, series.output_tokens);
    }
  }
}

void Counts::expose_scores(Exposition& out) const {
  out.begin(histogram("menshen_scores", "Scores that rules asked for, of the exchanges' texts.",
                      {"direction", "score"}));
  for (const auto& [name, scores] : scores_request_) out.sample({"request", name}, scores);
  for (const auto& [name, scores] : scores_response_) out.sample({"response", name}, scores);
}

void Counts::expose(Exposition& out) const {
  expose_outcomes(out);
  rules_.expose(counter("menshen_rule_matches_total",
                        "Matches of rules, in force and in shadow, by what they do or would do.",
                        {"action", "mode", "rule"}),
                out);
  findings_.expose(
      counter("menshen_findings_total", "Findings by type and direction.", {"direction", "type"}),
      out);
  opaque_.expose(
      counter("menshen_opaque_total", "Parts that cannot be read, by kind and direction.",
              {"direction", "kind"}),
      out);
  // What an alert waits for stands there from the first scrape on: an increase is seen from 0
  // alone.
  LabelledCounts unread;
  for (const core::OpaqueKind kind : core::all_opaque_kinds) unread.add({core::to_string(kind)}, 0);
  unread.add(unread_forwarded_);
  unread.expose(
      counter("menshen_unread_forwarded_total",
              "Parts of requests that nobody read and with which a provider was called, by kind.",
              {"kind"}),
      out);
  out.single(counter("menshen_scanned_bytes_total", "Bytes of text that detectors read."),
             static_cast<double>(scanned_bytes_));
  redactions_.expose(counter("menshen_redactions_total", "Redacted values by type.", {"type"}),
                     out);
  pseudonyms_.expose(
      counter("menshen_pseudonyms_total",
              "Values of requests that were called by pseudonyms, by type.", {"type"}),
      out);
  restored_.expose(counter("menshen_restored_total",
                           "Of them, those that the answer named and got back, by type.", {"type"}),
                   out);
  out.single(counter("menshen_unrecorded_total",
                     "Exchanges refused because their evidence could not be written."),
             static_cast<double>(unrecorded_));
  expose_times(out);
  expose_tokens(out);
  expose_scores(out);
}

}  // namespace menshen::admin
