// menshen config check: what `serve` would say before it listens.
#include "proxy/cli/commands.h"
#include "proxy/cli/files.h"
#include "proxy/gateway/load.h"
#include "proxy/gateway/places.h"
#include "proxy/transport/upstream_set.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace menshen::cli {
namespace {

struct ConfigOptions {
  std::string config = "menshen.yaml";
  bool without_secrets = false;
  bool strict = false;
  bool json = false;
};

// The table of upstreams, which is made when a gateway starts.
core::Result<void> make_upstreams(const config::Config& config) {
  const auto upstreams = transport::UpstreamSet::create(config.upstreams, config.routes);
  if (!upstreams) return upstreams.error();
  return {};
}

// What of the machine a start needs; false: something is not there or not as it should be.
bool check_machine(gateway::Loaded& loaded, const std::string& file) {
  auto problems = gateway::check_places(*loaded.config, file);
  if (const auto read = make_upstreams(*loaded.config); !read) {
    problems.push_back(core::problem_of(file, core::to_string(read.error())));
  }
  loaded.problems.insert(loaded.problems.end(), problems.begin(), problems.end());
  return problems.empty();
}

int check_config(const ConfigOptions& options) {
  gateway::Loaded loaded = gateway::load_files(
      options.config, {.credentials = !options.without_secrets, .strict = options.strict});
  bool ok = loaded.policy != nullptr;
  if (ok && !options.without_secrets) ok = check_machine(loaded, options.config);
  if (options.json) {
    nlohmann::ordered_json out{{"ok", ok}, {"diagnostics", problems_as_json(loaded.problems)}};
    if (ok) out["policy"] = loaded.policy->version();
    std::cout << out.dump(2) << "\n";
  } else {
    show(loaded.problems);
    if (ok)
      std::cout << "ok: " << options.config << ", policy " << loaded.policy->version() << "\n";
  }
  return ok ? exit_ok : exit_no;
}

}  // namespace

void add_config(CLI::App& app, int& exit_code) {
  auto* config = app.add_subcommand("config", "The gateway's configuration.");
  config->require_subcommand(1);
  auto options = std::make_shared<ConfigOptions>();
  auto* command = config->add_subcommand(
      "check",
      "Says what serve would: every problem of the configuration and of its policy, credentials, "
      "certificates, and the places of the log and the store included. No port is opened, nothing "
      "is written.");
  command->add_option("--config", options->config, "The gateway's configuration.");
  command->add_flag("--without-secrets", options->without_secrets,
                    "Credentials, certificates, log and store need not be here.");
  command->add_flag("--strict", options->strict,
                    "A name in the policy that nothing has is an error.");
  command->add_flag("--json", options->json, "Print JSON.");
  command->callback([options, &exit_code] { exit_code = check_config(*options); });
}

}  // namespace menshen::cli
