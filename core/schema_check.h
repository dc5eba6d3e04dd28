// For tests: does a JSON Schema say the same as the reader of the YAML files that it describes?
//
//   SchemaCheck check(schema, [](const std::string& text) { return loads(text); });
//   check.keys("/$defs/accessRule", keys::access_rule);
//   check.choices("/$defs/effect", keys::effects);
//   check.document(full);        // a document that uses every key
//   EXPECT_EQ(check.faults(), "");
//
// keys() and choices() compare lists. document() changes one place after the other and asks the
// reader: a required key left out, an unknown key, a value of another type, a number out of bounds,
// a name that is no choice must be refused; an optional key left out must not. JSON is YAML, so a
// document is given as JSON. It reads the part of JSON Schema 2020-12 that this project's schemas
// use.
#pragma once

#include "core/yaml_reader.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::core::testing {

class SchemaCheck {
 public:
  using Json = nlohmann::json;
  using Pointer = Json::json_pointer;
  using Accepts = std::function<bool(const std::string&)>;

  SchemaCheck(Json schema, Accepts accepts)
      : schema_(std::move(schema)), accepts_(std::move(accepts)) {}

  void keys(const std::string& place, std::span<const YamlKey> keys) {
    std::set<std::string> wanted;
    for (const YamlKey& key : keys) {
      if (key.refusal.empty()) wanted.emplace(key.name);
    }
    const Json& object = schema_.at(Pointer(place));
    std::set<std::string> found;
    for (const auto& [name, property] : object.at("properties").items()) found.insert(name);
    if (found != wanted) fault(place, "has other keys than the reader");
    compared_.insert(&object);
  }

  void choices(const std::string& place, std::span<const std::string_view> names) {
    const std::set<std::string> wanted(names.begin(), names.end());
    std::set<std::string> found;
    for (const Json& name : schema_.at(Pointer(place)).at("enum")) {
      if (name.is_string()) found.insert(name.get<std::string>());
    }
    if (found != wanted) fault(place, "has other choices than the reader");
  }

  // Other parts of the document need what stands at the places of `needed`, optional as it is.
  void document(const Json& full, std::set<std::string> needed = {}) {
    needed_ = std::move(needed);
    if (!accepts_(full.dump())) {
      fault("", "the full document is refused");
      return;
    }
    full_ = full;
    walk(Pointer(), schema_);
    every_key_was_compared_and_used("", schema_);
  }

  [[nodiscard]] const std::string& faults() const { return faults_; }

 private:
  void fault(const std::string& place, std::string_view what) {
    faults_.append(place).append(": ").append(what).append("\n");
  }

  // Of alternatives, that for a mapping, for a list or for a name.
  const Json& resolved(const Json& schema, const Json& value) const {
    if (schema.contains("$ref"))
      return schema_.at(Pointer(schema.at("$ref").get<std::string>().substr(1)));
    if (schema.size() != 1 || !schema.contains("anyOf")) return schema;
    for (const Json& one : schema["anyOf"]) {
      const Json& alternative = resolved(one, value);
      if (alternative.contains("properties") == value.is_object() &&
          alternative.contains("items") == value.is_array())
        return alternative;
    }
    return schema;
  }

  bool accepts_with(const Pointer& at, const Json& value) const {
    Json changed = full_;
    changed[at] = value;
    return accepts_(changed.dump());
  }

  bool accepts_without(const Pointer& object, const std::string& key) const {
    Json changed = full_;
    changed[object].erase(key);
    return accepts_(changed.dump());
  }

  void must_refuse(const Pointer& at, const Json& value) {
    if (accepts_with(at, value)) fault(at.to_string(), "takes " + value.dump());
  }

  void walk(const Pointer& at, const Json& unresolved) {
    const Json value = full_.at(at);
    const Json& schema = resolved(unresolved, value);
    if (value.is_object()) {
      walk_object(at, schema, value);
    } else if (value.is_array()) {
      must_refuse(at, Json::object());
      must_refuse(at, "text");
      must_refuse(at, Json::array());
      for (std::size_t i = 0; i < value.size(); ++i) walk(at / i, schema.at("items"));
    } else {
      walk_leaf(at, schema);
    }
  }

  void walk_object(const Pointer& at, const Json& schema, const Json& value) {
    if (!at.empty()) must_refuse(at, "text");
    must_refuse(at, Json::array());
    must_refuse(at / "no_such_key", "text");
    const Json required = schema.value("required", Json::array());
    const bool depends = schema.contains("anyOf") || schema.contains("oneOf") ||
                         (schema.contains("minProperties") && value.size() == 1);
    for (const auto& [key, child] : value.items()) {
      const bool needed = std::ranges::find(required, Json(key)) != required.end();
      const bool accepted = accepts_without(at, key);
      if (needed && accepted) fault((at / key).to_string(), "is required and may be left out");
      const bool spared = depends || needed_.contains((at / key).to_string());
      if (!needed && !spared && !accepted) fault((at / key).to_string(), "may not be left out");
      const bool listed = schema.contains("properties") && schema["properties"].contains(key);
      walk(at / key, listed ? schema["properties"][key] : schema.at("additionalProperties"));
      if (listed) used_.insert(&schema["properties"][key]);
    }
  }

  void walk_leaf(const Pointer& at, const Json& schema) {
    must_refuse(at, Json::array());
    must_refuse(at, Json::object());
    must_refuse(at, "");
    must_refuse(at, nullptr);
    if (schema.contains("enum")) must_refuse(at, "no such choice");
    if (schema.value("type", "") == "integer") must_refuse(at, 1.5);
    for (const char* bound : {"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"}) {
      if (schema.contains(bound)) check_bound(at, schema, bound);
    }
    if (schema.contains("maxLength")) {
      must_refuse(at, std::string(schema["maxLength"].get<std::size_t>() + 1, 'x'));
    }
  }

  void check_bound(const Pointer& at, const Json& schema, std::string_view bound) {
    const Json& limit = schema.at(std::string(bound));
    const int step = bound.ends_with("inimum") ? -1 : 1;
    if (bound.starts_with("exclusive")) must_refuse(at, limit);
    if (limit.is_number_integer()) {
      must_refuse(at, limit.get<std::int64_t>() + step);
    } else {
      must_refuse(at, limit.get<double>() * (step < 0 ? 0.5 : 2.0));
    }
  }

  // Else a key of the schema could be one that the reader does not know.
  void every_key_was_compared_and_used(const std::string& place, const Json& schema) {
    if (!schema.is_object()) return;
    if (schema.contains("properties")) {
      if (!compared_.contains(&schema)) fault(place, "no list of keys was compared with this");
      if (schema.value("additionalProperties", true)) fault(place, "takes any key");
      for (const auto& [key, property] : schema["properties"].items()) {
        if (!used_.contains(&property)) fault(place, "the full document has no " + key);
      }
    }
    for (const auto& [key, child] : schema.items()) {
      every_key_was_compared_and_used(place + "/" + key, child);
    }
  }

  Json schema_;
  Accepts accepts_;
  Json full_;
  std::set<const Json*> compared_;
  std::set<const Json*> used_;
  std::set<std::string> needed_;
  std::string faults_;
};

}  // namespace menshen::core::testing
