// menshen serve: runs until SIGTERM, reloads on SIGHUP.
#include "proxy/cli/commands.h"
#include "proxy/cli/files.h"
#include "proxy/gateway/policy_file.h"
#include "proxy/gateway/process.h"

#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>
#include <pthread.h>

namespace menshen::cli {
namespace {

int serve(const std::string& config_path) {
  const auto read = load_config(config_path, Purpose::serving);
  const auto fitted = read ? fit_descriptors(read) : nullptr;
  if (!fitted) return exit_misuse;
  const auto policy = gateway::load_policy(fitted->policy);
  show(policy.diagnostics);
  if (!policy.set) return exit_misuse;

  // Blocked before any thread starts, so that this thread alone takes them.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  gateway::Process process({config_path, read, fitted, policy.set});
  if (const auto started = process.start(); !started) {
    std::cerr << "menshen: " << core::to_string(started.error()) << "\n";
    return exit_no;
  }
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) process.reload();
  process.drain();
  return exit_ok;
}

}  // namespace

void add_serve(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("serve",
                                     "Runs the gateway. SIGTERM drains and stops; SIGHUP reloads "
                                     "upstreams, routes, policy and certificates.");
  auto path = std::make_shared<std::string>();
  command->add_option("--config", *path, "menshen.yaml")->required();
  command->callback([path, &exit_code] { exit_code = serve(*path); });
}

}  // namespace menshen::cli
