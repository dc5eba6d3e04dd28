// Random policy sets, the questions to ask them, and what the answers should be: judged from the
// rules as they were drawn, by definition and without any of the library's code. For property tests
// and fuzzing.
#pragma once

#include "core/decision.h"
#include "policies/testing.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace menshen::policies::testing {

// draw(n) gives a number from 0 to n-1.
using Draw = std::function<std::size_t(std::size_t)>;

struct RandomSelection {
  std::vector<std::string> users, groups, models, zones, kinds, operations;
  std::vector<RandomSelection> except{};
};

struct RandomRule {
  std::string id;
  RandomSelection selection;
  bool allow = false;  // access
  int direction = 2;   // content: 0 request, 1 response, 2 both
  std::vector<const core::FindingType*> types;
  int confidence_percent = 50;
  std::optional<int> toxicity_above_percent;
  core::OpaqueKinds opaque;
  // 0 allow, 1 annotate, 2..6 redact as mask that keeps 7 or 1, as tag, hash, mask, 7 deny
  int strength = 0;
  bool shadow = false;
};

struct RandomSet {
  std::vector<RandomRule> access;
  std::vector<RandomRule> content;
};

struct RandomFacts {
  core::Subject subject;
  std::string model;
  core::Operation operation = core::Operation::chat;
  std::string zone;
  [[nodiscard]] Facts facts() const { return {&subject, model, operation, zone, 0}; }
};

inline std::vector<std::string> some_of(const Draw& draw, const std::vector<std::string>& names) {
  std::vector<std::string> out;
  if (draw(2) == 0) return out;
  for (const std::string& name : names) {
    if (draw(3) == 0) out.push_back(name);
  }
  return out;
}

inline RandomSelection random_selection(const Draw& draw) {
  RandomSelection out;
  if (draw(4) == 0) {
    out.users = some_of(draw, {"u0", "u1"});
  } else {
    out.groups = some_of(draw, {"g0", "g1", "g2", "组"});
  }
  out.models = some_of(draw, {"*", "m0", "m*", "?1", "n-x"});
  out.zones = some_of(draw, {"internal", "public"});
  out.kinds = some_of(draw, {"user", "service"});
  out.operations = some_of(draw, {"chat", "completion", "embeddings"});
  return out;
}

// Of a group or a zone that no rule names, so that none takes out all that its rule is about.
inline std::vector<RandomSelection> random_exceptions(const Draw& draw) {
  std::vector<RandomSelection> out;
  while (draw(3) == 2) {
    RandomSelection one = random_selection(draw);
    if (draw(2) == 0) {
      one.groups = {"g9"};
    } else {
      one.zones = {"elsewhere"};
    }
    out.push_back(std::move(one));
  }
  return out;
}

inline RandomRule random_content_rule(const Draw& draw, std::string id) {
  RandomRule out;
  out.id = std::move(id);
  out.selection = random_selection(draw);
  out.selection.except = random_exceptions(draw);
  out.direction = static_cast<int>(draw(3));
  out.shadow = draw(5) == 0;
  if (draw(4) == 0) {
    out.toxicity_above_percent = static_cast<int>(draw(4) * 25);
    constexpr int strengths[] = {0, 1, 7};
    out.strength = strengths[draw(3)];
    return out;
  }
  if (draw(4) == 0) {
    out.opaque = core::all_opaque_kinds[draw(core::all_opaque_kinds.size())];
    out.opaque |= core::all_opaque_kinds[draw(core::all_opaque_kinds.size())];
    constexpr int strengths[] = {0, 1, 7};
    out.strength = strengths[draw(3)];
    return out;
  }
  const std::size_t first = draw(types.size());
  for (std::size_t i = first; i < types.size(); ++i) out.types.push_back(types[i]);
  out.confidence_percent = static_cast<int>(draw(5) * 25);
  out.strength = static_cast<int>(draw(8));
  const bool keeps = out.strength == 2 || out.strength == 3;
  if (keeps) std::erase(out.types, &jwt);
  if (out.types.empty()) out.types.push_back(&email);
  return out;
}

inline RandomSet random_set(const Draw& draw, std::size_t rules_max) {
  RandomSet out;
  for (std::size_t n = draw(rules_max + 1); n > 0; --n) {
    RandomRule rule;
    rule.id = "a" + std::to_string(n);
    rule.allow = draw(3) != 0;
    rule.selection = random_selection(draw);
    rule.selection.except = random_exceptions(draw);
    out.access.push_back(std::move(rule));
  }
  for (std::size_t n = draw(rules_max + 1); n > 0; --n) {
    out.content.push_back(random_content_rule(draw, "c" + std::to_string(n)));
  }
  return out;
}

