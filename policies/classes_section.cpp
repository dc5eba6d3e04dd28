// Reading `classes`, which overrides those of types, and `find.classes`.
#include "policies/document.h"

#include <algorithm>

namespace menshen::policies {
namespace {

constexpr std::string_view no_class = "none";

core::FindingClasses read_override(const core::YamlValue& value) {
  core::FindingClasses out;
  if (value.kind() == core::YamlKind::scalar) {
    constexpr std::array names{no_class};
    (void)value.choice(names);
    return out;
  }
  for (const core::YamlValue& item : value.items()) {
    const auto choice = item.choice(core::finding_class_names);
    if (!choice) continue;
    const auto read = static_cast<core::FindingClass>(*choice);
    if (out.has(read)) item.error("This class occurs twice.");
    out.add(read);
  }
  return out;
}

}  // namespace

TypeClasses read_classes(const core::YamlValue& value, const Known& known) {
  TypeClasses out;
  if (!value.present()) return out;
  for (const auto& [key, classes] : value.entries()) {
    const core::FindingType* const type = read_type(key, known);
    const core::FindingClasses read = read_override(classes);
    if (type != nullptr) out.overridden.emplace(type, read);
  }
  return out;
}

std::vector<const core::FindingType*> read_types_of_classes(const core::YamlValue& list,
                                                            const Known& known,
                                                            const TypeClasses& classes) {
  std::vector<std::string_view> names(core::finding_class_names.begin(),
                                      core::finding_class_names.end());
  names.insert(names.end(), core::finding_class_groups.begin(), core::finding_class_groups.end());
  std::vector<const core::FindingType*> out;
  if (!list.present()) return out;
  for (const core::YamlValue& item : list.items()) {
    const auto choice = item.choice(names);
    if (!choice) continue;
    const core::FindingClasses wanted = *core::finding_classes_from(names[*choice]);
    const std::size_t before = out.size();
    std::ranges::copy_if(known.types, std::back_inserter(out), [&](const core::FindingType* type) {
      return classes.of(*type).has_any(wanted);
    });
    if (out.size() == before) {
      item.error(
          "No type has this class, so the rule could never match: say in `classes` which "
          "do.");
    }
  }
  return out;
}

}  // namespace menshen::policies
