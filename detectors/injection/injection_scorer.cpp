#include "detectors/injection/injection.h"
#include "detectors/injection/lexicon.h"
#include "detectors/scorer.h"
#include "detectors/scoring/lexicon_file.h"
#include "detectors/scoring/linear_model.h"

#include <algorithm>
#include <array>
#include <vector>

namespace menshen::detectors {

std::string_view injection_lexicon();  // lexicon.txt

namespace {

class Injection final : public Scorer {
 public:
  const core::ScoreKind& kind() const noexcept override { return kind_; }
  unsigned version() const noexcept override { return 2; }
  scoring::Lexicon lexicon() const override {
    static constexpr std::array<std::string_view, 18> classes{
        "override_verb", "prior",         "object",       "override_all", "voided",
        "reveal_verb",   "secret_object", "disable_verb", "guard_object", "persona",
        "act_verb",      "unrestricted",  "authority",    "new_task",     "force_output",
        "to_model",      "in_answer",     "weak"};
    static const std::vector<scoring::TermRow> rows =
        scoring::read_lexicon(injection_lexicon(), classes);
    return {scoring::injection::terms, rows, scoring::signature_cues()};
  }
  // What people and fetched documents say.
  bool applies(const ScoreInput& input) const noexcept override {
    return Scorer::applies(input) && input.role != core::Role::assistant;
  }
  core::Result<float> score(const ScoreInput& input,
                            const scoring::Reading& reading) const override {
    const auto by_hand =
        scoring::injection_by_hand(reading, scoring::SignatureSet::instance(), input.role);
    if (!by_hand) return by_hand.error();
    // Forms that the model has not seen stay what they are.
    return std::max(by_hand->forms,
                    scoring::probability(scoring::Head::injection, reading, by_hand->all));
  }

 private:
  static constexpr core::ScoreKind kind_{.name = "injection", .of_answers = false};
};

}  // namespace

const Scorer& injection_scorer() {
  static const Injection scorer;
  return scorer;
}

}  // namespace menshen::detectors
