// The parts that access and content rules share: who, what and when.
#include "policies/document.h"
#include "policies/keys.h"
#include "policies/vocabulary.h"

namespace menshen::policies {
namespace {

template <class Values>
Bits read_bits(const core::YamlValue& list, const Values& values) {
  const auto names = names_of(values);
  unsigned out = 0;
  for (const core::YamlValue& item : list.items()) {
    const auto choice = item.choice(names);
    if (!choice) continue;
    const unsigned bit = bit_of(values[*choice]);
    if ((out & bit) != 0) item.error("This name occurs twice.");
    out |= bit;
  }
  return static_cast<Bits>(out);
}

void read_who(const core::YamlValue& value, Selection& out) {
  const core::YamlMap map(value, keys::who);
  if (!map.value().present()) return;
  out.users = read_names(map["users"]);
  out.groups = read_groups(map["groups"]);
  out.kinds = read_bits(map["kinds"], all_kinds);
  if (!map.has("users") && !map.has("groups") && !map.has("kinds")) {
    value.error("`who` names nobody: leave it out, or give users, groups or kinds.");
  }
  if (map.has("users") && map.has("groups")) {
    value.warn("Both users and groups are given, so both must match; write two rules for either.");
  }
}

void read_what(const core::YamlValue& value, Selection& out) {
  const core::YamlMap map(value, keys::what);
  if (!map.value().present()) return;
  out.models = read_names(map["models"]);
  out.operations = read_bits(map["operations"], all_operations);
  out.zones = read_names(map["zones"]);
  if (!map.has("models") && !map.has("operations") && !map.has("zones")) {
    value.error("`what` names nothing: leave it out, or give models, operations or zones.");
  }
}

std::uint8_t read_days(const core::YamlValue& list) {
  unsigned out = 0;
  for (const core::YamlValue& item : list.items()) {
    const auto day = item.choice(keys::days);
    if (!day) continue;
    if ((out >> *day & 1U) != 0) item.error("This day occurs twice.");
    out |= 1U << *day;
  }
  return static_cast<std::uint8_t>(out);
}

void refuse_hours(const core::YamlValue& at, std::string_view text) {
  const std::string meant = hours_meant(text);
  const std::size_t dash = text.find('-');
  const bool same = dash != std::string_view::npos && text.substr(0, dash) == text.substr(dash + 1);
  at.error(same ? std::string("Begin and end are the same time: leave `hours` out for whole days.")
                : "Expected \"HH:MM-HH:MM\", from 00:00 to 24:00." + core::suggestion_of(meant),
           meant);
}

std::optional<When> read_when(const core::YamlValue& value) {
  const core::YamlMap map(value, keys::when);
  if (!map.value().present()) return std::nullopt;
  When out;
  if (map.has("days")) out.window.days = read_days(map["days"]);
  if (const auto text = map["hours"].text()) {
    const auto hours = hours_from(*text);
    if (!hours) {
      refuse_hours(map["hours"], *text);
    } else {
      out.window.begin = hours->first;
      out.window.end = hours->second;
    }
  }
  if (!map.has("days") && !map.has("hours")) value.error("`when` needs days or hours.");
  out.timezone = map.required("timezone").text().value_or("");
  if (!out.timezone.empty() && !TimeZone::find(out.timezone)) {
    const std::string meant = time_zone_meant(out.timezone);
    map["timezone"].error("There is no time zone " + core::quoted_name(out.timezone) + "." +
                              core::suggestion_of(meant) +
                              " Use an IANA name such as Asia/Shanghai, America/New_York or UTC.",
                          meant);
  }
  return out;
}

Selection read_conditions(const core::YamlMap& map) {
  Selection out;
  read_who(map["who"], out);
  read_what(map["what"], out);
  out.when = read_when(map["when"]);
  return out;
}

Selection read_exception(const core::YamlValue& value) {
  const core::YamlMap map(value, keys::exception);
  if (map.value().present() && !map.has("who") && !map.has("what") && !map.has("when"))
    value.error("An exception needs who, what or when.");
  return read_conditions(map);
}

std::vector<Selection> read_exceptions(const core::YamlValue& list) {
  std::vector<Selection> out;
  const auto items = list.items();
  if (items.size() > exceptions_max)
    list.error("More than " + std::to_string(exceptions_max) + " exceptions.");
  for (const core::YamlValue& item : items) out.push_back(read_exception(item));
  return out;
}

}  // namespace

Selection read_selection(const core::YamlMap& rule) {
  Selection out = read_conditions(rule);
  out.except = read_exceptions(rule["except"]);
  return out;
}

}  // namespace menshen::policies
