// The intent to call the first target; forward.cpp writes those of the further attempts.
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/stages.h"

#include <algorithm>

namespace menshen::pipeline {

asio::awaitable<core::Result<void>> write_intent(Lane& lane, Exchange& ex, const Target& target) {
  const auto& zones = ex.admission->zones;
  const auto access = std::ranges::find(zones, target.zone, &ZoneAccess::zone);
  const std::string* const rule = access == zones.end() ? nullptr : &access->decision.rule;
  const audit::Record intent = ex.record.intend(target, rule, ex.plan.commitment(), ex.decision());
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