inline RandomFacts random_facts(const Draw& draw) {
  RandomFacts out;
  out.subject.id = draw(2) == 0 ? "u0" : "u9";
  out.subject.kind = draw(2) == 0 ? core::SubjectKind::user : core::SubjectKind::service;
  for (const char* group : {"g0", "g1", "g9", "组"}) {
    if (draw(2) == 0) out.subject.groups.emplace_back(group);
  }
  constexpr const char* models[] = {"m0", "m1", "x1", "n-x", "other"};
  out.model = models[draw(5)];
  constexpr core::Operation operations[] = {core::Operation::chat, core::Operation::completion,
                                            core::Operation::embeddings, core::Operation::models};
  out.operation = operations[draw(4)];
  constexpr const char* zones[] = {"internal", "public", "elsewhere"};
  out.zone = zones[draw(3)];
  return out;
}

// -- As YAML ------------------------------------------------------------------------------------

inline void add_list(std::string& out, std::string_view key, const std::vector<std::string>& names,
                     std::string_view& separator) {
  if (names.empty()) return;
  out.append(separator).append(key).append(": [");
  for (const std::string& name : names) out.append("'").append(name).append("', ");
  out.append("]");
  separator = ", ";
}

inline std::string yaml_of(const RandomSelection& s);

inline std::string yaml_of_exceptions(const std::vector<RandomSelection>& exceptions) {
  if (exceptions.empty()) return {};
  std::string items;
  for (const RandomSelection& exception : exceptions)
    items += (items.empty() ? "{" : ", {") + yaml_of(exception).substr(2) + "}";
  return ", except: [" + items + "]";
}

inline std::string yaml_of(const RandomSelection& s) {
  std::string who;
  std::string_view separator;
  add_list(who, "users", s.users, separator);
  add_list(who, "groups", s.groups, separator);
  add_list(who, "kinds", s.kinds, separator);
  std::string what;
  separator = {};
  add_list(what, "models", s.models, separator);
  add_list(what, "zones", s.zones, separator);
  add_list(what, "operations", s.operations, separator);
  return (who.empty() ? "" : ", who: {" + who + "}") +
         (what.empty() ? "" : ", what: {" + what + "}") + yaml_of_exceptions(s.except);
}

inline std::string yaml_of_find(const RandomRule& rule) {
  if (rule.toxicity_above_percent) {
    return "{scores: {toxicity: {above: " + std::to_string(*rule.toxicity_above_percent * 0.01) +
           "}}}";
  }
  std::string names;
  for (const core::OpaqueKind kind : core::all_opaque_kinds) {
    if (rule.opaque.has(kind)) names.append(to_string(kind)).append(", ");
  }
  if (!names.empty()) return "{opaque: [" + names + "]}";
  for (const core::FindingType* type : rule.types) names.append(type->name).append(", ");
  return "{types: [" + names +
         "], confidence_min: " + std::to_string(rule.confidence_percent * 0.01) + "}";
}

inline std::string yaml_of(const RandomSet& set) {
  constexpr const char* actions[] = {"allow",
                                     "annotate",
                                     "redact, as: {mask: {head: 3, tail: 4}}",
                                     "redact, as: {mask: {tail: 1}}",
                                     "redact, as: tag",
                                     "redact, as: hash",
                                     "redact, as: mask",
                                     "deny"};
  constexpr const char* directions[] = {"request", "response", "both"};
  std::string out;
  for (const RandomRule& rule : set.access) {
    if (out.empty()) out = "access:\n";
    out += "  - {id: " + rule.id + ", effect: " + (rule.allow ? "allow" : "deny") +
           yaml_of(rule.selection) + "}\n";
  }
  if (!set.content.empty()) out += "content:\n";
  for (const RandomRule& rule : set.content) {
    out += "  - {id: " + rule.id + ", direction: " + directions[rule.direction] +
           yaml_of(rule.selection) + ", find: " + yaml_of_find(rule) +
           ", then: {action: " + actions[rule.strength] + "}" +
           (rule.shadow ? ", mode: shadow" : "") + "}\n";
  }
  return with_header(out);
}

