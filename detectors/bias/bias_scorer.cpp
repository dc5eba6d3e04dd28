#include "detectors/bias/bias.h"
#include "detectors/scorer.h"
#include "detectors/scoring/lexicon_file.h"
#include "detectors/scoring/linear_model.h"

#include <array>
#include <vector>

namespace menshen::detectors {

std::string_view bias_lexicon();  // lexicon.txt

namespace {

class Bias final : public Scorer {
 public:
  const core::ScoreKind& kind() const noexcept override { return kind_; }
  unsigned version() const noexcept override { return 2; }
  scoring::Lexicon lexicon() const override {
    static constexpr std::array<std::string_view, 7> classes{
        "group", "generaliser", "trait", "exclusion", "role", "hierarchy", "person"};
    static const std::vector<scoring::TermRow> rows =
        scoring::read_lexicon(bias_lexicon(), classes);
    return {scoring::bias::terms, rows};
  }
  core::Result<float> score(const ScoreInput&, const scoring::Reading& reading) const override {
    return scoring::probability(scoring::Head::bias, reading, reading.once(scoring::bias_by_hand));
  }

 private:
  static constexpr core::ScoreKind kind_{.name = "bias", .header = "x-menshen-bias"};
};

}  // namespace

const Scorer& bias_scorer() {
  static const Bias scorer;
  return scorer;
}

}  // namespace menshen::detectors
