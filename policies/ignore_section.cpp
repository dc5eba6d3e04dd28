// The section `ignore`: values that rules take no notice of.
#include "detectors/recognizers/normal_pattern.h"
#include "detectors/recognizers/refusal.h"
#include "detectors/text/normal_form.h"
#include "policies/document.h"
#include "policies/keys.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

namespace menshen::policies {
namespace {

constexpr std::int64_t pattern_memory = 256 * 1024;

// Names of networks of one's own: nobody's mailboxes but theirs are below them (RFC 2606, RFC 6762
// appendix G, ICANN's reservation of .internal).
constexpr std::array<std::string_view, 12> own_domains{
    "corp", "example", "home",      "internal", "intranet", "invalid",
    "lan",  "local",   "localhost", "mail",     "private",  "test"};
// Below codes of countries: what everybody registers names in.
constexpr std::array<std::string_view, 12> registries{"ac",  "co", "com", "edu", "go", "gob",
                                                      "gov", "ne", "net", "nom", "or", "org"};

// A name in which others have names.
bool is_public_suffix(std::string_view domain) {
  const std::size_t dot = domain.find('.');
  if (dot == std::string_view::npos) {
    return std::ranges::find(own_domains, domain) == own_domains.end();
  }
  const std::string_view country = domain.substr(dot + 1);
  return country.size() == 2 &&
         std::ranges::find(registries, domain.substr(0, dot)) != registries.end();
}

// A value of each of a dozen types, made up.
constexpr std::array<std::string_view, 12> specimens{"maria.lopez@mail.example.com",
                                                     "13912345678",
                                                     "110105199003072316",
                                                     "6222021234567890123",
                                                     "4539578763621486",
                                                     "+44 20 7946 0958",
                                                     "203.0.113.77",
                                                     "2001:db8::8a2e:370:7334",
                                                     "E12345678",
                                                     "GB29NWBK60161331926819",
                                                     "Tr0ub4dor&3",
                                                     "q7Zk-93mXw_Lp20aBvNe"};
constexpr std::ptrdiff_t specimens_of_several = 2;

bool matches_several(const re2::RE2& pattern) {
  return std::ranges::count_if(specimens, [&](std::string_view value) {
           return re2::RE2::FullMatch({value.data(), value.size()}, pattern);
         }) >= specimens_of_several;
}

std::vector<std::string> read_domains(const core::YamlValue& list) {
  std::vector<std::string> out = read_names(list);
  for (const core::YamlValue& item : list.items()) {
    const auto name = item.text();
    if (!name) continue;
    const bool plain = name->find_first_of("@*/: ") == std::string::npos &&
                       !name->starts_with('.') && !name->ends_with('.');
    if (!plain) {
      item.error("A domain is given by its name, such as example.com; what is below it counts.");
    } else if (is_public_suffix(detectors::normal_form(*name))) {
      item.warn("Everybody may have mailboxes in " + core::quoted_name(*name) +
                ": name a domain of yours below it.");
    }
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
    if (!name) continue;
    const auto network = Network::from(*name);
    if (!network) {
      item.error(
          "Expected an address or a range such as 10.0.0.0/8 or fd00::/8, with zeros "
          "behind its prefix.");
    } else if (network->is_wide()) {
      item.warn("This range is wider than any that is given to one organisation: name yours.");
    }
  }
  return out;
}

std::shared_ptr<const re2::RE2> read_pattern(const core::YamlValue& value) {
  const std::string text = read_bounded(value, pattern_bytes_max);
  if (text.empty()) return nullptr;
  const detectors::NormalPattern normal = detectors::normal_pattern(text);
  if (!normal.fault.empty()) {
    value.error(normal.fault);
    return nullptr;
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(pattern_memory);
  auto pattern = std::make_shared<const re2::RE2>(normal.text, options);
  if (!pattern->ok()) {
    value.error(detectors::refusal_by_re2(*pattern));
    return nullptr;
  }
  if (re2::RE2::FullMatch("", *pattern)) {
    value.error("This pattern matches a text without characters, and so perhaps any.");
    return nullptr;
  }
  if (matches_several(*pattern)) {
    value.warn(
        "This pattern matches values of several types, such as are found everywhere: name what is "
        "yours.");
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
