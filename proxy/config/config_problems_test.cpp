// Each mistake in a configuration is told with its place, and never with a secret.
#include "proxy/config/testing.h"

#include <gmock/gmock.h>

#include <span>

namespace menshen::config {
namespace {

using ::testing::HasSubstr;

const Bad frame_errors[] = {
    {"listen: {address: \"127.0.0.1:8080\"}\n", "", "c.yaml:1:1: The key \"listen\" is missing."},
    {"listen:", "lisen:", "c.yaml:1:1: Unknown key \"lisen\". Did you mean listen?"},
    {address, "\"localhost:8080\"", "c.yaml:1:19 listen.address: Expected an IP address"},
    {address, "\"127.0.0.1\"", "c.yaml:1:19 listen.address: Expected an IP address"},
    {address, "\"127.0.0.1:65536\"", "c.yaml:1:19 listen.address: Expected an IP address"},
    {address, "\"::1:80\"", "c.yaml:1:19 listen.address: Expected an IP address"},
    {address, "\"[127.0.0.1]x:80\"", "c.yaml:1:19 listen.address: Expected an IP address"},
    {"127.0.0.1:9090", "127.0.0.1:8080", "c.yaml:2:18 admin.address: The admin API needs"},
    {"127.0.0.1:9090", "0.0.0.0:9090", "c.yaml:2:18 admin.address: Off loopback the admin API"},
    {"127.0.0.1:9090\"", "127.0.0.1:9090\", token: {value: sk-leaked}",
     "c.yaml:2:44 admin.token: The key \"value\" may not be used"},
    {"127.0.0.1:9090\"", "127.0.0.1:9090\", token: {env: NONE}",
     "c.yaml:2:49 admin.token.env: The environment variable \"NONE\" is not set."},
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
    {last, "privacy: {rho_per_day: 9}\nroutes:",
     "c.yaml:7:24 privacy.rho_per_day: rho_per_day must be at most rho_total"},
    {last, "privacy: {rho_total: 0.01}\nroutes:", "c.yaml:7:10 privacy: rho_per_day must be"},
    {last, "privacy: {requests_per_user_day_max: 100000}\nroutes:",
     "c.yaml:7:10 privacy: rho_per_day is too small"},
    {last, "privacy: {requests_per_user_day_max: 100001}\nroutes:",
     "c.yaml:7:38 privacy.requests_per_user_day_max: Expected a whole number from 1 to 100000"},
    {last, "privacy: {releases_per_day: 5}\nroutes:",
     "c.yaml:7:29 privacy.releases_per_day: releases_per_day must be 1, 2"},
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

const std::string witness_key = "w+04d2d833+BD1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM";
const std::string of_witness = "{url: 'http://w', key: ";

const std::string of_token = "audit: {token: {module: cert.pem, key: k, token: ";

const Bad audit_errors[] = {
    {last, "audit: {token: {}}\nroutes:", "c.yaml:7:16 audit.token: The key \"module\" is missing"},
    {last, of_token + "'t ', pin: {env: PIN}}}\nroutes:",
     "c.yaml:7:50 audit.token.token: Expected a label of up to 32 bytes"},
    {last, of_token + std::string(33, 't') + ", pin: {env: PIN}}}\nroutes:",
     "c.yaml:7:50 audit.token.token: Expected a label of up to 32 bytes"},
    {last, of_token + "t, pin: '1234'}}\nroutes:", "c.yaml:7:58 audit.token.pin: "},
    {last, "audit: {quorum: 1}\nroutes:",
     "c.yaml:7:17 audit.quorum: The witnesses have 0 operators; a quorum of 1 is never reached."},
    {last, "audit: {witnesses: []}\nroutes:", "c.yaml:7:20 audit.witnesses: The list is empty"},
    {last, "audit: {witnesses: [{}]}\nroutes:",
     "c.yaml:7:21 audit.witnesses[0]: The key \"key\" is missing"},
    {last, "audit: {witnesses: [" + of_witness + "log+3792cf32+AdddamAGC}]}\nroutes:",
     "c.yaml:7:44 audit.witnesses[0].key: Expected a witness's verifier key"},
    // The key of a log.
    {last,
     "audit: {witnesses: [" + of_witness +
         "log+3792cf32+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea}]}\nroutes:",
     "c.yaml:7:44 audit.witnesses[0].key: Expected a witness's verifier key"},
    {last,
     "audit: {witnesses: [" + of_witness + witness_key + "}, " + of_witness + witness_key +
         "}]}\nroutes:",
     "c.yaml:7:102 audit.witnesses[1]: The witness \"w\" is named twice."},
    {last,
     "audit: {witnesses: [" + of_witness + witness_key + "}, " + of_witness + "x" + witness_key +
         "}]}\nroutes:",
     "c.yaml:7:102 audit.witnesses[1]: The witness \"xw\" has the key of \"w\": both are one."},
    {last, "audit: {witnesses: [" + of_witness + witness_key + ", operator: ' '}]}\nroutes:",
     "c.yaml:7:111 audit.witnesses[0].operator: Expected the name of whoever runs the witness"},
    {last, "audit: {witnesses: [" + of_witness + witness_key + ", operator: ''}]}\nroutes:",
     "c.yaml:7:111 audit.witnesses[0].operator: Expected a text, found an empty text."},
    {last, "audit: {witnesses: [" + of_witness + witness_key + ", operator: 'a '}]}\nroutes:",
     "c.yaml:7:111 audit.witnesses[0].operator: Expected the name of whoever runs the witness"},
    {last,
     "audit: {witnesses: [" + of_witness + witness_key + ", operator: \"a\\u0001\"}]}\nroutes:",
     "c.yaml:7:111 audit.witnesses[0].operator: Expected the name of whoever runs the witness"},
    {last, "audit: {witnesses: [" + of_witness + witness_key + ", ca: cert.pem}]}\nroutes:",
     "c.yaml:7:105 audit.witnesses[0].ca: An authority is given for a URL"},
    {last, "audit: {quorum: 2, witnesses: [" + of_witness + witness_key + "}]}\nroutes:",
     "c.yaml:7:17 audit.quorum: The witnesses have 1 operators; a quorum of 2 is never reached."},
    {last, "audit: {publish_url: {url: 'http://h?a=b'}}\nroutes:",
     "c.yaml:7:28 audit.publish_url.url: The URL must end with its path."},
    {last, "audit: {publish_url: {url: 'http://h', method: GET}}\nroutes:",
     "c.yaml:7:48 audit.publish_url.method: Unknown value"},
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
    {target, target + ", account_headers: [openai-projekt]",
     "c.yaml:8:66 routes[0].account_headers[0]: Unknown value \"openai-projekt\". Did you mean "
     "openai-project?"},
    {target, target + ", account_headers: [openai-project, openai-project]",
     "c.yaml:8:82 routes[0].account_headers[1]: This header is named twice."},
    {target, target + ", answer_model: theirs",
     "c.yaml:8:62 routes[0].answer_model: Unknown value"},
    {"[\"*\"]", "[a, a]", "c.yaml:8:5 routes[0]: The model \"a\" is routed twice."},
    {"[\"*\"]", "[\"a b\"]", "c.yaml:8:15 routes[0].models[0]: Expected the name of a model"},
};

TEST_F(ConfigTest, OriginsAreWrittenAsBrowsersWriteThem) {
  const std::string address = "address: \"127.0.0.1:8080\"";
  const auto with_origin = [&](const std::string& origin) {
    return with(address, address + ", cors: {origins: [\"" + origin + "\"]}");
  };
  for (const char* good : {"https://app.example.com", "http://localhost:5173", "http://[::1]:8000",
                           "app://obsidian.md", "chrome-extension://abcdef"})
    EXPECT_EQ(problems(with_origin(good)), "") << good;
  for (const auto& [bad, problem] :
       {std::pair{"*", "there is no wildcard"},
        {"https://*.example.com", "there is no wildcard"},
        {"null", "Expected an origin"},
        {"https://app.example.com/", "Expected an origin"},
        {"https://App.example.com", "Expected an origin"},
        {"app.example.com", "Expected an origin"},
        {"https://u@app.example.com", "Expected an origin"},
        {"https://", "Expected an origin"},
        {"https://app.example.com?x", "Expected an origin"},
        {"https://app.example.com:443", "Browsers leave out the port 443"},
        {"https://app.example.com:0", "port must be from 1 to 65535"},
        {"https://a\", \"https://a", "named twice"}}) {
    EXPECT_THAT(
        problems(with_origin(bad)),
        AllOf(HasSubstr("error c.yaml:1:"), HasSubstr("listen.cors.origins["), HasSubstr(problem)))
        << bad;
  }
}

TEST_F(ConfigTest, CertificatesThatCannotBeUsedAreToldWhereTheyAreNamed) {
  const std::string text = with("\"http://127.0.0.1:9001\"",
                                "'https://x', ca: cert.pem, client_certificate: "
                                "{certificate: cert.pem, key: key.pem}");
  EXPECT_EQ(problems(text), "");
  for (const auto& [code, field] : {std::pair{"tls_ca", "ca"},
                                    {"tls_certificate", "client_certificate.certificate"},
                                    {"tls_key", "client_certificate.key"}}) {
    options_.check_certificates = [code = code](const Upstream& upstream) -> core::Result<void> {
      EXPECT_EQ(upstream.ca.filename(), "cert.pem");
      return core::gateway_error(core::ErrorKind::invalid_config, code, "It is none.");
    };
    EXPECT_THAT(problems(text), HasSubstr(" upstreams[0]." + std::string(field) + ": It is none."));
    EXPECT_THAT(problems(text), HasSubstr("error c.yaml:6:"));
    EXPECT_EQ(problems(smallest), "");  // nothing is named, and nobody asks
  }
}

TEST_F(ConfigTest, OfItsOwnCertificateTooThePlaceIsTold) {
  const std::string text = with("{address: \"127.0.0.1:8080\"}",
                                "{address: \"127.0.0.1:8080\", tls: {certificate: cert.pem, key: "
                                "key.pem}}");
  EXPECT_EQ(problems(text), "");
  for (const auto& [code, field] : {std::pair{"tls_certificate", "certificate"},
                                    {"tls_key", "key"},
                                    {"tls_settings", "certificate"}}) {
    options_.check_own_certificate = [code = code](const Tls& tls) -> core::Result<void> {
      EXPECT_EQ(tls.key.filename(), "key.pem");
      return core::gateway_error(core::ErrorKind::invalid_config, code, "It is none.");
    };
    EXPECT_THAT(problems(text), HasSubstr(" listen.tls." + std::string(field) + ": It is none."));
    EXPECT_THAT(problems(text), HasSubstr("error c.yaml:1:"));
    EXPECT_EQ(problems(smallest), "");  // nothing is named, and nobody asks
  }
}

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
  check(audit_errors);
  check(upstream_errors);
  check(route_errors);
}

}  // namespace
}  // namespace menshen::config
