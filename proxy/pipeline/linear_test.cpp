// The cost of redaction is a line: what is counted for twice as much is at most twice as much, for
// rows, parts, pieces and events, with a finding in each. Counts, no clocks.
#include "core/work_count.h"
#include "proxy/pipeline/inspection.h"
#include "proxy/pipeline/linear_cases.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

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
  Replacer replacer(redactor);
  const auto& endpoint = endpoint_of("openai_chat");
  Redacted result;
  result.bytes = body.size();
  auto document = direction == core::Direction::request
                      ? protocol::Document::parse_request(std::move(body), endpoint, {})
                      : protocol::Document::parse_response(std::move(body), endpoint, 200, {});
  Tally tally;
  const policies::Facts facts{&staff(), "m", core::Operation::chat, "internal", 0};
  Judge judge(set->content(facts, direction), direction, tally);
  ScannerPool pool(detectors::Catalog::built_in());
  const core::WorkCount before = core::work_count;
  const auto inspected = inspect(*document, pool);
  protocol::Edits edits;
  EXPECT_TRUE(redact(*document, *inspected, {judge, replacer}, direction, edits));
  result.body = document->apply(edits);
  result.work = since(before);
  for (const Tally::Count& count : tally.counts) result.findings += count.redacted;
  return result;
}

std::size_t count_of(std::string_view text, std::string_view wanted) {
  std::size_t count = 0;
  for (std::size_t at = text.find(wanted); at != std::string_view::npos;
       at = text.find(wanted, at + wanted.size())) {
    ++count;
  }
  return count;
}

TEST(Linear, AStringOfManyRowsIsDecodedAFewTimesHoweverManyFindings) {
  const Redacted redacted = redact_body(body_of_rows(many), core::Direction::request);
  EXPECT_EQ(redacted.findings, many);
  EXPECT_EQ(count_of(redacted.body, "[EMAIL]\\n"), many);
  EXPECT_LE(redacted.work.decoded_bytes, 2 * redacted.bytes);  // to scan, and to redact
}

TEST(Linear, EachOfManyPartsIsDecodedAFewTimes) {
  const Redacted redacted = redact_body(body_of_parts(many), core::Direction::request);
  EXPECT_EQ(redacted.findings, many);
  EXPECT_EQ(count_of(redacted.body, "[EMAIL]"), many);
  EXPECT_LE(redacted.work.decoded_bytes, 2 * redacted.bytes);
  EXPECT_LE(redacted.work.pieces_visited, 4 * many);
}

TEST(Linear, PiecesOfOneTextAreVisitedAFewTimesHoweverManyFindings) {
  const Redacted redacted = redact_body(answer_of_pieces(many), core::Direction::response);
  EXPECT_EQ(redacted.findings, many);
  EXPECT_NE(redacted.body.find(R"("logprobs":null)"), std::string::npos);
  EXPECT_LE(redacted.work.pieces_visited, 8 * many);
  EXPECT_LE(redacted.work.decoded_bytes, 2 * redacted.bytes);
}

core::WorkCount guard_count(const std::vector<Delta>& deltas, StreamGuardOptions options,
                            std::uint32_t findings) {
  static const auto set = policy_from(redact_all_as_tag);
  core::Limits limits;
  limits.held_bytes_max = 256 * 1024 * 1024;
  const std::string stream = stream_of("openai_chat", deltas);
  const core::WorkCount before = core::work_count;
  const Guarded guarded = guard_stream("openai_chat", stream, {}, *set, limits, options);
  EXPECT_EQ(guarded.error, "");
  std::uint32_t redacted = 0;
  for (const Tally::Count& count : guarded.tally.counts) redacted += count.redacted;
  EXPECT_EQ(redacted, findings);
  return since(before);
}

TEST(Linear, EventsHeldForAScoreAreVisitedAFewTimesHoweverManyFindings) {
  const core::WorkCount work = guard_count(deltas_of_events(many), {.hold_all = true}, many);
  EXPECT_LE(work.pieces_visited, 8 * many);
  EXPECT_LE(work.events_visited, 8 * many);
}

TEST(Linear, EventsBehindAnUnfinishedWordAreVisitedAFewTimes) {
  const core::WorkCount work = guard_count(deltas_behind_a_word(many), {}, many);
  EXPECT_LE(work.pieces_visited, 8 * many);
  EXPECT_LE(work.events_visited, 8 * many);
}

}  // namespace
}  // namespace menshen::pipeline
