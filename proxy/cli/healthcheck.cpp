// menshen healthcheck: whether the gateway of a configuration is running and ready.
#include "proxy/admin/probe.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/files.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <iostream>

namespace menshen::cli {
namespace {

constexpr std::chrono::seconds healthcheck_patience{5};

int healthcheck(const std::string& config_path, bool json) {
  const config::Loaded loaded =
      config::load(config_path, {.for_serving = false, .admin_token = true});
  show(loaded.problems);
  const auto& config = loaded.config;
  if (!config) return exit_misuse;
  const auto& [host, port] = config->admin.address;
  if (port == 0) {
    std::cerr << config_path << ": admin.address: Port 0 is any free one, so nobody knows where "
              << "to ask; name a port.\n";
    return exit_misuse;
  }
  const std::string token = config->admin.token ? config->admin.token->reveal() : std::string();
  const auto asked = admin::ask_readiness(host, port, healthcheck_patience, token);
  const bool ready = asked && asked->ready;
  const std::string reason = asked ? asked->reason : core::to_string(asked.error());
  if (json) {
    nlohmann::ordered_json out{{"ready", ready}};
    if (!ready) out["reason"] = reason;
    std::cout << out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
  } else if (ready) {
    std::cout << "ready\n";
  } else {
    std::cerr << "menshen: not ready: " << reason << "\n";
  }
  return ready ? exit_ok : exit_no;
}

}  // namespace

void add_healthcheck(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "healthcheck", "Asks the running gateway whether it is ready: 0 yes, 1 no, and says why.");
  auto path = std::make_shared<std::string>("menshen.yaml");
  auto json = std::make_shared<bool>(false);
  command->add_option("--config", *path, "menshen.yaml");
  command->add_flag("--json", *json, "As JSON.");
  command->callback([path, json, &exit_code] { exit_code = healthcheck(*path, *json); });
}

}  // namespace menshen::cli
