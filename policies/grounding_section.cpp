// The section `grounding`: what counts as a source of an answer.
#include "policies/document.h"
#include "policies/keys.h"

#include <algorithm>

namespace menshen::policies {
namespace {

// The text of a mark; a label may be written with its colon.
std::string read_mark_name(const core::YamlValue& value, bool label) {
  std::string name = read_bounded(value, mark_bytes_max);
  if (label && name.ends_with(':')) name.pop_back();
  if (label && name.ends_with("：")) name.resize(name.size() - 3);
  if (value.present() && name.find_first_not_of(' ') == std::string::npos) {
    value.error("This mark is blank, and would be found everywhere.");
  }
  return name;
}

std::string read_tag(const core::YamlValue& value) {
  std::string name = read_bounded(value, mark_bytes_max);
  if (name.find_first_of("<>/ ") != std::string::npos) {
    value.error("A tag is given by its name alone, such as context.");
  }
  return name;
}

void read_roles(const core::YamlValue& list, SourceMark& out) {
  if (!list.present()) return;
  out.of_system = out.of_user = false;
  for (const core::YamlValue& item : list.items()) {
    const auto role = item.choice(keys::mark_roles);
    if (!role) continue;
    bool& of_role = *role == 0 ? out.of_system : out.of_user;
    if (of_role) item.error("This name occurs twice.");
    of_role = true;
  }
}

SourceMark read_mark(const core::YamlValue& value) {
  const core::YamlMap map(value, keys::mark);
  SourceMark out;
  const int kinds = map.has("tag") + map.has("label") + map.has("begin");
  if (kinds > 1 || (kinds == 0 && !map.has("roles"))) {
    value.error("A mark has one of tag, label and begin; or roles alone, for whole messages.");
  }
  if (map.has("end") && !map.has("begin")) map["end"].error("`end` belongs to `begin`.");
  if (map.has("tag")) {
    out.kind = SourceMark::Kind::tag;
    out.name = read_tag(map["tag"]);
  } else if (map.has("label")) {
    out.kind = SourceMark::Kind::label;
    out.name = read_mark_name(map["label"], true);
  } else if (map.has("begin")) {
    out.kind = SourceMark::Kind::passage;
    out.name = read_mark_name(map["begin"], false);
    out.end = read_mark_name(map["end"], false);
  }
  read_roles(map["roles"], out);
  return out;
}

std::vector<core::YamlValue> bounded_items(const core::YamlValue& list) {
  if (!list.present()) return {};
  auto items = list.items();
  if (items.size() <= marks_max) return items;
  list.error("More than " + std::to_string(marks_max) + " marks.");
  return {};
}

}  // namespace

SourceMarks read_grounding(const core::YamlValue& value) {
  if (!value.present()) return {};
  const core::YamlMap map(value, keys::grounding);
  const core::YamlMap sources(map.required("sources"), keys::sources);
  if (sources.value().present() && !sources.has("usual_marks") && !sources.has("marks") &&
      !sources.has("questions")) {
    sources.value().error("`sources` says nothing: leave it out.");
  }
  std::vector<SourceMark> marks;
  if (sources["usual_marks"].boolean().value_or(true)) marks = SourceMarks::usual();
  for (const core::YamlValue& item : bounded_items(sources["marks"])) {
    SourceMark mark = read_mark(item);
    if (mark.kind == SourceMark::Kind::message || !mark.name.empty()) {
      marks.push_back(std::move(mark));
    }
  }
  std::vector<std::string> questions;
  for (const core::YamlValue& item : bounded_items(sources["questions"])) {
    std::string name = read_mark_name(item, true);
    if (std::ranges::find(questions, name) != questions.end()) {
      item.error("This name occurs twice.");
    }
    if (!name.empty()) questions.push_back(std::move(name));
  }
  return {std::move(marks), std::move(questions)};
}

}  // namespace menshen::policies
