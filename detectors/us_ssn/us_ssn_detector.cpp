#include "detectors/detector.h"
#include "detectors/values/boundary.h"
#include "detectors/values/context.h"
#include "detectors/values/numbers.h"

#include <algorithm>
#include <array>

namespace menshen::detectors {
namespace {

constexpr core::FindingType type{"us_ssn", core::Category::pii, "US_SSN",
                                 "US social security number: nnn-nn-nnnn within the ranges that "
                                 "are issued (0.65; 0.95 with a label), "
                                 "other groupings behind a label only (0.85). Known false "
                                 "positives: part numbers grouped alike."};

constexpr std::array<std::string_view, 11> labels{
    "ssn", "ssns",       "social security", "social sec", "social",  "soc sec",
    "ss",  "社会安全号", "社安号",          "社保号",     "taxpayer"};

// Never issued: areas 000, 666 and 9xx, group 00, serial 0000; and numbers known from
// advertisements.
bool is_issued(std::string_view d) {
  static constexpr std::array<std::string_view, 3> advertised{"078051120", "457555462",
                                                              "219099999"};
  return !d.starts_with("000") && !d.starts_with("666") && d[0] != '9' && d.substr(3, 2) != "00" &&
         d.substr(5) != "0000" && std::ranges::find(advertised, d) == advertised.end();
}

class UsSsn final : public Detector {
 public:
  std::string_view name() const noexcept override { return "us_ssn"; }
  unsigned version() const noexcept override { return 1; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return triggers_; }

  core::Result<void> scan(const Window& window, Matches& matches) const override {
    for_each_number(window, 9, 9, [&](const Number& n) {
      if (!is_issued(n.digits()) || !n.isolated()) return false;
      const float confidence = judge(window, n);
      if (confidence > 0) matches.add(type, n.begin(), n.end(), confidence);
      return confidence > 0;
    });
    return {};
  }

 private:
  static float judge(const Window& window, const Number& n) {
    const std::string_view text = window.text;
    const std::string_view context = window.context(n.begin());
    const bool label = has_word(context, labels);
    const bool grouped = n.grouped({3, 2, 4});
    const bool dashes = grouped && text.substr(n.begin(), n.end() - n.begin()).size() == 11 &&
                        text[n.begin() + 3] == '-' && text[n.begin() + 6] == '-';
    if (!label && (!dashes || labelled(context, number_labels()))) return 0;
    if (!grouped && !n.contiguous() && !window.numerals) return 0;
    const Side left = left_side(text, n.begin());
    if (left == Side::blob || (left == Side::letters && !label)) return 0;
    if (right_side(text, n.end()) != Side::clean) return 0;
    if (!label) return 0.65F;
    return dashes ? 0.95F : 0.85F;
  }

  static constexpr std::array<const core::FindingType*, 1> types_{&type};
  static constexpr std::array<Trigger, 1> triggers_{
      Trigger{.bytes_min = 9, .digits_min = 9, .numerals = true}};
};

}  // namespace

const Detector& us_ssn_detector() {
  static const UsSsn detector;
  return detector;
}

}  // namespace menshen::detectors
