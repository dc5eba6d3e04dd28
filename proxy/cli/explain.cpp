#include "proxy/cli/explain.h"

#include "core/clock.h"
#include "core/yaml_reader.h"
#include "detectors/catalog.h"
#include "detectors/scanner.h"
#include "detectors/scores.h"
#include "policies/when.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/files.h"
#include "proxy/gateway/policy_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <span>

namespace menshen::cli {
namespace {

using Json = nlohmann::ordered_json;

// A situation whose words are understood.
struct Asked {
  core::Subject subject;
  core::Operation operation = core::Operation::chat;
  core::Direction direction = core::Direction::request;
  std::int64_t wall_ns = 0;
  std::optional<std::string> text;
  std::optional<core::OpaqueKind> opaque;
  policies::Stands opaque_stands = policies::Stands::anywhere;
};

// What one finding or score leads to.
struct Effect {
  Json what;         // of JSON: what was found
  std::string line;  // the same for people
  policies::Verdict verdict;
  policies::Matches also = {};  // of scores: further rules in force
  policies::Matches shadow = {};
};

std::optional<std::string> read_text(const std::string& file) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

std::optional<Asked> misuse(const char* message) {
  std::cerr << "menshen: " << message << "\n";
  return std::nullopt;
}

// What an option may be, and which of it was meant.
std::optional<Asked> misuse(const char* option, const std::string& value,
                            std::span<const std::string_view> known) {
  std::string names;
  for (const std::string_view name : known) names.append(names.empty() ? "" : ", ").append(name);
  std::cerr << "menshen: " << option << " may not be " << core::quoted_name(value) << "."
            << core::suggestion_of(core::nearest_name(value, known)) << " Use one of: " << names
            << ".\n";
  return std::nullopt;
}

template <class E, std::size_t N>
std::optional<Asked> misuse(const char* option, const std::string& value,
                            const std::array<E, N>& known) {
  std::array<std::string_view, N> names;
  std::ranges::transform(known, names.begin(), [](E of) { return core::to_string(of); });
  return misuse(option, value, std::span<const std::string_view>(names));
}

constexpr std::array operations{core::Operation::chat, core::Operation::completion,
                                core::Operation::embeddings, core::Operation::models};
constexpr std::array kinds{core::SubjectKind::user, core::SubjectKind::service};
constexpr std::array directions{core::Direction::request, core::Direction::response};

std::optional<Asked> understand(const Situation& situation) {
  const auto operation = core::operation_from(situation.operation);
  const auto kind = core::subject_kind_from(situation.kind);
  const auto direction = core::direction_from(situation.direction);
  if (!operation) return misuse("--operation", situation.operation, operations);
  if (!kind) return misuse("--kind", situation.kind, kinds);
  if (!direction) return misuse("--direction", situation.direction, directions);
  const auto opaque = core::opaque_kind_from(situation.opaque);
  if (!opaque && !situation.opaque.empty())
    return misuse("--opaque", situation.opaque, core::all_opaque_kinds);
  if (situation.unseen && opaque != core::OpaqueKind::encrypted_reasoning)
    return misuse("--unseen is about --opaque encrypted_reasoning");
  Asked out{{situation.user, *kind, situation.groups, {}}, *operation, *direction, 0, {}, opaque};
  if (opaque) out.opaque_stands = policies::usual_place(*opaque);
  if (situation.unseen) out.opaque_stands = policies::Stands::returned;
  std::ranges::sort(out.subject.groups);
  const auto time = situation.time.empty() ? core::system_clock().wall_ns()
                                           : policies::rfc3339_from(situation.time);
  if (!time) return misuse("--time is a time as in RFC 3339, such as 2026-01-05T12:00:00+08:00");
  out.wall_ns = *time;
  if (!situation.text_file.empty()) {
    out.text = read_text(situation.text_file);
    if (!out.text) return misuse("the file of --text-file cannot be read");
  } else if (!situation.text.empty()) {
    out.text = situation.text;
  }
  return out;
}

Effect effect_of(const policies::ContentPlan& plan, const core::Finding& f) {
  Effect out;
  out.what = {{"type", f.type->name},
              {"start", f.begin},
              {"end", f.end},
              {"confidence", std::round(static_cast<double>(f.confidence) * 1e4) / 1e4}};
  out.line = std::string(f.type->name) + " at bytes " + std::to_string(f.begin) + " to " +
             std::to_string(f.end);
  for (std::uint32_t entry = 0; f.ignored >> entry != 0; ++entry) {
    if ((f.ignored >> entry & 1U) == 0) continue;
    const std::string name = "ignore[" + std::to_string(entry) + "]";
    out.what["ignored"].push_back(name);
    out.line += ", named by " + name;
  }
  out.verdict = plan.decide(f, &out.shadow);
  return out;
}

// Scores are judged together: the strongest rule that any of them meets. Where it does not refuse,
// the strongest of each score is named.
Effect effect_of(const policies::ContentPlan& plan, const core::Scores& scores) {
  Effect out;
  Json values = Json::object();
  for (const core::Score& score : scores.all()) {
    values[std::string(score.kind->name)] =
        std::round(static_cast<double>(score.value) * 1e4) / 1e4;
  }
  out.line = "scores " + values.dump();
  out.what = {{"scores", std::move(values)}};
  out.verdict = plan.decide(scores, &out.shadow, &out.also);
  std::erase_if(out.also, [&](const policies::Match& match) {
    return match.rule == out.verdict.rule || out.verdict.action == core::Action::deny;
  });
  return out;
}

// Of a part of the request that cannot be read.
Effect effect_of(const policies::PolicySet& set, const policies::Facts& facts,
                 core::OpaqueKind kind, policies::Stands stands) {
  Effect out;
  out.what = {{"opaque", core::to_string(kind)}};
  out.line = "opaque " + std::string(core::to_string(kind));
  out.verdict = set.content(facts, core::Direction::request).decide(kind, stands, &out.shadow);
  return out;
}

core::Result<std::vector<Effect>> effects_of(const policies::PolicySet& set,
                                             const policies::Facts& facts, const Asked& asked) {
  std::vector<Effect> out;
  if (asked.opaque) out.push_back(effect_of(set, facts, *asked.opaque, asked.opaque_stands));
  if (!asked.text) return out;
  const bool request = asked.direction == core::Direction::request;
  const auto found = detectors::scan_text(set.catalog(), *asked.text);
  if (!found) return found.error();
  const policies::ContentPlan plan = set.content(facts, asked.direction);
  for (const core::Finding& finding : *found) out.push_back(effect_of(plan, finding));
  const core::ScoreKinds of_rules = plan.scores_asked();
  if (of_rules.empty()) return out;
  const auto scores = detectors::score_text(
      {*asked.text, request ? core::Role::user : core::Role::assistant, asked.direction, {}},
      of_rules);
  if (!scores) return scores.error();
  out.push_back(effect_of(plan, *scores));
  return out;
}

core::Action strongest(const std::vector<Effect>& effects) {
  auto action = core::Action::allow;
  for (const Effect& effect : effects) action = std::max(action, effect.verdict.action);
  return action;
}

Json as_json(const policies::Matches& matches) {
  Json out = Json::array();
  for (const policies::Match& match : matches) {
    out.push_back(
        {{"rule", *match.rule}, {"action", core::to_string(match.action)}, {"found", match.of}});
  }
  return out;
}

// As a policy writes it.
Json as_json(core::RedactStyle style) {
  if (style.kept() == 0) return core::to_string(style.as);
  return {{core::to_string(style.as), {{"head", style.head}, {"tail", style.tail}}}};
}

Json as_json(const Effect& effect) {
  Json out = effect.what;
  const policies::Verdict& verdict = effect.verdict;
  out["action"] = core::to_string(verdict.action);
  if (verdict.action == core::Action::redact) out["as"] = as_json(verdict.redact_as);
  if (verdict.rule != nullptr) out["rule"] = *verdict.rule;
  if (verdict.reason != nullptr) out["reason"] = *verdict.reason;
  if (!effect.also.empty()) out["also"] = as_json(effect.also);
  if (!effect.shadow.empty()) out["shadow"] = as_json(effect.shadow);
  return out;
}

void print(const char* before, const policies::Matches& matches) {
  for (const policies::Match& match : matches) {
    std::cout << before << *match.rule << ": " << core::to_string(match.action) << " for "
              << match.of;
  }
}

void print(const policies::AccessDecision& access, const std::vector<Effect>& effects) {
  std::cout << (access.allowed ? "allow" : "deny") << ": "
            << (access.rule.empty() ? "no rule allows it; access is denied by default"
                                    : "rule " + access.rule)
            << (access.reason.empty() ? "" : " (" + access.reason + ")") << "\n";
  for (const Effect& effect : effects) {
    const policies::Verdict& verdict = effect.verdict;
    std::cout << core::to_string(verdict.action) << ": " << effect.line << ": "
              << (verdict.rule != nullptr                 ? "rule " + *verdict.rule
                  : verdict.action == core::Action::allow ? "no rule"
                                                          : "defaults.opaque_content")
              << (verdict.reason == nullptr ? "" : " (" + *verdict.reason + ")");
    print(", also rule ", effect.also);
    print(", in shadow rule ", effect.shadow);
    std::cout << "\n";
  }
}

void print_json(const policies::PolicySet& set, const policies::AccessDecision& access,
                const Asked& asked, const std::vector<Effect>& effects) {
  Json out{{"access", access.allowed ? "allow" : "deny"},
           {"rule", access.rule},
           {"reason", access.reason},
           {"policy", set.version()}};
  if (!effects.empty()) {
    Json content{{"direction", core::to_string(asked.direction)},
                 {"action", core::to_string(strongest(effects))},
                 {"effects", Json::array()}};
    for (const Effect& effect : effects) content["effects"].push_back(as_json(effect));
    out["content"] = std::move(content);
  }
  std::cout << out.dump(2) << "\n";
}

}  // namespace

int explain(const std::filesystem::path& policy, const Situation& situation, bool json) {
  const auto asked = understand(situation);
  if (!asked) return exit_misuse;
  const auto loaded = gateway::load_policy(policy, {});
  if (!loaded.set) {
    show(loaded.diagnostics);
    return exit_no;
  }
  const policies::Facts facts{&asked->subject, situation.model, asked->operation, situation.zone,
                              asked->wall_ns};
  const policies::AccessDecision access = loaded.set->access(facts);
  const auto effects = effects_of(*loaded.set, facts, *asked);
  if (!effects) return fail(effects.error());
  if (json) {
    print_json(*loaded.set, access, *asked, *effects);
  } else {
    print(access, *effects);
  }
  return access.allowed && strongest(*effects) != core::Action::deny ? exit_ok : exit_no;
}

}  // namespace menshen::cli
