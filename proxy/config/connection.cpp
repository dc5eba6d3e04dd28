// How an upstream is reached: its credential, headers that every request to it has, the proxy on
// the way, and the certificates of both sides.
#include "proxy/config/keys.h"
#include "proxy/config/reading.h"
#include "proxy/http/characters.h"
#include "proxy/http/head.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>

namespace menshen::config {
namespace {

constexpr std::size_t credential_bytes_max = 8 * 1024;
constexpr std::size_t header_name_bytes_max = 64;
constexpr std::size_t headers_max = 32;

// When a secret is read: for serving, when it must be there; or in any case, where it is there.
enum class Read : std::uint8_t { when_serving, where_there };

// What a secret becomes: a word; the value of a header, which may have blanks inside; or a PIN, the
// same, which is told to no server that could echo it.
enum class Form : std::uint8_t { word, field, pin };

bool is_plain(std::string_view text, Form form) noexcept {
  if (text.size() > credential_bytes_max || text != http::trim_blanks(text)) return false;
  return std::ranges::all_of(
      text, [form](char c) { return http::is_visible(c) || (c == ' ' && form != Form::word); });
}

std::optional<Secret> secret_from(const core::YamlValue& at, std::string text, Form form,
                                  SecretSource from) {
  const std::string source =
      from.file.empty() ? "environment variable " + core::quoted_name(from.variable) : "file";
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (text.empty()) {
    at.error("The " + source + " is empty.");
    return std::nullopt;
  }
  if (!is_plain(text, form)) {
    at.error("The " + source +
             " holds blanks or characters that a header cannot carry, or is too long.");
    return std::nullopt;
  }
  if (text.size() < core::told_credential_bytes_min && form != Form::pin) {
    at.warn("The " + source + " holds fewer than " +
            std::to_string(core::told_credential_bytes_min) +
            " bytes, which may be an ordinary word: its echo is taken out of headers and errors, "
            "but not out of answers.");
  }
  return Secret(std::move(text), std::move(from));
}

bool is_read(const Reading& reading, Read when) noexcept {
  return reading.options.for_serving || when == Read::where_there;
}

std::optional<Secret> secret_from_environment(const Reading& reading, const core::YamlValue& at,
                                              Form form, Read when) {
  const auto name = at.text();
  if (!name || !is_read(reading, when)) return std::nullopt;
  std::optional<std::string> value;
  if (reading.options.environment) {
    value = reading.options.environment(*name);
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program writes the environment
  } else if (const char* found = std::getenv(name->c_str()); found != nullptr) {
    value = found;
  }
  if (!value) {
    if (reading.options.for_serving)
      at.error("The environment variable " + core::quoted_name(*name) + " is not set.");
    return std::nullopt;
  }
  return secret_from(at, std::move(*value), form, {.variable = *name});
}

std::optional<Secret> secret_from_file(const Reading& reading, const core::YamlValue& at, Form form,
                                       Read when) {
  const std::filesystem::path path =
      form == Form::pin ? reading.private_file(at) : reading.readable_file(at);
  if (path.empty() || !is_read(reading, when)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (!file && !reading.options.for_serving) return std::nullopt;
  std::string text(credential_bytes_max + 2, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return secret_from(at, std::move(text), form, {.file = path});
}

std::optional<Secret> read_credential(const Reading& reading, const core::YamlValue& value,
                                      Form form = Form::word, Read when = Read::when_serving) {
  const core::YamlMap map(value, keys::credential);
  if (!map.value().present()) return std::nullopt;
  if (map.has("env") == map.has("file")) {
    value.error("Give either {env: NAME} or {file: PATH}.");
    return std::nullopt;
  }
  return map.has("env") ? secret_from_environment(reading, map["env"], form, when)
                        : secret_from_file(reading, map["file"], form, when);
}

// Why a header cannot be fixed; empty: it can.
std::string_view refusal_of(std::string_view name) noexcept {
  static constexpr std::array<std::string_view, 3> credentials{"authorization", "cookie",
                                                               "proxy-authorization"};
  static constexpr std::array<std::string_view, 7> ours{
      "host",   "content-length",  "content-type", "content-encoding",
      "accept", "accept-encoding", "expect"};
  if (std::ranges::find(credentials, name) != credentials.end() || http::is_key_field(name)) {
    return "A header with a credential cannot be fixed; use `credential`.";
  }
  if (std::ranges::find(ours, name) != ours.end() || http::is_hop_by_hop(name)) {
    return "The gateway writes this header itself.";
  }
  return {};
}

std::optional<std::string> read_header_name(const core::YamlValue& value,
                                            std::span<const FixedHeader> before) {
  auto name = value.text();
  if (!name) return std::nullopt;
  std::ranges::transform(*name, name->begin(), http::lower);
  if (name->size() > header_name_bytes_max || !std::ranges::all_of(*name, http::is_token)) {
    value.error("Expected the name of a header, up to 64 characters.");
  } else if (const std::string_view refusal = refusal_of(*name); !refusal.empty()) {
    value.error(std::string(refusal));
  } else if (std::ranges::find(before, *name, &FixedHeader::name) != before.end()) {
    value.error("The header " + core::quoted_name(*name) + " is given twice.");
  } else {
    return name;
  }
  return std::nullopt;
}

std::optional<Secret> read_header_value(const Reading& reading, const core::YamlMap& map) {
  if (map.has("value") == map.has("credential")) {
    map.value().error("Give either a `value` or, for a secret, a `credential`.");
    return std::nullopt;
  }
  if (map.has("credential")) return read_credential(reading, map["credential"], Form::field);
  auto text = map["value"].text();
  if (!text) return std::nullopt;
  if (!is_plain(*text, Form::field)) {
    map["value"].error("Expected up to 8192 visible ASCII characters, with blanks inside alone.");
    return std::nullopt;
  }
  return Secret(std::move(*text));
}

void read_headers(const Reading& reading, const core::YamlValue& list, Upstream& out) {
  if (!list.present()) return;
  const auto items = list.items();
  if (items.size() > headers_max) list.error("More than 32 headers.");
  for (const core::YamlValue& item : items) {
    const core::YamlMap map(item, keys::header);
    if (!map.value().present()) continue;
    auto name = read_header_name(map.required("name"), out.headers);
    auto value = read_header_value(reading, map);
    if (name && value) {
      out.headers.push_back({std::move(*name), std::move(*value), map.has("credential")});
    }
  }
}

void read_proxy(const Reading& reading, const core::YamlValue& value, Upstream& out) {
  const core::YamlMap map(value, keys::proxy);
  if (!map.value().present()) return;
  const Url url = read_url(map.required("url")).value_or(Url{});
  if (url.tls) map["url"].error("A proxy is reached by plain http; https to it is not available.");
  if (!url.prefix.empty()) map["url"].error("The URL of a proxy has no path.");
  out.proxy = ProxyServer{url.host, url.port, read_credential(reading, map["credential"])};
  const auto& credential = out.proxy->credential;
  if (credential && credential->reveal().find(':') == std::string::npos) {
    map["credential"].error("The credential of a proxy has the form user:password.");
  }
}

// What cannot be used is told where it is named.
void check_certificates(const Reading& reading, const core::YamlMap& upstream,
                        const core::YamlMap& client, const Upstream& out) {
  const auto& own = out.client_certificate;
  const bool is_whole = !own || (!own->certificate.empty() && !own->key.empty());
  if (!reading.options.for_serving || !reading.options.check_certificates || !is_whole) return;
  if (out.ca.empty() && !own) return;
  const auto good = reading.options.check_certificates(out);
  if (good) return;
  const std::string& code = good.error().code;
  const core::YamlValue at = code == "tls_ca"    ? upstream["ca"]
                             : code == "tls_key" ? client["key"]
                                                 : client["certificate"];
  at.error(good.error().message);
}

void read_certificates(const Reading& reading, const core::YamlMap& upstream, Upstream& out) {
  out.ca = reading.readable_file(upstream["ca"]);
  const core::YamlMap map(upstream["client_certificate"], keys::client_certificate);
  if (map.value().present()) {
    out.client_certificate = ClientCertificate{reading.readable_file(map.required("certificate")),
                                               reading.private_file(map.required("key"))};
  }
  if (out.url.tls) return check_certificates(reading, upstream, map, out);
  if (out.url.host.empty()) return;
  if (upstream.has("ca")) {
    upstream["ca"].error("An authority is given for a URL that does not use https.");
  }
  if (upstream.has("client_certificate")) {
    upstream["client_certificate"].error(
        "A client certificate is given for a URL that does not use https.");
  }
}

}  // namespace

std::optional<Secret> read_secret(const Reading& reading, const core::YamlValue& value) {
  return read_credential(reading, value);
}

std::optional<Secret> read_pin(const Reading& reading, const core::YamlValue& value) {
  return read_credential(reading, value, Form::pin);
}

std::optional<Secret> read_admin_token(const Reading& reading, const core::YamlValue& value) {
  const Read when = reading.options.admin_token ? Read::where_there : Read::when_serving;
  return read_credential(reading, value, Form::word, when);
}

void read_connection(const Reading& reading, const core::YamlMap& upstream, Upstream& out) {
  out.credential = read_credential(reading, upstream["credential"]);
  read_headers(reading, upstream["headers"], out);
  read_proxy(reading, upstream["proxy"], out);
  read_certificates(reading, upstream, out);
}

}  // namespace menshen::config
