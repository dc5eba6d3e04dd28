// Reading `recognizers`: the set's own types, checked and made into a detector.
#include "detectors/catalog.h"
#include "detectors/literal.h"
#include "detectors/line_detector.h"
#include "detectors/recognizers/pattern_table.h"
#include "detectors/recognizers/recognizers.h"
#include "detectors/scanner.h"
#include "policies/document.h"
#include "policies/keys.h"
#include "policies/vocabulary.h"

#include <algorithm>
#include <map>
#include <utility>

namespace menshen::policies {
namespace {

using detectors::RecognizersBuilder;
using detectors::RecognizerSpec;

constexpr double usual_confidence = 0.8;
constexpr std::size_t type_name_bytes_max = 64;
constexpr std::size_t example_bytes_max = 4'096;

bool is_type_name(std::string_view name) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && lower(name.front()) && std::ranges::all_of(name, [&](char c) {
    return lower(c) || (c >= '0' && c <= '9') || c == '_';
  });
}

OwnTypes known_alone(const Known& known) {
  return {known.catalog, {known.types.begin(), known.types.end()}, nullptr};
}

// Texts that a recognizer must find something in, or nothing.
struct Examples {
  std::vector<core::YamlValue> match;
  std::vector<core::YamlValue> no_match;
};

class RecognizersReader {
 public:
  explicit RecognizersReader(const Known& known) : known_(known) {}

  void read(const core::YamlValue& value) {
    const core::YamlMap map(value, keys::recognizer);
    if (!map.value().present()) return;
    RecognizerSpec spec;
    spec.name = read_name(map.required("name"));
    const auto categories = names_of(keys::found_categories);
    if (const auto category = map.required("category").choice(categories))
      spec.category = keys::found_categories[*category];
    spec.summary = read_bounded(map["description"], reason_bytes_max);
    if (spec.summary.empty()) spec.summary = "A recognizer of the policy set.";
    spec.confidence =
        static_cast<float>(map["confidence"].number(0.01, 1).value_or(usual_confidence));
    const core::YamlMap context(map["context"], keys::recognizer_context);
    read_context(context, spec);
    read_validator(map, spec);
    surest_.push_back(std::max(spec.confidence, spec.context_confidence.value_or(0)));
    const std::uint32_t number = builder_.add(std::move(spec));
    read_what(map, number);
    for (const core::YamlValue& word : list_of(context["words"])) {
      const std::string text = read_bounded(word, name_bytes_max);
      if (!text.empty()) note(word, builder_.add_context(number, text));
    }
    read_examples(map);
  }

  OwnTypes finish(const core::YamlValue& list) {
    const std::string fault = builder_.build();
    if (!fault.empty()) list.error(fault);
    OwnTypes out = known_alone(known_);
    out.own = builder_.take();
    if (out.own == nullptr) return out;
    out.surest = std::move(surest_);
    out.types.insert(out.types.end(), out.own->types().begin(), out.own->types().end());
    // No catalog has a type twice.
    if (faulty_ || !fault.empty()) return out;
    check_examples(out.own);
    out.catalog = detectors::Catalog::extended(known_.catalog, out.own);
    return out;
  }

 private:
  void note(const core::YamlValue& at, const std::string& fault) {
    if (fault.empty()) return;
    faulty_ = true;
    at.error(fault);
  }
  static std::vector<core::YamlValue> list_of(const core::YamlValue& list) {
    return list.present() ? list.items() : std::vector<core::YamlValue>{};
  }

  std::string read_name(const core::YamlValue& value) {
    std::string name = read_bounded(value, type_name_bytes_max);
    if (!name.empty()) note(value, name_fault(name, value));
    return name;
  }
  std::string name_fault(const std::string& name, const core::YamlValue& value) {
    if (!is_type_name(name)) {
      return "The name of a type has lower-case letters of ASCII, digits and '_' alone, and begins "
             "with a letter.";
    }
    const auto has_name = [&](const core::FindingType* type) { return type->name == name; };
    const bool reserved = name == detectors::provider_credential.name ||
                          std::ranges::any_of(core::all_categories, [&](core::Category c) {
                            return core::to_string(c) == name;
                          });
    if (reserved || std::ranges::any_of(known_.types, has_name)) {
      return core::quoted_name(name) + " is found by Menshen itself: choose another name.";
    }
    const auto [former, is_new] = lines_.emplace(name, value.line());
    if (is_new) return {};
    return "Two recognizers have the name " + core::quoted_name(name) +
           ": the other one stands in line " + std::to_string(former->second) + ".";
  }

