// An exchange of the sample whose last bytes have left: what it holds of texts is handed on to be
// scored.
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/scoring.h"
#include "proxy/pipeline/stages.h"

#include <utility>

namespace menshen::pipeline {

class TakeSample : public Stage {
 public:
  explicit TakeSample(Lane& lane) : lane_(lane) {}

  // What was refused before its texts were inspected, or has no outcome, is no part of it.
  Pending after(Exchange& ex, Ending& ending) override {
    if (!ex.sample || !ending.recorded || !ex.inspection->scores_asked) return std::nullopt;
    ScoreSample& sample = *ex.sample;
    sample.of_request = not_asked(core::Direction::request, *ex.inspection->scores_asked);
    if (sample.of_request.empty() && sample.of_answer.empty()) return std::nullopt;
    sample.exchange = ex.arrival->id;
    sample.policy = ex.arrival->policy;
    sample.request = take_request(ex);
    lane_.services.sampler->take(std::move(ex.sample));
    return std::nullopt;
  }

 private:
  Lane& lane_;
};

constinit const StageKind sample_stage = stage_kind<TakeSample>("sample");

}  // namespace menshen::pipeline
