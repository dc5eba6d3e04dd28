// The configuration of a gateway: menshen.yaml, validated whole before anything listens. Immutable
// once loaded; shared by all threads as a snapshot. docs/CONFIG_REFERENCE.md lists every key.
//
//   auto loaded = config::load("menshen.yaml");
//   for (const auto& problem : loaded.problems) print(problem.where(), problem.message);
//   if (!loaded.config) return 1;              // at least one problem is an error
//   listen_on(loaded.config->listen.address);
//
// Relative paths of the file are relative to the file's own folder, and are absolute here.
#pragma once

#include "core/error.h"
#include "core/limits.h"
#include "core/privacy.h"
#include "core/problem.h"
#include "proxy/protocol/adapter.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::config {

// host: an IPv4 or IPv6 address without brackets. port 0: any free one.
struct Address {
  std::string host;
  std::uint16_t port = 0;
};

enum class TlsVersion : std::uint8_t { tls1_2, tls1_3 };

struct Tls {
  std::filesystem::path certificate;  // PEM, the whole chain
  std::filesystem::path key;          // PEM
  TlsVersion min_version = TlsVersion::tls1_2;
};

struct Listen {
  Address address;
  std::optional<Tls> tls;
  // "https://app.example": pages that may read answers (CORS). None twice.
  std::vector<std::string> cors_origins = {};
};

// Where a credential is read from: one of the two.
struct SecretSource {
  std::string variable{};  // of the environment
  std::filesystem::path file{};
};

// A credential. Nothing prints it; reveal() marks the places that send it.
class Secret {
 public:
  explicit Secret(std::string value, SecretSource source = {})
      : value_(std::move(value)), source_(std::move(source)) {}
  [[nodiscard]] const std::string& reveal() const noexcept { return value_; }
  [[nodiscard]] const SecretSource& source() const noexcept { return source_; }

 private:
  std::string value_;
  SecretSource source_;
};

// The admin API.
struct Admin {
  Address address;
  // Whoever asks for more than whether the gateway lives shows it. Absent: nobody has to.
  std::optional<Secret> token;
};

// "https://host:8443/prefix": the provider's path is appended to `prefix`, which is empty or begins
// with a slash and does not end with one.
struct Url {
  bool tls = false;
  std::string host;  // lower case; IPv6 without brackets
  std::uint16_t port = 0;
  std::string prefix;
  bool operator==(const Url&) const = default;
};

struct Timeouts {
  std::uint32_t connect_ms = 5'000;       // TCP and TLS
  std::uint32_t first_byte_ms = 600'000;  // from the request's last byte to the answer's head
  std::uint32_t idle_ms = 120'000;        // silence inside an answer
  // How long a connection may wait for the next request; less than the provider lets it wait.
  std::uint32_t keep_alive_ms = 4'000;
};

// After `failures` in a row an upstream gets no exchange for open_ms, then one as a probe.
struct Breaker {
  std::uint32_t failures = 5;
  std::uint32_t open_ms = 10'000;
};

struct Health {
  std::string path;  // asked with GET; 2xx is healthy
  std::uint32_t interval_ms = 10'000;
  std::uint32_t timeout_ms = 2'000;
};

// Sent with every request to an upstream, in the place of whatever the caller says there.
struct FixedHeader {
  std::string name;  // lower case
  Secret value;
  bool is_secret =
      false;  // from the environment or a file: what comes from there must not repeat it
};

// An HTTP proxy, reached in clear, that is asked for a tunnel (CONNECT).
struct ProxyServer {
  std::string host;
  std::uint16_t port = 0;
  std::optional<Secret> credential;  // "user:password"
};

// What an upstream is shown when it asks who calls. PEM both.
struct ClientCertificate {
  std::filesystem::path certificate;  // the whole chain
  std::filesystem::path key;
};

struct Upstream {
  std::string name;
  Url url;
  std::vector<const protocol::Adapter*> apis;  // that it speaks; at least one
  std::string zone = "internal";
  std::optional<Secret> credential;  // absent: no credential is sent
  std::vector<FixedHeader> headers;  // no name twice
  std::optional<ProxyServer> proxy;
  std::filesystem::path ca;  // PEM of its own authorities; empty: the system's
  std::optional<ClientCertificate> client_certificate;
  Timeouts timeouts;
  std::uint32_t retries = 1;  // attempts after the first one
  Breaker breaker;
  std::optional<Health> health;  // absent: health is what the exchanges show
};

