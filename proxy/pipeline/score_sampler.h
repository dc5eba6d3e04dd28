// The stated sample: of so many exchanges of a million, those scores that no rule asked for are
// computed when the answer has left, and written as a record of their own. So the log says how
// scores are spread where the policy needs none, without an exchange that waits for them.
//
//   if (sampler.takes(salt)) sample = std::make_unique<ScoreSample>();   // when it begins
//   sample->answers = ...;                                               // what was said
//   sampler.take(std::move(sample));                                     // when all has left
//
// Which exchanges are of the sample follows from the key of the log's commitments, so no caller can
// tell, and whoever holds the key can see that none was left out. Texts are kept until they are
// scored and no longer, in memory, within the bound of all bodies. Low priority: it is done behind
// the pool's other work, and left undone where too much waits. One object; any thread.
#pragma once

#include "audit/journal.h"
#include "core/byte_budget.h"
#include "core/clock.h"
#include "core/score.h"
#include "policies/policy_set.h"
#include "proxy/pipeline/sources.h"
#include "proxy/pipeline/worker_pool.h"
#include "proxy/protocol/document.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::pipeline {

// What is to be scored of one exchange.
struct ScoreSample {
  std::string exchange;
  std::shared_ptr<const policies::PolicySet> policy;
  core::ScoreKinds of_request;  // the scores that no rule asked for
  core::ScoreKinds of_answer;
  std::optional<protocol::Document> request;
  std::vector<std::string> answers;
  Sources of_answers;     // sources that came with them
  bool too_long = false;  // an answer has more text than scores read
};

class ScoreSampler {
 public:
  struct Options {
    std::uint32_t per_million = 0;       // limits.score_sample_per_million
    core::ByteBudget* bodies = nullptr;  // what texts are held of; null: no bound
  };
  // They outlive it, and the pool has ended its work before it goes.
  ScoreSampler(audit::Journal& journal, const core::Clock& clock, WorkerPool& pool,
               Options options);

  // `salt`: of the exchange's commitments.
  [[nodiscard]] bool takes(std::string_view salt) const noexcept;
  // Scores it in its time. Never waits.
  void take(std::unique_ptr<ScoreSample> sample);
  // Leaves what has not begun undone.
  void stop();

  struct Stats {
    std::uint64_t scored = 0;    // records that were handed to the log
    std::uint64_t busy = 0;      // left undone: too much waited, or the gateway ended
    std::uint64_t too_long = 0;  // an answer was longer than score_text_bytes_max
    std::uint64_t failed = 0;    // a score could not be told, or the log did not take the record
  };
  [[nodiscard]] Stats stats() const noexcept;

 private:
  struct Counts {
    std::atomic<std::uint64_t> scored{0}, busy{0}, too_long{0}, failed{0};
  };
  struct Job;
  void score(const ScoreSample& sample, const std::stop_token& stop);

  audit::Journal& journal_;
  const core::Clock& clock_;
  WorkerPool& pool_;
  Options options_;
  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();  // the journal outlives this
};

}  // namespace menshen::pipeline