  // Words raise the confidence, or nothing is found without them.
  void read_context(const core::YamlMap& context, RecognizerSpec& spec) {
    if (!context.value().present()) return;
    (void)context.required("words");
    spec.context_required = context["required"].boolean().value_or(false);
    const auto confidence = context["confidence"].number(0.01, 1);
    if (confidence) spec.context_confidence = static_cast<float>(*confidence);
    if (context.has("required") && !spec.context_required) {
      note(context["required"], "Words are needed where this is true: else leave it out.");
    } else if (context.has("required") == context.has("confidence")) {
      note(context.value(),
           "Context words are `required: true`, or say the `confidence` beside one.");
    } else if (confidence && *spec.context_confidence < spec.confidence) {
      note(context["confidence"], "Context raises the confidence: this is less than without it.");
    }
  }

  void read_validator(const core::YamlMap& map, RecognizerSpec& spec) {
    const core::YamlValue value = map["validator"];
    const auto names = detectors::validator_names();
    if (const auto choice = value.choice(names)) {
      spec.validator = detectors::find_validator(names[*choice]);
    }
    if (value.present() && map.has("words")) {
      note(value, "A validator asks what a pattern matched: words need none.");
    }
  }

  void read_what(const core::YamlMap& map, std::uint32_t number) {
    const int kinds = static_cast<int>(map.has("pattern")) + static_cast<int>(map.has("patterns")) +
                      static_cast<int>(map.has("words"));
    if (kinds != 1) {
      note(map.value(), "A recognizer has one of `pattern`, `patterns` and `words`.");
    }
    std::vector<core::YamlValue> patterns = list_of(map["patterns"]);
    if (map.has("pattern")) patterns.push_back(map["pattern"]);
    for (const core::YamlValue& pattern : patterns) {
      const std::string text = read_bounded(pattern, detectors::pattern_text_bytes_max);
      if (!text.empty()) note(pattern, builder_.add_pattern(number, text));
    }
    for (const core::YamlValue& word : list_of(map["words"])) {
      const std::string text = read_bounded(word, name_bytes_max);
      if (!text.empty()) note(word, builder_.add_word(number, text));
    }
  }

  void read_examples(const core::YamlMap& map) {
    const core::YamlMap examples(map["examples"], keys::examples);
    examples_.push_back({list_of(examples["match"]), list_of(examples["no_match"])});
    if (map.has("words") || !examples_.back().match.empty()) return;
    map.value().warn(
        "Nothing shows that this recognizer finds what it should: give it `examples`.");
  }

  void check_examples(const std::shared_ptr<const detectors::LineDetector>& made) {
    detectors::Scanner scanner(detectors::Catalog::extended(nullptr, made));
    for (std::size_t i = 0; i < examples_.size(); ++i) {
      const core::FindingType* type = made->types()[i];
      for (const auto& at : examples_[i].match) check(scanner, at, *type, true);
      for (const auto& at : examples_[i].no_match) check(scanner, at, *type, false);
    }
  }
  void check(detectors::Scanner& scanner, const core::YamlValue& at, const core::FindingType& type,
             bool expected) {
    const auto text = at.text();
    if (!text) return;
    if (text->size() > example_bytes_max) {
      return note(at, "An example has at most " + std::to_string(example_bytes_max) + " bytes.");
    }
    scanner.reset();
    auto done = scanner.feed(*text);
    if (done) done = scanner.finish();
    if (!done) return note(at, done.error().message);
    const std::vector<core::Finding>& findings = scanner.take();
    const bool found = std::ranges::find(findings, &type, &core::Finding::type) != findings.end();
    if (found == expected) return;
    const std::string name = core::quoted_name(type.name);
    note(at, expected
                 ? "This example should match, and nothing of the type " + name + " is found in it."
                 : "This example should not match, and something of the type " + name +
                       " is found in it.");
  }

  const Known& known_;
  RecognizersBuilder builder_;
  std::map<std::string, std::size_t> lines_;
  std::vector<Examples> examples_;  // of each
  std::vector<float> surest_;
  bool faulty_ = false;
};

}  // namespace

OwnTypes read_recognizers(const core::YamlValue& list, const Known& known) {
  if (!list.present()) return known_alone(known);
  RecognizersReader reader(known);
  const auto items = list.items();
  if (items.size() > detectors::recognizers_max) {
    list.error("More than " + std::to_string(detectors::recognizers_max) + " recognizers.");
    return reader.finish(list);
  }
  for (const core::YamlValue& item : items) reader.read(item);
  return reader.finish(list);
}

}  // namespace menshen::policies
