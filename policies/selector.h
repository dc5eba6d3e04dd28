// Selections compiled for matching: names become numbers, so that a rule costs a few integer tests
// however many groups, models and zones the file names. Internal to policies.
//
//   Vocabulary vocabulary;
//   const Selector selector = vocabulary.compile(selection);
//   Question question(vocabulary, facts);
//   question.matches(selector, Unclear::no_match);
#pragma once

#include "policies/document.h"
#include "policies/when.h"

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace menshen::policies {

using NameId = std::uint32_t;

struct SelectorWindow {
  std::uint32_t zone;  // index into the vocabulary's time zones
  Window window;
};

struct Selector {
  std::vector<NameId> users;
  std::vector<NameId> groups;
  std::vector<NameId> models;  // patterns
  std::vector<NameId> zones;
  Bits kinds = 0;
  Bits operations = 0;
  std::optional<SelectorWindow> when;
  std::vector<Selector> except;  // it matches nothing that one of these matches

  // True when it matches whatever is asked.
  [[nodiscard]] bool matches_all() const noexcept;
};

// Numbers for names, in the order in which they come.
class Names {
 public:
  NameId intern(const std::string& name);
  [[nodiscard]] std::optional<NameId> find(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& all() const noexcept { return names_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  std::unordered_map<std::string, NameId, Hash, std::equal_to<>> ids_;
  std::vector<std::string> names_;
};

// All names of a set. Filled by compile(); afterwards immutable and shared by all threads.
class Vocabulary {
 public:
  [[nodiscard]] Selector compile(const Selection& selection);

 private:
  friend class Question;
  std::uint32_t time_zone(const std::string& name);

  Names users_;
  Names groups_;
  Names models_;
  std::vector<std::string> lenient_models_;  // the patterns in lenient form, by NameId
  Names zones_;
  Names time_zone_names_;
  std::vector<TimeZone> time_zones_;
};

// What cannot be told counts as: an allow rule does not match, any other does; of their exceptions
// the other way round. That is a window whose clock is unknown, and a model's name that only a
// lenient provider takes for the one in the rule.
enum class Unclear : std::uint8_t { no_match, match };

// The facts of one exchange, translated once; every pattern and time zone is evaluated at most
// once. No allocation for the usual numbers of groups and names. Lives within one call, on one
// thread.
class Question {
 public:
  Question(const Vocabulary& vocabulary, const Facts& facts);
  // As above, with every time zone's clock at this time instead.
  Question(const Vocabulary& vocabulary, const Facts& facts, LocalTime everywhere);

  [[nodiscard]] bool matches(const Selector& selector, Unclear unclear);

 private:
  enum class Answer : std::uint8_t { unknown, yes, no };
  struct Clock {
    bool known = false;
    std::optional<LocalTime> time;
  };
  [[nodiscard]] bool selects(const Selector& selector, Unclear unclear);
  [[nodiscard]] bool in_groups(const std::vector<NameId>& groups) const;
  [[nodiscard]] bool is_model(const std::vector<NameId>& models, Unclear unclear);
  [[nodiscard]] bool is_model(NameId pattern);
  [[nodiscard]] bool is_model_leniently(NameId pattern);
  [[nodiscard]] bool in_window(const SelectorWindow& window, Unclear unclear);

  const Vocabulary& vocabulary_;
  const Facts& facts_;
  std::optional<LocalTime> everywhere_;
  std::optional<NameId> user_;
  std::optional<NameId> zone_;
  unsigned kind_bit_;
  unsigned operation_bit_;
  boost::container::small_vector<bool, 256> groups_;
  boost::container::small_vector<Answer, 256> models_;
  // The name in lenient form: of the facts where it stands in that form already.
  std::string_view lenient_model_;
  std::string lenient_text_;
  boost::container::small_vector<Answer, 16> lenient_answers_;  // sized when first asked for
  boost::container::small_vector<Clock, 8> clocks_;
};

}  // namespace menshen::policies
