// What was found in one direction of an exchange and what was done about it: counts and rule ids,
// no values.
#pragma once

#include "core/decision.h"
#include "core/finding.h"
#include "core/opaque.h"
#include "core/score.h"
#include "policies/policy_set.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::pipeline {

class Tally {
 public:
  struct Fired {
    std::string_view rule;
    core::Action action;
    bool enforced;
    std::uint32_t count;
  };
  struct Count {
    const core::FindingType* type;
    std::uint32_t found;
    std::uint32_t redacted;
  };

  void found(const core::FindingType& type) { ++of(type).found; }
  void found(core::OpaqueKind kind) { ++opaque[static_cast<std::size_t>(kind)]; }
  void redacted(const core::FindingType& type) { ++of(type).redacted; }
  void fired(const policies::Verdict& verdict);
  void fired_shadow(const std::vector<const std::string*>& rules);
  void scanned(std::size_t bytes) {
    scanned_bytes += bytes;
    ++scanned_segments;
  }
  void strongest(core::Action action) {
    if (action > decision) decision = action;
  }

  std::vector<Count> counts;
  std::vector<Fired> rules;
  core::Action decision = core::Action::allow;
  core::Scores scores;
  std::uint64_t scanned_bytes = 0;
  std::uint32_t scanned_segments = 0;
  std::uint32_t opaque_parts = 0;
  // By kind; a part may be of several.
  std::array<std::uint32_t, core::all_opaque_kinds.size()> opaque{};
  std::uint32_t failed_open =
      0;  // detector or score failures that a policy's on_error: allow let pass

 private:
  std::size_t next_rule_ = 0;  // in `rules`

  Count& of(const core::FindingType& type);
  void add(std::string_view rule, core::Action action, bool enforced);
};

// "cn_mobile=1, email=2": the value of x-menshen-redactions.
[[nodiscard]] std::string redactions_header(const Tally& request, const Tally& response);

}  // namespace menshen::pipeline
