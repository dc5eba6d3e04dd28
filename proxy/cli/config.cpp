// menshen config check: what `serve` would say before it listens.
#include "proxy/cli/commands.h"
#include "proxy/cli/files.h"
#include "proxy/gateway/load.h"
#include "proxy/transport/server.h"
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

// Certificates and authorities, which are read when a gateway starts.
core::Result<void> load_tls(const config::Config& config) {
  if (auto read = transport::Server::check_certificate(config.listen); !read) return read;
  const auto upstreams = transport::UpstreamSet::create(config.upstreams, config.routes);
  if (!upstreams) return upstreams.error();
  return {};
}

int check_config(const ConfigOptions& options) {
  gateway::Loaded loaded = gateway::load_files(
      options.config, {.credentials = !options.without_secrets, .strict = options.strict});
  bool ok = loaded.policy != nullptr;
  if (ok && !options.without_secrets) {
    if (const auto read = load_tls(*loaded.config); !read) {
      ok = false;
      loaded.problems.push_back(core::problem_of(options.config, core::to_string(read.error())));
    }
  }
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
      "Says what serve would: every problem of the configuration and of its policy, credentials "
      "and certificates included. No port is opened, no store is begun.");
  command->add_option("--config", options->config, "The gateway's configuration.");
  command->add_flag("--without-secrets", options->without_secrets,
                    "Credentials and certificates need not be here.");
  command->add_flag("--strict", options->strict,
                    "A name in the policy that nothing has is an error.");
  command->add_flag("--json", options->json, "Print JSON.");
  command->callback([options, &exit_code] { exit_code = check_config(*options); });
}

}  // namespace menshen::cli
