#include "proxy/gateway/log.h"

#include "proxy/gateway/log_line.h"
#include "audit/test_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <functional>
#include <vector>

namespace menshen::gateway {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// The lines that `use` causes.
std::vector<std::string> lines_of(config::Log options, const std::function<void(Log&)>& use) {
  const audit::TemporaryDirectory dir;
  options.file = dir.path() / "log";
  {
    Log log(options);
    EXPECT_TRUE(log.open());
    use(log);
  }
  std::ifstream file(options.file);
  std::vector<std::string> out;
  for (std::string line; std::getline(file, line);) out.push_back(line);
  return out;
}

std::vector<std::string> events_of(const std::vector<std::string>& lines) {
  std::vector<std::string> out;
  for (const std::string& line : lines) out.push_back(json::parse(line)["event"]);
  return out;
}

audit::Record record() {
  audit::Record r;
  r.exchange = "0193b7c5-aaaa-7bbb-8ccc-0123456789ab";
  r.subject = "reports";
  r.subject_kind = "service";
  r.groups = {"finance", "资金"};
  r.credential = "key-id";
  r.api = "openai_chat";
  r.model = "gpt-4o";
  r.access_rule = "finance-may";
  r.upstream = "core";
  r.upstream_model = "qwen3-32b";
  r.upstream_status = 200;
  r.zone = "internal";
  r.attempts = 2;
  r.decision = "redact";
  r.rules = {{"pii-in", "redact", true, 2}, {"strict", "allow", false, 1}};
  r.findings_request = {{"cn_mobile", 1}, {"email", 2}};
  r.findings_response = {{"email", 1}};
  r.opaque_request = {{"image", 1}};
  r.status = 200;
  r.request_bytes = 512;
  r.response_bytes = 900;
  r.duration_us = 5000;
  r.upstream_wait_us = 4000;
  r.first_byte_us = 4500;
  return r;
}

json access_line(const audit::Record& r, std::string_view route = "gpt-*") {
  const auto lines = lines_of({}, [&](Log& log) {
    log.exchange({.record = r, .route = route, .failed_open = 0, .recorded = true});
  });
  EXPECT_EQ(lines.size(), 1U);
  return json::parse(lines.at(0));
}

TEST(Log, AnExchangeHasOneLineWithAllThatAnOperatorAsks) {
  json line = access_line(record());
  EXPECT_THAT(line["time"].get<std::string>(), MatchesRegex(R"(20..-..-..T..:..:..\....Z)"));
  line.erase("time");
  EXPECT_EQ(line, (json{{"level", "info"},
                        {"event", "exchange"},
                        {"exchange", "0193b7c5-aaaa-7bbb-8ccc-0123456789ab"},
                        {"api", "openai_chat"},
                        {"status", 200},
                        {"decision", "redact"},
                        {"error", ""},
                        {"application", "reports"},
                        {"groups", {"finance", "资金"}},
                        {"model", "gpt-4o"},
                        {"served", "qwen3-32b"},
                        {"route", "gpt-*"},
                        {"zone", "internal"},
                        {"upstream", "core"},
                        {"upstream_status", 200},
                        {"attempts", 2},
                        {"access_rule", "finance-may"},
                        {"rules", {"pii-in"}},
                        {"shadow_rules", {"strict"}},
                        {"findings_request", {"cn_mobile", "email"}},
                        {"findings_response", {"email"}},
                        {"opaque_request", {"image"}},
                        {"duration_us", 5000},
                        {"upstream_wait_us", 4000},
                        {"first_byte_us", 4500},
                        {"request_bytes", 512},
                        {"response_bytes", 900}}));
}

TEST(Log, HowLongAStreamWasHeldStandsInItsLine) {
  const audit::Record r = record();
  const auto lines = lines_of({}, [&](Log& log) {
    log.exchange({.record = r, .route = "m", .failed_open = 0, .held_us = 700, .recorded = true});
  });
  EXPECT_EQ(json::parse(lines.at(0))["held_us"], 700);
}

TEST(Log, APersonIsNotNamedButTheServiceThatCallsForHerIs) {
  audit::Record r = record();
  r.subject_kind = "user";
  r.subject = "zhang.san";
  EXPECT_FALSE(access_line(r).contains("application"));
  r.actor = "portal";
  const json line = access_line(r);
  EXPECT_EQ(line["application"], "portal");
  r.application = "expenses";
  EXPECT_EQ(access_line(r)["application"], "expenses");
  EXPECT_EQ(line.dump().find("zhang.san"), std::string::npos);
}

TEST(Log, AModelsNameThatDoesNotLookLikeOneIsWithheld) {
  audit::Record r = record();
  for (const std::string& name :
       {std::string("zhang.san@corp.example"), std::string("two words"), std::string(65, 'm')}) {
    r.model = name;
    r.upstream_model = name;
    const json line = access_line(r);
    EXPECT_EQ(line["model"], "(withheld)") << name;
    EXPECT_FALSE(line.contains("served")) << name;
  }
  r.model = std::string(64, 'm');
  EXPECT_EQ(access_line(r)["model"], r.model);
  // What the record withholds, and what a route has for it.
  r.model = r.upstream_model = "(withheld)";
  EXPECT_FALSE(access_line(r).contains("served"));
  r.upstream_model = "通义-千问";
  EXPECT_EQ(access_line(r)["served"], "通义-千问");
}

TEST(Log, AModelThatARouteSpellsOutIsNamedWhateverItIsCalled) {
  audit::Record r = record();
  for (const std::string& name :
       {std::string("通义-千问"), std::string("a+b"), std::string(65, 'm')}) {
    r.model = r.upstream_model = name;
    EXPECT_EQ(access_line(r, name)["model"], name);
    EXPECT_EQ(access_line(r, "*")["model"], "(withheld)");
  }
}

TEST(Log, AnErrorInAnOpenStreamIsNotTheStatusOfItsHead) {
  audit::Record r = record();
  EXPECT_FALSE(access_line(r).contains("error_status"));
  r.error_status = 502;
  EXPECT_EQ(access_line(r)["status"], 200);
  EXPECT_EQ(access_line(r)["error_status"], 502);
  r.status = 0;  // the client was gone before any head
  r.error_status = 499;
  EXPECT_FALSE(access_line(r).contains("status"));
  EXPECT_EQ(access_line(r)["error_status"], 499);
}

TEST(Log, ARuleStandsOnceHoweverOftenItFired) {
  audit::Record r = record();
  r.rules = {{"pii", "redact", true, 1},
             {"try", "deny", false, 1},
             {"pii", "redact", true, 2},
             {"pii", "deny", true, 1},
             {"try", "deny", false, 1}};
  EXPECT_EQ(access_line(r)["rules"], json{"pii"});
  EXPECT_EQ(access_line(r)["shadow_rules"], json{"try"});
}

TEST(Log, ListsAreBounded) {
  audit::Record r = record();
  r.rules.clear();
  for (std::size_t i = 0; i < logged_members_max; ++i) {
    r.rules.push_back({"rule-" + std::to_string(i), "redact", true, 1});
  }
  EXPECT_EQ(access_line(r)["rules"].size(), logged_members_max);
  EXPECT_EQ(access_line(r)["rules"].back(), "rule-15");
  r.rules.push_back({"one-more", "redact", true, 1});
  EXPECT_EQ(access_line(r)["rules"].size(), logged_members_max + 1);
  EXPECT_EQ(access_line(r)["rules"].back(), "(more)");
}

TEST(Log, AnExchangeInText) {
  const auto lines = lines_of({.format = config::LogFormat::text, .file = {}}, [](Log& log) {
    audit::Record r = record();
    r.groups = {"two words"};
    log.exchange({.record = r, .route = "gpt-*", .failed_open = 0, .recorded = true});
    log.info("listening", "port 8080, \"admin\"");
  });
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0], MatchesRegex(R"(20[^ ]*Z info exchange exchange=0193.*ab api=openai_chat )"
                                     R"(status=200 decision=redact error= application=reports )"
                                     R"(groups=two_words model=gpt-4o .* rules=pii-in )"
                                     R"(shadow_rules=strict findings_request=cn_mobile,email .*)"));
  EXPECT_THAT(lines[1], MatchesRegex(R"(20[^ ]*Z info listening: port 8080, \\"admin\\")"));
}

