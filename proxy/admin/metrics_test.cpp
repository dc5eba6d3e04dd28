#include "proxy/admin/metrics.h"

#include "core/version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <vector>

namespace menshen::admin {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

audit::Record record_of(const std::string& model) {
  audit::Record record;
  record.api = "openai_chat";
  record.model = model;
  record.subject = "alice-the-user";
  record.credential = "key-id-123";
  record.status = 200;
  record.decision = "redact";
  record.duration_us = 5000;
  record.upstream_wait_us = 4000;
  record.findings_request = {{"email", 2, "redact", 95, "user", {0}}};
  record.opaque_request = {{"image", 2}};
  record.scanned_bytes = 1234;
  record.opaque_response = {{"encrypted_reasoning", 1}};
  return record;
}

void count(Metrics& metrics, const audit::Record& record, std::string_view route = {}) {
  metrics.opened();
  metrics.closed({.record = record, .route = route, .failed_open = 0, .recorded = true});
}

TEST(Metrics, CountsAnExchangeWithoutNamingItsUser) {
  Metrics metrics({});
  metrics.opened();
  EXPECT_THAT(metrics.expose(), HasSubstr("menshen_in_flight_requests 1"));
  const audit::Record record = record_of("qwen3-32b");
  metrics.closed({.record = record, .route = {}, .failed_open = 1, .recorded = false});
  const std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("menshen_in_flight_requests 0"));
  EXPECT_THAT(text, HasSubstr("menshen_findings_total{direction=\"request\",type=\"email\"} 2"));
  EXPECT_THAT(text, HasSubstr("menshen_opaque_total{direction=\"request\",kind=\"image\"} 2"));
  EXPECT_THAT(text, HasSubstr("menshen_opaque_total{direction=\"response\","
                              "kind=\"encrypted_reasoning\"} 1"));
  EXPECT_THAT(text, HasSubstr("menshen_scanned_bytes_total 1234\n"));
  EXPECT_THAT(text, HasSubstr("menshen_unread_forwarded_total{kind=\"image\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("menshen_redactions_total{type=\"email\"} 2"));
  EXPECT_THAT(text, HasSubstr("menshen_guardrail_checks_total{action=\"failopen\"} 1"));
  EXPECT_THAT(text, HasSubstr("menshen_guardrail_checks_total{action=\"redact\"} 1"));
  EXPECT_THAT(text, HasSubstr("menshen_unrecorded_total 1"));
  EXPECT_THAT(text,
              HasSubstr("menshen_overhead_seconds_bucket{gen_ai_operation_name=\"openai_chat\","
                        "le=\"0.001\"} 1"));
  EXPECT_THAT(text, Not(HasSubstr("alice")));
  EXPECT_THAT(text, Not(HasSubstr("key-id")));
}

TEST(Metrics, CountWhatLeftUnread) {
  Metrics metrics({});
  EXPECT_THAT(metrics.expose(), HasSubstr("menshen_unread_forwarded_total{kind=\"image\"} 0\n"))
      << "an alert sees the first increase";
  EXPECT_THAT(metrics.expose(),
              HasSubstr("menshen_guardrail_checks_total{action=\"failopen\"} 0\n"));
  audit::Record record = record_of("qwen3-32b");
  count(metrics, record);
  record.attempts = 2;
  count(metrics, record);
  EXPECT_THAT(metrics.expose(), HasSubstr("menshen_unread_forwarded_total{kind=\"image\"} 2\n"));
}

TEST(Metrics, SayWhatCameOfReloads) {
  Metrics metrics(
      {.routes_down = [] { return std::size_t{3}; }, .identity_works = [] { return false; }});
  EXPECT_THAT(metrics.expose(), HasSubstr("menshen_config_last_reload_successful 1\n"));
  metrics.reloaded(false);
  const std::string refused = metrics.expose();
  EXPECT_THAT(refused, HasSubstr("menshen_config_last_reload_successful 0\n"));
  EXPECT_THAT(refused, HasSubstr("menshen_reloads_total{result=\"refused\"} 1\n"));
  metrics.reloaded(true);
  const std::string applied = metrics.expose();
  EXPECT_THAT(applied, HasSubstr("menshen_config_last_reload_successful 1\n"));
  EXPECT_THAT(applied, HasSubstr("menshen_reloads_total{result=\"applied\"} 1\n"));
  EXPECT_THAT(applied, HasSubstr("menshen_routes_down 3\n"));
  EXPECT_THAT(applied, HasSubstr("menshen_identity_healthy 0\n"));
}

TEST(Metrics, OfRulesThatAreNotInForceAreForgotten) {
  Metrics metrics({});
  audit::Record record = record_of("m");
  record.access_rule = "staff";
  record.rules = {{"former", "redact", true, 2},
                  {"stays", "deny", false, 3},
                  {"(default)", "annotate", true, 1}};
  const auto series = [](const std::string& action, const std::string& mode,
                         const std::string& rule) {
    return "menshen_rule_matches_total{action=\"" + action + "\",mode=\"" + mode + "\",rule=\"" +
           rule + "\"}";
  };
  count(metrics, record);
  EXPECT_THAT(metrics.expose(), HasSubstr(series("redact", "enforce", "former") + " 2\n"));
  const std::vector<std::string_view> rules{"staff", "stays"};
  metrics.rules_in_force(rules);
  count(metrics, record);  // an exchange that began under the former policy
  const std::string text = metrics.expose();
  EXPECT_THAT(text, Not(HasSubstr("former")));
  EXPECT_THAT(text, HasSubstr(series("deny", "shadow", "stays") + " 6\n"));
  EXPECT_THAT(text, HasSubstr(series("allow", "enforce", "staff") + " 2\n"));
  EXPECT_THAT(text, HasSubstr(series("annotate", "enforce", "(default)") + " 2\n"));
}

TEST(Metrics, ModelsAreNamedAsTheRoutesNameThem) {
  Metrics metrics({});
  count(metrics, record_of("qwen3-32b"), "qwen3-32b");
  count(metrics, record_of("gpt-13800138000"), "gpt-*");
  count(metrics, record_of("mallory"));
  count(metrics, record_of(""));
  const std::string text = metrics.expose();
  for (const std::string label : {"qwen3-32b", "gpt-*", "(other)", "(none)"}) {
    EXPECT_THAT(text, HasSubstr("gen_ai_request_model=\"" + label + "\"} 1\n")) << label;
  }
  EXPECT_THAT(text, Not(HasSubstr("13800138000")));
  EXPECT_THAT(text, Not(HasSubstr("mallory")));
  // Overhead is the gateway's, whatever was asked for.
  EXPECT_THAT(text,
              HasSubstr("menshen_overhead_seconds_count{gen_ai_operation_name=\"openai_chat\"} 4"));
}

TEST(Metrics, AProvidersErrorIsAnErrorAndItsStatusIsBounded) {
  Metrics metrics({});
  audit::Record record = record_of("m");
  for (const unsigned status : {200U, 429U, 500U, 700U}) {
    record.status = status;
    count(metrics, record);
  }
  record.status = 502;
  record.error = "upstream_refused";
  count(metrics, record);
  const std::string text = metrics.expose();
  const auto series = [](const std::string& error, const std::string& status) {
    return "menshen_requests_total{api=\"openai_chat\",error_type=\"" + error + "\",status=\"" +
           status + "\"} 1\n";
  };
  EXPECT_THAT(text, HasSubstr(series("", "200")));
  EXPECT_THAT(text, HasSubstr(series("provider_error", "429")));
  EXPECT_THAT(text, HasSubstr(series("provider_error", "500")));
  EXPECT_THAT(text, HasSubstr(series("provider_error", "(other)")));
  EXPECT_THAT(text, HasSubstr(series("upstream_refused", "502")));
}

TEST(Metrics, CountsMatchesByRuleInForceAndInShadow) {
  Metrics metrics({});
  audit::Record record = record_of("m");
  record.access_rule = "finance";
  record.rules = {{"pii-in", "redact", true, 2, {}}, {"strict", "deny", false, 3, {}}};
  count(metrics, record);
  record.error = "access_denied";
  record.rules.clear();
  count(metrics, record);
  const std::string text = metrics.expose();
  const auto series = [](const std::string& action, const std::string& mode,
                         const std::string& rule) {
    return "menshen_rule_matches_total{action=\"" + action + "\",mode=\"" + mode + "\",rule=\"" +
           rule + "\"} ";
  };
  EXPECT_THAT(text, HasSubstr(series("allow", "enforce", "finance") + "1\n"));
  EXPECT_THAT(text, HasSubstr(series("deny", "enforce", "finance") + "1\n"));
  EXPECT_THAT(text, HasSubstr(series("redact", "enforce", "pii-in") + "2\n"));
  EXPECT_THAT(text, HasSubstr(series("deny", "shadow", "strict") + "3\n"));
}

TEST(Metrics, AScrapeHoldsNoLockThatExchangesTakeWhileItAsksItsSources) {
  Metrics* counted = nullptr;
  Metrics metrics({.connections = [&counted] {
    count(*counted, record_of("m"));
    return std::size_t{1};
  }});
  counted = &metrics;
  EXPECT_THAT(metrics.expose(), HasSubstr("menshen_connections 1\n"));
  EXPECT_THAT(metrics.expose(), HasSubstr("menshen_redactions_total{type=\"email\"} 2\n"));
}

TEST(Metrics, AddsUpWhatThreadsHaveCounted) {
  constexpr int threads = 4;
  constexpr int each = 500;
  Metrics metrics({});
  {
    std::vector<std::jthread> all;
    for (int i = 0; i < threads; ++i) {
      all.emplace_back([&metrics] {
        for (int n = 0; n < each; ++n) count(metrics, record_of("m"), "m");
      });
    }
    for (int i = 0; i < 20; ++i) EXPECT_THAT(metrics.expose(), HasSubstr("# TYPE"));
  }
  const std::string text = metrics.expose();
  EXPECT_THAT(text,
              HasSubstr("menshen_findings_total{direction=\"request\",type=\"email\"} 4000\n"));
  EXPECT_THAT(text, HasSubstr("menshen_in_flight_requests 0\n"));
  EXPECT_THAT(text, HasSubstr("gen_ai_request_model=\"m\"} 2000\n"));
}

// Each object counts for itself, also on a thread that counts for several.
TEST(Metrics, ObjectsShareNothing) {
  Metrics one({});
  Metrics other({});
  count(one, record_of("m"));
  count(other, record_of("m"));
  count(one, record_of("m"));
  EXPECT_THAT(one.expose(), HasSubstr("menshen_redactions_total{type=\"email\"} 4\n"));
  EXPECT_THAT(other.expose(), HasSubstr("menshen_redactions_total{type=\"email\"} 2\n"));
}

TEST(Metrics, ShowsTheJournalAndTheUpstreams) {
  static constexpr std::array bounds{0.1};
  audit::JournalStats stats;
  stats.records = 7;
  stats.commits = 5;
  stats.failures = 3;
  stats.publish_failures = 2;
  stats.healthy = false;
  stats.publishing = false;
  UpstreamState core;
  core.name = "core";
  core.healthy = false;
  core.breaker_open = true;
  core.requests = 9;
  core.retries = 4;
  core.connects = 6;
  core.in_flight = 2;
  core.idle_connections = 1;
  core.errors = {{"upstream_refused", 8}};
  core.first_byte = Distribution(bounds);
  core.first_byte.observe(0.05);
  Metrics metrics({.journal = [stats] { return stats; },
                   .upstreams = [core] { return std::vector{core}; },
                   .connections = [] { return std::size_t{3}; },
                   .connections_closed = [] { return std::uint64_t{5}; },
                   .log_lines_lost = [] { return std::uint64_t{11}; }});
  const std::string text = metrics.expose();
  for (const char* line :
       {"# TYPE menshen_journal_failures_total counter", "menshen_journal_records 7",
        "menshen_journal_commits_total 5", "menshen_journal_failures_total 3",
        "menshen_journal_publish_failures_total 2", "menshen_journal_publishing 0",
        "menshen_journal_healthy 0", "menshen_upstream_healthy{upstream=\"core\"} 0",
        "menshen_upstream_breaker_open{upstream=\"core\"} 1",
        "menshen_upstream_requests_total{upstream=\"core\"} 9",
        "menshen_retries_total{upstream=\"core\"} 4",
        "menshen_upstream_connects_total{upstream=\"core\"} 6",
        "menshen_upstream_in_flight{upstream=\"core\"} 2",
        "menshen_upstream_idle_connections{upstream=\"core\"} 1",
        "menshen_upstream_errors_total{error=\"upstream_refused\",upstream=\"core\"} 8",
        "menshen_upstream_first_byte_seconds_bucket{upstream=\"core\",le=\"0.1\"} 1",
        "menshen_connections 3", "menshen_connections_closed_total 5",
        "menshen_log_lines_lost_total 11"}) {
    EXPECT_THAT(text, HasSubstr(std::string(line) + "\n"));
  }
}

TEST(Metrics, ShowsToWhomHeadsAreShown) {
  HeadsState state{.quorum = 1, .witnessed_records = 40, .contradicted = true};
  state.witnesses = {{"w1", 40, 7, 1, ""}, {"w2", 0, 0, 3, "away"}};
  Metrics metrics({.heads = [&state] { return state; }});
  std::string text = metrics.expose();
  EXPECT_THAT(text, Not(HasSubstr("menshen_publish_url")));
  state.url = UrlState{5, "away"};
  text = metrics.expose();
  for (const char* line :
       {"menshen_witness_cosignatures_total{witness=\"w1\"} 7",
        "menshen_witness_failures_total{witness=\"w2\"} 3",
        "menshen_witness_records{witness=\"w1\"} 40", "menshen_witness_records{witness=\"w2\"} 0",
        "menshen_witnessed_records 40", "menshen_log_contradicted 1",
        "menshen_publish_url_failures_total 5"}) {
    EXPECT_THAT(text, HasSubstr(std::string(line) + "\n"));
  }
  state = {};
  EXPECT_THAT(metrics.expose(), Not(HasSubstr("menshen_witness")));
}

double value_of(const std::string& text, const std::string& name) {
  const std::size_t at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

TEST(Metrics, SaysWhichBuildRunsSinceWhenAndWhatItTakes) {
  Metrics metrics({.in_force = [] { return InForceState{"0a", "0b", 2, 3}; }});
  const std::string text = metrics.expose();
  EXPECT_THAT(
      text, HasSubstr("menshen_build_info{version=\"" + std::string(core::version()) + "\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("menshen_policy_info{hash=\"0a\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("menshen_config_info{hash=\"0b\"} 1\n"));
  EXPECT_EQ(value_of(text, "menshen_policy_in_force_timestamp_seconds"), 2);
  EXPECT_EQ(value_of(text, "menshen_config_in_force_timestamp_seconds"), 3);
  EXPECT_GT(value_of(text, "process_start_time_seconds"), 1.7e9);
  EXPECT_GT(value_of(text, "process_cpu_seconds_total"), 0);
  EXPECT_GT(value_of(text, "process_resident_memory_bytes"), 1 << 20);
  EXPECT_GE(value_of(text, "process_open_fds"), 3);
  EXPECT_GE(value_of(text, "process_max_fds"), value_of(text, "process_open_fds"));
}

}  // namespace
}  // namespace menshen::admin
