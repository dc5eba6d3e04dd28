// The sample: which exchanges are of it, what is recorded of them, and when nothing is.
#include "proxy/pipeline/gateway_fixture.h"
#include "proxy/pipeline/score_sampler.h"

#include <gmock/gmock.h>

#include <latch>
#include <limits>
#include <thread>

namespace menshen::pipeline::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ScoreSamplerTest : public GatewayTest {
 protected:
  ScoreSamplerTest() { sample(1'000'000); }
  ~ScoreSamplerTest() override {
    sampler_->stop();
    pool_.join();
  }

  void sample(std::uint32_t per_million, core::ByteBudget* bodies = nullptr) {
    sampler_ = std::make_unique<ScoreSampler>(
        journal_, core::system_clock(), pool_,
        ScoreSampler::Options{.per_million = per_million, .bodies = bodies});
    services_.sampler = sampler_.get();
  }
  // Until that many exchanges of the sample have come to an end.
  void wait_for(std::uint64_t ended) const {
    for (;;) {
      const auto [scored, busy, too_long, failed] = sampler_->stats();
      if (scored + busy + too_long + failed >= ended) return;
      std::this_thread::yield();
    }
  }
  // Their names in the last record: of the request, a slash, of the answer.
  [[nodiscard]] std::string recorded() const {
    EXPECT_EQ(outcome().type, audit::RecordType::scores);
    std::string out;
    for (const auto& [name, value] : outcome().scores_request) out.append(name).append(" ");
    out.append("/");
    for (const auto& [name, value] : outcome().scores_response) out.append(" ").append(name);
    return out;
  }
  void answer_whole() { upstreams_.answers = {{.pieces = {chat_answer("It is hot.")}}}; }
  void answer_in_a_stream() {
    upstreams_.answers = {{.type = "text/event-stream",
                           .pieces = {chat_stream({{0, Field::content, "It is hot. "}})}}};
  }
  static std::string question(bool stream = false) {
    return chat("<context>Tea is hot.</context> Is it, you idiot?", stream);
  }

  std::unique_ptr<ScoreSampler> sampler_;
  std::latch begun_{1};  // of work that the pool has; it ends before they go
  std::latch open_{1};
};

std::string salt_of(std::uint64_t number) {
  std::string salt(32, 'x');
  for (std::size_t i = 8; i-- > 0; number >>= 8U) salt[i] = static_cast<char>(number & 0xFFU);
  return salt;
}

