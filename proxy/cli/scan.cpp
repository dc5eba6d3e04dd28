// menshen scan: the detectors and scores of the proxy over JSON lines, for tests, tuning and
// measurement.
#include "detectors/catalog.h"
#include "detectors/scanner.h"
#include "detectors/scores.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/files.h"
#include "proxy/cli/scan_explain.h"
#include "proxy/cli/terminal.h"
#include "proxy/gateway/policy_file.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

namespace menshen::cli {
namespace {

using Json = nlohmann::ordered_json;
using SharedCatalog = std::shared_ptr<const detectors::Catalog>;

struct Line {
  Json id;
  std::string text;
  core::Role role = core::Role::user;
  core::Direction direction = core::Direction::request;
  std::vector<std::string> context;
};

double rounded(float value) { return std::round(static_cast<double>(value) * 1e4) / 1e4; }

// An answer is known by its direction, or by the sources that it rests on.
core::Result<Line> read_line(const std::string& raw) {
  const auto bad = [](std::string message) {
    return core::client_error(core::ErrorKind::invalid_request, "bad_line", std::move(message));
  };
  const Json json = Json::parse(raw, nullptr, false);
  if (!json.is_object()) return bad("The line is no JSON object.");
  if (!json.contains("text") || !json["text"].is_string()) return bad("`text` must be a string.");
  Line line;
  line.id = json.value("id", Json());
  line.text = json["text"].get<std::string>();
  if (json.contains("context") && !json["context"].is_null()) {
    if (!json["context"].is_array()) return bad("`context` must be a list of strings.");
    for (const Json& source : json["context"]) {
      if (!source.is_string()) return bad("`context` must be a list of strings.");
      line.context.push_back(source.get<std::string>());
    }
  }
  if (!line.context.empty()) line.direction = core::Direction::response;
  if (json.contains("direction")) {
    const auto direction =
        json["direction"].is_string()
            ? core::direction_from(json["direction"].get_ref<const std::string&>())
            : std::nullopt;
    if (!direction) return bad("`direction` must be request or response.");
    line.direction = *direction;
  }
  if (line.direction == core::Direction::response) line.role = core::Role::assistant;
  if (json.contains("role")) {
    const auto role = json["role"].is_string()
                          ? core::role_from(json["role"].get_ref<const std::string&>())
                          : std::nullopt;
    if (!role) return bad("`role` must be system, user, assistant, tool, definition or metadata.");
    line.role = *role;
  }
  return line;
}

core::Result<std::string> scan_line(const SharedCatalog& catalog, const Line& line) {
  auto findings = detectors::scan_text(catalog, line.text);
  if (!findings) return findings.error();
  const std::vector<std::string_view> sources(line.context.begin(), line.context.end());
  const auto scores = detectors::score_text({line.text, line.role, line.direction, sources});
  if (!scores) return scores.error();
  Json out{{"id", line.id}, {"findings", Json::array()}, {"scores", Json::object()}};
  for (const core::Finding& f : *findings) {
    out["findings"].push_back({{"type", f.type->name},
                               {"category", core::to_string(f.type->category)},
                               {"start", f.begin},
                               {"end", f.end},
                               {"confidence", rounded(f.confidence)},
                               {"detector", f.detector}});
  }
  for (const core::Score& score : scores->all()) {
    out["scores"][std::string(score.kind->name)] = rounded(score.value);
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Of a type under the policy set, or by itself, where there is none.
Json classes_of(const core::FindingType& type, const policies::PolicySet* set) {
  Json out = Json::array();
  const core::FindingClasses classes = set == nullptr ? type.classes : set->classes_of(type);
  classes.each_name([&](std::string_view name) { out.push_back(name); });
  return out;
}

int list_types(const SharedCatalog& catalog, const policies::PolicySet* set, bool json) {
  Json all = Json::array();
  for (const core::FindingType* type : catalog->types()) {
    if (json) {
      all.push_back({{"type", type->name},
                     {"category", core::to_string(type->category)},
                     {"tag", type->tag},
                     {"classes", classes_of(*type, set)},
                     {"summary", type->summary}});
    } else {
      std::cout << type->name << "\t" << core::to_string(type->category) << "\t" << type->summary
                << "\n";
    }
  }
  if (json) std::cout << all.dump(2) << "\n";
  return exit_ok;
}

core::Result<std::string> explain_line(const ScanExplainer& explainer, const Line& line,
                                       bool json) {
  const auto explained = explainer.explain(line.text, line.direction);
  if (!explained) return explained.error();
  if (!json) return spelled(line.id.dump()) + "\n" + text_of_explanation(*explained);
  Json out{{"id", line.id}};
  out.update(*explained);
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

template <class OfLine>
int each_line(const OfLine& of_line) {
  std::ios::sync_with_stdio(false);
  int exit_code = exit_ok;
  std::string raw;
  for (std::size_t number = 1; std::getline(std::cin, raw); ++number) {
    if (raw.empty()) continue;
    const auto line = read_line(raw);
    const auto out = line ? of_line(*line) : core::Result<std::string>(line.error());
    if (out) {
      std::cout << *out << "\n";
      continue;
    }
    exit_code = exit_misuse;
    std::cerr << "stdin:" << number << ": " << core::to_string(out.error()) << "\n";
  }
  std::cout.flush();
  return exit_code;
}

// Null: it does not load, and standard error says why.
std::shared_ptr<const policies::PolicySet> load_set(const std::filesystem::path& policy) {
  const auto loaded = gateway::load_policy(policy, {});
  if (!loaded.set) show(loaded.diagnostics);
  return loaded.set;
}

struct Options {
  bool types = false;
  bool explain = false;
  bool show_values = false;
  bool json = false;
  std::filesystem::path policy;
  Caller caller;
};

int run(Options& options) {
  std::shared_ptr<const policies::PolicySet> set;
  if (!options.policy.empty()) {
    set = load_set(options.policy);
    if (set == nullptr) return exit_no;
  }
  const SharedCatalog catalog = set ? set->catalog() : detectors::Catalog::complete();
  if (options.types) return list_types(catalog, set.get(), options.json);
  if (!options.explain)
    return each_line([&](const Line& line) { return scan_line(catalog, line); });
  std::ranges::sort(options.caller.subject.groups);
  const ScanExplainer explainer(catalog, set, options.caller, options.show_values);
  return each_line([&](const Line& line) { return explain_line(explainer, line, options.json); });
}

}  // namespace

void add_scan(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "scan",
      "Reads JSON lines {\"id\", \"text\", \"role\"?, \"direction\"?, \"context\"?} on standard "
      "input and writes findings and scores, a line each.");
  auto options = std::make_shared<Options>();
  auto* policy = command->add_option(
      "--policy", options->policy,
      "A policy file, whose own recognizers are looked for too, and whose classes types have.");
  command->add_flag("--types", options->types, "List the types that can be found, and exit.");
  auto* explain = command->add_flag("--explain", options->explain,
                                    "Say why each value is found, and what is passed over.");
  command->add_flag("--json", options->json, "With --types or --explain: as JSON.");
  command
      ->add_flag("--show-values", options->show_values,
                 "With --explain: show values, which are masked otherwise.")
      ->needs(explain);
  Caller& caller = options->caller;
  caller.subject.id = "(anyone)";
  CLI::Option* const of_caller[] = {
      command->add_option("--user", caller.subject.id,
                          "With --explain --policy: whom rules are asked about."),
      command->add_option("--groups", caller.subject.groups, "His groups, separated by commas.")
          ->delimiter(','),
      command->add_option("--model", caller.model, "The model that he names."),
      command->add_option("--zone", caller.zone, "The zone of the upstream (internal).")};
  for (CLI::Option* option : of_caller) option->needs(explain)->needs(policy);
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace menshen::cli
