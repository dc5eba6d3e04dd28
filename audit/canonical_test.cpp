#include "audit/canonical.h"

#include "audit/record_fields.h"
#include "core/limits.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

namespace menshen::audit {
namespace {

using Json = nlohmann::json;

Record sample() {
  Record r;
  r.type = RecordType::outcome;
  r.wall_ns = 1'790'000'000'123'456'789;
  r.exchange = "019a0000-0000-7000-8000-000000000001";
  r.gateway = "0.1.0";
  r.subject = "alice";
  r.subject_kind = "user";
  r.groups = {"finance", "审计"};
  r.model = "qwen3-32b";
  r.stream = true;
  r.decision = "redact";
  r.rules = {{"ids", "redact", true, 2}, {"try", "deny", false, 2, {{"us_ssn", 1}, {"email", 2}}}};
  r.findings_request = {{"cn_resident_id", 1, "", 99, "tool"},
                        {"email", 2, "redact", 95, "user", {0, 1}}};
  r.findings_response = {{"email", 1, "", 95, "assistant"}, {"email", 7, "", 0, "", {}, true}};
  r.opaque_request = {{"remote_url", 1}, {"image", 2}};
  r.opaque_response = {{"audio", 1}};
  r.scores_request["injection"] = 0.25F;
  r.scores_response["grounding"] = 1.0F;
  r.attempts = 1;
  r.answer_id = "chatcmpl-1";
  r.finish = {"length", "stop"};
  r.status = 200;
  r.upstream_status = 200;
  r.complete = true;
  r.request_bytes = 1024;
  r.input_tokens = 12;
  r.duration_us = 1500;
  r.request_commitment = std::string(43, 'a');
  return r;
}

TEST(Canonical, ExactBytes) {
  EXPECT_EQ(
      canonical(sample(), 7),
      R"({"answer_id":"chatcmpl-1","attempts":1,"complete":true,"decision":"redact",)"
      R"("duration_us":1500,)"
      R"("exchange":"019a0000-0000-7000-8000-000000000001",)"
      R"("findings_request":[{"confidence":99,"role":"tool","type":"cn_resident_id"},)"
      R"({"action":"redact","confidence":95,"count":2,"rules":[0,1],"type":"email"}],)"
      R"("findings_response":[{"confidence":95,"type":"email"},)"
      R"({"count":7,"summed":true,"type":"email"}],)"
      R"("finish":["length","stop"],)"
      R"("gateway":"0.1.0","groups":["finance","审计"],"input_tokens":12,"model":"qwen3-32b",)"
      R"("opaque_request":{"image":2,"remote_url":1},"opaque_response":{"audio":1},)"
      R"("request_bytes":1024,"request_commitment":")" +
          std::string(43, 'a') +
          R"(","rules":[{"action":"redact","count":2,"rule":"ids"},)"
          R"({"action":"deny","count":2,"found":{"email":2,"us_ssn":1},"rule":"try",)"
          R"("shadow":true}],)"
          R"("scores_request":{"injection":2500},"scores_response":{"grounding":10000},)"
          R"("seq":7,"status":200,"stream":true,"subject":"alice","subject_kind":"user",)"
          R"("time":"2026-09-21T14:13:20.123456789Z","type":"outcome",)"
          R"("upstream_status":200,"v":1})");
}

TEST(Canonical, AnEmptyRecordKeepsOnlyItsOwnFields) {
  EXPECT_EQ(canonical({}, 0),
            R"({"seq":0,"time":"1970-01-01T00:00:00.000000000Z","type":"outcome","v":1})");
}

struct AnyField {
  template <class T>
  operator T() const;
};

template <class T, class... Known>
constexpr std::size_t count_fields() {
  if constexpr (requires { T{Known{}..., AnyField{}}; }) {
    return count_fields<T, Known..., AnyField>();
  } else {
    return sizeof...(Known);
  }
}

// A field that is added to Record and not to the list would be missing from the evidence.
TEST(Canonical, EveryFieldOfARecordIsInTheList) {
  Record record;
  std::size_t listed = 0;
  visit_fields(record, [&](std::string_view, auto&& field) {
    listed += std::is_same_v<std::remove_cvref_t<decltype(field)>, OwnField> ? 0 : 1;
  });
  // And the two that have a form of their own, and the set of what is left out.
  EXPECT_EQ(listed + 3, count_fields<Record>());
}

TEST(Canonical, FieldsAreInAscendingOrder) {
  Record record;
  std::string before;
  visit_fields(record, [&](std::string_view name, const auto&) {
    EXPECT_LT(before, name);
    before = name;
  });
}

// A record of before has no `actor`, and is read and written as it was.
TEST(Canonical, SaysWhoseServiceCalledOnlyWhereOneDid) {
  Record record = sample();
  const std::string before = canonical(record, 7);
  EXPECT_EQ(before.find("actor"), before.npos);
  EXPECT_EQ(canonical(parse_record(before)->record, 7), before);
  record.actor = "门户";
  const std::string bytes = canonical(record, 7);
  EXPECT_EQ(bytes, "{\"actor\":\"门户\"," + before.substr(1));
  EXPECT_EQ(parse_record(bytes)->record.actor, "门户");
  EXPECT_EQ(canonical(parse_record(bytes)->record, 7), bytes);
}

// nlohmann sorts names by bytes and prints integers and ASCII as RFC 8785 does: an independent
// second opinion.
TEST(Canonical, AgreesWithAnotherWriter) {
  const std::string bytes = canonical(sample(), 123456789);
  EXPECT_EQ(Json::parse(bytes).dump(), bytes);
}

// RFC 8785 section 3.2.2.2 and 3.2.3.
TEST(Canonical, StringsAndNames) {
  Record r;
  r.note = "\b\t\n\f\r\"\\/\x01\x1f\x7f\u20ac$\U0001F600";
  r.refusals = {{"\u20ac", 1},     {"\r", 2},     {"\ufb33", 3}, {"1", 4},
                {"\U0001F600", 5}, {"\u0080", 6}, {"\u00f6", 7}};
  const std::string bytes = canonical(r, 0);
  EXPECT_NE(bytes.find("\"note\":\"\\b\\t\\n\\f\\r\\\"\\\\/\\u0001\\u001f\x7f\u20ac$\U0001F600\""),
            bytes.npos);
  EXPECT_NE(bytes.find("{\"\\r\":2,\"1\":4,\"\u0080\":6,\"\u00f6\":7,\"\u20ac\":1,\"\U0001F600\":5,"
                       "\"\ufb33\":3}"),
            bytes.npos)
      << bytes;
}

TEST(Canonical, EveryByteAtEveryPlaceIsReadBackAsItWas) {
  for (std::size_t at = 0; at < 18; ++at) {
    for (int byte = 1; byte < 0x80; ++byte) {
      Record r;
      r.note = std::string(17, 'x').insert(at, 1, static_cast<char>(byte));
      EXPECT_EQ(nlohmann::json::parse(canonical(r, 0))["note"], r.note) << byte << " at " << at;
    }
  }
}

TEST(Canonical, BytesThatAreNoTextBecomeReplacementCharacters) {
  Record r;
  r.model = "a\xff\xc0\x80\xed\xa0\x80\xf5z\xe4\xbd";
  r.refusals = {{"\xff", 1}, {"\xfe", 2}};
  const std::string bytes = canonical(r, 0);
  EXPECT_TRUE(Json::accept(bytes));
  EXPECT_NE(bytes.find("\"refusals\":{\"\ufffd\":3}"), bytes.npos);
}

TEST(Canonical, NumbersStayWithinWhatJsonReadersAgreeOn) {
  Record r;
  r.request_bytes = std::numeric_limits<std::uint64_t>::max();
  r.duration_us = std::numeric_limits<std::int64_t>::min();
  r.scores_request["bias"] = std::nanf("");
  r.scores_request["toxicity"] = 7.0F;
  r.scores_request["injection"] = -1.0F;
  const Json json = Json::parse(canonical(r, 0));
  EXPECT_EQ(json["request_bytes"], 9007199254740991);
  EXPECT_EQ(json["duration_us"], -9007199254740991);
  EXPECT_EQ(json["scores_request"].dump(), R"({"bias":-1,"injection":0,"toxicity":10000})");
}

TEST(Canonical, LongRecordsAreCutWithACount) {
  Record r = sample();
  for (int i = 0; i < 5000; ++i) {
    r.groups.push_back("group-" + std::to_string(i));
    r.rules.push_back({"rule-" + std::to_string(i), "redact", true, 1});
    r.findings_request.push_back({"type_" + std::to_string(i), 1});
  }
  r.note = std::string(100'000, '\x01');
  const std::string bytes = canonical(r, std::numeric_limits<std::uint64_t>::max());
  EXPECT_LE(bytes.size(), core::record_bytes_max);
  const Json json = Json::parse(bytes);
  EXPECT_EQ(json["groups"].size() + json["truncated"]["groups"].get<std::size_t>(), 5002U);
  EXPECT_EQ(json["rules"].size() + json["truncated"]["rules"].get<std::size_t>(), 5002U);
  EXPECT_EQ(
      json["findings_request"].size() + json["truncated"]["findings_request"].get<std::size_t>(),
      5002U);
  EXPECT_EQ(
      json["note"].get<std::string>().size() + json["truncated"]["note_bytes"].get<std::size_t>(),
      100'000U);
}

// The bound holds however every field is filled; one byte less than the bound is not cut at all.
TEST(Canonical, TheBoundHolds) {
  Record r;
  visit_fields(r, [](std::string_view, auto&& field) {
    using Field = std::remove_cvref_t<decltype(field)>;
    if constexpr (std::is_same_v<Field, std::string>) field = std::string(70'000, '\x02');
    if constexpr (std::is_same_v<Field, std::vector<std::string>>)
      field.assign(300, std::string(64, '\x02'));
    if constexpr (std::is_same_v<Field, std::vector<FiredRule>>) {
      field.assign(300, {std::string(64, '\x02'), std::string(64, '\x02'), false, 4'000'000'000});
    }
    if constexpr (std::is_same_v<Field, FindingGroups>) {
      const std::string text(64, '\x02');
      field.assign(300, {text, 4'000'000'000, text, 100, text,
                         std::vector<std::uint32_t>(300, 4'000'000'000)});
    }
    if constexpr (std::is_same_v<Field, std::map<std::string, std::uint32_t>>) {
      for (int i = 0; i < 300; ++i)
        field[std::to_string(i) + std::string(60, '\x02')] = 4'000'000'000;
    }
    if constexpr (std::is_integral_v<Field>) field = std::numeric_limits<Field>::max();
  });
  const std::string bytes = canonical(r, std::numeric_limits<std::uint64_t>::max());
  EXPECT_LE(bytes.size(), core::record_bytes_max);
  EXPECT_TRUE(Json::accept(bytes));

  Record exact;
  exact.note = "x";
  const std::size_t rest = canonical(exact, 0).size() - 1 - 1 + 20;
  exact.note = std::string(core::record_bytes_max - rest, 'x');
  EXPECT_EQ(canonical(exact, 0).find("truncated"), std::string::npos);
  exact.note.push_back('x');
  EXPECT_NE(canonical(exact, 0).find("truncated"), std::string::npos);
}

TEST(Canonical, CutsFallBetweenCharacters) {
  Record r;
  for (int i = 0; i < 40'000; ++i) r.note += "\u95e8";
  const Json json = Json::parse(canonical(r, 0));
  EXPECT_EQ(json["note"].get<std::string>().find("\ufffd"), std::string::npos);
  EXPECT_EQ(json["note"].get<std::string>().size() % 3, 0U);
}

TEST(ParseRecord, ReadsWhatWasWritten) {
  const std::string bytes = canonical(sample(), 42);
  const auto parsed = parse_record(bytes).value();
  EXPECT_EQ(parsed.seq, 42U);
  EXPECT_EQ(canonical(parsed.record, 42), bytes);
  EXPECT_EQ(parsed.record.wall_ns, sample().wall_ns);
}

// As former versions wrote them.
TEST(ParseRecord, CountsByTypeAreGroupsOfWhichNoMoreIsKnown) {
  Record r;
  r.findings_request = {{.type = "cn_resident_id", .count = 1, .summed = true},
                        {.type = "email", .count = 2, .summed = true}};
  std::string body = canonical(r, 1);
  const std::size_t begin = body.find('[');
  body.replace(begin, body.find(']') + 1 - begin, R"({"cn_resident_id":1,"email":2})");
  EXPECT_EQ(parse_record(body)->record.findings_request, r.findings_request);
}

// What most findings are is not said: one, of the user in a request, of the model in an answer.
TEST(ParseRecord, GroupsSayWhatIsUnusual) {
  const FindingGroup of_user{.type = "email", .count = 1, .confidence = 95, .role = "user"};
  const FindingGroup of_model{.type = "email", .count = 1, .confidence = 95, .role = "assistant"};
  const FindingGroup summed{.type = "email", .count = 1, .summed = true};
  Record r;
  r.rules = {{"ids", "deny", true, 1}};
  r.findings_request = r.findings_response = {of_user, of_model, summed};
  const std::string body = canonical(r, 1);
  const Json json = Json::parse(body);
  const auto told = [&](const char* name) {
    std::string out;
    for (const Json& group : json[name]) out += group.contains("role") ? "1" : "0";
    return out;
  };
  EXPECT_EQ(told("findings_request"), "010");
  EXPECT_EQ(told("findings_response"), "100");
  EXPECT_EQ(body.find("count"), body.npos);
  const Record again = parse_record(body)->record;
  EXPECT_EQ(again.findings_request, r.findings_request);
  EXPECT_EQ(again.findings_response, r.findings_response);
  EXPECT_EQ(again.rules, r.rules);
}

// As it was written before it went without saying.
TEST(ParseRecord, ACountOfOneMayStand) {
  Record r;
  r.rules = {{"ids", "deny", true, 1}};
  std::string body = canonical(r, 1);
  body.insert(body.find(",\"rule\""), R"(,"count":1)");
  EXPECT_EQ(parse_record(body)->record.rules, r.rules);
}

TEST(ParseRecord, EveryFieldSurvives) {
  Record r = sample();
  int n = 0;
  visit_fields(r, [&n](std::string_view name, auto&& field) {
    using Field = std::remove_cvref_t<decltype(field)>;
    if constexpr (std::is_same_v<Field, std::string>) field = name;
    if constexpr (std::is_integral_v<Field>) field = static_cast<Field>(++n);
  });
  const std::string bytes = canonical(r, 1);
  EXPECT_EQ(canonical(parse_record(bytes)->record, 1), bytes);
}

TEST(ParseRecord, EveryTypeSurvives) {
  for (const RecordType type :
       {RecordType::intent, RecordType::outcome, RecordType::start, RecordType::stop,
        RecordType::policy, RecordType::correction, RecordType::refusals, RecordType::clock,
        RecordType::charge, RecordType::release, RecordType::scores, RecordType::key,
        RecordType::publishing, RecordType::configuration, RecordType::credential,
        RecordType::state}) {
    Record r;
    r.type = type;
    r.change = std::make_shared<const KeyChangeEntry>(
        KeyChangeEntry{"rotated", "2027-01-01T00:00:00Z", true, 17, "old", "2026-12-01T00:00:00Z"});
    r.refusals = {{"invalid_api_key", 4500}, {"unknown_path", 1}};
    r.targets_denied = {"east: stays-inside"};
    const std::string bytes = canonical(r, 1);
    const auto parsed = parse_record(bytes);
    ASSERT_TRUE(parsed) << bytes;
    EXPECT_EQ(parsed->record.type, type);
    EXPECT_EQ(canonical(parsed->record, 1), bytes);
  }
}

// Whatever was read before, and whether it could be.
TEST(ParseRecord, ARecordThatWasUsedBeforeKeepsNothingOfIt) {
  Record bare;
  bare.type = RecordType::stop;
  ParsedRecord used;
  for (const std::string& body :
       {canonical(sample(), 7), canonical(bare, 8), std::string(R"({"rules":[{"action":1}]})"),
        canonical(sample(), 9), canonical(bare, 10)}) {
    const auto fresh = parse_record(body);
    ASSERT_EQ(parse_record(body, used).has_value(), fresh.has_value());
    if (!fresh) continue;
    EXPECT_EQ(used.seq, fresh->seq);
    EXPECT_EQ(canonical(used.record, used.seq), body);
  }
}

TEST(ParseRecord, RefusesWhatIsNoRecord) {
  const std::string good = canonical({}, 0);
  const char* table[] = {
      "",
      "[]",
      "1",
      "{}",
      R"({"seq":0})",
      R"({"seq":-1,"time":"1970-01-01T00:00:00.000000000Z","type":"outcome","v":1})",
      R"({"seq":0,"time":"yesterday","type":"outcome","v":1})",
      R"({"seq":0,"time":"1970-01-01T00:00:00.000000000Z","type":"rumour","v":1})",
      R"({"seq":0,"time":"1970-01-01T00:00:00.000000000Z","type":"outcome","v":2})",
      R"({"seq":0,"status":"x","time":"1970-01-01T00:00:00.000000000Z","type":"outcome","v":1})",
      R"({"rules":[1],"seq":0,"time":"1970-01-01T00:00:00.000000000Z","type":"outcome","v":1})"};
  for (const char* body : table) EXPECT_FALSE(parse_record(body)) << body;
  for (std::size_t cut = 0; cut < good.size(); ++cut)
    EXPECT_FALSE(parse_record(good.substr(0, cut)));
}

}  // namespace
}  // namespace menshen::audit
