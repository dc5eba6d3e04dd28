#include "audit/joined.h"

#include "audit/canonical.h"
#include "audit/record_fields.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <set>
#include <string>

namespace menshen::audit {
namespace {

using JoinedJson = nlohmann::json;

// Every field of these types has something in it.
void fill_all(Record& record) {
  int n = 0;
  visit_fields(record, [&n](std::string_view name, auto&& field) {
    using Field = std::remove_cvref_t<decltype(field)>;
    if constexpr (std::is_same_v<Field, std::string>) field = name;
    if constexpr (std::is_integral_v<Field>) field = static_cast<Field>(++n);
    if constexpr (std::is_same_v<Field, std::vector<std::string>>) field = {std::string(name), "2"};
  });
  record.intent = 0;
}

Record full_intent() {
  Record record;
  fill_all(record);
  record.type = RecordType::intent;
  record.wall_ns = 1'790'000'000'123'456'789;
  return record;
}

Record outcome_of(const Record& intent) {
  Record record = intent;
  record.type = RecordType::outcome;
  return record;
}

std::set<std::string> names_in(const std::string& body) {
  std::set<std::string> out;
  const JoinedJson json = JoinedJson::parse(body);
  for (const auto& [name, value] : json.items()) out.insert(name);
  return out;
}

TEST(Joined, AnOutcomeSaysOnlyWhatItsIntentDoesNot) {
  const Record intent = full_intent();
  Record outcome = outcome_of(intent);
  outcome.attempts += 1;
  outcome.groups = {"others"};
  refer(outcome, 41, intent);
  EXPECT_EQ(names_in(canonical(outcome, 43)),
            (std::set<std::string>{"attempts", "decision", "exchange", "groups", "intent", "seq",
                                   "time", "type", "v"}));
}

TEST(Joined, IsPutTogetherAsItWas) {
  const Record intent = full_intent();
  Record outcome = outcome_of(intent);
  outcome.upstream = "another";
  outcome.findings_request = {{"email", 1}};
  refer(outcome, 41, intent);
  const std::string bytes = canonical(outcome, 43);
  Record read = parse_record(bytes)->record;
  EXPECT_EQ(read.intent, 41U);
  EXPECT_EQ(read.subject, "");
  ASSERT_TRUE(join(read, parse_record(canonical(intent, 41))->record));
  EXPECT_EQ(canonical(read, 43), bytes);
  // What cannot be seen of the bytes.
  Record whole = read;
  whole.left_out.reset();
  outcome.left_out.reset();
  EXPECT_EQ(canonical(whole, 43), canonical(outcome, 43));
  EXPECT_EQ(whole.upstream, "another");
}

// Each field in its turn: what is left out would be taken for what the intent says.
TEST(Joined, WhatAnOutcomeLacksIsNotLeftOut) {
  const Record intent = full_intent();
  std::size_t tried = 0;
  for (std::size_t place = 0; place < FieldSet{}.size(); ++place) {
    Record outcome = outcome_of(intent);
    std::size_t at = 0;
    bool cleared = false;
    visit_fields(outcome, [&](std::string_view name, auto&& field) {
      using Field = std::remove_cvref_t<decltype(field)>;
      if (at++ != place || name == "intent" || name == "decision" || name == "exchange") return;
      if constexpr (std::is_same_v<Field, std::string> || std::is_integral_v<Field> ||
                    std::is_same_v<Field, std::vector<std::string>>) {
        field = Field{};
        cleared = true;
      }
    });
    if (!cleared) continue;
    ++tried;
    refer(outcome, 41, intent);
    EXPECT_EQ(outcome.intent, 0U) << place;
    EXPECT_TRUE(outcome.left_out.none()) << place;
  }
  EXPECT_GT(tried, 40U);
}

TEST(Joined, TheFirstRecordOfALogIsNoIntentThatCouldBeNamed) {
  const Record intent = full_intent();
  Record outcome = outcome_of(intent);
  refer(outcome, 0, intent);
  EXPECT_TRUE(outcome.left_out.none());
}

TEST(Joined, OnlyWithAnIntentOfTheSameExchange) {
  const Record intent = full_intent();
  Record outcome;
  outcome.exchange = intent.exchange;
  for (const auto& change : {+[](Record& r) { r.type = RecordType::outcome; },
                             +[](Record& r) { r.exchange = "another"; }}) {
    Record other = intent;
    change(other);
    EXPECT_FALSE(join(outcome, other));
    EXPECT_EQ(outcome.subject, "");
  }
  EXPECT_TRUE(join(outcome, intent));
  EXPECT_EQ(outcome.subject, "subject");
}

TEST(Joined, WhatIsCutForItsLengthStaysLeftOut) {
  const Record intent = full_intent();
  Record outcome = outcome_of(intent);
  outcome.note = std::string(100'000, 'x');
  refer(outcome, 41, intent);
  const auto names = names_in(canonical(outcome, 43));
  EXPECT_TRUE(names.contains("truncated"));
  EXPECT_FALSE(names.contains("subject"));
}

// One field that tells another one of the same record.

Record with_bodies(RecordType type) {
  Record record;
  record.type = type;
  record.request_commitment = std::string(43, 'a');
  record.forwarded_commitment = std::string(43, 'b');
  record.response_commitment = std::string(43, 'c');
  record.released_commitment = std::string(43, 'd');
  record.response_bytes = 10;
  record.upstream = "core";
  record.model = "qwen";
  record.upstream_model = "qwen-32b";
  return record;
}

TEST(Joined, ABodyThatGoesOnAsItCameIsSaidOnce) {
  Record intent = with_bodies(RecordType::intent);
  EXPECT_TRUE(names_in(canonical(intent, 1)).contains("forwarded_commitment"));
  intent.forwarded_commitment = intent.request_commitment;
  const std::string bytes = canonical(intent, 1);
  EXPECT_FALSE(names_in(bytes).contains("forwarded_commitment"));
  EXPECT_EQ(parse_record(bytes)->record.forwarded_commitment, intent.request_commitment);
  // An outcome without one says that no byte can have left.
  intent.type = RecordType::outcome;
  EXPECT_TRUE(names_in(canonical(intent, 1)).contains("forwarded_commitment"));
  intent.forwarded_commitment.clear();
  EXPECT_EQ(parse_record(canonical(intent, 1))->record.forwarded_commitment, "");
}

TEST(Joined, AnAnswerThatIsLetGoAsItCameIsSaidOnce) {
  Record outcome = with_bodies(RecordType::outcome);
  EXPECT_TRUE(names_in(canonical(outcome, 1)).contains("released_commitment"));
  outcome.released_commitment = outcome.response_commitment;
  const std::string bytes = canonical(outcome, 1);
  EXPECT_FALSE(names_in(bytes).contains("released_commitment"));
  EXPECT_EQ(parse_record(bytes)->record.released_commitment, outcome.response_commitment);
  outcome.response_bytes = 0;  // nothing was let go, and an absent one says so
  EXPECT_TRUE(names_in(canonical(outcome, 1)).contains("released_commitment"));
  outcome.released_commitment.clear();
  EXPECT_EQ(parse_record(canonical(outcome, 1))->record.released_commitment, "");
}

TEST(Joined, TheModelsNameIsSaidOnce) {
  Record intent = with_bodies(RecordType::intent);
  EXPECT_TRUE(names_in(canonical(intent, 1)).contains("upstream_model"));
  intent.upstream_model = "qwen";
  const std::string bytes = canonical(intent, 1);
  EXPECT_FALSE(names_in(bytes).contains("upstream_model"));
  EXPECT_EQ(parse_record(bytes)->record.upstream_model, "qwen");
}

TEST(Joined, AStatusThatIsPassedOnIsSaidOnce) {
  Record outcome = with_bodies(RecordType::outcome);
  outcome.complete = true;
  outcome.status = 200;
  outcome.attempts = 1;
  const auto says_it = [&] {
    const std::string bytes = canonical(outcome, 1);
    EXPECT_EQ(parse_record(bytes)->record.upstream_status, outcome.upstream_status) << bytes;
    return names_in(bytes).contains("upstream_status");
  };
  outcome.upstream_status = 201;
  EXPECT_TRUE(says_it());
  outcome.upstream_status = 200;
  EXPECT_FALSE(says_it());
  outcome.intent = 7;  // which has the upstream
  outcome.upstream.clear();
  EXPECT_FALSE(says_it());
  // A listing has its status from nobody.
  outcome.intent = 0;
  EXPECT_TRUE(says_it());
  outcome.upstream_status = 0;
  EXPECT_FALSE(says_it());
  // Nor has what was answered without a call.
  outcome.upstream = "core";
  outcome.attempts = 0;
  EXPECT_FALSE(says_it());
  // What broke off, or was refused, has two.
  outcome = with_bodies(RecordType::outcome);
  outcome.status = outcome.upstream_status = 200;
  EXPECT_TRUE(says_it());
  outcome.upstream_status = 0;
  EXPECT_FALSE(says_it());
}

TEST(Joined, AnEndpointTellsItsPathAndOperation) {
  Record record;
  record.method = "POST";
  record.path = "/v1/chat/completions";
  record.operation = "chat";
  EXPECT_TRUE(names_in(canonical(record, 1)).contains("path"));
  record.api = "openai_chat";
  for (const char* name : {"method", "path", "operation"})
    EXPECT_FALSE(names_in(canonical(record, 1)).contains(name)) << name;
  record.method = "HEAD";
  EXPECT_TRUE(names_in(canonical(record, 1)).contains("method"));
}

}  // namespace
}  // namespace menshen::audit
