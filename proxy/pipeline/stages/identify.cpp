// Who calls, before anything that he sends is read.
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/stages.h"

namespace menshen::pipeline {

class Identify : public Stage {
 public:
  explicit Identify(Lane& lane) : lane_(lane) {}

  Step before(Exchange& ex) override { return learn(ex); }

 private:
  asio::awaitable<core::Result<void>> learn(Exchange& ex) {
    auto learnt = co_await ex.identity.learn(lane_.services, ex.client.head(), ex.record);
    if (learnt) ex.replacer.speak_for(tenant_of(ex.identity.subject()));
    co_return learnt;
  }

  Lane& lane_;
};

constinit const StageKind identify_stage = stage_kind<Identify>("identify");

}  // namespace menshen::pipeline
