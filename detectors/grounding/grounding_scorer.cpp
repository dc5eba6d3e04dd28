#include "detectors/grounding/grounding.h"
#include "detectors/scorer.h"

namespace menshen::detectors {
namespace {

scoring::Grounding& of_thread() {
  thread_local scoring::Grounding grounding;
  return grounding;
}

class GroundingScorer final : public Scorer {
 public:
  const core::ScoreKind& kind() const noexcept override { return kind_; }
  unsigned version() const noexcept override { return 2; }
  bool reads() const noexcept override { return false; }
  core::Result<void> read_sources(std::span<const std::string_view> sources,
                                  const std::stop_token& stop) const override {
    of_thread().read(sources, stop);
    return {};
  }
  core::Result<float> score(const ScoreInput& input, const scoring::Reading&) const override {
    return of_thread().score(input.text);
  }
  void trim() const noexcept override { of_thread().trim(); }

 private:
  static constexpr core::ScoreKind kind_{.name = "grounding",
                                         .better = core::Better::higher,
                                         .of_requests = false,
                                         .by_sources = true,
                                         .header = "x-menshen-grounding"};
};

}  // namespace

const Scorer& grounding_scorer() {
  static const GroundingScorer scorer;
  return scorer;
}

}  // namespace menshen::detectors
