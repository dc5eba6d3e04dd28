// menshen witness key | serve: a small witness for the machine of an auditor.
#include "audit/keys.h"
#include "audit/witness_store.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/files.h"
#include "proxy/cli/signals.h"
#include "proxy/config/address.h"
#include "proxy/gateway/witness_server.h"

#include <CLI/CLI.hpp>

#include <csignal>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace menshen::cli {
namespace {

struct WitnessOptions {
  std::string store;
  std::string name;
  std::string listen = "127.0.0.1:8181";
  std::vector<std::string> logs;
  std::string certificate;
  std::string key;
};

int make_key(const WitnessOptions& options) {
  const auto made = audit::make_witness_key(options.store, options.name);
  if (!made) return fail(made.error());
  std::cout << made->key().vkey() << "\n";
  return exit_ok;
}

int misuse(const char* what) {
  std::cerr << "menshen: " << what << "\n";
  return exit_misuse;
}

void run(gateway::WitnessServer& server, const sigset_t& signals) {
  int signal = 0;
  while (sigwait(&signals, &signal) == 0) {
    if (signal == SIGUSR1) continue;
    if (signal != SIGHUP) break;
    server.reload_certificates();
  }
  server.stop();
}

int serve_witness(const WitnessOptions& options) {
  const auto address = config::parse_address(options.listen);
  if (!address) return misuse("--listen needs an IP address and a port, 127.0.0.1:8181");
  if (options.certificate.empty() != options.key.empty())
    return misuse("--certificate and --key belong together");
  gateway::WitnessServer::Options server{.listen = {.address = *address, .tls = std::nullopt},
                                         .store = {.directory = options.store, .logs = {}}};
  if (!options.key.empty()) server.listen.tls = config::Tls{options.certificate, options.key};
  for (const std::string& file : options.logs) {
    auto log = audit::load_verifier(file, audit::Named::by_person);
    if (!log) return fail(log.error());
    server.store.logs.push_back(std::move(*log));
  }
  const sigset_t signals = block_signals();
  gateway::Log log(config::Log{});
  auto started = gateway::WitnessServer::start(std::move(server), log);
  if (!started) return fail(started.error());
  run(**started, signals);
  log.notice("stopped");
  return exit_ok;
}

}  // namespace

void add_witness(CLI::App& app, int& exit_code) {
  auto* witness = app.add_subcommand(
      "witness",
      "A witness for logs of others: it signs what continues the head it signed before.");
  witness->require_subcommand(1);
  auto options = std::make_shared<WitnessOptions>();
  auto* key =
      witness->add_subcommand("key", "Makes the witness's key, and prints its verifier key.");
  key->add_option("--store", options->store, "The witness's folder.")->required();
  key->add_option("--name", options->name, "The witness's name, like a URL: witness.example/w1.")
      ->required();
  key->callback([options, &exit_code] { exit_code = make_key(*options); });

  auto* serve = witness->add_subcommand(
      "serve",
      "Answers add-checkpoint (C2SP tlog-witness). SIGTERM stops it, SIGHUP reloads "
      "certificates.");
  serve->add_option("--store", options->store, "The witness's folder.")->required();
  serve->add_option("--listen", options->listen, "Address and port, 127.0.0.1:8181 by default.");
  serve->add_option("--log", options->logs, "A log's verifier key, audit.vkey; for each log.")
      ->required();
  serve->add_option("--certificate", options->certificate, "PEM, the whole chain; with --key.");
  serve->add_option("--key", options->key, "PEM, the certificate's private key.");
  serve->callback([options, &exit_code] { exit_code = serve_witness(*options); });
}

}  // namespace menshen::cli