TEST_F(ScoreSamplerTest, TakesTheShareThatIsStated) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  const core::Limits limits;
  sample(limits.score_sample_per_million);
  EXPECT_TRUE(sampler_->takes(salt_of(9'999)));
  EXPECT_FALSE(sampler_->takes(salt_of(10'000)));
  EXPECT_TRUE(sampler_->takes(salt_of(70'000'000'009'999)));
  EXPECT_FALSE(sampler_->takes(salt_of(70'000'000'010'000)));
  sample(0);
  EXPECT_FALSE(sampler_->takes(salt_of(0)));
  sample(1'000'000);
  EXPECT_TRUE(sampler_->takes(salt_of(most)));
}

TEST_F(ScoreSamplerTest, RecordsWhatNoRuleAskedForWhenAllHasLeft) {
  answer_whole();
  ask(question());
  wait_for(1);
  EXPECT_THAT(log_, ElementsAre("intent", "call core", "outcome", "send", "outcome"));
  EXPECT_EQ(recorded(), "bias injection toxicity / bias grounding toxicity");
  EXPECT_GT(outcome().scores_request.at("toxicity"), 0.3F);
  EXPECT_EQ(outcome().scores_response.at("grounding"), 1.0F);
  EXPECT_EQ(outcome().sampled_per_million, 1'000'000U);
  const audit::Record& released = journal_.records[1];
  EXPECT_EQ(outcome().exchange, released.exchange);
  EXPECT_EQ(outcome().catalog, released.catalog);
  EXPECT_THAT(released.scores_request, IsEmpty());
  EXPECT_THAT(released.scores_response, IsEmpty());
  EXPECT_THAT(client_->received, Not(HasSubstr("menshen")));
}

TEST_F(ScoreSamplerTest, RecordsThoseOfAStreamToo) {
  answer_in_a_stream();
  ask(question(true));
  wait_for(1);
  EXPECT_EQ(log_.back(), "outcome");
  EXPECT_EQ(log_[log_.size() - 2], "finish");
  EXPECT_EQ(recorded(), "bias injection toxicity / bias grounding toxicity");
  EXPECT_EQ(outcome().scores_response.at("grounding"), 1.0F);
  EXPECT_THAT(client_->received, HasSubstr("\"scores\":{}}"));
}

TEST_F(ScoreSamplerTest, LeavesOutWhatRulesAskFor) {
  const std::string rule = R"(
  - {id: rude, find: {scores: {toxicity: {above: 0.99}}}, mode: shadow, then: {action: deny}}
)";
  policy_ = policy_from(std::string(two_zones) + rule);
  answer_in_a_stream();
  ask(question(true));
  wait_for(1);
  EXPECT_EQ(recorded(), "bias injection / bias grounding");
  policy_ = policy_from(with_defaults("scores: always"));
  ask(question(true));
  EXPECT_EQ(outcome().type, audit::RecordType::outcome);
  EXPECT_EQ(sampler_->stats().scored, 1U);
}

TEST_F(ScoreSamplerTest, OfWhatWasRefusedHasTheRequestAlone) {
  ask(chat("you idiot, AKIAIOSFODNN7EXAMPLE"));
  wait_for(1);
  EXPECT_EQ(client_->sent_head.status, 403U);
  EXPECT_EQ(recorded(), "bias injection toxicity /");
}

TEST_F(ScoreSamplerTest, HasNothingOfWhoMayNotAskOrWasNotRecorded) {
  answer_whole();
  ask(question(), "/v1/chat/completions", "POST", "bad");
  journal_.fail_outcomes = true;
  ask(question());
  journal_.fail_outcomes = false;
  sample(0);
  ask(question());
  const auto [scored, busy, too_long, failed] = sampler_->stats();
  EXPECT_EQ(scored + busy + too_long + failed, 0U);
  EXPECT_EQ(outcome().type, audit::RecordType::outcome);
}

TEST_F(ScoreSamplerTest, LeavesUndoneWhatIsTooMuch) {
  answer_in_a_stream();
  services_.limits.score_text_bytes_max = 4;
  ask(question(true));
  EXPECT_EQ(sampler_->stats().too_long, 1U);
  answer_whole();
  ask(question());
  EXPECT_EQ(sampler_->stats().too_long, 2U);

  services_.limits = {};
  core::ByteBudget small(16);
  sample(1'000'000, &small);
  ask(question());
  EXPECT_EQ(sampler_->stats().busy, 1U);
  EXPECT_EQ(small.used(), 0U);

  sample(1'000'000);
  ASSERT_TRUE(pool_.offer([&](const std::stop_token&) {
    begun_.count_down();
    open_.wait();
  }));
  begun_.wait();
  for (std::size_t i = 0; i < WorkerPool::offered_max; ++i) {
    ASSERT_TRUE(pool_.offer([](const std::stop_token&) {}));
  }
  ask(question());
  EXPECT_EQ(sampler_->stats().busy, 1U);
  open_.count_down();
}

TEST_F(ScoreSamplerTest, CountsWhatTheLogDidNotTake) {
  ASSERT_TRUE(pool_.offer([&](const std::stop_token&) { open_.wait(); }));
  answer_whole();
  ask(question());
  journal_.fail_outcomes = true;
  open_.count_down();
  wait_for(1);
  EXPECT_EQ(sampler_->stats().failed, 1U);
}

TEST_F(ScoreSamplerTest, DropsWhatHasNotBegunWhenItStops) {
  ASSERT_TRUE(pool_.offer([&](const std::stop_token& stop) {
    begun_.count_down();
    while (!stop.stop_requested()) std::this_thread::yield();
  }));
  begun_.wait();
  answer_whole();
  ask(question());
  sampler_->stop();
  EXPECT_EQ(sampler_->stats().busy, 1U);
  ask(question());
  EXPECT_EQ(sampler_->stats().busy, 2U);
}

}  // namespace
}  // namespace menshen::pipeline::testing
