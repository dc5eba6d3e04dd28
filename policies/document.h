// A policy file as data: read and checked, not yet compiled. Internal to policies.
#pragma once

#include "core/decision.h"
#include "core/exchange.h"
#include "core/finding.h"
#include "core/opaque.h"
#include "core/yaml_reader.h"
#include "policies/ignore.h"
#include "policies/policy_set.h"
#include "policies/source_marks.h"
#include "policies/when.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace menshen::detectors {
class LineDetector;
}

namespace menshen::policies {

inline constexpr std::size_t rules_max = 2'000;  // of access, and of content
inline constexpr std::size_t list_items_max = 1'000;
inline constexpr std::size_t exceptions_max = 64;         // of a rule
inline constexpr std::size_t ignored_patterns_max = 100;  // of a set
inline constexpr std::size_t pattern_bytes_max = 512;
inline constexpr std::size_t name_bytes_max = 256;  // users, groups, zones, names of tests
inline constexpr std::size_t id_bytes_max = 128;
inline constexpr std::size_t marks_max = 64;  // of sources, and labels of questions
inline constexpr std::size_t mark_bytes_max = 128;
inline constexpr std::size_t reason_bytes_max = 512;

// Sets of enumeration values, bit = value. 0 stands for a key that is absent: any value.
using Bits = std::uint8_t;

struct When {
  Window window;
  std::string timezone;
  friend bool operator==(const When&, const When&) = default;
};

// Whom and what a rule is about. An empty list is an absent key: anyone, anything. Every key that
// is there must match; within one, any of its items; and none of the exceptions, which have none of
// their own.
struct Selection {
  std::vector<std::string> users;
  std::vector<std::string> groups;
  Bits kinds = 0;
  std::vector<std::string> models;
  Bits operations = 0;
  std::vector<std::string> zones;
  std::optional<When> when;
  std::vector<Selection> except{};
  friend bool operator==(const Selection&, const Selection&) = default;
};

struct AccessRule {
  std::string id;
  bool allow = false;
  Selection selection;
  std::string reason;
};

struct ScoreCondition {
  const core::ScoreKind* kind = nullptr;  // never null
  bool above = true;
  float threshold = 0;
};

struct ContentRule {
  std::string id;
  bool on_request = true;
  bool on_response = true;
  Selection selection;
  std::vector<const core::FindingType*> types;  // those of `categories` and `classes` included
  Bits categories = 0;
  float confidence_min = 0.5F;
  // One of these: types with categories, scores (any of them), kinds of opaque content.
  std::vector<ScoreCondition> scores;
  core::OpaqueKinds opaque;
  std::optional<bool> seen;  // of opaque: only what an answer had, or only what none had
  core::Action action = core::Action::allow;
  core::RedactStyle redact_as;
  std::string reason;
  bool shadow = false;
};

struct SelfTest {
  std::string name;
  core::Subject subject;
  std::string model;
  core::Operation operation = core::Operation::chat;
  std::string zone = "internal";
  std::optional<std::int64_t> wall_ns;
  bool expect_allow = false;
  std::string expect_rule;  // empty: any
  // A part of the request that cannot be read, and what becomes of it.
  std::optional<core::OpaqueKind> opaque;
  Stands opaque_stands = Stands::anywhere;
  core::Action expect_opaque = core::Action::deny;
};

// A rule together with its place in the file, for later checks.
template <class Rule>
struct Placed {
  Rule rule;
  core::YamlValue at;
};

// What texts are scanned by under the set, and the types that its rules may name.
struct OwnTypes {
  std::shared_ptr<const detectors::Catalog> catalog;
  std::vector<const core::FindingType*> types;         // the known ones, then the set's own
  std::shared_ptr<const detectors::LineDetector> own;  // that finds the latter; null: none
  std::vector<float> surest{};  // parallel to own->types(): no finding of it is surer
};

// The classes of types, where the set says others than theirs.
struct TypeClasses {
  std::unordered_map<const core::FindingType*, core::FindingClasses> overridden{};

  [[nodiscard]] core::FindingClasses of(const core::FindingType& type) const noexcept {
    const auto found = overridden.find(&type);
    return found == overridden.end() ? type.classes : found->second;
  }
};

struct PolicyDocument {
  std::string name;
  Defaults defaults;
  OwnTypes types;
  TypeClasses classes;
  std::vector<Placed<AccessRule>> access;
  std::vector<Placed<ContentRule>> content;
  SourceMarks source_marks;
  std::vector<IgnoreEntry> ignore;
  std::vector<SelfTest> tests;
};

// Reads the whole file; what is wrong is noted in the problems.
[[nodiscard]] PolicyDocument read_document(const core::YamlValue& root, const Known& known);

// Parts of the above, in files of their own.
[[nodiscard]] Selection read_selection(const core::YamlMap& rule);
// The set's own recognizers, which `list` may lack. What is wrong with them is noted, and their
// types are known nevertheless, so that rules which name them are told nothing wrong.
[[nodiscard]] OwnTypes read_recognizers(const core::YamlValue& list, const Known& known);
[[nodiscard]] TypeClasses read_classes(const core::YamlValue& value, const Known& known);
// The known types that have one of the classes, or of a group's, that `list` names.
[[nodiscard]] std::vector<const core::FindingType*> read_types_of_classes(
    const core::YamlValue& list, const Known& known, const TypeClasses& classes);
[[nodiscard]] ContentRule read_content_rule(const core::YamlValue& value, const Known& known,
                                            const TypeClasses& classes);
[[nodiscard]] SourceMarks read_grounding(const core::YamlValue& value);
[[nodiscard]] std::vector<IgnoreEntry> read_ignore(const core::YamlValue& list, const Known& known,
                                                   const std::vector<Placed<ContentRule>>& content);
// The type of this name; null, with an error that says so: there is none.
[[nodiscard]] const core::FindingType* read_type(const core::YamlValue& item, const Known& known);
[[nodiscard]] std::vector<SelfTest> read_tests(const core::YamlValue& list,
                                               const PolicyDocument& document);

// Texts of a list, bounded in number and length, each once.
[[nodiscard]] std::vector<std::string> read_names(const core::YamlValue& list);
// The same of groups, each written in one way: see names.h.
[[nodiscard]] std::vector<std::string> read_groups(const core::YamlValue& list);
[[nodiscard]] std::string read_bounded(const core::YamlValue& value, std::size_t bytes_max);
[[nodiscard]] std::string read_id(const core::YamlValue& value);

}  // namespace menshen::policies
