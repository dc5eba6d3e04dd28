#include "proxy/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>

namespace menshen::config {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A folder with the files that a configuration may name; gone at the end.
class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() {
    std::string name = (fs::temp_directory_path() / "menshen-config-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    write("policy.yaml", "");
    write("cert.pem", "");
    write("key.pem", "");
    fs::permissions(folder_ / "key.pem", fs::perms::owner_read);
    options_.environment = [](const std::string& name_of) -> std::optional<std::string> {
      if (name_of == "CORE_KEY") return "sk-from-environment";
      if (name_of == "EMPTY") return "";
      if (name_of == "SPLIT") return "sk-one\r\nx-evil: 1";
      return std::nullopt;
    };
  }
  ~ConfigTest() override { fs::remove_all(folder_); }

  void write(const std::string& name, std::string_view text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  Loaded read(const std::string& text) const { return parse(text, "c.yaml", folder_, options_); }
  // All problems, one per line.
  std::string problems(const std::string& text) const {
    std::string out;
    for (const core::Problem& p : read(text).problems) {
      out += (p.is_error ? "error " : "warning ") + p.where() + ": " + p.message + "\n";
    }
    return out;
  }

  fs::path folder_;
  Options options_;
};

const std::string smallest =
    "listen: {address: \"127.0.0.1:8080\"}\n"
    "admin: {address: \"127.0.0.1:9090\"}\n"
    "store: {path: ./var}\n"
    "policy: {path: policy.yaml}\n"
    "upstreams:\n"
    "  - {name: core, url: \"http://127.0.0.1:9001\", apis: [openai, anthropic], zone: internal, "
    "credential: {env: CORE_KEY}}\n"
    "routes:\n"
    "  - {models: [\"*\"], upstreams: [{name: core}]}\n";

// `smallest` with one part replaced.
std::string with(const std::string& part, const std::string& instead) {
  std::string text = smallest;
  const std::size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return text.replace(at, part.size(), instead);
}

TEST_F(ConfigTest, TheSmallestFormLoadsWithItsDefaults) {
  const Loaded loaded = read(smallest);
  EXPECT_EQ(problems(smallest), "");
  ASSERT_TRUE(loaded.config);
  const Config& c = *loaded.config;
  EXPECT_EQ(c.listen.address.host, "127.0.0.1");
  EXPECT_EQ(c.listen.address.port, 8080);
  EXPECT_FALSE(c.listen.tls);
  EXPECT_EQ(c.admin.port, 9090);
  EXPECT_EQ(c.store, folder_ / "var");
  EXPECT_EQ(c.policy, folder_ / "policy.yaml");
  ASSERT_EQ(c.upstreams.size(), 1U);
  const Upstream& core = c.upstreams[0];
  EXPECT_EQ(core.name, "core");
  EXPECT_FALSE(core.url.tls);
  EXPECT_EQ(core.url.host, "127.0.0.1");
  EXPECT_EQ(core.url.port, 9001);
  EXPECT_EQ(core.url.prefix, "");
  EXPECT_EQ(core.apis.size(), 2U);
  EXPECT_EQ(core.zone, "internal");
  EXPECT_EQ(core.credential->reveal(), "sk-from-environment");
  EXPECT_FALSE(core.health);
  EXPECT_LT(core.timeouts.keep_alive_ms, 5'000U);  // what many providers allow
  EXPECT_EQ(c.routes[0].retry, Retry::unsent);
  EXPECT_FALSE(c.connections_max_given);
  EXPECT_THAT(c.routes[0].models, ElementsAre("*"));
  EXPECT_EQ(c.routes[0].targets[0].weight, 1U);
  EXPECT_EQ(c.limits.request_body_bytes_max, core::Limits{}.request_body_bytes_max);
  EXPECT_GE(c.threads, 1U);
  EXPECT_EQ(c.audit.origin, "menshen/audit");
  EXPECT_EQ(c.privacy.rho_per_day, 0.05);
  EXPECT_EQ(c.privacy.rho_total, 5.0);
  EXPECT_EQ(c.privacy.requests_per_user_day_max, 50U);
  EXPECT_EQ(c.log.level, LogLevel::info);
}

// Each key that a configuration may have, with a value that is not its default.
constexpr std::string_view every_key =
    "listen: {address: '[::1]:0', tls: {certificate: cert.pem, key: key.pem, min_version: 1.3}}\n"
    "admin: {address: '127.0.0.1:0'}\n"
    "store: {path: /srv/menshen}\n"
    "policy: {path: policy.yaml}\n"
    "upstreams:\n"
    "  - {name: a, url: 'https://API.example.com/base/', apis: [openai], zone: public,\n"
    "     credential: {file: token}, ca: cert.pem, retries: 3,\n"
    "     timeouts: {connect_ms: 1, first_byte_ms: 2, idle_ms: 3, keep_alive_ms: 4},\n"
    "     breaker: {failures: 4, open_ms: 5}, health: {path: /h, interval_ms: 600, timeout_ms: "
    "70}}\n"
    "  - {name: b, url: 'http://[::1]:81', apis: [anthropic]}\n"
    "routes:\n"
    "  - {models: [m, 'n-*'], upstreams: [{name: b, weight: 3, model: x}, {name: a, weight: "
    "0}], retry: always}\n"
    "limits: {connections_max: 9, json_depth_max: 32, request_body_bytes_max: 2048}\n"
    "threads: 3\n"
    "audit: {origin: gateway.example/audit, publish: heads.txt}\n"
    "privacy: {rho_per_day: 0.5, rho_total: 2, requests_per_user_day_max: 7}\n"
    "log: {level: warning, format: text, file: menshen.log}\n";

TEST_F(ConfigTest, EveryKeyIsRead) {
  write("token", "sk-from-file\n");
  const Loaded loaded = read(std::string(every_key));
  ASSERT_TRUE(loaded.config) << loaded.problems.at(0).where() << loaded.problems.at(0).message;
  EXPECT_TRUE(loaded.problems.empty());
  const Config& c = *loaded.config;
  EXPECT_EQ(c.listen.address.host, "::1");
  EXPECT_EQ(c.listen.tls->min_version, TlsVersion::tls1_3);
  EXPECT_EQ(c.listen.tls->key, folder_ / "key.pem");
  EXPECT_EQ(c.store, "/srv/menshen");
  const Upstream& a = c.upstreams[0];
  EXPECT_TRUE(a.url.tls);
  EXPECT_EQ(a.url.host, "api.example.com");
  EXPECT_EQ(a.url.port, 443);
  EXPECT_EQ(a.url.prefix, "/base");
  EXPECT_EQ(a.credential->reveal(), "sk-from-file");
  EXPECT_EQ(a.ca, folder_ / "cert.pem");
  EXPECT_EQ(a.retries, 3U);
  EXPECT_EQ(a.timeouts.connect_ms + a.timeouts.first_byte_ms * 10 + a.timeouts.idle_ms * 100, 321U);
  EXPECT_EQ(a.timeouts.keep_alive_ms, 4U);
  EXPECT_EQ(c.routes[0].retry, Retry::always);
  EXPECT_TRUE(c.connections_max_given);
  EXPECT_EQ(a.breaker.failures, 4U);
  EXPECT_EQ(a.breaker.open_ms, 5U);
  EXPECT_EQ(a.health->path, "/h");
  EXPECT_EQ(a.health->interval_ms, 600U);
  EXPECT_EQ(a.health->timeout_ms, 70U);
  EXPECT_EQ(c.upstreams[1].url.host, "::1");
  EXPECT_EQ(c.upstreams[1].zone, "internal");
  EXPECT_EQ(c.upstreams[1].apis, std::vector{protocol::find_adapter("anthropic")});
  const RouteTarget& target = c.routes[0].targets[0];
  EXPECT_EQ(target.upstream, 1U);
  EXPECT_EQ(target.weight, 3U);
  EXPECT_EQ(target.model, "x");
  EXPECT_EQ(c.limits.json_depth_max, 32U);
  EXPECT_EQ(c.limits.request_body_bytes_max, 2048U);
  EXPECT_EQ(c.threads, 3U);
  EXPECT_EQ(c.audit.origin, "gateway.example/audit");
  EXPECT_EQ(c.audit.publish, folder_ / "heads.txt");
  EXPECT_EQ(c.privacy.requests_per_user_day_max, 7U);
  EXPECT_EQ(c.log.level, LogLevel::warning);
  EXPECT_EQ(c.log.format, LogFormat::text);
  EXPECT_EQ(c.log.file, folder_ / "menshen.log");
}

struct Bad {
  std::string part;
  std::string instead;
  std::string problem;  // where, and the begin of the message
};

// Parts of `smallest`, for the tables below.
const std::string core_key = "{env: CORE_KEY}";
const std::string url = "\"http://127.0.0.1:9001\"";
const std::string address = "\"127.0.0.1:8080\"";
const std::string target = "{name: core}]";
const std::string last = "routes:";

const Bad frame_errors[] = {
    {"listen: {address: \"127.0.0.1:8080\"}\n", "", "c.yaml:1:1: The key \"listen\" is missing."},
    {"listen:", "lisen:", "c.yaml:1:1: Unknown key \"lisen\". Did you mean listen?"},
    {address, "\"localhost:8080\"", "c.yaml:1:19 listen.address: Expected an IP address"},
    {address, "\"127.0.0.1\"", "c.yaml:1:19 listen.address: Expected an IP address"},
    {address, "\"127.0.0.1:65536\"", "c.yaml:1:19 listen.address: Expected an IP address"},
    {address, "\"::1:80\"", "c.yaml:1:19 listen.address: Expected an IP address"},
    {address, "\"[127.0.0.1]x:80\"", "c.yaml:1:19 listen.address: Expected an IP address"},
    {"127.0.0.1:9090", "127.0.0.1:8080", "c.yaml:2:18 admin.address: The admin API needs"},
    {address + "}", address + ", tls: {certificate: no.pem, key: key.pem}}",
     "c.yaml:1:56 listen.tls.certificate: The file"},
    {address + "}", address + ", tls: {certificate: cert.pem}}",
     "c.yaml:1:42 listen.tls: The key \"key\" is missing."},
    {address + "}", address + ", tls: {certificate: cert.pem, key: key.pem, client_ca: x}}",
     "c.yaml:1:80 listen.tls: The key \"client_ca\" may not be used: client certificates"},
    {address + "}", address + ", tls: {certificate: cert.pem, key: key.pem, min_version: 1.1}}",
     "c.yaml:1:93 listen.tls.min_version: Unknown value \"1.1\". Did you mean 1.2?"},
    {"./var", "policy.yaml", "c.yaml:3:15 store.path: The store's path is not a folder."},
    {"policy.yaml", "other.yaml", "c.yaml:4:16 policy.path: The file"},
    {last, "threads: 0\nroutes:", "c.yaml:7:10 threads: Expected a whole number from 1 to 1024."},
    {last, "audit: {origin: a+b}\nroutes:", "c.yaml:7:17 audit.origin: Expected up to 128"},
    {last, "privacy: {rho_per_day: 9}\nroutes:", "c.yaml:7:10 privacy: rho_per_day must be"},
    {last, "privacy: {rho_total: 0}\nroutes:", "c.yaml:7:22 privacy.rho_total: Expected a number"},
    {last, "log: {level: loud}\nroutes:", "c.yaml:7:14 log.level: Unknown value \"loud\"."},
    {last, "identity: {chain: []}\nroutes:", "c.yaml:7:19 identity.chain: The list is empty"},
    {last, "identity: {chain: [api_keys, api_keys]}\nroutes:",
     "c.yaml:7:30 identity.chain[1]: A link stands in the chain once."},
    {last, "identity: {chain: [api_key]}\nroutes:",
     "c.yaml:7:20 identity.chain[0]: Unknown value \"api_key\". Did you mean api_keys?"},
    {last, "identity: {chain: [api_keys, oidc]}\nroutes:",
     "c.yaml:7:30 identity.chain[1]: Tokens of an issuer (OIDC) are not available"},
    {last, "identity: {chain: [mtls]}\nroutes:",
     "c.yaml:7:20 identity.chain[0]: Client certificates (mTLS) are not available"},
    {last, "identity: {oidc: {}}\nroutes:", "c.yaml:7:12 identity: Unknown key \"oidc\""},
    {last, "limits: {json_depth: 3}\nroutes:",
     "c.yaml:7:10 limits: Unknown key \"json_depth\". Did you mean json_depth_max?"},
};

const Bad upstream_errors[] = {
    {url, "core:9001", "c.yaml:6:23 upstreams[0].url: The URL must begin with http"},
    {url, "\"ftp://h\"", "c.yaml:6:23 upstreams[0].url: The URL must begin with http"},
    {url, "\"http://\"", "c.yaml:6:23 upstreams[0].url: The URL has no valid host."},
    {url, "\"http://u:p@h\"", "c.yaml:6:23 upstreams[0].url: The URL must not hold a user name"},
    {url, "\"http://h?x=1\"", "c.yaml:6:23 upstreams[0].url: The URL must end with its path."},
    {url, "\"http://h:99999\"", "c.yaml:6:23 upstreams[0].url: The URL's port"},
    {url, "\"http://h:0\"", "c.yaml:6:23 upstreams[0].url: The URL's port"},
    {url, "\"http://h:\"", "c.yaml:6:23 upstreams[0].url: The URL's port"},
    {url, "\"http://a b\"", "c.yaml:6:23 upstreams[0].url: This is not a URL"},
    {url, "\"http://h%20x\"", "c.yaml:6:23 upstreams[0].url: The URL has no valid host."},
    {url, "\"https://h/v1\"", "c.yaml:6:23 upstreams[0].url: Leave out /v1"},
    {url, "\"https://h/a/../b\"", "c.yaml:6:23 upstreams[0].url: The URL's path"},
    {"[openai, anthropic]", "[]", "c.yaml:6:54 upstreams[0].apis: The list is empty"},
    {"[openai, anthropic]", "[gemini]", "c.yaml:6:55 upstreams[0].apis[0]: Unknown value"},
    {"[openai, anthropic]", "[openai, openai]", "c.yaml:6:63 upstreams[0].apis[1]: This API"},
    {"zone: internal", "zone: in ternal", "c.yaml:6:81 upstreams[0].zone: Expected a name"},
    {core_key, "sk-leaked", "c.yaml:6:103 upstreams[0].credential: Expected a mapping, found"},
    {core_key, "{value: sk-leaked}", "c.yaml:6:104 upstreams[0].credential: The key \"value\""},
    {core_key, "{}", "c.yaml:6:103 upstreams[0].credential: Give either"},
    {core_key, "{env: A, file: b}", "c.yaml:6:103 upstreams[0].credential: Give either"},
    {core_key, "{env: NONE}",
     "c.yaml:6:109 upstreams[0].credential.env: The environment variable \"NONE\" is not set."},
    {core_key, "{env: EMPTY}", "c.yaml:6:109 upstreams[0].credential.env: The environment"},
    {core_key, "{env: SPLIT}", "c.yaml:6:109 upstreams[0].credential.env: The environment"},
    {core_key, "{file: none}", "c.yaml:6:110 upstreams[0].credential.file: The file"},
    {core_key, "{file: empty}", "c.yaml:6:110 upstreams[0].credential.file: The file is empty."},
    {core_key, core_key + ", ca: cert.pem", "c.yaml:6:124 upstreams[0].ca: An authority is given"},
    {core_key, core_key + ", headers: []", "c.yaml:6:129 upstreams[0].headers: The list is empty"},
    {core_key, core_key + ", headers: [{name: x}]",
     "c.yaml:6:130 upstreams[0].headers[0]: Give either a `value`"},
    {core_key, core_key + ", headers: [{name: x, value: y, credential: {env: CORE_KEY}}]",
     "c.yaml:6:130 upstreams[0].headers[0]: Give either a `value`"},
    {core_key, core_key + ", headers: [{name: 'x y', value: y}]",
     "c.yaml:6:137 upstreams[0].headers[0].name: Expected the name of a header"},
    {core_key, core_key + ", headers: [{name: x, value: 'sk-\u4e2d'}]",
     "c.yaml:6:147 upstreams[0].headers[0].value: Expected up to 8192 visible"},
    {core_key, core_key + ", headers: [{name: x, value: ' sk-y'}]",
     "c.yaml:6:147 upstreams[0].headers[0].value: Expected up to 8192 visible"},
    {core_key, core_key + ", headers: [{name: x, credential: {env: SPLIT}}]",
     "c.yaml:6:158 upstreams[0].headers[0].credential.env: The environment variable \"SPLIT\" "
     "holds"},
    {core_key, core_key + ", headers: [{name: x, value: y}, {name: X, value: y}]",
     "c.yaml:6:158 upstreams[0].headers[1].name: The header \"x\" is given twice."},
    {core_key, core_key + ", proxy: {}",
     "c.yaml:6:127 upstreams[0].proxy: The key \"url\" is missing"},
    {core_key, core_key + ", proxy: {url: 'https://p'}",
     "c.yaml:6:133 upstreams[0].proxy.url: A proxy is reached by plain http"},
    {core_key, core_key + ", proxy: {url: 'http://p/x'}",
     "c.yaml:6:133 upstreams[0].proxy.url: The URL of a proxy has no path."},
    {core_key, core_key + ", proxy: {url: 'http://u:sk-p@p'}",
     "c.yaml:6:133 upstreams[0].proxy.url: The URL must not hold a user name"},
    {core_key, core_key + ", proxy: {url: 'http://p', credential: {env: CORE_KEY}}",
     "c.yaml:6:157 upstreams[0].proxy.credential: The credential of a proxy has the form "
     "user:password."},
    {core_key, core_key + ", client_certificate: {certificate: cert.pem, key: key.pem}",
     "c.yaml:6:140 upstreams[0].client_certificate: A client certificate is given for a URL"},
    {core_key, core_key + ", client_certificate: {certificate: cert.pem}",
     "c.yaml:6:140 upstreams[0].client_certificate: The key \"key\" is missing"},
    {core_key, core_key + ", client_certificate: {certificate: none.pem, key: key.pem}",
     "c.yaml:6:154 upstreams[0].client_certificate.certificate: The file"},
    {core_key, core_key + ", retries: 11", "c.yaml:6:129 upstreams[0].retries: Expected a whole"},
    {core_key, core_key + ", timeouts: {connect_ms: 0}",
     "c.yaml:6:143 upstreams[0].timeouts.connect_ms: Expected a whole"},
    {core_key, core_key + ", breaker: {failures: 0}",
     "c.yaml:6:140 upstreams[0].breaker.failures: Expected a whole"},
    {core_key, core_key + ", health: {path: h}",
     "c.yaml:6:135 upstreams[0].health.path: Expected a path"},
    {core_key, core_key + ", health: {path: /h, interval_ms: 100, timeout_ms: 101}",
     "c.yaml:6:128 upstreams[0].health: timeout_ms (101) must be at most interval_ms (100)."},
};

const Bad route_errors[] = {
    {core_key, core_key + ", timeouts: {first_byte_ms: 1800000}",
     "c.yaml:6:5 upstreams[0]: connect_ms and first_byte_ms add up to 1805000"},
    {last, "  - {name: core, url: 'http://x', apis: [openai]}\nroutes:",
     "c.yaml:7:5 upstreams[1]: Two upstreams have the name \"core\"."},
    {target, "{name: croe}]",
     "c.yaml:8:40 routes[0].upstreams[0].name: No upstream has the name \"croe\". Did you mean "
     "core?"},
    {target, "{name: core, weight: 0}]", "c.yaml:8:32 routes[0].upstreams: The weights add up"},
    {target, "{name: core, model: 'a*'}]",
     "c.yaml:8:53 routes[0].upstreams[0].model: The name at the upstream"},
    {"[\"*\"]", "[a, a]", "c.yaml:8:5 routes[0]: The model \"a\" is routed twice."},
    {"[\"*\"]", "[\"a b\"]", "c.yaml:8:15 routes[0].models[0]: Expected the name of a model"},
};

TEST_F(ConfigTest, EveryErrorNamesItsPlace) {
  write("empty", "\n");
  const auto check = [&](std::span<const Bad> cases) {
    for (const Bad& bad : cases) {
      const std::string text = with(bad.part, bad.instead);
      EXPECT_THAT(problems(text), HasSubstr("error " + bad.problem)) << text;
      EXPECT_THAT(problems(text), ::testing::Not(HasSubstr("sk-"))) << text;
      EXPECT_FALSE(read(text).config) << text;
    }
  };
  check(frame_errors);
  check(upstream_errors);
  check(route_errors);
}

TEST_F(ConfigTest, EveryKeyOfAConnectionIsRead) {
  write("words", "Token of two words\n");
  write("pair", "user:pass:word");
  const std::string connection =
      ", headers: [{name: X-Project, value: risk team}, {name: x-token, credential: {file: words}}]"
      ", proxy: {url: 'http://Proxy.example:3128', credential: {file: pair}}"
      ", client_certificate: {certificate: cert.pem, key: key.pem}";
  std::string text = with(core_key, core_key + connection);
  text.replace(text.find("http:"), 5, "https:");
  EXPECT_EQ(problems(text), "");
  const Loaded loaded = read(text);
  ASSERT_TRUE(loaded.config);
  const Upstream& a = loaded.config->upstreams[0];
  ASSERT_EQ(a.headers.size(), 2U);
  EXPECT_EQ(a.headers[0].name, "x-project");
  EXPECT_EQ(a.headers[0].value.reveal(), "risk team");
  EXPECT_FALSE(a.headers[0].is_secret);
  EXPECT_EQ(a.headers[1].value.reveal(), "Token of two words");
  EXPECT_TRUE(a.headers[1].is_secret);
  EXPECT_EQ(a.proxy->host, "proxy.example");
  EXPECT_EQ(a.proxy->port, 3128);
  EXPECT_EQ(a.proxy->credential->reveal(), "user:pass:word");
  EXPECT_EQ(a.client_certificate->certificate, folder_ / "cert.pem");
  EXPECT_EQ(a.client_certificate->key, folder_ / "key.pem");
}

TEST_F(ConfigTest, FramingAndCredentialsAreNoFixedHeaders) {
  const auto fixed = [this](const std::string& name) {
    const std::string headers = ", headers: [{name: " + name + ", value: y}]";
    return problems(with(core_key, core_key + headers));
  };
  for (const char* name :
       {"host", "Content-Length", "transfer-encoding", "connection", "te", "content-type",
        "content-encoding", "accept", "accept-encoding", "expect", "upgrade", "keep-alive"}) {
    EXPECT_THAT(fixed(name), HasSubstr("The gateway writes this header itself.")) << name;
  }
  for (const char* name :
       {"authorization", "X-Api-Key", "api-key", "cookie", "proxy-authorization"}) {
    EXPECT_THAT(fixed(name), HasSubstr("cannot be fixed; use `credential`.")) << name;
  }
  EXPECT_EQ(fixed("x-project"), "");
  EXPECT_EQ(fixed(std::string(64, 'x')), "");
  EXPECT_THAT(fixed(std::string(65, 'x')), HasSubstr("up to 64 characters"));
}

TEST_F(ConfigTest, FixedHeadersAreBounded) {
  const auto many = [this](std::size_t count) {
    std::string headers = ", headers: [";
    for (std::size_t i = 0; i < count; ++i) {
      headers += "{name: x-" + std::to_string(i) + ", value: y}, ";
    }
    return problems(with(core_key, core_key + headers + "]"));
  };
  EXPECT_EQ(many(32), "");
  EXPECT_THAT(many(33), HasSubstr("More than 32 headers."));
  const auto long_value = [this](std::size_t bytes) {
    return problems(with(
        core_key, core_key + ", headers: [{name: x, value: " + std::string(bytes, 'y') + "}]"));
  };
  EXPECT_EQ(long_value(8192), "");
  EXPECT_THAT(long_value(8193), HasSubstr("Expected up to 8192"));
}

TEST_F(ConfigTest, RisksAreWarningsAndDoNotStopIt) {
  fs::permissions(folder_ / "key.pem", fs::perms::owner_read | fs::perms::others_read);
  const std::string tls = ", tls: {certificate: cert.pem, key: key.pem}}";
  const Bad cases[] = {
      {"zone: internal", "zone: public", "c.yaml:6:23 upstreams[0].url: Plain http to zone public"},
      {"127.0.0.1:8080", "0.0.0.0:8080", "c.yaml:1:19 listen.address: Without `tls`"},
      {"127.0.0.1:9090", "0.0.0.0:9090", "c.yaml:2:18 admin.address: The admin API has no TLS"},
      {":8080\"}", ":8080\"" + tls, "c.yaml:1:71 listen.tls.key: Every user of this machine"},
      {"routes:", "  - {name: b, url: 'http://x', apis: [openai]}\nroutes:",
       "c.yaml:7:5 upstreams[1]: No route leads to this upstream."},
  };
  const auto of_length = [this](std::size_t length) {
    write("token", std::string(length, 'k'));
    return problems(with("{env: CORE_KEY}", "{file: token}"));
  };
  EXPECT_EQ(of_length(core::told_credential_bytes_min), "");
  EXPECT_THAT(of_length(core::told_credential_bytes_min - 1), HasSubstr("fewer than 8 bytes"));
  for (const Bad& bad : cases) {
    const std::string text = with(bad.part, bad.instead);
    EXPECT_THAT(problems(text), HasSubstr("warning " + bad.problem)) << text;
    EXPECT_TRUE(read(text).config) << text;
  }
}

TEST_F(ConfigTest, AllProblemsAreReportedAtOnce) {
  const std::string text = "listen: {address: x}\nadmin: {}\nstore: {path: [1]}\nupstreams: []\n";
  const auto found = read(text).problems;
  EXPECT_GE(found.size(), 6U);
  EXPECT_THAT(problems(text), HasSubstr("\"policy\" is missing"));
  EXPECT_THAT(problems(text), HasSubstr("\"routes\" is missing"));
}

TEST_F(ConfigTest, CommandsThatDoNotServeNeedNoCredentialsAndNoFiles) {
  options_.for_serving = false;
  fs::remove(folder_ / "policy.yaml");
  const Loaded loaded = read(with("CORE_KEY", "NONE"));
  ASSERT_TRUE(loaded.config);
  EXPECT_FALSE(loaded.config->upstreams[0].credential);
  EXPECT_EQ(loaded.config->policy, folder_ / "policy.yaml");
}

TEST_F(ConfigTest, ReadsTheProcessEnvironmentByDefault) {
  ASSERT_EQ(setenv("MENSHEN_CONFIG_TEST_KEY", "sk-process", 1), 0);
  options_.environment = nullptr;
  const Loaded loaded = read(with("CORE_KEY", "MENSHEN_CONFIG_TEST_KEY"));
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.config->upstreams[0].credential->reveal(), "sk-process");
}

TEST_F(ConfigTest, LoadsAFileRelativeToItsFolder) {
  write("menshen.yaml", smallest);
  const Loaded loaded = load(folder_ / "menshen.yaml", options_);
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.config->store, folder_ / "var");
  EXPECT_EQ(load(folder_ / "none.yaml").problems.at(0).message, "There is no such file.");
  EXPECT_EQ(load(folder_).problems.at(0).message, "There is no such file.");
  write("big.yaml", std::string(1024 * 1024 + 1, '#'));
  EXPECT_THAT(load(folder_ / "big.yaml").problems.at(0).message, HasSubstr("larger than 1048576"));
}

TEST_F(ConfigTest, TheExampleLoadsWithoutWarnings) {
  const Loaded loaded = load(MENSHEN_SOURCE_DIR "/deploy/examples/menshen.yaml", options_);
  for (const core::Problem& p : loaded.problems) ADD_FAILURE() << p.where() << ": " << p.message;
  EXPECT_TRUE(loaded.config);
}

// Seeds and what fuzzing found.
TEST_F(ConfigTest, TheCorpusIsReadWithoutHarm) {
  int files = 0;
  for (const auto& entry :
       fs::directory_iterator(MENSHEN_SOURCE_DIR "/proxy/config/corpus/config_fuzz")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const Loaded loaded = read({std::istreambuf_iterator<char>(file), {}});
    EXPECT_TRUE(loaded.config || !loaded.problems.empty()) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 2);
}

}  // namespace
}  // namespace menshen::config
