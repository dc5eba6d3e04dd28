#include "proxy/config/config.h"

#include "core/digest.h"
#include "core/wildcard.h"
#include "proxy/config/keys.h"
#include "proxy/config/reading.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <system_error>
#include <thread>

namespace menshen::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t name_bytes_max = 64;
constexpr std::uint32_t threads_max = 1024;
constexpr std::size_t token_bytes_min = 16;
constexpr std::size_t origins_max = 64;

bool is_name_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

void warn_when_others_may_read(const core::YamlValue& value, const fs::path& file) {
  std::error_code failed;
  const fs::perms perms = fs::status(file, failed).permissions();
  const auto others = fs::perms::others_read | fs::perms::others_write;
  if (!failed && (perms & others) != fs::perms::none) {
    value.warn("Every user of this machine may read this file, which is secret; chmod 600 it.");
  }
}

// What cannot be used is told where it is named.
void check_own_certificate(const Reading& reading, const core::YamlMap& map, const Tls& tls) {
  const auto& check = reading.options.check_own_certificate;
  const bool is_whole = !tls.certificate.empty() && !tls.key.empty();
  if (!reading.options.for_serving || !check || !is_whole) return;
  const auto good = check(tls);
  if (!good)
    map[good.error().code == "tls_key" ? "key" : "certificate"].error(good.error().message);
}

std::optional<Tls> read_tls(const Reading& reading, const core::YamlValue& value) {
  const core::YamlMap map(value, keys::tls);
  if (!map.value().present()) return std::nullopt;
  Tls out;
  out.certificate = reading.readable_file(map.required("certificate"));
  out.key = reading.private_file(map.required("key"));
  if (const auto version = map["min_version"].choice(keys::tls_versions)) {
    out.min_version = *version == 0 ? TlsVersion::tls1_2 : TlsVersion::tls1_3;
  }
  check_own_certificate(reading, map, out);
  return out;
}

void read_cors(const core::YamlValue& value, std::vector<std::string>& origins) {
  const core::YamlMap map(value, keys::cors);
  if (!map.value().present()) return;
  const core::YamlValue list = map.required("origins");
  const auto items = list.items();
  if (items.size() > origins_max) list.error("More than 64 origins.");
  for (const core::YamlValue& item : items) {
    auto origin = read_origin(item);
    if (!origin) continue;
    if (std::ranges::find(origins, *origin) != origins.end())
      item.error("This origin is named twice.");
    origins.push_back(std::move(*origin));
  }
}

Listen read_listen(const Reading& reading, const core::YamlValue& value) {
  const core::YamlMap map(value, keys::listen);
  Listen out;
  out.address = read_address(map.required("address")).value_or(Address{});
  out.tls = read_tls(reading, map["tls"]);
  read_cors(map["cors"], out.cors_origins);
  if (!out.tls && !out.address.host.empty() && !is_loopback(out.address.host)) {
    map["address"].warn("Without `tls`, keys, prompts and answers travel in clear.");
  }
  return out;
}

Admin read_admin(const Reading& reading, const core::YamlValue& value, const Address& data_plane) {
  const core::YamlMap map(value, keys::admin);
  Admin out;
  out.address = read_address(map.required("address")).value_or(Address{});
  out.token = read_admin_token(reading, map["token"]);
  if (out.token && out.token->reveal().size() < token_bytes_min) {
    map["token"].error("A token has at least 16 characters; `openssl rand -hex 32` makes one.");
  }
  const auto& [host, port] = out.address;
  if (host.empty()) return out;
  if (port != 0 && port == data_plane.port && host == data_plane.host) {
    map["address"].error("The admin API needs an address other than the one of `listen`.");
  }
  if (is_loopback(host)) return out;
  if (!map.has("token")) {
    map["address"].error(
        "Off loopback the admin API needs a `token`: {env: NAME} or {file: PATH}.");
  }
  map["address"].warn("The admin API has no TLS in this version; keep it on loopback.");
  return out;
}

void read_setting(const core::YamlValue& value, double least, double most, double& out) {
  out = value.number(least, most).value_or(out);
}

void read_setting(const core::YamlValue& value, std::uint32_t least, std::uint32_t most,
                  std::uint32_t& out) {
  read_number(value, least, most, out);
}

