// The intent to call the first target; forward.cpp writes those of the further attempts.
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/stages.h"

namespace menshen::pipeline {

asio::awaitable<core::Result<void>> write_intent(Lane& lane, Exchange& ex, const Target& target) {
  const audit::Record intent = ex.record.intend(target, ex.admission->rule_at(target.zone),
                                                ex.plan.commitment(), ex.decision());
  co_return co_await lane.journal.append(intent);
}

class Intend : public Stage {
 public:
  explicit Intend(Lane& lane) : lane_(lane) {}

  // Each delivery has its intent; this is the first one's.
  Step before(Exchange& ex) override { return write_intent(lane_, ex, ex.plan.targets().front()); }

 private:
  Lane& lane_;
};

constinit const StageKind intend_stage = stage_kind<Intend>("intend");

}  // namespace menshen::pipeline
