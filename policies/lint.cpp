#include "policies/lint.h"

#include "core/wildcard.h"
#include "detectors/line_detector.h"
#include "policies/vocabulary.h"

#include <algorithm>

namespace menshen::policies {
namespace {

using Texts = std::vector<std::string>;

template <class Values>
Bits bits_of(const Values& values) {
  unsigned out = 0;
  for (const auto value : values) out |= bit_of(value);
  return static_cast<Bits>(out);
}

bool covers_bits(Bits wide, Bits narrow, Bits all) {
  return wide == 0 || wide == all || (narrow != 0 && (narrow & ~wide) == 0);
}

// Any name at all; the empty name is none.
bool is_any(const std::string& pattern) {
  return pattern.find('*') != std::string::npos &&
         pattern.find_first_not_of("*?") == std::string::npos &&
         std::ranges::count(pattern, '?') <= 1;
}

bool is_always(const std::optional<When>& when) {
  const Window any;
  return !when || (when->window.days == any.days && when->window.begin == any.begin &&
                   when->window.end == any.end);
}

// True only if every name that matches `narrow` matches `wide`.
bool covers_pattern(const std::string& wide, const std::string& narrow) {
  if (wide == narrow || is_any(wide)) return true;
  if (!core::has_wildcard(narrow)) return core::matches_wildcard(wide, narrow);
  const std::string_view prefix = core::literal_prefix(wide);
  return wide.size() == prefix.size() + 1 && wide.back() == '*' &&
         core::literal_prefix(narrow).starts_with(prefix);
}

template <class Covers>
bool covers_list(const Texts& wide, const Texts& narrow, const Covers& covers) {
  if (wide.empty()) return true;
  return !narrow.empty() && std::ranges::all_of(narrow, [&](const std::string& n) {
    return std::ranges::any_of(wide, [&](const std::string& w) { return covers(w, n); });
  });
}

bool covers(const Selection& wide, const Selection& narrow) {
  const auto equal = std::equal_to<>{};
  return (wide.except.empty() || wide.except == narrow.except) &&
         covers_bits(wide.kinds, narrow.kinds, bits_of(all_kinds)) &&
         covers_bits(wide.operations, narrow.operations, bits_of(all_operations)) &&
         (is_always(wide.when) || wide.when == narrow.when) &&
         covers_list(wide.users, narrow.users, equal) &&
         covers_list(wide.groups, narrow.groups, equal) &&
         covers_list(wide.zones, narrow.zones, equal) &&
         (std::ranges::any_of(wide.models, is_any) ||
          covers_list(wide.models, narrow.models, covers_pattern));
}

bool covers(const AccessRule& wide, const AccessRule& narrow) {
  return (!wide.allow || narrow.allow) && covers(wide.selection, narrow.selection);
}

bool covers_scores(const ContentRule& wide, const ContentRule& narrow) {
  return std::ranges::all_of(narrow.scores, [&](const ScoreCondition& n) {
    return std::ranges::any_of(wide.scores, [&](const ScoreCondition& w) {
      return w.kind == n.kind && w.above == n.above &&
             (w.above ? w.threshold <= n.threshold : w.threshold >= n.threshold);
    });
  });
}

int redaction_rank(const ContentRule& rule) {
  if (rule.action != core::Action::redact) return 0;
  return redaction_strength(rule.redact_as);
}

bool covers(const ContentRule& wide, const ContentRule& narrow) {
  const bool as_strong = std::pair(wide.action, redaction_rank(wide)) >=
                         std::pair(narrow.action, redaction_rank(narrow));
  const bool types = std::ranges::all_of(narrow.types, [&](const core::FindingType* t) {
    return std::ranges::find(wide.types, t) != wide.types.end();
  });
  return as_strong && wide.shadow == narrow.shadow && types && covers_scores(wide, narrow) &&
         wide.scores.empty() == narrow.scores.empty() && wide.opaque.has_all(narrow.opaque) &&
         wide.opaque.empty() == narrow.opaque.empty() && (!wide.seen || wide.seen == narrow.seen) &&
         (wide.on_request || !narrow.on_request) && (wide.on_response || !narrow.on_response) &&
         wide.confidence_min <= narrow.confidence_min && covers(wide.selection, narrow.selection);
}

std::string_view effect_of(const AccessRule& rule) { return rule.allow ? "allows" : "denies"; }
std::string_view effect_of(const ContentRule&) { return "covers"; }

template <class Rule>
void lint_exceptions(const std::vector<Placed<Rule>>& rules) {
  for (const Placed<Rule>& placed : rules) {
    const Selection& selection = placed.rule.selection;
    if (std::ranges::any_of(selection.except, [&](const Selection& exception) {
          return covers(exception, selection);
        }))
      placed.at.error("This rule never matches: an exception takes out whatever it is about.");
  }
}

// Of two rules that cover each other the later one is named.
template <class Rule>
void lint_rules(const std::vector<Placed<Rule>>& rules) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    for (std::size_t j = 0; j < rules.size(); ++j) {
      if (i == j || !covers(rules[j].rule, rules[i].rule)) continue;
      const bool mutual = covers(rules[i].rule, rules[j].rule);
      if (mutual && i < j) continue;
      rules[i].at.warn(mutual
                           ? "This rule says the same as rule " + rules[j].rule.id + "."
                           : "This rule never decides: rule " + rules[j].rule.id + " " +
                                 std::string(effect_of(rules[j].rule)) + " whatever it matches.");
      break;
    }
  }
}

// An own type that a rule names, and all of whose findings it passes over.
void lint_confidence(const PolicyDocument& document) {
  if (document.types.own == nullptr) return;
  const auto own = document.types.own->types();
  for (const Placed<ContentRule>& placed : document.content) {
    for (const core::FindingType* type : placed.rule.types) {
      const auto at = static_cast<std::size_t>(std::ranges::find(own, type) - own.begin());
      if (at == own.size() || document.types.surest[at] >= placed.rule.confidence_min) continue;
      placed.at.warn("This rule never acts on " + core::quoted_name(type->name) +
                     ": no finding of it is as sure as `confidence_min`, which is 0.5 unless the "
                     "rule says it.");
      break;
    }
  }
}

}  // namespace

void lint(const PolicyDocument& document, const core::YamlValue& root) {
  lint_exceptions(document.access);
  lint_exceptions(document.content);
  lint_rules(document.access);
  lint_rules(document.content);
  lint_confidence(document);
  const bool allows =
      std::ranges::any_of(document.access, [](const auto& p) { return p.rule.allow; });
  if (!allows) root.warn("No access rule allows anything: every request will be refused.");
}

}  // namespace menshen::policies
