// menshen audit verify and migrate.
#include "audit/migrate.h"
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

int migrate(const AuditOptions& options) {
  std::filesystem::path directory = options.store;
  if (directory.empty()) {
    const auto config = load_config(options.config);
    if (!config) return exit_misuse;
    directory = config->store;
  }
  const auto migrated = audit::migrate(directory);
  if (!migrated) {
    std::cerr << "menshen: " << core::to_string(migrated.error()) << "\n";
    return exit_no;
  }
  std::cout << "migrated " << migrated->records << " records and " << migrated->heads
            << " signed heads; each record is as it was, and every head holds\n"
            << "the former database is kept as audit.db.migrated\n";
  return exit_ok;
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

  auto* migration = audit->add_subcommand("migrate",
                                          "Brings a log that an earlier version kept in audit.db "
                                          "into this version's form, and compares "
                                          "record by record. The gateway must be stopped.");
  migration->add_option("--config", options->config, "The gateway's configuration.");
  migration->add_option("--store", options->store, "The store's folder, instead of --config.");
  migration->callback([options, &exit_code] { exit_code = migrate(*options); });
}

}  // namespace menshen::cli
