// The time of an exchange: what it has in all, and that a piece which comes later ends it.
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/stages.h"

namespace menshen::pipeline {

core::Error exchange_timeout() {
  return core::provider_error(core::ErrorKind::upstream_timeout, "exchange_timeout",
                              "The exchange took longer than exchange_timeout_ms.");
}

class Deadline : public Stage {
 public:
  explicit Deadline(Lane& lane) : lane_(lane) {}

  Step before(Exchange& ex) override {
    ex.time.value_.end_ns =
        ex.arrival->opened_ns + one_ms * lane_.services.limits.exchange_timeout_ms;
    return {};
  }

  // What comes within the last millisecond is in time.
  Pending piece(Exchange& ex, Piece& piece) override {
    if (!piece.error && ex.time->is_over(lane_.now_ns() - one_ms)) piece.fail(exchange_timeout());
    return std::nullopt;
  }

 private:
  static constexpr std::int64_t one_ms = 1'000'000;

  Lane& lane_;
};

constinit const StageKind deadline_stage = stage_kind<Deadline>("deadline");

}  // namespace menshen::pipeline
