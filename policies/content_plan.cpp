#include "core/wildcard.h"
#include "policies/plan.h"

#include <algorithm>
#include <bit>

namespace menshen::policies {
namespace {

// What stands elsewhere, or was not seen, was seen by nobody.
bool meets(const ContentRule& rule, Stands stands) noexcept {
  return !rule.seen || *rule.seen == (stands == Stands::seen);
}

Verdict no_plan() noexcept {
  static const std::string reason = "No policy was resolved for this exchange.";
  return {core::Action::deny, core::RedactAs::tag, false, nullptr, &reason};
}

// Written so that a number that is no number meets every condition.
bool meets(const ScoreCondition& c, const core::Score& score) noexcept {
  return c.kind == score.kind &&
         (c.above ? !(score.value <= c.threshold) : !(score.value >= c.threshold));
}

bool meets(const ContentRule& rule, const core::Score& score) noexcept {
  return std::ranges::any_of(rule.scores, [&](const ScoreCondition& c) { return meets(c, score); });
}

bool meets(const TypeEntry& entry, const core::Finding& finding) noexcept {
  return !(finding.confidence < entry.confidence_min) && (finding.ignored & entry.ignore) == 0;
}

}  // namespace

ContentPlan::ContentPlan() = default;
ContentPlan::ContentPlan(const ContentPlan&) = default;
ContentPlan::ContentPlan(ContentPlan&&) noexcept = default;
ContentPlan& ContentPlan::operator=(const ContentPlan&) = default;
ContentPlan& ContentPlan::operator=(ContentPlan&&) noexcept = default;
ContentPlan::~ContentPlan() = default;

void ContentPlan::Impl::conclude() noexcept {
  const DirectionRules& rules = set->rules(direction);
  scores = rules.scores_always;
  for (const auto* list : {&rules.scores_enforced, &rules.scores_shadow}) {
    for (const std::uint32_t rule : *list) {
      if (!is_active(rule)) continue;
      for (const ScoreCondition& c : set->content_rule(rule).scores) scores.add(*c.kind);
    }
  }
  const auto stronger_than_annotate = [&](std::uint32_t rule) {
    return is_active(rule) && set->content_rule(rule).action > core::Action::annotate;
  };
  holds_streams = direction == core::Direction::response &&
                  std::ranges::any_of(rules.scores_enforced, stronger_than_annotate);
  gives_pseudonyms =
      std::ranges::any_of(rules.pseudonyms, [&](std::uint32_t rule) { return is_active(rule); });
}

Verdict ContentPlan::decide(const core::Finding& finding, Matches* shadow) const {
  if (impl_ == nullptr || finding.type == nullptr) return no_plan();
  const TypeRules& rules = impl_->set->rules_for(*finding.type, impl_->direction);
  const auto applies = [&](const TypeEntry& entry) {
    return meets(entry, finding) && impl_->is_active(entry.rule);
  };
  if (shadow != nullptr) {
    for (const TypeEntry& entry : rules.shadow) {
      if (applies(entry)) impl_->append(*shadow, entry.rule, finding.type->name);
    }
  }
  const auto strongest = std::ranges::find_if(rules.enforced, applies);
  if (strongest == rules.enforced.end()) return {};
  return impl_->set->verdict(strongest->rule);
}

Verdict ContentPlan::decide(const core::Scores& scores, Matches* shadow, Matches* enforced) const {
  if (impl_ == nullptr) return no_plan();
  const DirectionRules& rules = impl_->set->rules(impl_->direction);
  std::optional<std::uint32_t> strongest;
  for (const core::Score& score : scores.all()) {
    const auto applies = [&](std::uint32_t rule) {
      return impl_->is_active(rule) && meets(impl_->set->content_rule(rule), score);
    };
    if (shadow != nullptr) {
      for (const std::uint32_t rule : rules.scores_shadow) {
        if (applies(rule)) impl_->append(*shadow, rule, score.kind->name);
      }
    }
    const auto first = std::ranges::find_if(rules.scores_enforced, applies);
    if (first == rules.scores_enforced.end()) continue;
    if (enforced != nullptr) impl_->append(*enforced, *first, score.kind->name);
    // Rules are numbered strongest first.
    if (!strongest || *first < *strongest) strongest = *first;
  }
  return strongest ? impl_->set->verdict(*strongest) : Verdict{};
}

Verdict ContentPlan::decide(core::OpaqueKind kind, Stands stands, Matches* shadow) const {
  if (impl_ == nullptr) return no_plan();
  const KindRules& rules =
      impl_->set->rules(impl_->direction).opaque[static_cast<std::size_t>(kind)];
  const auto applies = [&](std::uint32_t rule) {
    return impl_->is_active(rule) && meets(impl_->set->content_rule(rule), stands);
  };
  if (shadow != nullptr) {
    for (const std::uint32_t rule : rules.shadow) {
      if (applies(rule)) impl_->append(*shadow, rule, to_string(kind));
    }
  }
  const auto strongest = std::ranges::find_if(rules.enforced, applies);
  if (strongest != rules.enforced.end()) return impl_->set->verdict(*strongest);
  Verdict verdict;
  verdict.action = impl_->set->defaults().of_opaque(stands != Stands::anywhere);
  return verdict;
}

core::ScoreKinds ContentPlan::scores_asked() const noexcept {
  return impl_ == nullptr ? core::ScoreKinds{} : impl_->scores;
}

bool ContentPlan::gives_pseudonyms() const noexcept {
  return impl_ != nullptr && impl_->gives_pseudonyms;
}

bool ContentPlan::scores_hold_streams() const noexcept {
  return impl_ == nullptr || impl_->holds_streams;
}

struct CompiledSet::UsualPlans {
  // By direction: every rule of the direction, and those without conditions.
  std::array<ContentPlan::Impl, 2> all;
  std::array<ContentPlan::Impl, 2> unconditional;
};

void CompiledSet::make_usual_plans() {
  auto plans = std::make_shared<UsualPlans>();
  for (const core::Direction direction : {core::Direction::request, core::Direction::response}) {
    const auto d = static_cast<std::size_t>(direction);
    ActiveRules all{};
    ActiveRules unconditional{};
    for (std::size_t i = 0; i < content_.size(); ++i) {
      const ContentRule& rule = content_[i].rule;
      const bool applies =
          direction == core::Direction::request ? rule.on_request : rule.on_response;
      if (!applies) continue;
      const std::uint64_t bit = std::uint64_t{1} << (i % 64);
      all[i / 64] |= bit;
      if (content_[i].selector.matches_all()) unconditional[i / 64] |= bit;
    }
    plans->all[d] = {this, direction, all, {}, false, false, nullptr};
    plans->unconditional[d] = {this, direction, unconditional, {}, false, false, nullptr};
    plans->all[d].conclude();
    plans->unconditional[d].conclude();
  }
  usual_ = std::move(plans);
}

ContentPlan CompiledSet::content(const Facts& facts, core::Direction direction) const {
  const auto d = static_cast<std::size_t>(direction);
  if (usual_->all[d].active == usual_->unconditional[d].active) {
    return ContentPlan::Impl::wrap({shared_from_this(), &usual_->all[d]});
  }
  const auto active_with = [&](const Facts& asked) {
    Question question(vocabulary_, asked);
    return active_for(question, direction, asked.model.size() > core::model_name_bytes_max);
  };
  ActiveRules active = active_with(facts);
  Facts other = facts;
  for (const std::string& fallback : facts.fallbacks) {
    other.model = fallback;
    const ActiveRules further = active_with(other);
    for (std::size_t word = 0; word < active.size(); ++word) active[word] |= further[word];
  }
  return plan_of(active, direction);
}

core::ScoreKinds CompiledSet::scores_asked(const Facts& facts, core::Direction direction) const {
  const auto d = static_cast<std::size_t>(direction);
  const core::ScoreKinds& least = usual_->unconditional[d].scores;
  return usual_->all[d].scores == least ? least : content(facts, direction).scores_asked();
}

ContentPlan CompiledSet::plan_for(Question& question, core::Direction direction) const {
  return plan_of(active_for(question, direction, false), direction);
}

ActiveRules CompiledSet::active_for(Question& question, core::Direction direction,
                                    bool unclear) const {
  const auto d = static_cast<std::size_t>(direction);
  const ContentPlan::Impl& all = usual_->all[d];
  const ContentPlan::Impl& unconditional = usual_->unconditional[d];
  ActiveRules active = unconditional.active;
  for (std::size_t word = 0; word * 64 < content_.size(); ++word) {
    std::uint64_t conditional = all.active[word] & ~unconditional.active[word];
    for (; conditional != 0; conditional &= conditional - 1) {
      const std::size_t rule = word * 64 + static_cast<std::size_t>(std::countr_zero(conditional));
      if (unclear || question.matches(content_[rule].selector, Unclear::match))
        active[word] |= conditional & (~conditional + 1);
    }
  }
  return active;
}

ContentPlan CompiledSet::plan_of(const ActiveRules& active, core::Direction direction) const {
  const auto d = static_cast<std::size_t>(direction);
  const ContentPlan::Impl& all = usual_->all[d];
  const ContentPlan::Impl& unconditional = usual_->unconditional[d];
  const auto owned = [&](const ContentPlan::Impl& plan) {
    return ContentPlan::Impl::wrap({shared_from_this(), &plan});
  };
  if (active == all.active) return owned(all);
  if (active == unconditional.active) return owned(unconditional);
  auto plan = std::make_shared<ContentPlan::Impl>();
  plan->active = active;
  plan->set = this;
  plan->direction = direction;
  plan->keep_alive = shared_from_this();
  plan->conclude();
  return ContentPlan::Impl::wrap(std::move(plan));
}

}  // namespace menshen::policies
