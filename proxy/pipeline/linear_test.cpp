// The cost of redaction is a line: what is counted for twice as much is at most twice as much, for
// rows, parts, pieces and events, with a finding in each. Counts, no clocks.
#include "core/work_count.h"
#include "proxy/pipeline/inspection.h"
#include "proxy/pipeline/testing.h"

#include <gtest/gtest.h>

#include <functional>

namespace menshen::pipeline {
namespace {

using namespace testing;

constexpr std::size_t many = 4000;

struct Redacted {
  std::string body;
  std::uint64_t findings = 0;
  std::uint64_t bytes = 0;
  core::WorkCount work;  // of inspecting and redacting
};

core::WorkCount since(const core::WorkCount& before) {
  core::WorkCount work = core::work_count;
  work.decoded_bytes -= before.decoded_bytes;
  work.pieces_visited -= before.pieces_visited;
  work.events_visited -= before.events_visited;
  return work;
}

Redacted redact_body(std::string body, core::Direction direction) {
  static const auto set = policy_from(redact_all_as_tag);
  static const Redactor redactor("a key for tests");
  const auto& endpoint = endpoint_of(protocol::Api::openai_chat);
  Redacted result;
  result.bytes = body.size();
  auto document = direction == core::Direction::request
                      ? protocol::Document::parse_request(std::move(body), endpoint, {})
                      : protocol::Document::parse_response(std::move(body), endpoint, 200, {});
  Tally tally;
  const policies::Facts facts{&staff(), "m", core::Operation::chat, "internal", 0};
  Judge judge(set->content(facts, direction), direction, tally);
  ScannerPool pool(detectors::Catalog::instance());
  const core::WorkCount before = core::work_count;
  const auto inspected = inspect(*document, pool);
  protocol::Edits edits;
  EXPECT_TRUE(redact(*document, *inspected, judge, redactor, direction, edits));
  result.body = document->apply(edits);
  result.work = since(before);
  for (const Tally::Count& count : tally.counts) result.findings += count.redacted;
  return result;
}

std::string repeated(std::size_t count, const std::function<std::string(std::size_t)>& piece) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += piece(i);
  return out;
}

std::string mail(std::size_t i) { return "user" + std::to_string(i) + "@corp.example"; }

std::size_t count_of(std::string_view text, std::string_view wanted) {
  std::size_t count = 0;
  for (std::size_t at = text.find(wanted); at != std::string_view::npos;
       at = text.find(wanted, at + wanted.size())) {
    ++count;
  }
  return count;
}

TEST(Linear, AStringOfManyRowsIsDecodedAFewTimesHoweverManyFindings) {
  const std::string rows =
      repeated(many, [](std::size_t i) { return std::to_string(i) + "," + mail(i) + "\\n"; });
  const Redacted redacted =
      redact_body(R"({"model":"m","messages":[{"role":"user","content":")" + rows + R"("}]})",
                  core::Direction::request);
  EXPECT_EQ(redacted.findings, many);
  EXPECT_EQ(count_of(redacted.body, "[EMAIL]\\n"), many);
  EXPECT_LE(redacted.work.decoded_bytes, 4 * redacted.bytes);
}

TEST(Linear, EachOfManyPartsIsDecodedAFewTimes) {
  const std::string parts = repeated(many, [](std::size_t i) {
    return std::string(i > 0 ? "," : "") + R"({"type":"text","text":"a\n)" + mail(i) + R"("})";
  });
  const Redacted redacted =
      redact_body(R"({"model":"m","messages":[{"role":"user","content":[)" + parts + "]}]}",
                  core::Direction::request);
  EXPECT_EQ(redacted.findings, many);
  EXPECT_EQ(count_of(redacted.body, "[EMAIL]"), many);
  EXPECT_LE(redacted.work.decoded_bytes, 4 * redacted.bytes);
  EXPECT_LE(redacted.work.pieces_visited, 4 * many);
}

// The tokens of one logprobs list are one text of as many pieces; each value spans three of them.
TEST(Linear, PiecesOfOneTextAreVisitedAFewTimesHoweverManyFindings) {
  const auto token = [](const std::string& text) { return R"({"token":")" + text + R"("},)"; };
  std::string tokens = repeated(many, [&](std::size_t i) {
    return token("user" + std::to_string(i)) + token("@corp") + token(".example\\n");
  });
  tokens.pop_back();
  const Redacted redacted =
      redact_body(R"({"choices":[{"index":0,"message":{"role":"assistant","content":"ok"},)"
                  R"("logprobs":{"content":[)" +
                      tokens + "]}}]}",
                  core::Direction::response);
  EXPECT_EQ(redacted.findings, many);
  EXPECT_NE(redacted.body.find(R"("logprobs":null)"), std::string::npos);
  EXPECT_LE(redacted.work.pieces_visited, 8 * many);
  EXPECT_LE(redacted.work.decoded_bytes, 4 * redacted.bytes);
}

core::WorkCount guard_count(const std::vector<Delta>& deltas, StreamGuardOptions options,
                            std::uint32_t findings) {
  static const auto set = policy_from(redact_all_as_tag);
  core::Limits limits;
  limits.held_bytes_max = 256 * 1024 * 1024;
  const std::string stream = stream_of(protocol::Api::openai_chat, deltas);
  const core::WorkCount before = core::work_count;
  const Guarded guarded =
      guard_stream(protocol::Api::openai_chat, stream, {}, *set, limits, options);
  EXPECT_EQ(guarded.error, "");
  std::uint32_t redacted = 0;
  for (const Tally::Count& count : guarded.tally.counts) redacted += count.redacted;
  EXPECT_EQ(redacted, findings);
  return since(before);
}

TEST(Linear, EventsHeldForAScoreAreVisitedAFewTimesHoweverManyFindings) {
  std::vector<Delta> deltas;
  for (std::size_t i = 0; i < many; ++i) {
    deltas.push_back({0, Field::content, "user" + std::to_string(i) + "@corp"});
    deltas.push_back({0, Field::content, ".example and "});
  }
  const core::WorkCount work = guard_count(deltas, {.hold_all = true}, many);
  EXPECT_LE(work.pieces_visited, 8 * many);
  EXPECT_LE(work.events_visited, 8 * many);
}

// One text waits for the end of a word that never ends, in single letters; another goes on.
TEST(Linear, EventsBehindAnUnfinishedWordAreVisitedAFewTimes) {
  std::vector<Delta> deltas;
  for (std::size_t i = 0; i < many; ++i) {
    deltas.push_back({0, Field::content, "x"});
    deltas.push_back({1, Field::content, mail(i) + " and "});
  }
  const core::WorkCount work = guard_count(deltas, {}, many);
  EXPECT_LE(work.pieces_visited, 8 * many);
  EXPECT_LE(work.events_visited, 8 * many);
}

}  // namespace
}  // namespace menshen::pipeline
