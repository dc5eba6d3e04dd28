// menshen serve: runs until SIGTERM, reloads on SIGHUP, opens its log anew on SIGUSR1.
#include "proxy/cli/commands.h"
#include "proxy/cli/files.h"
#include "proxy/cli/signals.h"
#include "proxy/gateway/load.h"
#include "proxy/gateway/process.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <csignal>
#include <ctime>
#include <iostream>

namespace menshen::cli {
namespace {

// False: it is one to end.
bool answer(gateway::Process& process, int signal) {
  if (signal == SIGHUP) {
    process.reload();
  } else if (signal == SIGUSR1) {
    process.reopen_log();
  } else {
    return false;
  }
  return true;
}

// A second signal to end does not wait.
void serve_as_lame_duck(gateway::Process& process, const sigset_t& signals,
                        std::chrono::milliseconds time) {
  using std::chrono::duration_cast;
  const auto end = std::chrono::steady_clock::now() + time;
  process.retire();
  while (true) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left.count() <= 0) return;
    const auto whole = duration_cast<std::chrono::seconds>(left);
    const timespec patience{whole.count(),
                            duration_cast<std::chrono::nanoseconds>(left - whole).count()};
    const int signal = sigtimedwait(&signals, nullptr, &patience);
    if (signal > 0 && !answer(process, signal)) return;
  }
}

void run(gateway::Process& process, const sigset_t& signals, std::chrono::milliseconds lame_duck) {
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && answer(process, signal)) {
  }
  if (lame_duck.count() > 0) serve_as_lame_duck(process, signals, lame_duck);
  process.drain();
}

int serve(const std::string& config_path) {
  const gateway::Loaded loaded = gateway::load_files(config_path, {});
  show(loaded.problems);
  if (!loaded.policy) return exit_misuse;
  const auto fitted = fit_descriptors(loaded.config);
  if (!fitted) return exit_misuse;

  const sigset_t signals = block_signals();
  gateway::Process process({config_path, loaded.config, fitted, loaded.policy});
  if (const auto started = process.start(); !started) {
    std::cerr << "menshen: " << core::to_string(started.error()) << "\n";
    // Whatever starts it again after a failure would lock the token.
    return started.error().code == "token_pin" ? exit_misuse : exit_no;
  }
  run(process, signals, std::chrono::milliseconds(fitted->limits.lame_duck_ms));
  return exit_ok;
}

}  // namespace

void add_serve(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("serve",
                                     "Runs the gateway. SIGTERM drains and stops; SIGHUP reloads "
                                     "upstreams, routes, policy and certificates; SIGUSR1 opens "
                                     "the log's file anew.");
  auto path = std::make_shared<std::string>("menshen.yaml");
  command->add_option("--config", *path, "The gateway's configuration.");
  command->callback([path, &exit_code] { exit_code = serve(*path); });
}

}  // namespace menshen::cli
