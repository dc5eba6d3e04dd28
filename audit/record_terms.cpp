#include "audit/record_terms.h"

#include "audit/canonical.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <utility>

namespace menshen::audit {
namespace {

namespace dom = simdjson::dom;

// How the values of a name become terms.
enum class Shape { text, texts, names, scores, rules, targets, groups };

struct Source {
  std::string_view name;
  Field field;
  Shape shape;
};

constexpr std::array sources{
    Source{"access_rule", Field::rule, Shape::text},
    Source{"application", Field::application, Shape::text},
    Source{"decision", Field::decision, Shape::text},
    Source{"error", Field::error, Shape::text},
    Source{"findings_request", Field::type, Shape::groups},
    Source{"findings_response", Field::type, Shape::groups},
    Source{"groups", Field::group, Shape::texts},
    Source{"model", Field::model, Shape::text},
    Source{"refusals", Field::error, Shape::names},
    Source{"rules", Field::rule, Shape::rules},
    Source{"scores_request", Field::score_request, Shape::scores},
    Source{"scores_response", Field::score_response, Shape::scores},
    Source{"subject", Field::subject, Shape::text},
    Source{"targets_denied", Field::rule, Shape::targets},
    Source{"type", Field::event, Shape::text},
    Source{"upstream", Field::upstream, Shape::text},
    Source{"zone", Field::zone, Shape::text},
};
static_assert(std::ranges::is_sorted(sources, {}, &Source::name));
static_assert(sources.size() <= 32);

std::uint32_t bit_of(const Source& source) {
  return std::uint32_t{1} << static_cast<std::size_t>(&source - sources.data());
}

std::string_view text_of(const dom::element& value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

class Gatherer {
 public:
  explicit Gatherer(std::vector<Term>& terms) : terms_(terms) {}

  void take(const Source& source, const dom::element& value) {
    switch (source.shape) {
      case Shape::text: return put(source.field, text_of(value));
      case Shape::texts: return each(source.field, value, text_of);
      case Shape::rules: return each(source.field, value, rule_of);
      case Shape::targets: return each(source.field, value, denying_rule_of);
      case Shape::groups:
        // Former versions have an object of names.
        if (value.is_object()) return take_members(source, value);
        return each(source.field, value, type_of);
      case Shape::names:
      case Shape::scores: return take_members(source, value);
    }
  }

 private:
  static std::string_view rule_of(const dom::element& value) {
    dom::element rule;
    return value["rule"].get(rule) == simdjson::SUCCESS ? text_of(rule) : std::string_view{};
  }
  static std::string_view type_of(const dom::element& value) {
    dom::element type;
    return value["type"].get(type) == simdjson::SUCCESS ? text_of(type) : std::string_view{};
  }
  // Of "UPSTREAM: RULE".
  static std::string_view denying_rule_of(const dom::element& value) {
    const std::string_view text = text_of(value);
    const std::size_t end = text.find(": ");
    return end == text.npos ? std::string_view{} : text.substr(end + 2);
  }

  void put(Field field, std::string_view value, std::int32_t score = 0) {
    if (!value.empty()) terms_.push_back({field, value, score});
  }

  template <class Reader>
  void each(Field field, const dom::element& value, const Reader& read) {
    dom::array items;
    if (value.get(items) != simdjson::SUCCESS) return;
    for (const dom::element item : items) put(field, read(item));
  }

  void take_members(const Source& source, const dom::element& value) {
    dom::object members;
    if (value.get(members) != simdjson::SUCCESS) return;
    for (const auto& [name, number] : members) {
      std::int64_t units = 0;
      if (source.shape != Shape::scores) {
        put(source.field, name);
      } else if (number.get(units) == simdjson::SUCCESS && std::in_range<std::int32_t>(units)) {
        put(source.field, name, static_cast<std::int32_t>(units));
      }
    }
  }

  std::vector<Term>& terms_;
};

}  // namespace

struct RecordTerms::Parser {
  dom::parser record;
  dom::parser intent;
};

RecordTerms::RecordTerms() : parser_(std::make_unique<Parser>()) {}
RecordTerms::~RecordTerms() = default;

bool RecordTerms::read(std::string_view body) {
  terms_.clear();
  exchange_ = {};
  time_ns_ = 0;
  intent_ = 0;
  present_ = 0;
  dom::object object;
  if (parser_->record.parse(body.data(), body.size()).get(object) != simdjson::SUCCESS)
    return false;
  std::optional<std::int64_t> time_ns;
  Gatherer gatherer(terms_);
  auto source = sources.begin();
  // Names are in ascending order in both.
  for (const auto& [name, value] : object) {
    while (source != sources.end() && source->name < name) ++source;
    if (source != sources.end() && source->name == name) {
      present_ |= bit_of(*source);
      gatherer.take(*source, value);
    } else if (name == "exchange") {
      exchange_ = text_of(value);
    } else if (name == "intent") {
      if (value.get(intent_) != simdjson::SUCCESS) intent_ = 0;
    } else if (name == "time") {
      time_ns = parse_record_time(text_of(value));
    }
  }
  time_ns_ = time_ns.value_or(0);
  const bool known =
      std::ranges::any_of(terms_, [](const Term& term) { return term.field == Field::event; });
  if (!time_ns || !known) terms_.clear();
  return time_ns && known;
}

bool RecordTerms::join(std::string_view intent) {
  dom::object object;
  if (parser_->intent.parse(intent.data(), intent.size()).get(object) != simdjson::SUCCESS)
    return false;
  const std::size_t own = terms_.size();
  std::string_view type;
  std::string_view exchange;
  Gatherer gatherer(terms_);
  auto source = sources.begin();
  for (const auto& [name, value] : object) {
    while (source != sources.end() && source->name < name) ++source;
    const bool known = source != sources.end() && source->name == name;
    if (known && (present_ & bit_of(*source)) == 0) gatherer.take(*source, value);
    if (name == "type") type = text_of(value);
    if (name == "exchange") exchange = text_of(value);
  }
  const bool belongs = type == "intent" && !exchange.empty() && exchange == exchange_;
  if (!belongs) terms_.resize(own);
  return belongs;
}

}  // namespace menshen::audit
