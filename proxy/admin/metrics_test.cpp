#include "proxy/admin/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <streambuf>

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
  record.findings_request = {{"email", 2}};
  record.opaque_request = {{"image", 2}};
  record.opaque_response = {{"encrypted_reasoning", 1}};
  record.redactions = {{"email", 2}};
  return record;
}

TEST(Metrics, CountsAnExchangeWithoutNamingItsUser) {
  Metrics metrics({});
  metrics.opened();
  EXPECT_THAT(metrics.expose(), HasSubstr("menshen_in_flight_requests 1"));
  metrics.closed(record_of("qwen3-32b"), 1, true);
  const std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("menshen_in_flight_requests 0"));
  EXPECT_THAT(text, HasSubstr("menshen_findings_total{direction=\"request\",type=\"email\"} 2"));
  EXPECT_THAT(text, HasSubstr("menshen_opaque_total{direction=\"request\",kind=\"image\"} 2"));
  EXPECT_THAT(text, HasSubstr("menshen_opaque_total{direction=\"response\","
                              "kind=\"encrypted_reasoning\"} 1"));
  EXPECT_THAT(text, HasSubstr("menshen_redactions_total{type=\"email\"} 2"));
  EXPECT_THAT(text, HasSubstr("menshen_guardrail_checks_total{action=\"failopen\"} 1"));
  EXPECT_THAT(text,
              HasSubstr("menshen_overhead_seconds_bucket{gen_ai_operation_name=\"openai_chat\","
                        "le=\"0.001\"} 1"));
  EXPECT_THAT(text, Not(HasSubstr("alice")));
  EXPECT_THAT(text, Not(HasSubstr("key-id")));
}

TEST(Metrics, CountMatchesOfRulesByModeAndAction) {
  Metrics metrics({});
  audit::Record record = record_of("m");
  record.rules = {{"ids", "redact", true, 2, {}}, {"try", "deny", false, 3, {{"email", 3}}}};
  for (int i = 0; i < 2; ++i) {
    metrics.opened();
    metrics.closed(record, 0, true);
  }
  const std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("menshen_rule_matches_total{action=\"redact\",mode=\"enforce\","
                              "rule=\"ids\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("menshen_rule_matches_total{action=\"deny\",mode=\"shadow\","
                              "rule=\"try\"} 6\n"));
}

TEST(Metrics, SayWhatCameOfReloads) {
  Metrics metrics({.routes_down = [] { return std::size_t{3}; }});
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
}

TEST(Metrics, ModelsAreNamedAsTheRoutesNameThem) {
  Metrics metrics({.route_name = [](std::string_view model) -> std::string {
    if (model == "qwen3-32b") return "qwen3-32b";
    return model.starts_with("gpt-") ? "gpt-*" : "";
  }});
  for (const std::string model : {"qwen3-32b", "gpt-13800138000", "gpt-\n", "mallory", ""}) {
    metrics.opened();
    metrics.closed(record_of(model), 0, true);
  }
  const std::string text = metrics.expose();
  for (const std::string label : {"qwen3-32b", "gpt-*", "(other)", "(none)"}) {
    EXPECT_THAT(text, HasSubstr("gen_ai_request_model=\"" + label + "\"}")) << label;
  }
  EXPECT_THAT(text, Not(HasSubstr("13800138000")));
  EXPECT_THAT(text, Not(HasSubstr("mallory")));
}

// Counts an exchange for every piece of the text that is written: it would wait for ever for a lock
// that the writing holds.
class CountingBuffer final : public std::streambuf {
 public:
  explicit CountingBuffer(Metrics& metrics) : metrics_(metrics) {}
  std::size_t bytes = 0;

 private:
  std::streamsize xsputn(const char*, std::streamsize count) override {
    bytes += static_cast<std::size_t>(count);
    metrics_.opened();
    metrics_.closed(record_of("m"), 0, true);
    return count;
  }
  int_type overflow(int_type c) override { return c; }

  Metrics& metrics_;
};

TEST(Metrics, AScrapeHoldsNoLockThatExchangesTake) {
  Metrics* counted = nullptr;
  Metrics metrics({.connections = [&counted] {
    counted->opened();
    counted->closed(record_of("m"), 0, true);
    return std::size_t{1};
  }});
  counted = &metrics;
  CountingBuffer buffer(metrics);
  std::ostream out(&buffer);
  metrics.expose(out);
  EXPECT_GT(buffer.bytes, 1'000U);
}

TEST(Metrics, ShowsTheJournalAndTheUpstreams) {
  audit::JournalStats stats;
  stats.records = 7;
  stats.healthy = false;
  Metrics metrics({.journal = [stats] { return stats; },
                   .upstreams =
                       [] {
                         return std::vector<UpstreamState>{{"core", false, true}};
                       },
                   .connections = [] { return std::size_t{3}; },
                   .connections_closed = [] { return std::uint64_t{5}; }});
  const std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("menshen_journal_records 7"));
  EXPECT_THAT(text, HasSubstr("menshen_journal_healthy 0"));
  EXPECT_THAT(text, HasSubstr("menshen_upstream_breaker_open{upstream=\"core\"} 1"));
  EXPECT_THAT(text, HasSubstr("menshen_connections 3"));
  EXPECT_THAT(text, HasSubstr("menshen_connections_closed_total 5"));
}

}  // namespace
}  // namespace menshen::admin
