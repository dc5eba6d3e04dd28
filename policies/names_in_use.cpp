#include "policies/names_in_use.h"

#include "core/wildcard.h"
#include "policies/keys.h"
#include "policies/model_name.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace menshen::policies {
namespace {

using Views = std::vector<std::string_view>;

// What is said of one kind of name, before and behind it. Names of people are not said: messages
// stand in logs.
struct Sentence {
  std::string_view before;
  std::string_view behind;
  bool quotes = true;
};

// Tells misspelt names, and looks for the nearest of only so many.
class Teller {
 public:
  explicit Teller(bool strict) : strict_(strict) {}

  void tell(const core::YamlValue& at, std::string_view name, const Sentence& sentence,
            std::span<const std::string_view> candidates) {
    const bool searched = told_++ < core::YamlProblems::problems_max;
    const std::string_view near = searched ? core::nearest_name(name, candidates) : "";
    std::string message(sentence.before);
    if (sentence.quotes) message.append(" ").append(core::quoted_name(name));
    message.append(sentence.behind);
    if (sentence.quotes) message.append(core::suggestion_of(near));
    if (strict_) {
      at.error(std::move(message), near);
    } else {
      at.warn(std::move(message), near);
    }
  }

 private:
  bool strict_;
  std::size_t told_ = 0;
};

// Names that are compared as they are written.
class PlainNames {
 public:
  PlainNames(const std::vector<std::string>& names, Sentence sentence)
      : sentence_(sentence),
        known_(names.begin(), names.end()),
        all_(known_.begin(), known_.end()) {
    std::ranges::sort(all_);
  }

  void check(const core::YamlValue& list, Teller& teller) const {
    for (const core::YamlValue& item : list.items()) {
      const auto name = item.text();
      if (name && !known_.contains(*name)) teller.tell(item, *name, sentence_, all_);
    }
  }

 private:
  Sentence sentence_;
  std::unordered_set<std::string_view> known_;
  Views all_;
};

// Models: patterns on both sides. A rule that restricts is held against what a lenient provider
// reads too, as in selector.cpp.
class Models {
 public:
  explicit Models(const std::vector<std::string>& routed) : all_(routed.begin(), routed.end()) {
    for (const std::string& name : routed) lenient_.push_back(lenient_form(name));
  }

  void check(const core::YamlValue& list, bool restricts, Teller& teller) {
    for (const core::YamlValue& item : list.items()) {
      const auto name = item.text();
      if (!name) continue;
      const auto [known, is_new] = served_[restricts].try_emplace(*name, true);
      if (is_new) known->second = may_match(*name, restricts);
      if (known->second) continue;
      teller.tell(item, *name,
                  {"No route serves a model", ": no request that is served has this name."}, all_);
    }
  }

 private:
  bool may_match(const std::string& pattern, bool restricts) const {
    const auto meets = [](std::string_view a) {
      return [a](std::string_view b) { return core::wildcards_meet(a, b); };
    };
    if (std::ranges::any_of(all_, meets(pattern))) return true;
    if (!restricts) return false;
    const std::string lenient = lenient_form(pattern);
    const bool wild = core::has_wildcard(lenient);
    const auto spellings =
        with_defaults(wild ? std::string_view(lenient) : without_defaults(lenient));
    return std::ranges::any_of(spellings, [&](const std::string& spelling) {
      return std::ranges::any_of(lenient_, meets(spelling));
    });
  }

  Views all_;
  std::vector<std::string> lenient_;
  std::unordered_map<std::string, bool> served_[2];  // by whether the rule restricts
};

constexpr Sentence no_user{"No API key is for this user", ": the name matches nobody.", false};
constexpr Sentence no_group{"No API key has the group", ": this name matches nobody."};
constexpr Sentence no_zone{"No upstream is in the zone", ": this name matches nothing."};

class Checker {
 public:
  Checker(const NamesInUse& in_use, bool strict)
      : teller_(strict), models_(in_use.models), zones_(in_use.zones, no_zone) {
    if (in_use.users) users_.emplace(*in_use.users, no_user);
    if (in_use.groups) groups_.emplace(*in_use.groups, no_group);
  }

  void check_rule(const core::YamlMap& rule, bool restricts) {
    check(rule, restricts);
    for (const core::YamlValue& exception : rule["except"].items())
      check(core::YamlMap(exception, keys::exception), !restricts);
  }

 private:
  void check(const core::YamlMap& rule, bool restricts) {
    const core::YamlMap who(rule["who"], keys::who);
    if (users_) users_->check(who["users"], teller_);
    if (groups_) groups_->check(who["groups"], teller_);
    const core::YamlMap what(rule["what"], keys::what);
    models_.check(what["models"], restricts, teller_);
    zones_.check(what["zones"], teller_);
  }

  Teller teller_;
  std::optional<PlainNames> users_;
  std::optional<PlainNames> groups_;
  Models models_;
  PlainNames zones_;
};

}  // namespace

void check_names(const PolicyDocument& document, const NamesInUse& in_use, bool strict) {
  Checker checker(in_use, strict);
  for (const auto& placed : document.access) {
    checker.check_rule(core::YamlMap(placed.at, keys::access_rule), !placed.rule.allow);
  }
  for (const auto& placed : document.content) {
    checker.check_rule(core::YamlMap(placed.at, keys::content_rule), true);
  }
}

}  // namespace menshen::policies
