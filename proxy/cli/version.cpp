#include "core/version.h"
#include "detectors/catalog.h"
#include "detectors/scores.h"
#include "proxy/cli/commands.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

namespace menshen::cli {

void add_version(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("version", "Versions of the gateway and of its detectors.");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "As JSON.");
  command->callback([json, &exit_code] {
    const auto catalog = detectors::Catalog::complete();
    const auto detectors = catalog->versions();
    const auto scores = detectors::score_versions();
    if (*json) {
      const nlohmann::ordered_json out{
          {"menshen", core::version()}, {"detectors", detectors}, {"scores", scores}};
      std::cout << out.dump() << "\n";
    } else {
      std::cout << "menshen " << core::version() << "\ndetectors: " << detectors
                << "\nscores: " << scores << "\n";
    }
    exit_code = exit_ok;
  });
}

}  // namespace menshen::cli