TEST(Log, ALineIsOneLineOfUtf8AndBounded) {
  const auto detail = [](const std::string& text) {
    const auto lines = lines_of({}, [&](Log& log) { log.info("listening", text); });
    EXPECT_EQ(lines.size(), 1U);
    return json::parse(lines.at(0))["detail"].get<std::string>();
  };
  EXPECT_EQ(detail("a\nb\tc\x7f\"\\ \xff 中"), "a b c \"\\ ? 中");
  const std::string longest(logged_text_bytes_max, 'x');
  EXPECT_EQ(detail(longest), longest);
  EXPECT_EQ(detail(longest + "y"), longest);
  EXPECT_EQ(detail(longest.substr(1) + "中"), longest.substr(1));
}

TEST(Log, TellsWhatItsLevelAsksForAndAlwaysWhatASignalIsAnsweredWith) {
  const auto told = [](config::LogLevel level) {
    return events_of(lines_of({.level = level, .file = {}}, [](Log& log) {
      log.info("i");
      log.warn("w");
      log.error("e");
      log.notice("n");
      log.exchange({.record = record(), .route = {}, .failed_open = 0, .recorded = true});
    }));
  };
  EXPECT_THAT(told(config::LogLevel::debug), ElementsAre("i", "w", "e", "n", "exchange"));
  EXPECT_THAT(told(config::LogLevel::info), ElementsAre("i", "w", "e", "n", "exchange"));
  EXPECT_THAT(told(config::LogLevel::warning), ElementsAre("w", "e", "n"));
  EXPECT_THAT(told(config::LogLevel::error), ElementsAre("e", "n"));
}

TEST(Log, ALevelThatIsSetHoldsAtOnce) {
  const auto events = events_of(lines_of({}, [](Log& log) {
    log.info("before");
    log.set_level(config::LogLevel::warning);
    log.info("after");
  }));
  EXPECT_THAT(events, ElementsAre("before"));
}

TEST(Watch, AStrangersExchangeIsCountedAndFillsNoDisk) {
  admin::Metrics metrics({});
  const auto lines = lines_of({}, [&](Log& log) {
    Watch watch(metrics, log);
    const audit::Record known = record();
    audit::Record stranger = known;
    stranger.subject.clear();
    for (const audit::Record& r : {stranger, known}) {
      watch.opened();
      watch.closed({.record = r, .route = {}, .failed_open = 0, .recorded = true});
    }
  });
  EXPECT_EQ(lines.size(), 1U);
  EXPECT_THAT(metrics.expose(), HasSubstr("status=\"200\"} 2\n"));
}

}  // namespace
}  // namespace menshen::gateway
