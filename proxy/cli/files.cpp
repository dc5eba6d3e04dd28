#include "proxy/cli/files.h"

#include "proxy/cli/commands.h"
#include "proxy/transport/descriptors.h"

#include <iostream>

namespace menshen::cli {

void show(const std::vector<core::Problem>& problems) {
  for (const core::Problem& p : problems) {
    std::cerr << p.where() << ": " << (p.is_error ? "error: " : "warning: ") << p.message << "\n";
  }
}

nlohmann::ordered_json problems_as_json(const std::vector<core::Problem>& problems) {
  auto list = nlohmann::ordered_json::array();
  for (const core::Problem& p : problems) {
    auto& one = list.emplace_back();
    one["level"] = p.is_error ? "error" : "warning";
    one["file"] = p.file;
    if (p.line > 0) {
      one["line"] = p.line;
      one["column"] = p.column;
    }
    if (!p.pointer.empty()) one["pointer"] = p.pointer;
    one["message"] = p.message;
    if (!p.suggestion.empty()) one["suggestion"] = p.suggestion;
  }
  return list;
}

std::shared_ptr<const config::Config> load_config(const std::filesystem::path& path) {
  config::Loaded loaded = config::load(path, {.for_serving = false});
  show(loaded.problems);
  return loaded.config;
}

std::optional<std::filesystem::path> store_folder(const std::filesystem::path& named,
                                                  const std::filesystem::path& config) {
  if (!named.empty()) return named;
  const auto loaded = load_config(config);
  if (!loaded) return std::nullopt;
  return loaded->store;
}

int fail(const core::Error& error) {
  std::cerr << "menshen: " << core::to_string(error) << "\n";
  return exit_no;
}

std::shared_ptr<const config::Config> fit_descriptors(
    const std::shared_ptr<const config::Config>& config) {
  const std::uint64_t allowed = transport::raise_descriptor_limit();
  const auto fit_to = config->connections_max_given ? transport::fit_connections
                                                    : transport::fit_default_connections;
  const auto fit = fit_to(config->limits, config->threads, config->upstreams.size(), allowed);
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