core::PrivacySettings read_privacy(const core::YamlValue& value) {
  const core::YamlMap map(value, keys::privacy);
  core::PrivacySettings out;
#define MENSHEN_PRIVACY(type, name, usual, least, most) \
  read_setting(map[#name], least, most, out.name);
#include "core/privacy.inc"
#undef MENSHEN_PRIVACY
  if (const auto fault = core::check_privacy(out)) {
    (map.has(fault->name) ? map[fault->name] : value).error(std::string(fault->message));
  }
  return out;
}

Identity read_identity(const core::YamlValue& value) {
  const core::YamlMap map(value, keys::identity);
  Identity out;
  const core::YamlValue chain = map["chain"];
  if (!chain.present()) return out;
  out.chain.clear();
  for (const core::YamlValue& item : chain.items()) {
    const auto link = item.choice(keys::identity_links, keys::identity_links_later);
    if (!link) continue;
    const auto kind = static_cast<IdentityLink>(*link);
    if (std::ranges::find(out.chain, kind) != out.chain.end()) {
      item.error("A link stands in the chain once.");
    }
    out.chain.push_back(kind);
  }
  return out;
}

Log read_log(const Reading& reading, const core::YamlValue& value) {
  const core::YamlMap map(value, keys::log);
  Log out;
  if (const auto level = map["level"].choice(keys::log_levels)) {
    out.level = static_cast<LogLevel>(*level);
  }
  if (const auto format = map["format"].choice(keys::log_formats)) {
    out.format = static_cast<LogFormat>(*format);
  }
  out.file = reading.path(map["file"]).value_or(fs::path{});
  return out;
}

void check_times(const core::YamlValue& upstreams, const Config& config) {
  const auto items = upstreams.items();
  for (std::size_t i = 0; i < std::min(items.size(), config.upstreams.size()); ++i) {
    const Timeouts& t = config.upstreams[i].timeouts;
    const std::uint64_t head_ms = std::uint64_t{t.connect_ms} + t.first_byte_ms;
    if (head_ms <= config.limits.exchange_timeout_ms) continue;
    items[i].error("connect_ms and first_byte_ms add up to " + std::to_string(head_ms) +
                   ", more than limits.exchange_timeout_ms (" +
                   std::to_string(config.limits.exchange_timeout_ms) + ").");
  }
}

void read_paths(const Reading& reading, const core::YamlMap& root, Config& out) {
  const core::YamlMap store(root.required("store"), keys::store);
  out.store = reading.path(store.required("path")).value_or(fs::path{});
  std::error_code ignored;
  if (!out.store.empty() && fs::exists(out.store, ignored) &&
      !fs::is_directory(out.store, ignored)) {
    store["path"].error("The store's path is not a folder.");
  }
  const core::YamlMap policy(root.required("policy"), keys::policy);
  out.policy = reading.readable_file(policy.required("path"));
}

void read_config(const Reading& reading, const core::YamlMap& root, Config& out) {
  out.listen = read_listen(reading, root.required("listen"));
  out.admin = read_admin(reading, root.required("admin"), out.listen.address);
  read_paths(reading, root, out);
  out.upstreams = read_upstreams(reading, root.required("upstreams"));
  out.routes = read_routes(root.required("routes"), out.upstreams);
  out.connections_max_given = read_limits(root["limits"], out.limits);
  out.threads = std::clamp(std::thread::hardware_concurrency(), 1U, threads_max);
  read_number(root["threads"], 1, threads_max, out.threads);
  out.audit = read_audit(reading, root["audit"]);
  out.privacy = read_privacy(root["privacy"]);
  out.identity = read_identity(root["identity"]);
  out.log = read_log(reading, root["log"]);
  if (reading.problems.has_errors()) return;
  check_times(root["upstreams"], out);
  warn_about_unrouted(root["upstreams"], out.upstreams, out.routes);
}

Loaded failed_to_read(const fs::path& file, std::string message) {
  Loaded out;
  out.problems.push_back(core::problem_of(file.string(), std::move(message)));
  return out;
}

}  // namespace

std::optional<fs::path> Reading::path(const core::YamlValue& value) const {
  const auto text = value.text();
  if (!text) return std::nullopt;
  return (folder / *text).lexically_normal();
}

fs::path Reading::readable_file(const core::YamlValue& value) const {
  const auto file = path(value);
  if (!file) return {};
  std::error_code ignored;
  const bool readable = fs::is_regular_file(*file, ignored) && access(file->c_str(), R_OK) == 0;
  if (options.for_serving && !readable) {
    value.error("The file " + core::quoted_name(file->string()) + " cannot be read.");
    return {};
  }
  return *file;
}

fs::path Reading::private_file(const core::YamlValue& value) const {
  fs::path file = readable_file(value);
  if (!file.empty() && options.for_serving) warn_when_others_may_read(value, file);
  return file;
}

std::optional<std::string> read_name(const core::YamlValue& value) {
  auto text = value.text();
  if (!text) return std::nullopt;
  if (text->size() > name_bytes_max || !std::ranges::all_of(*text, is_name_character)) {
    value.error("Expected a name of up to 64 letters, digits, '_', '-' and '.'.");
    return std::nullopt;
  }
  return text;
}

std::optional<std::string> read_model(const core::YamlValue& value) {
  auto text = value.text();
  if (!text) return std::nullopt;
  const bool plain = std::ranges::none_of(*text, [](char c) { return c >= 0 && c <= 0x20; });
  if (!plain || text->size() > core::model_name_bytes_max) {
    value.error("Expected the name of a model: up to " +
                std::to_string(core::model_name_bytes_max) + " bytes without blanks.");
    return std::nullopt;
  }
  return text;
}

void read_number(const core::YamlValue& value, std::uint32_t min, std::uint32_t max,
                 std::uint32_t& out) {
  if (const auto number = value.integer(min, max)) out = static_cast<std::uint32_t>(*number);
}

Loaded parse(std::string_view text, std::string_view name, const fs::path& folder,
             const Options& options) {
  core::YamlProblems problems{std::string(name)};
  const core::YamlDocument document(text, problems);
  auto config = std::make_shared<Config>();
  config->version = core::to_hex(core::as_text(core::sha256(text)));
  if (document.root().present()) {
    const core::YamlMap root(document.root(), keys::root);
    if (root.value().present()) read_config({problems, folder, options}, root, *config);
  }
  Loaded out;
  if (!problems.has_errors()) out.config = std::move(config);
  out.problems = problems.take();
  return out;
}

Loaded load(const fs::path& file, const Options& options) {
  constexpr std::size_t bytes_max = core::YamlLimits{}.bytes_max;
  std::error_code failed;
  const fs::path absolute = fs::absolute(file, failed);
  if (failed || !fs::is_regular_file(absolute, failed)) {
    return failed_to_read(file, "There is no such file.");
  }
  std::ifstream stream(absolute, std::ios::binary);
  std::string text(bytes_max + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || !stream.is_open()) return failed_to_read(file, "The file cannot be read.");
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return parse(text, file.string(), absolute.parent_path(), options);
}

}  // namespace menshen::config
