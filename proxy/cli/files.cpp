#include "proxy/cli/files.h"

#include "proxy/cli/commands.h"
#include "proxy/transport/descriptors.h"

#include <iostream>

namespace menshen::cli {
namespace {

void show_line(bool is_error, const std::string& where, const std::string& message) {
  std::cerr << where << ": " << (is_error ? "error: " : "warning: ") << message << "\n";
}

}  // namespace

std::shared_ptr<const config::Config> load_config(const std::filesystem::path& path,
                                                  Purpose purpose) {
  config::Loaded loaded = config::load(path, {.for_serving = purpose == Purpose::serving});
  for (const auto& problem : loaded.problems) {
    show_line(problem.is_error, problem.where, problem.message);
  }
  return loaded.config;
}

int fail(const core::Error& error) {
  std::cerr << "menshen: " << core::to_string(error) << "\n";
  return exit_no;
}

void show(const std::vector<policies::Diagnostic>& diagnostics) {
  for (const auto& d : diagnostics) show_line(d.is_error, d.where, d.message);
}

std::shared_ptr<const config::Config> fit_descriptors(
    const std::shared_ptr<const config::Config>& config) {
  const std::uint64_t allowed = transport::raise_descriptor_limit();
  const auto fit = transport::fit_connections(config->limits, config->threads,
                                              config->upstreams.size(), allowed);
  const bool fits = fit.connections_max == config->limits.connections_max;
  if (!fits) {
    const bool refused = config->connections_max_given || fit.connections_max == 0;
    std::cerr << "menshen: " << (refused ? "" : "warning: ") << "This process may have " << allowed
              << " descriptors (ulimit -n), which is enough for " << fit.connections_max
              << " connections; limits.connections_max is " << config->limits.connections_max
              << (refused ? ".\n" : ", so it is lowered.\n");
    if (refused) return nullptr;
  }
  auto out = std::make_shared<config::Config>(*config);
  out->limits.connections_max = fit.connections_max;
  out->limits.upstream_idle_connections_max = fit.upstream_idle_connections_max;
  return out;
}

}  // namespace menshen::cli
