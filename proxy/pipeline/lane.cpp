#include "proxy/pipeline/lane.h"

#include "proxy/pipeline/exchange.h"

namespace menshen::pipeline {

const std::shared_ptr<const OwnSecrets>& Lane::secrets_at(const Target& target) {
  auto& known = secrets_[target.upstream];
  if (!known && !target.secrets.empty()) {
    known = std::make_shared<const OwnSecrets>(target.secrets);
  }
  return known;
}

asio::awaitable<core::Result<void>> run_long(Lane& lane, const Exchange& ex,
                                             const WorkerPool::Work& work) {
  co_return co_await lane.services.long_work->run(
      work, std::chrono::nanoseconds(ex.time->end_ns - lane.now_ns()));
}

}  // namespace menshen::pipeline
