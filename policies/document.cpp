#include "policies/document.h"

#include "policies/keys.h"
#include "policies/names.h"

#include <algorithm>
#include <map>
#include <set>

namespace menshen::policies {
namespace {

void read_header(const core::YamlMap& root, PolicyDocument& out) {
  (void)root.required("apiVersion").choice(keys::api_versions);
  (void)root.required("kind").choice(keys::kinds);
  const core::YamlMap metadata(root.required("metadata"), keys::metadata);
  out.name = read_bounded(metadata.required("name"), name_bytes_max);
  (void)read_bounded(metadata["description"], 4 * reason_bytes_max);
}

Defaults read_defaults(const core::YamlValue& value) {
  const core::YamlMap map(value, keys::defaults);
  Defaults out;
  (void)map["access"].choice(keys::default_access, keys::refused_access);
  if (const auto choice = map["on_error"].choice(keys::on_error)) {
    out.on_error = *core::action_from(keys::on_error[*choice]);
  }
  if (const auto choice = map["opaque_content"].choice(keys::opaque_content)) {
    out.opaque_content = *core::action_from(keys::opaque_content[*choice]);
  }
  out.score_always = map["scores"].choice(keys::scores).value_or(0) == 1;
  if (map["body_logging"].choice(keys::body_logging).value_or(0) != 0) {
    map["body_logging"].warn(
        "This version stores no bodies: it keeps commitments and counts, whatever is set here.");
  }
  return out;
}

AccessRule read_access_rule(const core::YamlValue& value) {
  const core::YamlMap map(value, keys::access_rule);
  AccessRule out;
  out.id = read_id(map.required("id"));
  out.allow = map.required("effect").choice(keys::effects) == 0U;
  out.selection = read_selection(map);
  out.reason = read_bounded(map["reason"], reason_bytes_max);
  return out;
}

template <class Read>
auto read_rules(const core::YamlValue& list, const Read& read) {
  std::vector<Placed<decltype(read(list))>> out;
  const auto items = list.items();
  if (items.size() > rules_max) {
    list.error("More than " + std::to_string(rules_max) + " rules.");
    return out;
  }
  for (const core::YamlValue& item : items) out.push_back({read(item), item});
  return out;
}

void check_ids(const PolicyDocument& document) {
  std::map<std::string_view, std::size_t> lines;
  const auto check = [&](const std::string& id, const core::YamlValue& at, const auto& keys) {
    if (id.empty()) return;
    const auto [former, is_new] = lines.emplace(id, at.line());
    if (is_new) return;
    core::YamlMap(at, keys)["id"].error(
        "Two rules have the id " + core::quoted_name(id) + ": the other one stands in line " +
        std::to_string(former->second) + ". Ids are unique over access and content together.");
  };
  for (const auto& placed : document.access) check(placed.rule.id, placed.at, keys::access_rule);
  for (const auto& placed : document.content) check(placed.rule.id, placed.at, keys::content_rule);
}

}  // namespace

PolicyDocument read_document(const core::YamlValue& value, const Known& known) {
  const core::YamlMap root(value, keys::root);
  PolicyDocument out;
  if (!root.value().present()) return out;
  read_header(root, out);
  out.defaults = read_defaults(root["defaults"]);
  out.types = read_recognizers(root["recognizers"], known);
  Known with_own = known;
  with_own.types = out.types.types;
  out.classes = read_classes(root["classes"], with_own);
  out.access = read_rules(root["access"], read_access_rule);
  out.content = read_rules(root["content"], [&](const core::YamlValue& item) {
    return read_content_rule(item, with_own, out.classes);
  });
  check_ids(out);
  out.source_marks = read_grounding(root["grounding"]);
  out.ignore = read_ignore(root["ignore"], with_own, out.content);
  out.tests = read_tests(root["tests"], out);
  return out;
}

std::string read_bounded(const core::YamlValue& value, std::size_t bytes_max) {
  auto text = value.text();
  if (!text) return {};
  if (text->size() > bytes_max) {
    value.error("This text is longer than " + std::to_string(bytes_max) + " bytes.");
    return {};
  }
  const bool control = std::ranges::any_of(*text, [](char c) { return c >= 0 && c < 0x20; });
  if (control) value.error("This text has line breaks or other control characters.");
  return std::move(*text);
}

std::vector<std::string> read_names(const core::YamlValue& list) {
  std::vector<std::string> out;
  std::set<std::string> seen;
  const auto items = list.items();
  if (items.size() > list_items_max) {
    list.error("More than " + std::to_string(list_items_max) + " names.");
    return out;
  }
  for (const core::YamlValue& item : items) {
    std::string name = read_bounded(item, name_bytes_max);
    if (name.empty()) continue;
    if (!seen.insert(name).second) item.error("This name occurs twice.");
    out.push_back(std::move(name));
  }
  return out;
}

std::vector<std::string> read_groups(const core::YamlValue& list) {
  std::vector<std::string> groups = read_names(list);
  if (groups.empty()) return groups;
  for (const core::YamlValue& item : list.items()) {
    if (const auto wrong = wrong_group(item.text().value_or(""))) {
      item.error(std::string(wrong->why) + core::suggestion_of(wrong->meant), wrong->meant);
    }
  }
  return groups;
}

std::string read_id(const core::YamlValue& value) {
  std::string id = read_bounded(value, id_bytes_max);
  if (is_id(id)) return id;
  const std::string meant = id_meant(id);
  value.error("An id has letters, digits, '_', '-' and '.' alone." + core::suggestion_of(meant),
              meant);
  return id;
}

}  // namespace menshen::policies
