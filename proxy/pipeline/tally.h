// What was found in one direction of an exchange and what was done about it: counts and rule ids,
// no values.
#pragma once

#include "core/decision.h"
#include "core/finding.h"
#include "core/opaque.h"
#include "core/score.h"
#include "core/segment.h"
#include "policies/policy_set.h"

#include <boost/container/small_vector.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::pipeline {

class Tally {
 public:
  // What rules matched: types, kinds of opaque content, scores.
  struct Matched {
    std::string_view what;  // lives as long as the plan's set
    std::uint32_t count;
  };
  struct Fired {
    std::string_view rule;
    core::Action action;  // of a shadow rule: what it would have done
    bool enforced;
    std::uint32_t count;  // findings, parts that cannot be read, times that scores were judged
    // Of what is told to others: rules in shadow, and those that annotate.
    boost::container::small_vector<Matched, 2> matched{};
    std::uint32_t last_turn = 0;

    void add(std::string_view what);
  };
  // Instead of a rule's id where the policy's defaults decided; no rule can be called so.
  static constexpr std::string_view by_default = "(default)";
  // Findings that are alike and met with the same.
  struct Group {
    const core::FindingType* type;
    core::Role role;
    std::uint8_t confidence;  // in hundredths, rounded down
    core::Action action;      // what was done to them
    bool summed;              // beyond groups_max: of any role, confidence and rules
    boost::container::small_vector<std::uint32_t, 2> rules;  // that fired: places in Tally::rules
    std::uint32_t count;
  };
  static constexpr std::size_t groups_max = 64;
  struct Count {
    const core::FindingType* type;
    std::uint32_t found;
    std::uint32_t redacted;
    std::uint32_t pseudonyms;  // of a request: numbers that were given
    std::uint32_t restored;    // of an answer: of them those that stood in it
  };

  void found(const core::FindingType& type) { ++of(type).found; }
  void found(core::OpaqueKind kind) { ++opaque[static_cast<std::size_t>(kind)]; }
  void redacted(const core::FindingType& type) { ++of(type).redacted; }
  void pseudonym_given(const core::FindingType& type) { ++of(type).pseudonyms; }
  void restored(const core::FindingType& type) { ++of(type).restored; }
  // Begins a finding: the rules that fire from here on are its own, up to settle().
  void begin_finding() {
    fired_.clear();
    in_finding_ = true;
  }
  void settle(const core::Finding& finding, core::Role role, core::Action action);
  // A rule, or the defaults, decided about this, which may have several names.
  void fired(const policies::Verdict& verdict, std::span<const std::string_view> what);
  void fired(const policies::Verdict& verdict, std::string_view what) {
    fired(verdict, std::span(&what, 1));
  }
  // Rules that matched one finding, one part or the scores; each counts once.
  void fired(std::span<const policies::Match> matches, bool enforced);
  void scanned(std::size_t bytes) {
    scanned_bytes += bytes;
    ++scanned_segments;
  }
  void strongest(core::Action action) {
    if (action > decision) decision = action;
  }

  std::vector<Count> counts;
  std::vector<Group> groups;  // no more than groups_max, and one for each type and action
  std::vector<Fired> rules;
  core::Action decision = core::Action::allow;
  std::optional<core::Action> shadow;  // the strongest of rules in shadow; none matched
  core::Scores scores;
  std::uint64_t scanned_bytes = 0;
  std::uint32_t scanned_segments = 0;
  std::uint32_t opaque_parts = 0;
  // By kind; a part may be of several.
  std::array<std::uint32_t, core::all_opaque_kinds.size()> opaque{};
  std::uint32_t failed_open =
      0;  // detector or score failures that a policy's on_error: allow let pass

 private:
  boost::container::small_vector<std::uint32_t, 2> fired_;  // for the finding under way
  bool in_finding_ = false;
  std::size_t next_rule_ = 0;  // in `rules`
  std::uint32_t turn_ = 0;     // of firing

  Count& of(const core::FindingType& type);
  Fired& entry(std::string_view rule, core::Action action, bool enforced);
  void note_fired(const Fired& fired);
};

// The values of headers, of both directions together.
// "cn_mobile=1, email=2": x-menshen-redactions.
[[nodiscard]] std::string redactions_header(const Tally& request, const Tally& response);
// "allow", "redact;shadow=deny": x-menshen-decision.
[[nodiscard]] std::string decision_header(std::string_view decision, const Tally& request,
                                          const Tally& response);
// "watch;in=request;email=2, tone;in=response;toxicity=0.81": x-menshen-annotations.
// Rules that do not fit into so many bytes are counted at the end: "(more);rules=3".
inline constexpr std::size_t annotations_bytes_max = 2048;
[[nodiscard]] std::string annotations_header(const Tally& request, const Tally& response);
[[nodiscard]] std::string score_text(float score);  // "0.81"

}  // namespace menshen::pipeline
