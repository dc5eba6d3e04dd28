#include "proxy/config/testing.h"

#include <gmock/gmock.h>

#include <iterator>

namespace menshen::config {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(ConfigTest, TheSmallestFormLoadsWithItsDefaults) {
  const Loaded loaded = read(smallest);
  EXPECT_EQ(problems(smallest), "");
  ASSERT_TRUE(loaded.config);
  const Config& c = *loaded.config;
  EXPECT_EQ(c.listen.address.host, "127.0.0.1");
  EXPECT_EQ(c.listen.address.port, 8080);
  EXPECT_FALSE(c.listen.tls);
  EXPECT_EQ(c.admin.address.port, 9090);
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
    "listen: {address: '[::1]:0', tls: {certificate: cert.pem, key: key.pem, min_version: 1.3},\n"
    "  cors: {origins: [\"https://app.example\"]}}\n"
    "admin: {address: '127.0.0.1:0', token: {file: long_token}}\n"
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
    "0}], retry: always, account_headers: [openai-project],\n"
    "     answer_model: asked}\n"
    "limits: {connections_max: 9, json_depth_max: 32, request_body_bytes_max: 2048}\n"
    "threads: 3\n"
    "audit:\n"
    "  origin: gateway.example/audit\n"
    "  publish: heads.txt\n"
    "  publish_url: {url: 'http://mirror.example:81/log/', method: POST, credential: {file: "
    "token}}\n"
    "  witnesses:\n"
    "    - {key: "
    "witness.example/w1+04d2d833+BD1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM, url: "
    "'https://w1.example/at', operator: auditor, ca: c.pem}\n"
    "    - {key: w2+04d2d833+BD2AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM, url: 'http://w2'}\n"
    "privacy: {rho_per_day: 0.5, rho_total: 2, requests_per_user_day_max: 7}\n"
    "log: {level: warning, format: text, file: menshen.log}\n";

TEST_F(ConfigTest, EveryKeyIsRead) {
  write("long_token", "token-of-the-admin");
  write("token", "sk-from-file\n");
  write("c.pem", "");
  const Loaded loaded = read(std::string(every_key));
  ASSERT_TRUE(loaded.config) << loaded.problems.at(0).where() << loaded.problems.at(0).message;
  EXPECT_TRUE(loaded.problems.empty());
  const Config& c = *loaded.config;
  EXPECT_EQ(c.listen.address.host, "::1");
  EXPECT_EQ(c.listen.tls->min_version, TlsVersion::tls1_3);
  EXPECT_EQ(c.listen.tls->key, folder_ / "key.pem");
  EXPECT_THAT(c.listen.cors_origins, ElementsAre("https://app.example"));
  EXPECT_EQ(c.store, "/srv/menshen");
  const Upstream& a = c.upstreams[0];
  EXPECT_TRUE(a.url.tls);
  EXPECT_EQ(a.url.host, "api.example.com");
  EXPECT_EQ(a.url.port, 443);
  EXPECT_EQ(a.url.prefix, "/base");
  EXPECT_EQ(a.credential->reveal(), "sk-from-file");
  EXPECT_EQ(c.admin.token->reveal(), "token-of-the-admin");
  EXPECT_EQ(a.ca, folder_ / "cert.pem");
  EXPECT_EQ(a.retries, 3U);
  EXPECT_EQ(a.timeouts.connect_ms + a.timeouts.first_byte_ms * 10 + a.timeouts.idle_ms * 100, 321U);
  EXPECT_EQ(a.timeouts.keep_alive_ms, 4U);
  EXPECT_EQ(c.routes[0].retry, Retry::always);
  EXPECT_TRUE(c.routes[0].answers_as_asked);
  EXPECT_THAT(c.routes[0].account_headers, ElementsAre("openai-project"));
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
  EXPECT_EQ(c.audit.publish_url->to.url.prefix, "/log");
  EXPECT_EQ(c.audit.publish_url->method, "POST");
  EXPECT_EQ(c.audit.publish_url->credential->reveal(), "sk-from-file");
  ASSERT_EQ(c.audit.witnesses.size(), 2U);
  EXPECT_EQ(c.audit.witnesses[0].name, "witness.example/w1");
  EXPECT_EQ(c.audit.witnesses[0].operator_name, "auditor");
  EXPECT_EQ(c.audit.witnesses[0].at.url.prefix, "/at");
  EXPECT_EQ(c.audit.witnesses[0].at.ca, folder_ / "c.pem");
  EXPECT_EQ(c.audit.witnesses[1].operator_name, "w2");
  EXPECT_EQ(c.audit.quorum, 2U);
  EXPECT_EQ(c.privacy.requests_per_user_day_max, 7U);
  EXPECT_EQ(c.log.level, LogLevel::warning);
  EXPECT_EQ(c.log.format, LogFormat::text);
  EXPECT_EQ(c.log.file, folder_ / "menshen.log");
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

TEST_F(ConfigTest, TheLogsKeyMayBeInAToken) {
  write("pin", "471108\n");
  write("module.so", "");
  const std::string text = smallest +
                           "audit: {token: {module: module.so, token: " + std::string(32, 't') +
                           ", key: audit, pin: {file: pin}}}\n";
  EXPECT_THAT(problems(text), HasSubstr("audit.token.pin.file: Every user of this machine"));
  fs::permissions(folder_ / "pin", fs::perms::owner_read);
  EXPECT_EQ(problems(text), "");
  const Loaded loaded = read(text);
  ASSERT_TRUE(loaded.config);
  const LogToken& token = loaded.config->audit.token.value();
  EXPECT_EQ(token.module, folder_ / "module.so");
  EXPECT_EQ(token.token, std::string(32, 't'));
  EXPECT_EQ(token.key, "audit");
  EXPECT_EQ(token.pin->reveal(), "471108");
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

TEST_F(ConfigTest, AnAdminTokenIsASecretOfSomeLength) {
  const auto with_token = [this](const std::string& token) {
    write("token", token);
    return with("127.0.0.1:9090\"", "127.0.0.1:9090\", token: {file: token}");
  };
  const auto loaded = read(with_token(std::string(16, 'k') + "\n"));
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.config->admin.token->reveal(), std::string(16, 'k'));
  EXPECT_THAT(problems(with_token(std::string(15, 'k'))), HasSubstr("at least 16 characters"));
}

TEST_F(ConfigTest, TheAdminTokenCanBeReadAloneWhereItIsThere) {
  write("token", "token-of-the-admin");
  const auto with_token = [](const std::string& where) {
    return with("127.0.0.1:9090\"", "127.0.0.1:9090\", token: {" + where + "}");
  };
  options_.for_serving = false;
  EXPECT_FALSE(read(with_token("file: token")).config->admin.token);
  options_.admin_token = true;
  const auto known = read(with_token("file: token"));
  ASSERT_TRUE(known.config);
  EXPECT_EQ(known.config->admin.token->reveal(), "token-of-the-admin");
  EXPECT_FALSE(known.config->upstreams[0].credential);
  for (const char* absent : {"file: no_token", "env: NO_TOKEN"}) {
    const auto unknown = read(with_token(absent));
    ASSERT_TRUE(unknown.config) << absent;
    EXPECT_FALSE(unknown.config->admin.token);
    EXPECT_EQ(problems(with_token(absent)), "");
  }
}

TEST_F(ConfigTest, RisksAreWarningsAndDoNotStopIt) {
  fs::permissions(folder_ / "key.pem", fs::perms::owner_read | fs::perms::others_read);
  write("long_token", "token-of-the-admin");
  const std::string tls = ", tls: {certificate: cert.pem, key: key.pem}}";
  const Bad cases[] = {
      {"zone: internal", "zone: public", "c.yaml:6:23 upstreams[0].url: Plain http to zone public"},
      {"127.0.0.1:8080", "0.0.0.0:8080", "c.yaml:1:19 listen.address: Without `tls`"},
      {"127.0.0.1:9090\"", "0.0.0.0:9090\", token: {file: long_token}",
       "c.yaml:2:18 admin.address: The admin API has no TLS"},
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
