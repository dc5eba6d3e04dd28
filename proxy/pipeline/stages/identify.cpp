// Who calls, before anything that he sends is read.
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/stages.h"

namespace menshen::pipeline {

class Identify : public Stage {
 public:
  explicit Identify(Lane& lane) : lane_(lane) {}

  asio::awaitable<core::Result<void>> before(Exchange& ex) override {
    co_return co_await ex.identity.learn(lane_.services, ex.client.head(), ex.record);
  }

 private:
  Lane& lane_;
};

constinit const StageKind identify_stage = stage_kind<Identify>("identify");

}  // namespace menshen::pipeline
