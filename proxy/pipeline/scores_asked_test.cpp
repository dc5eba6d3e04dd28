// Which scores an exchange has: those that its rules ask for, and no sign of others.
#include "core/work_count.h"
#include "proxy/pipeline/gateway_fixture.h"

#include <gmock/gmock.h>

namespace menshen::pipeline::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ScoresAsked : public GatewayTest {
 protected:
  void judge_by(const std::string& rules) { policy_ = policy_from(std::string(two_zones) + rules); }
  // One exchange with a source; the names of the scores in its record: of the request, a slash, of
  // the answer.
  std::string scored(bool stream = false) {
    upstreams_.calls = 0;
    if (stream) {
      upstreams_.answers = {{.type = "text/event-stream",
                             .pieces = {chat_stream({{0, Field::content, "It is hot. "}})}}};
    } else {
      upstreams_.answers = {{.pieces = {chat_answer("It is hot.")}}};
    }
    const FakeClient& client = ask(chat("<context>Tea is hot.</context> Is it?", stream));
    EXPECT_EQ(client.sent_head.status, 200U) << client.received;
    std::string out;
    for (const auto& [name, value] : outcome().scores_request) out.append(name).append(" ");
    out.append("/");
    for (const auto& [name, value] : outcome().scores_response) out.append(" ").append(name);
    return out;
  }
};

TEST_F(ScoresAsked, ByNoRuleAreNowhere) {
  const std::uint64_t read = core::work_count.source_bytes;
  EXPECT_EQ(scored(), "/");
  EXPECT_EQ(client_->header("x-menshen-bias"), "");
  EXPECT_EQ(client_->header("x-menshen-grounding"), "");
  EXPECT_EQ(scored(true), "/");
  EXPECT_THAT(client_->received, HasSubstr("{\"decision\":\"allow\",\"scores\":{}}"));
  EXPECT_THAT(observer_.seen, Not(HasSubstr("scores_")));
  EXPECT_EQ(core::work_count.source_bytes, read);
}

TEST_F(ScoresAsked, ByRulesInForceInShadowAndThatAnnotate) {
  judge_by(R"(
  - {id: try, mode: shadow, find: {scores: {bias: {above: 0.5}}}, then: {action: deny}}
  - {id: tone, direction: request, find: {scores: {toxicity: {above: 0.5}}}, then: {action: deny}}
  - id: claims
    direction: response
    find: {scores: {grounding: {below: 0.5}}}
    then: {action: annotate}
)");
  EXPECT_EQ(scored(), "bias toxicity / bias grounding");
  EXPECT_THAT(client_->header("x-menshen-bias"), ::testing::StartsWith("0.0"));
  EXPECT_EQ(client_->header("x-menshen-grounding"), "1.00");
  EXPECT_EQ(scored(true), "bias toxicity / bias grounding");
  EXPECT_THAT(client_->received, HasSubstr("\"scores\":{\"bias\":0.0"));
  EXPECT_THAT(client_->received, HasSubstr(",\"grounding\":1.0}"));
}

TEST_F(ScoresAsked, OfOthersAreNotComputedForThisCaller) {
  judge_by(R"(
  - id: theirs
    who: {groups: [others]}
    find: {scores: {bias: {above: 0.5}}}
    then: {action: deny}
  - id: ours
    what: {models: [m]}
    find: {scores: {toxicity: {above: 0.5}}}
    then: {action: annotate}
)");
  EXPECT_EQ(scored(), "toxicity / toxicity");
}

TEST_F(ScoresAsked, InAnyZoneThatMayBeReachedAreOfTheRequest) {
  judge_by(R"(
  - id: far
    what: {zones: [public]}
    find: {scores: {bias: {above: 0.5}}}
    then: {action: annotate}
)");
  EXPECT_EQ(scored(), "/");
  upstreams_.targets = {{0, "inside", "internal", ""}, {1, "outside", "public", ""}};
  EXPECT_EQ(scored(), "bias /");  // the answer came from inside
}

TEST_F(ScoresAsked, AlwaysAreAllThatApply) {
  policy_ = policy_from(with_defaults("scores: always"));
  EXPECT_EQ(scored(), "bias injection toxicity / bias grounding toxicity");
  EXPECT_EQ(scored(true), "bias injection toxicity / bias grounding toxicity");
}

// A score that nobody asks for refuses nothing when it cannot be told.
TEST_F(ScoresAsked, ByNoRuleHaveNoBound) {
  services_.limits.score_text_bytes_max = 4;
  EXPECT_EQ(scored(true), "/");
  EXPECT_EQ(observer_.failed_open, 0U);
  policy_ = policy_from(with_defaults("scores: always"));
  EXPECT_EQ(scored(true), "bias injection toxicity /");
  EXPECT_EQ(observer_.failed_open, 1U);
}

}  // namespace
}  // namespace menshen::pipeline::testing
