// Between the files that read menshen.yaml: what one reading shares, and the sections that have a
// file of their own. Internal to proxy/config.
#pragma once

#include "core/yaml_reader.h"
#include "proxy/config/config.h"

#include <span>

namespace menshen::config {

struct Reading {
  core::YamlProblems& problems;
  const std::filesystem::path& folder;
  const Options& options;

  // Absolute, relative ones being relative to the folder of the file.
  [[nodiscard]] std::optional<std::filesystem::path> path(const core::YamlValue& value) const;
  // A problem when serving and the file cannot be read.
  [[nodiscard]] std::filesystem::path readable_file(const core::YamlValue& value) const;
  // The same, and a warning when every user of the machine may read it.
  [[nodiscard]] std::filesystem::path private_file(const core::YamlValue& value) const;
};

// A name of letters, digits, '_', '-', '.' and at most 64 bytes.
[[nodiscard]] std::optional<std::string> read_name(const core::YamlValue& value);
// The name or pattern of a model.
[[nodiscard]] std::optional<std::string> read_model(const core::YamlValue& value);
[[nodiscard]] std::optional<Address> read_address(const core::YamlValue& value);
// An origin as browsers write it: no path, nothing that they leave out.
[[nodiscard]] std::optional<std::string> read_origin(const core::YamlValue& value);
[[nodiscard]] std::optional<Url> read_url(const core::YamlValue& value);
void read_number(const core::YamlValue& value, std::uint32_t min, std::uint32_t max,
                 std::uint32_t& out);

// From the environment or a file, one word; absent where it is not there, and when not serving.
[[nodiscard]] std::optional<Secret> read_secret(const Reading& reading,
                                                const core::YamlValue& value);
// The same, but blanks may stand inside, and it may be short.
[[nodiscard]] std::optional<Secret> read_pin(const Reading& reading, const core::YamlValue& value);
// As read_secret, but with Options::admin_token read when not serving too.
[[nodiscard]] std::optional<Secret> read_admin_token(const Reading& reading,
                                                     const core::YamlValue& value);
// How the upstream is reached: credential, fixed headers, proxy, certificates. Its URL is read.
void read_connection(const Reading& reading, const core::YamlMap& upstream, Upstream& out);
[[nodiscard]] std::vector<Upstream> read_upstreams(const Reading& reading,
                                                   const core::YamlValue& list);
[[nodiscard]] std::vector<Route> read_routes(const core::YamlValue& list,
                                             std::span<const Upstream> upstreams);
[[nodiscard]] Audit read_audit(const Reading& reading, const core::YamlValue& value);
// When both have been read without an error.
void warn_about_unrouted(const core::YamlValue& list, std::span<const Upstream> upstreams,
                         std::span<const Route> routes);
// True: the file itself says how many connections there may be.
bool read_limits(const core::YamlValue& map, core::Limits& limits);

// Loopback addresses are reached from this machine alone.
[[nodiscard]] bool is_loopback(std::string_view host) noexcept;

}  // namespace menshen::config
