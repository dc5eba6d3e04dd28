// Content rules and the bodies that they make, by zone: see plan.h.
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/stages.h"

namespace menshen::pipeline {

class Prepare : public Stage {
 public:
  explicit Prepare(Lane& lane) : lane_(lane) {}

  Step before(Exchange& ex) override { return prepare(ex); }

 private:
  asio::awaitable<core::Result<void>> prepare(Exchange& ex) {
    if (auto chosen = co_await ex.plan.choose(lane_, ex); !chosen) co_return chosen;
    const Target& first = ex.plan.targets().front();
    if (auto prepared = co_await ex.plan.prepare(lane_, ex, first); !prepared) co_return prepared;
    co_return ex.plan.keep_available();
  }

  Lane& lane_;
};

constinit const StageKind prepare_stage = stage_kind<Prepare>("prepare");

}  // namespace menshen::pipeline