// What `apis` of an upstream may name.
[[nodiscard]] std::vector<std::string_view> api_names();

struct RouteTarget {
  std::uint32_t upstream = 0;  // index into Config::upstreams
  std::uint32_t weight = 1;    // 0: used when all others have failed
  std::string model;           // name at the upstream; empty: as the client named it
};

// Whether a request of which a byte was written may be delivered again.
enum class Retry : std::uint8_t {
  unsent,  // only after a complete 429 or 503
  always,  // after any failure: the provider may do the same work twice
};

struct Route {
  std::vector<std::string> models;  // names or patterns with * and ?
  std::vector<RouteTarget> targets;
  Retry retry = Retry::unsent;
  // Headers of the client's that choose whose account pays and pass here (protocol/adapter.h).
  std::vector<std::string> account_headers = {};
  // Where a target renames the model, answers have the name that the client asked for.
  bool answers_as_asked = false;
};

// A server of somebody else's to which heads of the log are sent.
struct Receiver {
  Url url;
  std::filesystem::path ca;  // PEM of its own authorities; empty: the system's
  bool operator==(const Receiver&) const = default;
};

// Where the newest head is sent to, whenever there is a newer one.
struct PublishUrl {
  Receiver to;
  std::string method;                // "PUT", "POST"
  std::optional<Secret> credential;  // absent: none is sent
};

// A witness, which cosigns heads (C2SP tlog-witness).
struct LogWitness {
  std::string key;  // its verifier key, `NAME+ID+BASE64`; none twice
  std::string name;
  std::string operator_name;
  Receiver at;
  bool operator==(const LogWitness&) const = default;
};

// The log's signing key where it stays in a PKCS#11 token.
struct LogToken {
  std::filesystem::path module;
  std::string token;          // its label
  std::string key;            // label of the key
  std::optional<Secret> pin;  // absent when not serving
};

struct Audit {
  std::string origin = "menshen/audit";
  std::filesystem::path publish;  // may be empty
  std::optional<PublishUrl> publish_url;
  std::vector<LogWitness> witnesses;
  std::uint32_t quorum = 0;  // operators of witnesses; 0 where there are none
  std::optional<LogToken> token;
};

// A way of knowing who calls; each has a link in the chain of proxy/identity.
enum class IdentityLink : std::uint8_t { api_keys };

struct Identity {
  std::vector<IdentityLink> chain{IdentityLink::api_keys};  // asked in this order; each once
};

enum class LogLevel : std::uint8_t { debug, info, warning, error };
enum class LogFormat : std::uint8_t { json, text };

struct Log {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::json;
  std::filesystem::path file;  // empty: standard output
};

struct Config {
  std::string version;  // hex SHA-256 of the file's bytes
  Listen listen;
  Admin admin;
  std::filesystem::path store;   // folder
  std::filesystem::path policy;  // file
  std::vector<Upstream> upstreams;
  std::vector<Route> routes;  // no pattern occurs twice; see routes.h for which one wins
  core::Limits limits;
  bool connections_max_given = false;  // the file says it; otherwise it is fitted to the machine
  std::uint32_t threads = 1;           // default: the number of cores
  Audit audit;
  core::PrivacySettings privacy;
  Identity identity;
  Log log;
};

struct Loaded {
  std::shared_ptr<const Config> config;  // null when a problem is an error
  std::vector<core::Problem> problems;   // their messages never hold a credential
};

struct Options {
  // False for commands that need the store alone: credentials are not read, and certificates and
  // the policy need not exist.
  bool for_serving = true;
  // Not for serving: the admin API's token is read all the same, where it is there.
  bool admin_token = false;
  // Where credentials of the form {env: NAME} come from; empty: the process's environment.
  std::function<std::optional<std::string>(const std::string&)> environment = {};
  // Whether certificates that are there can be used for an upstream; the code of an error says
  // which one cannot: "tls_ca", "tls_certificate", "tls_key". Empty: nobody looks into them.
  std::function<core::Result<void>(const Upstream&)> check_certificates = {};
  // The same of those of `listen`.
  std::function<core::Result<void>(const Tls&)> check_own_certificate = {};
};

// Neither throws on bad input.
[[nodiscard]] Loaded load(const std::filesystem::path& file, const Options& options = {});
// `name` is used in messages, `folder` is what relative paths are relative to.
[[nodiscard]] Loaded parse(std::string_view text, std::string_view name,
                           const std::filesystem::path& folder, const Options& options = {});

}  // namespace menshen::config
