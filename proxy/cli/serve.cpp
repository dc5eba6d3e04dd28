// menshen serve: runs until SIGTERM, reloads on SIGHUP, opens its log anew on SIGUSR1.
#include "proxy/cli/commands.h"
#include "proxy/cli/files.h"
#include "proxy/gateway/load.h"
#include "proxy/gateway/process.h"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <iostream>
#include <pthread.h>

namespace menshen::cli {
namespace {

// Blocked before any thread starts, so that this thread alone takes them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

// A second signal to end does not wait.
void wait_as_lame_duck(std::uint32_t ms) {
  sigset_t ends;
  sigemptyset(&ends);
  for (const int signal : {SIGTERM, SIGINT}) sigaddset(&ends, signal);
  const timespec patience{ms / 1'000, static_cast<long>(ms % 1'000) * 1'000'000};
  while (sigtimedwait(&ends, nullptr, &patience) < 0 && errno == EINTR) {
  }
}

void run(gateway::Process& process, const sigset_t& signals, std::uint32_t lame_duck_ms) {
  int signal = 0;
  while (sigwait(&signals, &signal) == 0) {
    if (signal == SIGHUP) {
      process.reload();
    } else if (signal == SIGUSR1) {
      process.reopen_log();
    } else {
      break;
    }
  }
  if (lame_duck_ms > 0) {
    process.retire();
    wait_as_lame_duck(lame_duck_ms);
  }
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
    return exit_no;
  }
  run(process, signals, fitted->limits.lame_duck_ms);
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
