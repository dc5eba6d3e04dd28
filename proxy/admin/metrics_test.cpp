#include "proxy/admin/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  EXPECT_THAT(text, HasSubstr("menshen_redactions_total{type=\"email\"} 2"));
  EXPECT_THAT(text, HasSubstr("menshen_guardrail_checks_total{action=\"failopen\"} 1"));
  EXPECT_THAT(text,
              HasSubstr("menshen_overhead_seconds_bucket{gen_ai_operation_name=\"openai_chat\","
                        "le=\"0.001\"} 1"));
  EXPECT_THAT(text, Not(HasSubstr("alice")));
  EXPECT_THAT(text, Not(HasSubstr("key-id")));
}

TEST(Metrics, ModelNamesAreBounded) {
  Metrics metrics({});
  for (std::size_t i = 0; i < model_names_max + 50; ++i) {
    metrics.opened();
    metrics.closed(record_of("model-" + std::to_string(i)), 0, true);
  }
  const std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("gen_ai_request_model=\"(other)\""));
  EXPECT_THAT(text, Not(HasSubstr("model-" + std::to_string(model_names_max))));
}

TEST(Metrics, ShowsTheJournalAndTheUpstreams) {
  Metrics metrics({.journal = [] { return audit::JournalStats{.records = 7, .healthy = false}; },
                   .upstreams =
                       [] {
                         return std::vector<UpstreamState>{{"core", false, true}};
                       },
                   .connections = [] { return std::size_t{3}; }});
  const std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("menshen_journal_records 7"));
  EXPECT_THAT(text, HasSubstr("menshen_journal_healthy 0"));
  EXPECT_THAT(text, HasSubstr("menshen_upstream_breaker_open{upstream=\"core\"} 1"));
  EXPECT_THAT(text, HasSubstr("menshen_connections 3"));
}

}  // namespace
}  // namespace menshen::admin
