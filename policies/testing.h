// What the tests of policies share: a few types of findings, and the short way to a set.
#pragma once

#include "policies/policy_set.h"

#include <array>
#include <string>

namespace menshen::policies::testing {

inline constexpr core::FindingType email{
    "email", core::Category::pii, "EMAIL", "for tests", {core::FindingClass::hipaa_f}};
inline constexpr core::FindingType phone{
    "phone", core::Category::pii, "PHONE", "for tests", {core::FindingClass::hipaa_d}};
inline constexpr core::FindingType jwt{"jwt", core::Category::secret, "JWT", "for tests"};
inline constexpr std::array<const core::FindingType*, 3> types{&email, &phone, &jwt};

inline constexpr core::ScoreKind bias{.name = "bias"};
inline constexpr core::ScoreKind grounding{
    .name = "grounding", .better = core::Better::higher, .of_requests = false};
inline constexpr core::ScoreKind injection{.name = "injection", .of_answers = false};
inline constexpr core::ScoreKind toxicity{.name = "toxicity"};
inline constexpr std::array<const core::ScoreKind*, 4> score_kinds{&bias, &grounding, &injection,
                                                                   &toxicity};

inline PolicySet::Loaded parse(std::string_view text) {
  return PolicySet::parse(text, "policy.yaml", {types, score_kinds});
}

inline std::string with_header(std::string_view rules) {
  return "apiVersion: menshen/v1\nkind: PolicySet\nmetadata: {name: t}\n" + std::string(rules);
}

// All diagnostics, one per line: "error policy.yaml:4:3 access[0]: message".
inline std::string listed(const PolicySet::Loaded& loaded) {
  std::string out;
  for (const core::Problem& d : loaded.diagnostics) {
    out += (d.is_error ? "error " : "warning ") + d.where() + ": " + d.message + "\n";
  }
  return out;
}

inline core::Finding finding(const core::FindingType& type, float confidence) {
  return {&type, 0, 1, confidence, "test"};
}

}  // namespace menshen::policies::testing
