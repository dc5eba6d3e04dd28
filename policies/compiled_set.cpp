#include "policies/compiled_set.h"

#include "core/digest.h"
#include "core/wildcard.h"
#include "detectors/catalog.h"
#include "policies/plan.h"
#include "policies/vocabulary.h"

#include <algorithm>
#include <tuple>

namespace menshen::policies {
namespace {

constexpr LocalTime noon_of_monday{0, 12 * 60};

std::pair<core::Action, int> strength(const ContentRule& rule) {
  const bool redacts = rule.action == core::Action::redact;
  return {rule.action, redacts ? redaction_strength(rule.redact_as) : 0};
}

Verdict verdict_of(const ContentRule& rule) noexcept {
  return {rule.action, rule.redact_as, rule.seen == false, &rule.id,
          rule.reason.empty() ? nullptr : &rule.reason};
}

void order(std::vector<CompiledAccess>& rules) {
  std::ranges::sort(rules, {}, [](const CompiledAccess& c) {
    return std::pair(c.rule.allow, std::string_view(c.rule.id));
  });
}

void order(std::vector<CompiledContent>& rules) {
  std::ranges::sort(rules, [](const CompiledContent& a, const CompiledContent& b) {
    const auto of_a = strength(a.rule);
    const auto of_b = strength(b.rule);
    return of_a != of_b ? of_b < of_a : a.rule.id < b.rule.id;
  });
}

// A bit for each entry that holds for the rule.
std::uint32_t entries_for(const ContentRule& rule, const std::vector<IgnoreEntry>& ignore) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < ignore.size(); ++i) {
    const auto& rules = ignore[i].rules;
    if (rules.empty() || std::ranges::find(rules, rule.id) != rules.end())
      out |= std::uint32_t{1} << i;
  }
  return out;
}

std::string described(bool allowed, const std::string& rule) {
  return (allowed ? "allow" : "deny") + (rule.empty() ? " by default" : " by rule " + rule);
}

}  // namespace

CompiledSet::CompiledSet(PolicyDocument document, std::string_view text, const Known& known)
    : name_(std::move(document.name)),
      text_(text),
      version_(core::to_hex(core::as_text(core::sha256(text)))),
      defaults_(document.defaults),
      source_marks_(std::move(document.source_marks)),
      catalog_(document.types.catalog),
      classes_(std::move(document.classes)),
      tests_(std::move(document.tests)) {
  for (auto& placed : document.access) {
    Selector selector = vocabulary_.compile(placed.rule.selection);
    access_.push_back({std::move(placed.rule), std::move(selector)});
  }
  for (auto& placed : document.content) {
    Selector selector = vocabulary_.compile(placed.rule.selection);
    asks_what_was_seen_ = asks_what_was_seen_ || placed.rule.seen.has_value();
    const std::uint32_t ignore = entries_for(placed.rule, document.ignore);
    content_.push_back({std::move(placed.rule), std::move(selector), {}, ignore});
  }
  if (catalog_ != nullptr) catalog_ = detectors::Catalog::asked_for(catalog_, types_read());
  if (catalog_ != nullptr && !document.ignore.empty())
    catalog_ = catalog_->ignoring(std::make_shared<IgnoreList>(document.ignore));
  order(access_);
  order(content_);
  for (CompiledContent& entry : content_) entry.verdict = verdict_of(entry.rule);
  index_content(document.types.types, known.scores);
  make_usual_plans();
}

std::vector<const core::FindingType*> CompiledSet::types_read() const {
  std::vector<const core::FindingType*> out;
  for (const CompiledContent& entry : content_)
    out.insert(out.end(), entry.rule.types.begin(), entry.rule.types.end());
  return out;
}

void CompiledSet::index_content(std::span<const core::FindingType* const> types,
                                std::span<const core::ScoreKind* const> scores) {
  for (const core::FindingType* type : types) {
    slots_.emplace(type, static_cast<std::uint32_t>(slots_.size()));
  }
  for (DirectionRules& direction : directions_) {
    direction.types.resize(slots_.size() + core::all_categories.size());
  }
  for (const core::ScoreKind* kind : scores) {
    if (!defaults_.score_always) break;
    const auto add_to = [&](core::Direction direction) {
      directions_[static_cast<std::size_t>(direction)].scores_always.add(*kind);
    };
    if (kind->of_requests) add_to(core::Direction::request);
    if (kind->of_answers) add_to(core::Direction::response);
  }
  for (std::uint32_t i = 0; i < content_.size(); ++i) {
    if (content_[i].rule.on_request) index_rule(i, core::Direction::request);
    if (content_[i].rule.on_response) index_rule(i, core::Direction::response);
  }
}

