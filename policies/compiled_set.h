// The policy set behind policy_set.h. Rules stand in an order that makes the strongest match the
// earliest one, whatever the order of the file: denies before allows, stronger actions before
// weaker ones, equals by id. Internal to policies.
#pragma once

#include "policies/document.h"
#include "policies/policy_set.h"
#include "policies/selector.h"

#include <array>
#include <unordered_map>

namespace menshen::policies {

struct CompiledAccess {
  AccessRule rule;
  Selector selector;
};

struct CompiledContent {
  ContentRule rule;
  Selector selector;
  Verdict verdict{};  // what follows from a match, once the rules stand in their order
  std::uint32_t ignore = 0;
};

// A content rule as it stands in the list of one type.
struct TypeEntry {
  std::uint32_t rule;
  float confidence_min;
  std::uint32_t ignore;  // of which entries it takes no notice
};

// The rules that a finding of one type is held against, strongest first.
struct TypeRules {
  std::vector<TypeEntry> enforced;
  std::vector<TypeEntry> shadow;
};

// The rules on one kind of opaque content, strongest first.
struct KindRules {
  std::vector<std::uint32_t> enforced;
  std::vector<std::uint32_t> shadow;
};

struct DirectionRules {
  std::vector<TypeRules> types;  // by slot: known types, then one slot per category for others
  std::vector<std::uint32_t> scores_enforced;
  std::vector<std::uint32_t> scores_shadow;
  core::ScoreKinds scores_always;         // that every text has
  std::vector<std::uint32_t> pseudonyms;  // enforced rules that give them
  std::array<KindRules, core::all_opaque_kinds.size()> opaque;
};

// Which content rules apply to one exchange in one direction: a bit per rule.
using ActiveRules = std::array<std::uint64_t, (rules_max + 63) / 64>;

class CompiledSet final : public PolicySet {
 public:
  CompiledSet(PolicyDocument document, std::string_view text, const Known& known);

  const std::string& name() const noexcept override { return name_; }
  const std::string& text() const noexcept override { return text_; }
  const std::string& version() const noexcept override { return version_; }
  const Defaults& defaults() const noexcept override { return defaults_; }
  AccessDecision access(const Facts& facts) const override;
  ContentPlan content(const Facts& facts, core::Direction direction) const override;
  core::ScoreKinds scores_asked(const Facts& facts, core::Direction direction) const override;
  const SourceMarks& source_marks() const noexcept override { return source_marks_; }
  bool asks_what_was_seen() const noexcept override { return asks_what_was_seen_; }
  const std::shared_ptr<const detectors::Catalog>& catalog() const noexcept override {
    return catalog_;
  }
  core::FindingClasses classes_of(const core::FindingType& type) const noexcept override {
    return classes_.of(type);
  }
  std::vector<std::string_view> rule_ids() const override;
  std::vector<TestResult> run_tests() const override;

  [[nodiscard]] const ContentRule& content_rule(std::uint32_t index) const noexcept {
    return content_[index].rule;
  }
  [[nodiscard]] const Verdict& verdict(std::uint32_t index) const noexcept {
    return content_[index].verdict;
  }
  [[nodiscard]] const DirectionRules& rules(core::Direction direction) const noexcept {
    return directions_[static_cast<std::size_t>(direction)];
  }
  [[nodiscard]] const TypeRules& rules_for(const core::FindingType& type,
                                           core::Direction direction) const noexcept;

 private:
  void index_content(std::span<const core::FindingType* const> types,
                     std::span<const core::ScoreKind* const> scores);
  // By its rules, in shadow too.
  [[nodiscard]] std::vector<const core::FindingType*> types_read() const;
  void index_rule(std::uint32_t index, core::Direction direction);
  void make_usual_plans();
  [[nodiscard]] AccessDecision decide(Question& question) const;
  // The content rules whose conditions the question meets; all of them when `unclear`.
  [[nodiscard]] ActiveRules active_for(Question& question, core::Direction direction,
                                       bool unclear) const;
  [[nodiscard]] ContentPlan plan_of(const ActiveRules& active, core::Direction direction) const;
  [[nodiscard]] ContentPlan plan_for(Question& question, core::Direction direction) const;
  [[nodiscard]] TestResult run(const SelfTest& test) const;

  std::string name_;
  std::string text_;
  std::string version_;
  Defaults defaults_;
  SourceMarks source_marks_;
  std::shared_ptr<const detectors::Catalog> catalog_;
  TypeClasses classes_;
  Vocabulary vocabulary_;
  std::vector<CompiledAccess> access_;
  std::vector<CompiledContent> content_;
  std::vector<SelfTest> tests_;
  std::unordered_map<const core::FindingType*, std::uint32_t> slots_;
  std::array<DirectionRules, 2> directions_;
  bool asks_what_was_seen_ = false;

  // Plans that need no allocation: all rules of the direction, and those without conditions.
  struct UsualPlans;
  std::shared_ptr<const UsualPlans> usual_;
};

}  // namespace menshen::policies