// -- By definition ------------------------------------------------------------------------------

inline bool glob(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] == '*') {
    return glob(pattern.substr(1), name) || (!name.empty() && glob(pattern, name.substr(1)));
  }
  return !name.empty() && (pattern[0] == '?' || pattern[0] == name[0]) &&
         glob(pattern.substr(1), name.substr(1));
}

template <class Holds>
bool any_or_empty(const std::vector<std::string>& names, const Holds& holds) {
  return names.empty() || std::ranges::any_of(names, holds);
}

inline bool selects(const RandomSelection& s, const RandomFacts& f) {
  if (std::ranges::any_of(s.except, [&](const auto& e) { return selects(e, f); })) return false;
  const auto is = [](std::string_view value) {
    return [value](const std::string& name) { return name == value; };
  };
  return any_or_empty(s.users, is(f.subject.id)) &&
         any_or_empty(s.groups,
                      [&](const std::string& g) {
                        return std::ranges::find(f.subject.groups, g) != f.subject.groups.end();
                      }) &&
         any_or_empty(s.models, [&](const std::string& m) { return glob(m, f.model); }) &&
         any_or_empty(s.zones, is(f.zone)) &&
         any_or_empty(s.kinds, is(core::to_string(f.subject.kind))) &&
         any_or_empty(s.operations, is(core::to_string(f.operation)));
}

inline bool access_by_definition(const RandomSet& set, const RandomFacts& f) {
  bool allowed = false;
  for (const RandomRule& rule : set.access) {
    if (!selects(rule.selection, f)) continue;
    if (!rule.allow) return false;
    allowed = true;
  }
  return allowed;
}

// A content rule is about this direction and what the facts say.
inline bool applies(const RandomRule& rule, const RandomFacts& f, core::Direction direction) {
  const bool this_way = rule.direction == 2 || rule.direction == static_cast<int>(direction);
  return this_way && selects(rule.selection, f);
}

// Strength of the strongest enforced rule that matches; -1: none does.
template <class Matches>
int strength_by_definition(const RandomSet& set, const RandomFacts& f, core::Direction direction,
                           const Matches& matches) {
  int out = -1;
  for (const RandomRule& rule : set.content) {
    if (!rule.shadow && applies(rule, f, direction) && matches(rule)) {
      out = std::max(out, rule.strength);
    }
  }
  return out;
}

inline int strength_of(const Verdict& verdict) {
  if (verdict.rule == nullptr) return -1;
  switch (verdict.action) {
    case core::Action::allow: return 0;
    case core::Action::annotate: return 1;
    case core::Action::redact: break;
    case core::Action::deny: return 7;
  }
  if (verdict.redact_as.kept() > 0) return verdict.redact_as.kept() == 7 ? 2 : 3;
  switch (verdict.redact_as.as) {
    case core::RedactAs::tag: return 4;
    case core::RedactAs::hash: return 5;
    case core::RedactAs::mask: return 6;
    case core::RedactAs::pseudonym: break;  // of requests alone: these sets have none
  }
  return -2;
}

// Everything that a set answers to one caller, as one text: equal texts, equal decisions.
inline std::string answers(const PolicySet& set, const RandomFacts& f) {
  const AccessDecision access = set.access(f.facts());
  std::string out = (access.allowed ? "+" : "-") + access.rule;
  for (const core::Direction direction : {core::Direction::request, core::Direction::response}) {
    const ContentPlan plan = set.content(f.facts(), direction);
    out += plan.scores_hold_streams() ? " held" : " free";
    Matches shadow;
    const auto add = [&](const Verdict& verdict) {
      out += " " + std::to_string(strength_of(verdict)) + (verdict.rule ? *verdict.rule : "");
    };
    for (const core::FindingType* type : types) {
      for (const float confidence : {0.2F, 0.6F, 1.0F}) {
        add(plan.decide(finding(*type, confidence), &shadow));
      }
    }
    core::Scores scores;
    scores.set(testing::toxicity, 0.6F);
    add(plan.decide(scores, &shadow));
    for (const core::OpaqueKind kind : core::all_opaque_kinds) {
      add(plan.decide(kind, Stands::anywhere, &shadow));
    }
    std::vector<std::string> ids;
    for (const Match& match : shadow) ids.push_back(*match.rule);
    std::ranges::sort(ids);
    for (const std::string& id : ids) out += " ~" + id;
  }
  return out;
}

}  // namespace menshen::policies::testing
