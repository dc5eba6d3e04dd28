#include "proxy/cli/files.h"

#include "detectors/catalog.h"
#include "proxy/transport/descriptors.h"

#include <fstream>
#include <iostream>
#include <sstream>

namespace menshen::cli {
namespace {

constexpr std::uintmax_t file_bytes_max = 16 * 1024 * 1024;

void show_line(bool is_error, const std::string& where, const std::string& message) {
  std::cerr << where << ": " << (is_error ? "error: " : "warning: ") << message << "\n";
}

}  // namespace

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::error_code ec;
  const auto size = std::filesystem::file_size(path, ec);
  std::ifstream file(path, std::ios::binary);
  if (ec || !file) {
    std::cerr << path.string() << ": error: the file cannot be read\n";
    return std::nullopt;
  }
  if (size > file_bytes_max) {
    std::cerr << path.string() << ": error: the file is larger than 16 MiB\n";
    return std::nullopt;
  }
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

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

policies::PolicySet::Loaded load_policy(const std::filesystem::path& path) {
  const auto text = read_file(path);
  if (!text) return {};
  return policies::PolicySet::parse(*text, path.string(), {detectors::Catalog::instance().types()});
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
