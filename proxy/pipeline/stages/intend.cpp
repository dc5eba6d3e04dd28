// The intent to call the first target; forward.cpp writes those of the further attempts.
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/stages.h"

#include <utility>

namespace menshen::pipeline {

asio::awaitable<core::Result<void>> write_intent(Lane& lane, Exchange& ex, const Target& target) {
  // Named: gcc 12 destroys a temporary twice.
  audit::Record intent = ex.record.intend(target, ex.admission->rule_at(target.zone),
                                          ex.plan.commitment(), ex.decision());
  co_return co_await append_intent(lane, ex, std::move(intent));
}

asio::awaitable<core::Result<void>> append_intent(Lane& lane, Exchange& ex, audit::Record intent) {
  const auto seq = co_await lane.journal.append(intent);
  if (!seq) co_return seq.error();
  ex.record.intended(*seq, std::move(intent));
  co_return core::Result<void>{};
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