void CompiledSet::index_rule(std::uint32_t index, core::Direction direction) {
  const ContentRule& rule = content_[index].rule;
  DirectionRules& rules = directions_[static_cast<std::size_t>(direction)];
  if (!rule.scores.empty()) {
    (rule.shadow ? rules.scores_shadow : rules.scores_enforced).push_back(index);
  }
  const bool numbers = rule.action == core::Action::redact &&
                       rule.redact_as == core::RedactAs::pseudonym && !rule.shadow;
  if (numbers) rules.pseudonyms.push_back(index);
  for (const core::OpaqueKind kind : core::all_opaque_kinds) {
    if (!rule.opaque.has(kind)) continue;
    KindRules& of_kind = rules.opaque[static_cast<std::size_t>(kind)];
    (rule.shadow ? of_kind.shadow : of_kind.enforced).push_back(index);
  }
  const auto add = [&](TypeRules& type) {
    (rule.shadow ? type.shadow : type.enforced)
        .push_back({index, rule.confidence_min, content_[index].ignore});
  };
  for (const core::FindingType* type : rule.types) add(rules.types[slots_.at(type)]);
  for (const core::Category category : core::all_categories) {
    if ((rule.categories & bit_of(category)) == 0) continue;
    add(rules.types[slots_.size() + static_cast<std::size_t>(category)]);
  }
}

const TypeRules& CompiledSet::rules_for(const core::FindingType& type,
                                        core::Direction direction) const noexcept {
  const auto slot = slots_.find(&type);
  const std::size_t index =
      slot != slots_.end() ? slot->second : slots_.size() + static_cast<std::size_t>(type.category);
  return rules(direction).types[index];
}

AccessDecision CompiledSet::access(const Facts& facts) const {
  if (facts.model.size() > core::model_name_bytes_max) {
    return {false, {}, "The name of the model is too long."};
  }
  Question question(vocabulary_, facts);
  return decide(question);
}

AccessDecision CompiledSet::decide(Question& question) const {
  for (const CompiledAccess& entry : access_) {
    const Unclear unclear = entry.rule.allow ? Unclear::no_match : Unclear::match;
    if (!question.matches(entry.selector, unclear)) continue;
    return {entry.rule.allow, entry.rule.id, entry.rule.reason};
  }
  return {};
}

TestResult CompiledSet::run(const SelfTest& test) const {
  const Facts facts{&test.subject, test.model, test.operation, test.zone, test.wall_ns.value_or(0)};
  Question question =
      test.wall_ns ? Question(vocabulary_, facts) : Question(vocabulary_, facts, noon_of_monday);
  const AccessDecision got = decide(question);
  bool passed = got.allowed == test.expect_allow &&
                (test.expect_rule.empty() || test.expect_rule == got.rule);
  const std::string expected = test.expect_rule.empty()
                                   ? std::string(test.expect_allow ? "allow" : "deny")
                                   : described(test.expect_allow, test.expect_rule);
  std::string detail = "expected " + expected + ", got " + described(got.allowed, got.rule);
  if (test.opaque) {
    const Verdict verdict = plan_for(question, core::Direction::request)
                                .decide(*test.opaque, test.opaque_stands, nullptr);
    passed = passed && verdict.action == test.expect_opaque;
    detail.append("; opaque: expected ").append(to_string(test.expect_opaque));
    detail.append(", got ").append(to_string(verdict.action));
    detail.append(verdict.rule == nullptr ? " by default" : " by rule " + *verdict.rule);
  }
  return {test.name, passed, std::move(detail)};
}

std::vector<std::string_view> CompiledSet::rule_ids() const {
  std::vector<std::string_view> out;
  out.reserve(access_.size() + content_.size());
  for (const CompiledAccess& entry : access_) out.push_back(entry.rule.id);
  for (const CompiledContent& entry : content_) out.push_back(entry.rule.id);
  return out;
}

std::vector<TestResult> CompiledSet::run_tests() const {
  std::vector<TestResult> out;
  out.reserve(tests_.size());
  for (const SelfTest& test : tests_) out.push_back(run(test));
  return out;
}

}  // namespace menshen::policies
