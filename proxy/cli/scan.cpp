// menshen scan: the detectors and scores of the proxy over JSON lines, for tests, tuning and
// measurement.
#include "detectors/catalog.h"
#include "detectors/scanner.h"
#include "detectors/scores.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/files.h"
#include "proxy/gateway/policy_file.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

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

int list_types(const SharedCatalog& catalog, bool json) {
  Json all = Json::array();
  for (const core::FindingType* type : catalog->types()) {
    if (json) {
      all.push_back({{"type", type->name},
                     {"category", core::to_string(type->category)},
                     {"tag", type->tag},
                     {"summary", type->summary}});
    } else {
      std::cout << type->name << "\t" << core::to_string(type->category) << "\t" << type->summary
                << "\n";
    }
  }
  if (json) std::cout << all.dump(2) << "\n";
  return exit_ok;
}

int scan_input(const SharedCatalog& catalog) {
  std::ios::sync_with_stdio(false);
  int exit_code = exit_ok;
  std::string raw;
  for (std::size_t number = 1; std::getline(std::cin, raw); ++number) {
    if (raw.empty()) continue;
    const auto line = read_line(raw);
    const auto out = line ? scan_line(catalog, *line) : core::Result<std::string>(line.error());
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

// Of the policy set, where one is named. Null: it does not load, and standard error says why.
SharedCatalog catalog_of(const std::filesystem::path& policy) {
  if (policy.empty()) return detectors::Catalog::built_in();
  const auto loaded = gateway::load_policy(policy, {});
  if (!loaded.set) show(loaded.diagnostics);
  return loaded.set ? loaded.set->catalog() : nullptr;
}

}  // namespace

void add_scan(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "scan",
      "Reads JSON lines {\"id\", \"text\", \"role\"?, \"direction\"?, \"context\"?} on standard "
      "input and writes findings and scores, a line each.");
  struct Options {
    bool types = false;
    bool json = false;
    std::filesystem::path policy;
  };
  auto options = std::make_shared<Options>();
  command->add_option("--policy", options->policy,
                      "A policy file, whose own recognizers are looked for too.");
  command->add_flag("--types", options->types, "List the types that can be found, and exit.");
  command->add_flag("--json", options->json, "With --types: as JSON.");
  command->callback([options, &exit_code] {
    const SharedCatalog catalog = catalog_of(options->policy);
    if (catalog == nullptr) {
      exit_code = exit_no;
      return;
    }
    exit_code = options->types ? list_types(catalog, options->json) : scan_input(catalog);
  });
}

}  // namespace menshen::cli
