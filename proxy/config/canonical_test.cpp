#include "proxy/config/canonical.h"

#include "proxy/config/full_document_testing.h"
#include "proxy/config/testing.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string>

namespace menshen::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using CanonicalJson = nlohmann::json;

const std::string canary = "canary-8f1d2c7a";

// Every secret that a configuration can name has the canary in it, and ends in `suffix`.
class CanonicalTest : public ConfigTest {
 protected:
  CanonicalTest() {
    for (const char* name : {"c", "k", "p", "m", "ca.pem", "c.pem", "k.pem"}) write(name, "");
    secrets_end_in("1");
  }
  void secrets_end_in(const std::string& suffix) {
    const std::string secret = canary + ":" + suffix;
    write("F", secret);
    options_.environment = [secret](const std::string&) { return std::optional(secret); };
  }
  std::string canonical_of(const std::string& text) const {
    const Loaded loaded = read(text);
    EXPECT_NE(loaded.config, nullptr) << problems(text);
    return loaded.config ? canonical(*loaded.config) : std::string{};
  }
  std::string full() const { return canonical_of(full_document().dump()); }
};

// "/routes/upstreams/weight", and its values: elements of lists have no name.
using Leaves = std::multimap<std::string, CanonicalJson>;

void add_leaves(const CanonicalJson& value, const std::string& path, Leaves& out) {
  if (!value.is_structured()) {
    out.emplace(path, value);
    return;
  }
  for (const auto& [name, member] : value.items())
    add_leaves(member, value.is_object() ? path + "/" + name : path, out);
}

Leaves leaves_of(const std::string& json) {
  Leaves out;
  add_leaves(CanonicalJson::parse(json), "", out);
  return out;
}

std::set<std::string> names_of(const Leaves& leaves) {
  std::set<std::string> out;
  for (const auto& [path, value] : leaves) out.insert(path);
  return out;
}

// Of all that the schema allows.
void add_schema(const CanonicalJson& root, const CanonicalJson& schema, const std::string& path,
                std::set<std::string>& out) {
  if (schema.is_boolean()) return;  // what another version has
  if (schema.contains("$ref")) {
    const auto target = schema["$ref"].get<std::string>().substr(1);
    return add_schema(root, root.at(CanonicalJson::json_pointer(target)), path, out);
  }
  if (schema.contains("items")) return add_schema(root, schema["items"], path, out);
  if (!schema.contains("properties")) {
    out.insert(path);
    return;
  }
  for (const auto& [name, property] : schema["properties"].items())
    add_schema(root, property, path + "/" + name, out);
}

std::set<std::string> names_in_schema() {
  std::ifstream file(MENSHEN_SOURCE_DIR "/proxy/config/menshen.schema.json");
  const CanonicalJson schema = CanonicalJson::parse(file);
  std::set<std::string> out;
  add_schema(schema, schema, "", out);
  return out;
}

// The same with every secret in a file.
CanonicalJson with_files(CanonicalJson value) {
  if (value.contains("env")) return {{"file", "F"}};
  if (!value.is_structured()) return value;
  for (CanonicalJson& member : value) member = with_files(std::move(member));
  return value;
}

TEST_F(CanonicalTest, HasEveryKeyOfTheSchema) {
  std::set<std::string> names = names_of(leaves_of(full()));
  names.merge(names_of(leaves_of(canonical_of(with_files(full_document()).dump()))));
  EXPECT_EQ(names, names_in_schema());
}

// Paths are absolute, URLs have their ports; all else is as the file has it.
TEST_F(CanonicalTest, HasEveryValueOfTheFile) {
  const Leaves stands = leaves_of(full());
  for (const auto& [path, wanted] : leaves_of(full_document().dump())) {
    const auto [begin, end] = stands.equal_range(path);
    const bool there = std::any_of(begin, end, [&value = wanted](const auto& leaf) {
      return leaf.second == value || (value.is_string() && leaf.second.is_string() &&
                                      leaf.second.template get<std::string>().find(
                                          value.template get<std::string>()) != std::string::npos);
    });
    EXPECT_TRUE(there) << path << " " << wanted;
  }
}

TEST_F(CanonicalTest, ReadAsAConfigurationItIsTheSame) {
  for (const std::string& text : {smallest, full_document().dump()}) {
    const std::string once = canonical_of(text);
    EXPECT_EQ(canonical_of(once), once);
  }
}

TEST_F(CanonicalTest, HasNothingThatDependsOnASecret) {
  const std::string text = full();
  EXPECT_THAT(text, Not(HasSubstr(canary)));
  secrets_end_in("2");
  EXPECT_EQ(full(), text);
}

TEST_F(CanonicalTest, SaysWhereSecretsAreReadFrom) {
  const CanonicalJson json = CanonicalJson::parse(full());
  const CanonicalJson file{{"file", (folder_ / "F").string()}};
  EXPECT_EQ(json["admin"]["token"], (CanonicalJson{{"env", "T"}}));
  EXPECT_EQ(json["upstreams"][0]["credential"], (CanonicalJson{{"env", "E"}}));
  EXPECT_EQ(json["upstreams"][1]["credential"], file);
  EXPECT_EQ(json["upstreams"][1]["headers"][1],
            (CanonicalJson{{"credential", file}, {"name", "x-b"}}));
  EXPECT_EQ(json["upstreams"][1]["proxy"]["credential"], file);
}

// However the file is written.
TEST_F(CanonicalTest, IsOneTextForOneMeaning) {
  const std::string text = canonical_of(smallest);
  EXPECT_EQ(canonical_of("# A remark.\n" + smallest), text);
  EXPECT_EQ(canonical_of(with("./var", "./var/../var")), text);
  EXPECT_EQ(canonical_of(with("http://127.0.0.1:9001", "http://127.0.0.1:9001/")), text);
  EXPECT_EQ(canonical_of(smallest + "log: {level: info}\n"), text);
  EXPECT_NE(canonical_of(smallest + "log: {level: debug}\n"), text);
}

// RFC 8785: names ascend, nothing stands between them, and numbers are as ECMAScript writes them.
TEST_F(CanonicalTest, IsCanonicalJson) {
  const std::string text = canonical_of(
      with("zone: internal", "zone: internal, headers: [{name: x-a, value: '\"\\/'}]") +
      "privacy: {rho_per_day: 0.00002, rho_total: 5}\n");
  EXPECT_THAT(text, ::testing::StartsWith(R"({"admin":{"address":"127.0.0.1:9090"},"audit":)"
                                          R"({"origin":"menshen/audit"},"identity":)"
                                          R"({"chain":["api_keys"]},"limits":{)"));
  EXPECT_THAT(text, HasSubstr(R"("headers":[{"name":"x-a","value":"\"\\/"}])"));
  EXPECT_THAT(text, HasSubstr(R"("privacy":{"releases_per_day":1,"requests_per_user_day_max":50,)"
                              R"("rho_per_day":0.00002,"rho_total":5})"));
  EXPECT_THAT(text, HasSubstr(R"("threads":)"));
}

}  // namespace
}  // namespace menshen::config
