// Reading one content rule, and refusing what could not be enforced.
#include "policies/document.h"
#include "policies/keys.h"
#include "policies/type_names.h"
#include "policies/vocabulary.h"

#include <algorithm>

namespace menshen::policies {
namespace {

using core::ScoreKind;

void add_type(ContentRule& rule, const core::FindingType* type) {
  if (std::ranges::find(rule.types, type) == rule.types.end()) rule.types.push_back(type);
}

void read_types(const core::YamlValue& list, const Known& known, ContentRule& out) {
  for (const core::YamlValue& item : list.items()) {
    if (const core::FindingType* type = read_type(item, known)) add_type(out, type);
  }
}

void read_categories(const core::YamlValue& list, const Known& known, ContentRule& out) {
  // Offered are those of which something is found. What others are called may be a score.
  std::vector<core::Category> found;
  std::vector<std::string_view> names;
  std::vector<std::string> refusals;
  std::vector<core::YamlRefusal> others;
  refusals.reserve(core::all_categories.size() + known.types.size());
  for (const core::Category category : core::all_categories) {
    const std::string_view name = core::to_string(category);
    if (std::ranges::any_of(known.types, [&](const auto* t) { return t->category == category; })) {
      found.push_back(category);
      names.push_back(name);
      continue;
    }
    const bool score =
        std::ranges::any_of(known.scores, [&](const auto* s) { return s->name == name; });
    refusals.push_back(
        "No detector of this version finds anything of the category " + core::quoted_name(name) +
        ": the rule could never match." +
        (score ? " It is a score: write `scores: {" + std::string(name) + ": {above: 0.5}}`."
               : ""));
    others.push_back({name, refusals.back()});
  }
  for (const core::FindingType* type : known.types) {
    refusals.push_back(core::quoted_name(type->name) + " is a type: write `types: [" +
                       std::string(type->name) + "]`.");
    others.push_back({type->name, refusals.back()});
  }
  for (const core::YamlValue& item : list.items()) {
    const auto choice = item.choice(names, others);
    if (!choice) continue;
    for (const core::FindingType* type : known.types) {
      if (type->category == found[*choice]) add_type(out, type);
    }
    out.categories = static_cast<Bits>(out.categories | bit_of(found[*choice]));
  }
}

std::optional<ScoreCondition> read_threshold(const core::YamlValue& value, const ScoreKind& kind) {
  const core::YamlMap map(value, keys::threshold);
  if (!map.value().present()) return std::nullopt;
  if (map.has("above") == map.has("below")) {
    value.error("Give either {above: x} or {below: x}.");
    return std::nullopt;
  }
  const bool above = map.has("above");
  const core::YamlValue& at = map[above ? "above" : "below"];
  const auto threshold = at.number(0, 1);
  if (!threshold) return std::nullopt;
  if (*threshold == (above ? 1.0 : 0.0)) {
    at.error("A score lies between 0 and 1, both included: this could never match.");
  }
  return ScoreCondition{&kind, above, static_cast<float>(*threshold)};
}

void read_scores(const core::YamlValue& value, const Known& known, ContentRule& out) {
  std::vector<std::string_view> names;
  for (const ScoreKind* kind : known.scores) names.push_back(kind->name);
  for (const auto& [key, condition] : value.entries()) {
    const auto choice = key.choice(names);
    if (!choice) continue;
    const ScoreKind& kind = *known.scores[*choice];
    if (const auto read = read_threshold(condition, kind)) out.scores.push_back(*read);
    const bool vowel = std::string_view("aeiou").find(kind.name[0]) != std::string_view::npos;
    const std::string a_score = (vowel ? "an " : "a ") + std::string(kind.name) + " score: ";
    if (!kind.of_requests && out.on_request) {
      key.error("Only answers have " + a_score + "write `direction: response`.");
    }
    if (!kind.of_answers && out.on_response) {
      key.error("Only requests have " + a_score + "write `direction: request`.");
    }
  }
}

void read_opaque(const core::YamlValue& list, ContentRule& out) {
  const auto names = names_of(core::all_opaque_kinds);
  for (const core::YamlValue& item : list.items()) {
    if (const auto choice = item.choice(names)) out.opaque |= core::all_opaque_kinds[*choice];
  }
}

// Of what comes back to be asked about: only a request's, and only what answers give out.
void read_seen(const core::YamlValue& value, ContentRule& out) {
  out.seen = value.boolean();
  if (!out.seen) return;
  if (out.opaque != core::OpaqueKind::encrypted_reasoning) {
    value.error("Only encrypted reasoning comes back: write `opaque: [encrypted_reasoning]`.");
  }
  if (out.on_response) {
    value.error("Only requests send back what an answer had: write `direction: request`.");
  }
}

void read_find(const core::YamlValue& value, const Known& known, const TypeClasses& classes,
               ContentRule& out) {
  const core::YamlMap map(value, keys::find);
  if (!map.value().present()) return;
  const bool findings = map.has("types") || map.has("categories") || map.has("classes");
  const int things = (findings ? 1 : 0) + (map.has("scores") ? 1 : 0) + (map.has("opaque") ? 1 : 0);
  if (things != 1) {
    value.error("`find` needs either types, categories and classes, or scores, or opaque.");
  }
  if (!findings && map.has("confidence_min")) {
    map["confidence_min"].error("Findings alone have a confidence: leave this out.");
  }
  read_types(map["types"], known, out);
  read_categories(map["categories"], known, out);
  for (const core::FindingType* type : read_types_of_classes(map["classes"], known, classes))
    add_type(out, type);
  const auto confidence = map["confidence_min"].number(0, 1);
  out.confidence_min = static_cast<float>(confidence.value_or(out.confidence_min));
  read_scores(map["scores"], known, out);
  read_opaque(map["opaque"], out);
  read_seen(map["seen"], out);
}

void check_action(const core::YamlMap& map, const ContentRule& rule) {
  if (rule.action != core::Action::redact && map.has("as")) {
    map["as"].error("`as` belongs to the action redact.");
  }
  if (rule.action == core::Action::redact && !rule.scores.empty()) {
    map["action"].error("A score has no place in the text, so nothing can be redacted.");
  }
  if (rule.action == core::Action::redact && !rule.opaque.empty()) {
    map["action"].error(
        "What cannot be read cannot be redacted: allow, annotate or deny opaque content.");
  }
  if (rule.action == core::Action::allow && rule.opaque.empty()) {
    map["action"].warn(
        "allow is the weakest action: it is recorded, and makes no exception from other rules; "
        "`except` in those does.");
  }
  const bool holds = rule.on_response && !rule.shadow && rule.action > core::Action::redact;
  if (holds && !rule.scores.empty()) {
    map["action"].warn(
        "The streams that this rule applies to are held until the score of the whole answer is "
        "known.");
  }
}

std::uint8_t read_kept(const core::YamlValue& value) {
  return static_cast<std::uint8_t>(value.integer(0, core::kept_characters_max).value_or(0));
}

// Of a secret, what stays readable helps to guess the rest.
void check_kept(const core::YamlValue& value, const ContentRule& rule) {
  const auto secret =
      std::ranges::find(rule.types, core::Category::secret, &core::FindingType::category);
  const bool secrets = (rule.categories & bit_of(core::Category::secret)) != 0;
  if (secret == rule.types.end() && !secrets) return;
  value.error(
      "Of secrets nothing stays readable" +
      (secrets ? std::string{} : ", and " + core::quoted_name((*secret)->name) + " is one") +
      ": write `as: mask` in a rule of their own.");
}

// What an answer says of its own stood in no request: there is nothing to restore.
void check_pseudonym(const core::YamlValue& value, const ContentRule& rule) {
  if (rule.on_response) {
    value.error(
        "Pseudonyms are given in requests, and restored in what answers them: write `direction: "
        "request`, and what answers say of their own in a rule with `direction: response` and "
        "another `as`.");
  }
  if (rule.selection.operations == bit_of(core::Operation::embeddings)) {
    value.warn(
        "An embedding answers no text in which anything could be restored: `as: tag` and "
        "`as: hash` say as much.");
  }
}

core::RedactStyle read_style(const core::YamlValue& value, const ContentRule& rule) {
  if (value.kind() != core::YamlKind::map) {
    const auto as = value.choice(names_of(all_redactions));
    if (as && all_redactions[*as] == core::RedactAs::pseudonym) check_pseudonym(value, rule);
    return as ? all_redactions[*as] : core::RedactAs::tag;
  }
  const core::YamlMap map(value, keys::redact_style);
  const core::YamlMap mask(map.required("mask"), keys::mask);
  if (!mask.value().present()) return core::RedactAs::mask;
  const core::RedactStyle style(read_kept(mask["head"]), read_kept(mask["tail"]));
  if (style.kept() == 0) mask.value().error("This mask keeps nothing: write `as: mask`.");
  check_kept(value, rule);
  return style;
}

void read_then(const core::YamlValue& value, ContentRule& out) {
  const core::YamlMap map(value, keys::then);
  if (!map.value().present()) return;
  const auto actions = names_of(all_actions);
  const auto action = map.required("action").choice(actions, keys::later_actions);
  if (map.has("as")) out.redact_as = read_style(map["as"], out);
  out.reason = read_bounded(map["reason"], reason_bytes_max);
  if (!action) return;
  out.action = all_actions[*action];
  check_action(map, out);
}

void read_direction(const core::YamlValue& value, ContentRule& out) {
  const auto direction = value.choice(keys::directions);
  if (!direction) return;
  out.on_request = keys::directions[*direction] != "response";
  out.on_response = keys::directions[*direction] != "request";
}

std::string suggestion_of(std::span<const std::string_view> names) {
  if (names.size() < 2) return core::suggestion_of(names.empty() ? "" : names.front());
  std::string out = " Did you mean one of ";
  for (const std::string_view name : names)
    out.append(name).append(name.data() == names.back().data() ? "?" : ", ");
  return out;
}

}  // namespace

const core::FindingType* read_type(const core::YamlValue& item, const Known& known) {
  const auto name = item.text();
  if (!name) return nullptr;
  std::vector<std::string_view> names;
  for (const core::FindingType* type : known.types) names.push_back(type->name);
  const auto found = std::ranges::find(names, std::string_view(*name));
  if (found != names.end()) return known.types[static_cast<std::size_t>(found - names.begin())];
  const std::vector<std::string_view> meant = types_meant(*name, names);
  const bool is_category = std::ranges::any_of(known.types, [&](const core::FindingType* type) {
    return core::to_string(type->category) == *name;
  });
  item.error("No detector of this version finds the type " + core::quoted_name(*name) + "." +
                 (is_category ? " It is a category: write `categories: [" + *name + "]`."
                              : suggestion_of(meant)),
             meant.empty() ? std::string_view{} : meant.front());
  return nullptr;
}

ContentRule read_content_rule(const core::YamlValue& value, const Known& known,
                              const TypeClasses& classes) {
  const core::YamlMap map(value, keys::content_rule);
  ContentRule out;
  out.id = read_id(map.required("id"));
  read_direction(map["direction"], out);
  out.selection = read_selection(map);
  if (out.selection.operations == bit_of(core::Operation::models)) {
    map["what"].error(
        "Content rules do not judge listings: a name in which anything is found is left out of "
        "them. The rule could never match.");
  }
  read_find(map.required("find"), known, classes, out);
  out.shadow = map["mode"].choice(keys::modes).value_or(0) == 1;
  read_then(map.required("then"), out);
  return out;
}

}  // namespace menshen::policies
