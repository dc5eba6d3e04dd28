// Reading the `tests:` of a policy file.
#include "policies/document.h"
#include "policies/keys.h"
#include "policies/vocabulary.h"

#include <algorithm>
#include <set>

namespace menshen::policies {
namespace {

void read_given_seen(const core::YamlValue& value, SelfTest& out) {
  const auto seen = value.boolean();
  if (!seen) return;
  if (out.opaque != core::OpaqueKind::encrypted_reasoning) {
    value.error("Only encrypted reasoning comes back: write `opaque: encrypted_reasoning`.");
  }
  out.opaque_stands = *seen ? Stands::seen : Stands::returned;
}

void read_given(const core::YamlValue& value, SelfTest& out) {
  const core::YamlMap map(value, keys::given);
  out.subject.id = read_bounded(map["user"], name_bytes_max);
  out.subject.groups = read_groups(map["groups"]);
  std::ranges::sort(out.subject.groups);
  if (const auto kind = map["kind"].choice(names_of(all_kinds))) {
    out.subject.kind = all_kinds[*kind];
  }
  out.model = read_bounded(map["model"], name_bytes_max);
  if (const auto operation = map["operation"].choice(names_of(all_operations))) {
    out.operation = all_operations[*operation];
  }
  if (const auto kind = map["opaque"].choice(names_of(core::all_opaque_kinds))) {
    out.opaque = core::all_opaque_kinds[*kind];
    out.opaque_stands = usual_place(*out.opaque);
  }
  read_given_seen(map["seen"], out);
  if (map.has("zone")) out.zone = read_bounded(map["zone"], name_bytes_max);
  if (const auto time = map["time"].text()) {
    out.wall_ns = rfc3339_from(*time);
    if (!out.wall_ns) {
      map["time"].error("Expected a time as in RFC 3339, such as 2026-01-05T12:00:00+08:00.");
    }
  }
}

void check_access_rule(const PolicyDocument& document, std::string_view id,
                       const core::YamlValue& at) {
  std::vector<std::string_view> ids;
  for (const auto& placed : document.access) ids.push_back(placed.rule.id);
  if (id.empty() || std::ranges::find(ids, id) != ids.end()) return;
  const std::string_view near = core::nearest_name(id, ids);
  at.error("No access rule has the id " + core::quoted_name(id) + "." + core::suggestion_of(near),
           near);
}

// Comes after read_given().
void read_expect(const core::YamlValue& value, const PolicyDocument& document, SelfTest& out) {
  const core::YamlMap map(value, keys::expect);
  if (!map.value().present()) return;
  if (map.has("opaque") != out.opaque.has_value()) {
    value.error("`given.opaque` and `expect.opaque` belong together.");
  }
  if (const auto action = map["opaque"].choice(keys::opaque_content)) {
    out.expect_opaque = *core::action_from(keys::opaque_content[*action]);
  }
  out.expect_allow = map.required("access").choice(keys::effects) == 0U;
  out.expect_rule = read_bounded(map["rule"], id_bytes_max);
  check_access_rule(document, out.expect_rule, map["rule"]);
}

}  // namespace

std::vector<SelfTest> read_tests(const core::YamlValue& list, const PolicyDocument& document) {
  std::vector<SelfTest> out;
  std::set<std::string> seen;
  const auto items = list.items();
  if (items.size() > rules_max) {
    list.error("More than " + std::to_string(rules_max) + " tests.");
    return out;
  }
  for (const core::YamlValue& item : items) {
    const core::YamlMap map(item, keys::test);
    SelfTest test;
    test.name = read_bounded(map.required("name"), name_bytes_max);
    if (!test.name.empty() && !seen.insert(test.name).second) {
      map["name"].error("Two tests have this name.");
    }
    read_given(map.required("given"), test);
    read_expect(map.required("expect"), document, test);
    out.push_back(std::move(test));
  }
  return out;
}

}  // namespace menshen::policies
