// The section `ignore`: values that rules take no notice of.
#include "policies/document.h"
#include "policies/keys.h"

#include <re2/re2.h>

#include <algorithm>

namespace menshen::policies {
namespace {

constexpr std::int64_t pattern_memory = 256 * 1024;

std::vector<std::string> read_domains(const core::YamlValue& list) {
  std::vector<std::string> out = read_names(list);
  for (const core::YamlValue& item : list.items()) {
    const auto name = item.text();
    if (!name) continue;
    const bool plain = name->find_first_of("@*/: ") == std::string::npos &&
                       !name->starts_with('.') && !name->ends_with('.');
    if (!plain)
      item.error("A domain is given by its name, such as example.com; what is below it counts.");
  }
  return out;
}

std::vector<Network> read_networks(const core::YamlValue& list) {
  std::vector<Network> out;
  for (const std::string& name : read_names(list)) {
    if (const auto network = Network::from(name)) out.push_back(*network);
  }
  for (const core::YamlValue& item : list.items()) {
    const auto name = item.text();
    if (name && !Network::from(*name))
      item.error(
          "Expected an address or a range such as 10.0.0.0/8 or fd00::/8, with zeros "
          "behind its prefix.");
  }
  return out;
}

std::shared_ptr<const re2::RE2> read_pattern(const core::YamlValue& value) {
  const std::string text = read_bounded(value, pattern_bytes_max);
  if (text.empty()) return nullptr;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(pattern_memory);
  auto pattern = std::make_shared<const re2::RE2>(text, options);
  if (!pattern->ok()) {
    value.error("RE2 does not take this pattern: " + pattern->error() + ".");
    return nullptr;
  }
  if (re2::RE2::FullMatch("", *pattern)) {
    value.error("This pattern matches a text without characters, and so perhaps any.");
    return nullptr;
  }
  return pattern;
}

void read_ignored_types(const core::YamlValue& list, const Known& known, IgnoreEntry& out) {
  for (const core::YamlValue& item : list.items()) {
    if (const core::FindingType* type = read_type(item, known)) out.types.push_back(type);
  }
}

// Rules on scores and opaque content have no value to ignore.
void read_ignored_rules(const core::YamlValue& list,
                        const std::vector<Placed<ContentRule>>& content, IgnoreEntry& out) {
  std::vector<std::string_view> ids;
  for (const auto& placed : content)
    if (!placed.rule.types.empty()) ids.push_back(placed.rule.id);
  out.rules = read_names(list);
  for (const core::YamlValue& item : list.items()) {
    const auto id = item.text();
    if (!id || std::ranges::find(ids, *id) != ids.end()) continue;
    const std::string_view near = core::nearest_name(*id, ids);
    item.error("No content rule on findings has the id " + core::quoted_name(*id) + "." +
                   core::suggestion_of(near),
               near);
  }
}

}  // namespace

std::vector<IgnoreEntry> read_ignore(const core::YamlValue& list, const Known& known,
                                     const std::vector<Placed<ContentRule>>& content) {
  std::vector<IgnoreEntry> out;
  if (!list.present()) return out;
  const auto items = list.items();
  if (items.size() > detectors::IgnoredValues::entries_max) {
    list.error("More than " + std::to_string(detectors::IgnoredValues::entries_max) + " entries.");
    return out;
  }
  std::size_t patterns = 0;
  for (const core::YamlValue& item : items) {
    const core::YamlMap map(item, keys::ignore);
    IgnoreEntry& entry = out.emplace_back();
    entry.values = read_names(map["values"]);
    entry.domains = read_domains(map["domains"]);
    entry.networks = read_networks(map["networks"]);
    for (const core::YamlValue& pattern : map["patterns"].items()) {
      if (++patterns > ignored_patterns_max) {
        pattern.error("More than " + std::to_string(ignored_patterns_max) + " patterns.");
        return out;
      }
      if (auto read = read_pattern(pattern)) entry.patterns.push_back(std::move(read));
    }
    read_ignored_types(map["types"], known, entry);
    read_ignored_rules(map["rules"], content, entry);
    const bool says =
        map.has("values") || map.has("domains") || map.has("networks") || map.has("patterns");
    if (map.value().present() && !says)
      item.error("An entry needs values, domains, networks or patterns.");
  }
  return out;
}

}  // namespace menshen::policies
