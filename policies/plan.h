// The inside of a ContentPlan. Internal to policies.
#pragma once

#include "policies/compiled_set.h"

namespace menshen::policies {

struct ContentPlan::Impl {
  const CompiledSet* set = nullptr;
  core::Direction direction = core::Direction::request;
  ActiveRules active{};
  core::ScoreKinds scores{};  // asked
  bool holds_streams = false;
  bool gives_pseudonyms = false;
  std::shared_ptr<const PolicySet> keep_alive;  // null for the plans that the set itself owns

  [[nodiscard]] bool is_active(std::uint32_t rule) const noexcept {
    return (active[rule / 64] >> (rule % 64) & 1U) != 0;
  }
  // What follows from the active rules.
  void conclude() noexcept;
  void append(Matches& to, std::uint32_t rule, std::string_view of) const {
    const ContentRule& matched = set->content_rule(rule);
    to.push_back({&matched.id, matched.action, of});
  }

  static ContentPlan wrap(std::shared_ptr<const Impl> impl) {
    ContentPlan plan;
    plan.impl_ = std::move(impl);
    return plan;
  }
};

}  // namespace menshen::policies
