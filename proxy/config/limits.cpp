#include "proxy/config/limits_table.h"
#include "proxy/config/reading.h"

#include <algorithm>
#include <iterator>

namespace menshen::config {
namespace {

using core::Limits;

using core::day_ms;
using core::gib;
using core::kib;
using core::mib;

constexpr LimitField fields[] = {
#define MENSHEN_LIMIT(type, name, usual, least, most, english, chinese) \
  {#name, &Limits::name, least, most},
#include "core/limits.inc"
};

constexpr LimitRelation relations[] = {
#define MENSHEN_LIMIT_RELATION(smaller, is, larger, english, chinese) \
  {#smaller, #larger, std::string_view(#is) == "<", english},
#include "core/limits.inc"
};

const LimitField& field_named(std::string_view name) noexcept {
  return *std::ranges::find(fields, name, &LimitField::name);
}

void check_relation(const LimitRelation& r, const core::YamlMap& map, const Limits& limits) {
  const std::uint64_t smaller = limit_value(limits, field_named(r.smaller));
  const std::uint64_t larger = limit_value(limits, field_named(r.larger));
  if (smaller < larger || (smaller == larger && !r.strict)) return;
  const core::YamlValue at = map.has(r.smaller) ? map[r.smaller] : map[r.larger];
  at.error(std::string(r.smaller) + " (" + std::to_string(smaller) + ") must be " +
           (r.strict ? "less than " : "at most ") + std::string(r.larger) + " (" +
           std::to_string(larger) + "): " + std::string(r.reason) + ".");
}

}  // namespace

std::span<const LimitField> limit_fields() noexcept { return fields; }
std::span<const LimitRelation> limit_relations() noexcept { return relations; }

std::uint64_t limit_value(const Limits& limits, const LimitField& field) noexcept {
  return std::visit([&](auto member) { return std::uint64_t{limits.*member}; }, field.member);
}

bool read_limits(const core::YamlValue& value, Limits& limits) {
  std::vector<core::YamlKey> keys;
  for (const LimitField& field : fields) keys.push_back({field.name});
  const core::YamlMap map(value, keys);
  bool whole = value.present();
  for (const LimitField& field : fields) {
    const core::YamlValue given = map[field.name];
    if (!given.present()) continue;
    const auto number = given.integer(field.min, field.max);
    whole = whole && number.has_value();
    if (!number) continue;
    std::visit(
        [&](auto member) {
          using Number = std::remove_reference_t<decltype(limits.*member)>;
          limits.*member = static_cast<Number>(*number);
        },
        field.member);
  }
  if (whole) {
    for (const LimitRelation& relation : relations) check_relation(relation, map, limits);
  }
  return map.has("connections_max");
}

}  // namespace menshen::config
