#include "policies/selector.h"

#include "core/wildcard.h"
#include "policies/model_name.h"
#include "policies/vocabulary.h"

#include <algorithm>

namespace menshen::policies {
namespace {

std::vector<NameId> intern_all(Names& names, const std::vector<std::string>& texts) {
  std::vector<NameId> out;
  out.reserve(texts.size());
  for (const std::string& text : texts) out.push_back(names.intern(text));
  return out;
}

bool holds(const std::vector<NameId>& list, const std::optional<NameId>& id) {
  return list.empty() || (id && std::ranges::find(list, *id) != list.end());
}

}  // namespace

bool Selector::matches_all() const noexcept {
  return users.empty() && groups.empty() && models.empty() && zones.empty() && kinds == 0 &&
         operations == 0 && !when && except.empty();
}

NameId Names::intern(const std::string& name) {
  const auto [at, is_new] = ids_.emplace(name, static_cast<NameId>(names_.size()));
  if (is_new) names_.push_back(name);
  return at->second;
}

std::optional<NameId> Names::find(std::string_view name) const {
  const auto found = ids_.find(name);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

std::uint32_t Vocabulary::time_zone(const std::string& name) {
  const NameId id = time_zone_names_.intern(name);
  if (id == time_zones_.size()) time_zones_.push_back(TimeZone::find(name).value());
  return id;
}

Selector Vocabulary::compile(const Selection& selection) {
  Selector out;
  out.users = intern_all(users_, selection.users);
  out.groups = intern_all(groups_, selection.groups);
  out.models = intern_all(models_, selection.models);
  while (lenient_models_.size() < models_.all().size()) {
    const std::string& pattern = models_.all()[lenient_models_.size()];
    const std::string lenient = lenient_form(pattern);
    lenient_models_.emplace_back(core::has_wildcard(pattern) ? std::string_view(lenient)
                                                             : without_defaults(lenient));
  }
  out.zones = intern_all(zones_, selection.zones);
  out.kinds = selection.kinds;
  out.operations = selection.operations;
  if (selection.when) out.when = {time_zone(selection.when->timezone), selection.when->window};
  for (const Selection& exception : selection.except) out.except.push_back(compile(exception));
  return out;
}

Question::Question(const Vocabulary& vocabulary, const Facts& facts)
    : vocabulary_(vocabulary),
      facts_(facts),
      user_(vocabulary.users_.find(facts.subject->id)),
      zone_(vocabulary.zones_.find(facts.zone)),
      kind_bit_(bit_of(facts.subject->kind)),
      operation_bit_(bit_of(facts.operation)),
      groups_(vocabulary.groups_.all().size(), false),
      models_(vocabulary.models_.all().size(), Answer::unknown),
      clocks_(vocabulary.time_zones_.size()) {
  for (const std::string& group : facts.subject->groups) {
    if (const auto id = vocabulary.groups_.find(group)) groups_[*id] = true;
  }
}

Question::Question(const Vocabulary& vocabulary, const Facts& facts, LocalTime everywhere)
    : Question(vocabulary, facts) {
  everywhere_ = everywhere;
}

bool Question::matches(const Selector& selector, Unclear unclear) {
  if (!selects(selector, unclear)) return false;
  const Unclear other = unclear == Unclear::match ? Unclear::no_match : Unclear::match;
  return std::ranges::none_of(selector.except,
                              [&](const Selector& exception) { return selects(exception, other); });
}

bool Question::selects(const Selector& selector, Unclear unclear) {
  if (selector.operations != 0 && (selector.operations & operation_bit_) == 0) return false;
  if (selector.kinds != 0 && (selector.kinds & kind_bit_) == 0) return false;
  return holds(selector.users, user_) && holds(selector.zones, zone_) &&
         in_groups(selector.groups) && is_model(selector.models, unclear) &&
         (!selector.when || in_window(*selector.when, unclear));
}

bool Question::in_groups(const std::vector<NameId>& groups) const {
  return groups.empty() || std::ranges::any_of(groups, [&](NameId id) { return groups_[id]; });
}

bool Question::is_model(const std::vector<NameId>& models, Unclear unclear) {
  if (models.empty()) return true;
  if (facts_.any_model) {
    // Some model may match an allow rule; only what matches every name surely matches it.
    return unclear == Unclear::no_match || std::ranges::any_of(models, [&](NameId id) {
             return vocabulary_.models_.all()[id].find_first_not_of('*') == std::string::npos;
           });
  }
  return std::ranges::any_of(models, [&](NameId id) {
    return is_model(id) || (unclear == Unclear::match && is_model_leniently(id));
  });
}

bool Question::is_model(NameId pattern) {
  if (models_[pattern] == Answer::unknown) {
    const bool yes = core::matches_wildcard(vocabulary_.models_.all()[pattern], facts_.model);
    models_[pattern] = yes ? Answer::yes : Answer::no;
  }
  return models_[pattern] == Answer::yes;
}

bool Question::is_model_leniently(NameId pattern) {
  const std::string& lenient = vocabulary_.lenient_models_[pattern];
  if (lenient_model_.data() == nullptr) {
    const bool as_it_is = is_lenient_form(facts_.model);
    if (!as_it_is) lenient_text_ = lenient_form(facts_.model);
    lenient_model_ = as_it_is ? facts_.model : std::string_view(lenient_text_);
  }
  // Where neither differs from its lenient form, is_model() has given the answer.
  const bool differs =
      lenient_model_.data() != facts_.model.data() || lenient != vocabulary_.models_.all()[pattern];
  if (!differs) return false;
  if (lenient_answers_.empty()) lenient_answers_.resize(models_.size(), Answer::unknown);
  Answer& answer = lenient_answers_[pattern];
  if (answer == Answer::unknown) {
    const std::string_view least = without_defaults(lenient_model_);
    const bool yes = core::matches_wildcard(lenient, least) ||
                     (least != lenient_model_ && core::matches_wildcard(lenient, lenient_model_));
    answer = yes ? Answer::yes : Answer::no;
  }
  return answer == Answer::yes;
}

bool Question::in_window(const SelectorWindow& window, Unclear unclear) {
  if (everywhere_) return window.window.holds(*everywhere_);
  Clock& clock = clocks_[window.zone];
  if (!clock.known) clock = {true, vocabulary_.time_zones_[window.zone].at(facts_.wall_ns)};
  return clock.time ? window.window.holds(*clock.time) : unclear == Unclear::match;
}

}  // namespace menshen::policies
