// menshen audit verify.
#include "audit/verify.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/files.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace menshen::cli {
namespace {

struct AuditOptions {
  std::string config = "menshen.yaml";
  std::string store;
  std::string vkey;
  std::string published;
  bool json = false;
};

int verify(const AuditOptions& options) {
  std::filesystem::path directory = options.store;
  std::filesystem::path published = options.published;
  if (directory.empty()) {
    const auto config = load_config(options.config);
    if (!config) return exit_misuse;
    directory = config->store;
    if (published.empty()) published = config->audit.publish;
  }
  const auto report = audit::verify(directory, {.vkey = options.vkey, .published = published});
  if (!report) {
    std::cerr << "menshen: " << core::to_string(report.error()) << "\n";
    return exit_no;
  }
  std::cout << (options.json ? audit::to_json(*report) : audit::to_text(*report));
  return report->ok() ? exit_ok : exit_no;
}

}  // namespace

void add_audit(CLI::App& app, int& exit_code) {
  auto* audit = app.add_subcommand("audit", "The evidence.");
  audit->require_subcommand(1);
  auto options = std::make_shared<AuditOptions>();
  auto* command = audit->add_subcommand(
      "verify",
      "Checks every record, the tree and every signed head; names the first record that was "
      "changed, removed, swapped, doubled or cut off. Works while the gateway runs.");
  command->add_option("--config", options->config, "The gateway's configuration.");
  command->add_option("--store", options->store, "The store's folder, instead of --config.");
  command->add_option("--vkey", options->vkey, "A verifier key kept elsewhere.");
  command->add_option("--published", options->published,
                      "Signed heads kept elsewhere, instead of the configuration's audit.publish.");
  command->add_flag("--json", options->json, "Print JSON.");
  command->callback([options, &exit_code] { exit_code = verify(*options); });
}

}  // namespace menshen::cli
