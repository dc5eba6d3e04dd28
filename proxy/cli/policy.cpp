// menshen policy check | test | explain.
#include "core/clock.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/files.h"
#include "proxy/gateway/policy_file.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <optional>

namespace menshen::cli {
namespace {

using Json = nlohmann::ordered_json;

struct PolicyOptions {
  std::string file;
  bool json = false;
  std::string user = "(anyone)";
  std::vector<std::string> groups;
  std::string kind = "user";
  std::string model;
  std::string operation = "chat";
  std::string zone = "internal";
  std::string opaque;  // a kind of opaque content; empty: not asked for
};

Json as_json(const std::vector<policies::Diagnostic>& diagnostics) {
  Json list = Json::array();
  for (const auto& d : diagnostics) {
    list.push_back(
        {{"level", d.is_error ? "error" : "warning"}, {"where", d.where}, {"message", d.message}});
  }
  return list;
}

int check(const PolicyOptions& options) {
  const auto loaded = gateway::load_policy(options.file);
  if (options.json) {
    Json out{{"ok", loaded.set != nullptr}, {"diagnostics", as_json(loaded.diagnostics)}};
    if (loaded.set) out["version"] = loaded.set->version();
    std::cout << out.dump(2) << "\n";
  } else {
    show(loaded.diagnostics);
    if (loaded.set) {
      std::cout << "ok: " << loaded.set->name() << " " << loaded.set->version() << "\n";
    }
  }
  return loaded.set ? exit_ok : exit_no;
}

int test(const PolicyOptions& options) {
  const auto loaded = gateway::load_policy(options.file);
  if (!loaded.set) {
    show(loaded.diagnostics);
    return exit_no;
  }
  const auto results = loaded.set->run_tests();
  std::size_t failed = 0;
  Json list = Json::array();
  for (const auto& result : results) {
    if (!result.passed) ++failed;
    if (options.json) {
      list.push_back({{"name", result.name}, {"passed", result.passed}, {"detail", result.detail}});
    } else {
      std::cout << (result.passed ? "pass  " : "FAIL  ") << result.name
                << (result.passed ? "" : ": " + result.detail) << "\n";
    }
  }
  if (options.json) {
    std::cout << Json{{"tests", list}, {"failed", failed}}.dump(2) << "\n";
  } else {
    std::cout << results.size() - failed << " passed, " << failed << " failed\n";
  }
  return failed == 0 ? exit_ok : exit_no;
}

// What becomes of a part of this kind in a request, and by which rule.
struct OpaqueAnswer {
  core::Action action;
  std::string rule;  // empty: the defaults
};

OpaqueAnswer judge_opaque(const policies::PolicySet& set, const policies::Facts& facts,
                          core::OpaqueKind kind) {
  // Encrypted reasoning: at its field, as clients send it.
  const auto by_default = set.defaults().of_opaque(kind == core::OpaqueKind::encrypted_reasoning);
  const auto plan = set.content(facts, core::Direction::request);
  const policies::Verdict verdict = plan.decide(kind, by_default, nullptr);
  return {verdict.action, verdict.rule == nullptr ? std::string() : *verdict.rule};
}

void print(const policies::PolicySet& set, const policies::AccessDecision& access,
           const std::optional<OpaqueAnswer>& opaque, bool as_json) {
  if (as_json) {
    Json out{{"access", access.allowed ? "allow" : "deny"},
             {"rule", access.rule},
             {"reason", access.reason},
             {"policy", set.version()}};
    if (opaque) out["opaque"] = {{"action", to_string(opaque->action)}, {"rule", opaque->rule}};
    std::cout << out.dump(2) << "\n";
    return;
  }
  std::cout << (access.allowed ? "allow" : "deny") << ": "
            << (access.rule.empty() ? "no rule allows it; access is denied by default"
                                    : "rule " + access.rule)
            << (access.reason.empty() ? "" : " (" + access.reason + ")") << "\n";
  if (opaque) {
    std::cout << "opaque: " << to_string(opaque->action) << ": "
              << (opaque->rule.empty() ? "by default" : "rule " + opaque->rule) << "\n";
  }
}

int explain(const PolicyOptions& options) {
  const auto loaded = gateway::load_policy(options.file);
  if (!loaded.set) {
    show(loaded.diagnostics);
    return exit_no;
  }
  const auto operation = core::operation_from(options.operation);
  const auto kind = core::subject_kind_from(options.kind);
  if (!operation || !kind) {
    std::cerr
        << "menshen: --operation is chat, completion, embeddings or models; --kind is user or "
           "service\n";
    return exit_misuse;
  }
  const auto opaque = core::opaque_kind_from(options.opaque);
  if (!options.opaque.empty() && !opaque) {
    std::cerr << "menshen: --opaque is one of";
    for (const core::OpaqueKind known : core::all_opaque_kinds)
      std::cerr << " " << to_string(known);
    std::cerr << "\n";
    return exit_misuse;
  }
  core::Subject subject{options.user, *kind, options.groups, {}};
  std::ranges::sort(subject.groups);
  const policies::Facts facts{&subject, options.model, *operation, options.zone,
                              core::system_clock().wall_ns()};
  const auto decision = loaded.set->access(facts);
  std::optional<OpaqueAnswer> answer;
  if (opaque) answer = judge_opaque(*loaded.set, facts, *opaque);
  print(*loaded.set, decision, answer, options.json);
  const bool refused = answer && answer->action == core::Action::deny;
  return decision.allowed && !refused ? exit_ok : exit_no;
}

CLI::App* add_policy_command(CLI::App& parent, const std::string& name, const std::string& help,
                             const std::shared_ptr<PolicyOptions>& options) {
  auto* command = parent.add_subcommand(name, help);
  command->add_option("file", options->file, "The policy file.")->required();
  command->add_flag("--json", options->json, "Print JSON.");
  return command;
}

}  // namespace

void add_policy(CLI::App& app, int& exit_code) {
  auto* policy = app.add_subcommand("policy", "Checks, tests and explains policy files.");
  policy->require_subcommand(1);
  auto options = std::make_shared<PolicyOptions>();
  add_policy_command(*policy, "check",
                     "Validates a policy file and names every problem with its place.", options)
      ->callback([options, &exit_code] { exit_code = check(*options); });
  add_policy_command(*policy, "test", "Runs the tests that the policy file holds.", options)
      ->callback([options, &exit_code] { exit_code = test(*options); });
  auto* explained = add_policy_command(
      *policy, "explain", "Says which rule decides about a subject and a model.", options);
  explained->add_option("--user", options->user, "Id of the subject.");
  explained->add_option("--groups", options->groups, "Groups, separated by commas.")
      ->delimiter(',');
  explained->add_option("--kind", options->kind, "user or service.");
  explained->add_option("--model", options->model, "Name of the model.")->required();
  explained->add_option("--operation", options->operation,
                        "chat, completion, embeddings or models.");
  explained->add_option("--zone", options->zone, "Zone of the upstream.");
  explained->add_option("--opaque", options->opaque,
                        "What of content that cannot be read, of this kind.");
  explained->callback([options, &exit_code] { exit_code = explain(*options); });
}

}  // namespace menshen::cli
