// menshen.schema.json and the reader say the same.
#include "core/schema_check.h"
#include "proxy/config/config.h"
#include "proxy/config/full_document_testing.h"
#include "proxy/config/keys.h"
#include "proxy/config/limits_table.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace menshen::config {
namespace {

using core::testing::SchemaCheck;
using Json = nlohmann::json;

Json schema() {
  std::ifstream file(MENSHEN_SOURCE_DIR "/proxy/config/menshen.schema.json");
  return Json::parse(file);
}

std::vector<core::YamlKey> limit_keys() {
  std::vector<core::YamlKey> out;
  for (const LimitField& field : limit_fields()) out.push_back({field.name});
  return out;
}

void compare_lists(SchemaCheck& check) {
  check.keys("", keys::root);
  check.keys("/properties/listen", keys::listen);
  check.keys("/properties/listen/properties/tls", keys::tls);
  check.keys("/properties/listen/properties/cors", keys::cors);
  check.keys("/properties/admin", keys::admin);
  check.keys("/properties/store", keys::store);
  check.keys("/properties/policy", keys::policy);
  check.keys("/properties/limits", limit_keys());
  check.keys("/properties/audit", keys::audit);
  check.keys("/properties/audit/properties/publish_url", keys::publish_url);
  check.keys("/properties/audit/properties/token", keys::token);
  check.keys("/$defs/witness", keys::witness);
  check.choices("/properties/audit/properties/publish_url/properties/method",
                keys::publish_methods);
  check.keys("/properties/privacy", keys::privacy);
  check.keys("/properties/identity", keys::identity);
  check.keys("/properties/log", keys::log);
  check.keys("/$defs/upstream", keys::upstream);
  check.keys("/$defs/credential", keys::credential);
  check.keys("/$defs/header", keys::header);
  check.keys("/$defs/upstream/properties/proxy", keys::proxy);
  check.keys("/$defs/upstream/properties/client_certificate", keys::client_certificate);
  check.keys("/$defs/upstream/properties/timeouts", keys::timeouts);
  check.keys("/$defs/upstream/properties/breaker", keys::breaker);
  check.keys("/$defs/upstream/properties/health", keys::health);
  check.keys("/$defs/route", keys::route);
  check.keys("/$defs/target", keys::target);
  check.choices("/properties/listen/properties/tls/properties/min_version", keys::tls_versions);
  check.choices("/properties/identity/properties/chain/items", keys::identity_links);
  check.choices("/properties/log/properties/level", keys::log_levels);
  check.choices("/properties/log/properties/format", keys::log_formats);
  check.choices("/$defs/upstream/properties/apis/items", api_names());
  check.choices("/$defs/route/properties/retry", keys::retries);
  check.choices("/$defs/route/properties/answer_model", keys::answer_models);
  check.choices("/$defs/route/properties/account_headers/items", protocol::account_headers());
}

TEST(Schema, SaysTheSameAsTheReader) {
  SchemaCheck check(schema(), [](const std::string& text) {
    return parse(text, "c.yaml", "/nonexistent", {.for_serving = false}).config != nullptr;
  });
  compare_lists(check);
  check.document(full_document(), {"/audit/witnesses"});  // the quorum needs them
  EXPECT_EQ(check.faults(), "");
}

// It was made from the same table, but by a script that reads it in its own way.
TEST(Schema, StatesTheDefaultsOfTheLimits) {
  const Json properties = schema()["properties"]["limits"]["properties"];
  for (const LimitField& field : limit_fields()) {
    const Json& limit = properties[std::string(field.name)];
    EXPECT_EQ(limit["default"], limit_value(core::Limits{}, field)) << field.name;
    EXPECT_EQ(limit["minimum"], field.min) << field.name;
    EXPECT_EQ(limit["maximum"], field.max) << field.name;
  }
}

TEST(Schema, StatesTheRangesOfPrivacy) {
  const Json properties = schema()["properties"]["privacy"]["properties"];
  const auto check = [&](const char* name, double usual, double least, double most) {
    const Json& setting = properties[name];
    EXPECT_EQ(setting["default"], usual) << name;
    EXPECT_EQ(setting.contains("enum") ? setting["enum"].front() : setting["minimum"], least);
    EXPECT_EQ(setting.contains("enum") ? setting["enum"].back() : setting["maximum"], most);
  };
#define MENSHEN_PRIVACY(type, name, usual, least, most) check(#name, usual, least, most);
#include "core/privacy.inc"
#undef MENSHEN_PRIVACY
}

TEST(Reference, NamesEveryKey) {
  std::ifstream file(MENSHEN_SOURCE_DIR "/docs/CONFIG_REFERENCE.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::span<const core::YamlKey> tables[] = {
      keys::root,       keys::listen,   keys::tls,      keys::admin,   keys::store,
      keys::policy,     keys::upstream, keys::timeouts, keys::breaker, keys::health,
      keys::route,      keys::target,   keys::audit,    keys::privacy, keys::log,
      keys::credential, keys::identity, keys::header,   keys::proxy,   keys::client_certificate,
      keys::cors};
  for (const auto table : tables) {
    for (const core::YamlKey& key : table) {
      if (!key.refusal.empty()) continue;
      const bool named = text.find(std::string(key.name) + "`") != std::string::npos ||
                         text.find(std::string(key.name) + ":") != std::string::npos ||
                         text.find("`" + std::string(key.name) + ".") != std::string::npos;
      EXPECT_TRUE(named) << key.name;
    }
  }
}

}  // namespace
}  // namespace menshen::config
