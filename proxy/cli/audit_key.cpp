// menshen audit rotate-key and retire-key: another key for the log, while the gateway is stopped.
#include "audit/key_rotation.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/files.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>
#include <string>

namespace menshen::cli {
namespace {

struct KeyOptions {
  std::string config = "menshen.yaml";
  std::string store;
};

int rotate_log_key(const KeyOptions& options) {
  const auto directory = store_folder(options.store, options.config);
  if (!directory) return exit_misuse;
  const auto added = audit::rotate_key(*directory);
  if (!added) return fail(added.error());
  std::cout << added->vkey() << "\n";
  std::cerr << "Both keys sign from the next start on. Give this verifier key to auditors and "
               "witnesses, then run `menshen audit retire-key`.\n";
  return exit_ok;
}

int retire_log_key(const KeyOptions& options) {
  const auto directory = store_folder(options.store, options.config);
  if (!directory) return exit_misuse;
  const auto left = audit::retire_key(*directory);
  if (!left) return fail(left.error());
  std::cout << left->vkey() << "\n";
  std::cerr << "This key signs no more from the next start on.\n";
  return exit_ok;
}

}  // namespace

void add_audit_key(CLI::App& audit, int& exit_code) {
  auto options = std::make_shared<KeyOptions>();
  auto* rotate = audit.add_subcommand(
      "rotate-key",
      "Makes a new key, which signs the log's heads beside the present one from the next start on, "
      "and prints its verifier key. The gateway must be stopped.");
  auto* retire = audit.add_subcommand(
      "retire-key",
      "Forgets the older of two keys and prints its verifier key; from the next start on the newer "
      "signs alone. The gateway must be stopped.");
  for (auto* command : {rotate, retire}) {
    command->add_option("--config", options->config, "The gateway's configuration.");
    command->add_option("--store", options->store, "The store's folder, instead of --config.");
  }
  rotate->callback([options, &exit_code] { exit_code = rotate_log_key(*options); });
  retire->callback([options, &exit_code] { exit_code = retire_log_key(*options); });
}

}  // namespace menshen::cli
