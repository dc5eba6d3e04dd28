// menshen policy check | test | explain.
#include "proxy/cli/commands.h"
#include "proxy/cli/explain.h"
#include "proxy/cli/files.h"
#include "proxy/gateway/policy_file.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

namespace menshen::cli {
namespace {

using Json = nlohmann::ordered_json;

struct PolicyOptions {
  std::string file;
  std::string config;
  bool strict = false;
  bool json = false;
  Situation situation;
};

int check(const PolicyOptions& options) {
  std::shared_ptr<const config::Config> config;
  if (!options.config.empty()) {
    config = load_config(options.config);
    if (!config) return exit_misuse;
  }
  if (config == nullptr && (options.file.empty() || options.strict)) {
    std::cerr << (options.strict ? "menshen: --strict needs --config, whose names it asks for\n"
                                 : "menshen: name a policy file, or --config\n");
    return exit_misuse;
  }
  const std::filesystem::path file = options.file.empty() ? config->policy.string() : options.file;
  const auto loaded = gateway::load_policy(file, {config.get(), options.strict});
  if (options.json) {
    Json out{{"ok", loaded.set != nullptr}, {"diagnostics", problems_as_json(loaded.diagnostics)}};
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
  const auto loaded = gateway::load_policy(options.file, {});
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

CLI::App* add_policy_command(CLI::App& parent, const std::string& name, const std::string& help,
                             const std::shared_ptr<PolicyOptions>& options) {
  auto* command = parent.add_subcommand(name, help);
  command->add_option("file", options->file, "The policy file.");
  command->add_flag("--json", options->json, "Print JSON.");
  return command;
}

}  // namespace

void add_policy(CLI::App& app, int& exit_code) {
  auto* policy = app.add_subcommand("policy", "Checks, tests and explains policy files.");
  policy->require_subcommand(1);
  auto options = std::make_shared<PolicyOptions>();
  auto* checked = add_policy_command(
      *policy, "check", "Validates a policy file and names every problem with its place.", options);
  checked->add_option("--config", options->config,
                      "The gateway's configuration: names of rules are held against its routes, "
                      "upstreams and API keys, and `file` may be left out.");
  checked->add_flag("--strict", options->strict,
                    "With --config: a name that nothing has is an error.");
  checked->callback([options, &exit_code] { exit_code = check(*options); });
  auto* tested =
      add_policy_command(*policy, "test", "Runs the tests that the policy file holds.", options);
  tested->get_option("file")->required();
  tested->callback([options, &exit_code] { exit_code = test(*options); });
  auto* explained = add_policy_command(
      *policy, "explain", "Says which rule decides about a subject and a model.", options);
  explained->get_option("file")->required();
  Situation& given = options->situation;
  explained->add_option("--user", given.user, "Id of the subject.");
  explained->add_option("--groups", given.groups, "Groups, separated by commas.")->delimiter(',');
  explained->add_option("--kind", given.kind, "user or service.");
  explained->add_option("--model", given.model, "Name of the model.")->required();
  explained->add_option("--operation", given.operation, "chat, completion, embeddings or models.");
  explained->add_option("--zone", given.zone, "Zone of the upstream.");
  explained->add_option("--time", given.time, "When, as in RFC 3339; left out: now.");
  explained->add_option("--text", given.text, "A text: what content rules make of it.");
  explained
      ->add_option("--text-file", given.text_file, "The same from a file; - is standard input.")
      ->excludes("--text");
  explained->add_option("--opaque", given.opaque,
                        "What becomes of content of this kind that cannot be read.");
  explained->add_flag("--unseen", given.unseen,
                      "With --opaque encrypted_reasoning: no answer is known to have had it.");
  explained->add_option("--direction", given.direction, "Of the text: request or response.");
  explained->callback([options, &exit_code] {
    exit_code = explain(options->file, options->situation, options->json);
  });
}

}  // namespace menshen::cli
