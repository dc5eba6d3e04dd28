#include "detectors/scorer.h"
#include "detectors/scoring/lexicon_file.h"
#include "detectors/scoring/linear_model.h"
#include "detectors/toxicity/toxicity.h"

#include <array>
#include <vector>

namespace menshen::detectors {

std::string_view toxicity_lexicon();  // lexicon.txt

namespace {

class Toxicity final : public Scorer {
 public:
  const core::ScoreKind& kind() const noexcept override { return kind_; }
  unsigned version() const noexcept override { return 2; }
  scoring::Lexicon lexicon() const override {
    static constexpr std::array<std::string_view, 9> classes{
        "slur", "insult", "profanity", "aimed", "threat", "dehumanise", "vulgar", "you", "disgust"};
    static const std::vector<scoring::TermRow> rows =
        scoring::read_lexicon(toxicity_lexicon(), classes);
    return {scoring::toxicity::terms, rows};
  }
  core::Result<float> score(const ScoreInput&, const scoring::Reading& reading) const override {
    return scoring::probability(scoring::Head::toxicity, reading,
                                scoring::toxicity_by_hand(reading));
  }

 private:
  static constexpr core::ScoreKind kind_{.name = "toxicity"};
};

}  // namespace

const Scorer& toxicity_scorer() {
  static const Toxicity scorer;
  return scorer;
}

}  // namespace menshen::detectors
