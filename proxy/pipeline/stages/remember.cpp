// What an answer gave out is remembered, for rules that ask whether a request's values were seen.
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/stages.h"

namespace menshen::pipeline {

class Remember : public Stage {
 public:
  explicit Remember(Lane& lane) : lane_(lane) {}

  // Of an answer that was refused, or broke off, nothing was given out.
  Pending after(Exchange& ex, Ending& ending) override {
    const bool given = !ending.error && !ending.broken && !ex.answer_values->empty();
    if (given && lane_.services.seen != nullptr)
      lane_.services.seen->remember(ex.identity.subject(), *ex.answer_values);
    return std::nullopt;
  }

 private:
  Lane& lane_;
};

constinit const StageKind remember_stage = stage_kind<Remember>("remember");

}  // namespace menshen::pipeline
