#include "audit/joined.h"

#include "audit/record_fields.h"

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace menshen::audit {
namespace {

// Where the fields of a record lie, in the order of visit_fields.
class FieldAddresses {
 public:
  explicit FieldAddresses(const Record& record) { visit_fields(record, *this); }

  template <class Field>
  void operator()(std::string_view, const Field& field) {
    if constexpr (!std::is_same_v<Field, OwnField>) fields_[size_] = &field;
    ++size_;
  }
  template <class Field>
  [[nodiscard]] const Field& at(std::size_t place) const {
    return *static_cast<const Field*>(fields_[place]);
  }

 private:
  std::array<const void*, FieldSet{}.size()> fields_{};
  std::size_t size_ = 0;
};

template <class Field>
bool is_empty(const Field& field) {
  if constexpr (requires { field.empty(); }) {
    return field.empty();
  } else {
    return field == Field{};
  }
}

bool always_stands(const Record& outcome, const void* field) {
  return field == &outcome.decision || field == &outcome.exchange;
}

// Gives each field that the intent has, with its place: (place, of the outcome, of the intent).
template <class R, class Visitor>
void visit_shared(R& outcome, const Record& intent, const Visitor& visit) {
  const FieldAddresses intended(intent);
  std::size_t place = 0;
  visit_fields(outcome, [&](std::string_view, auto&& field) {
    using Field = std::remove_cvref_t<decltype(field)>;
    const std::size_t at = place++;
    if constexpr (!std::is_same_v<Field, OwnField>) {
      if (always_stands(outcome, &field)) return;
      const auto& said = intended.at<Field>(at);
      if (!is_empty(said)) visit(at, field, said);
    }
  });
}

}  // namespace

void refer(Record& outcome, std::uint64_t seq, const Record& intent) {
  FieldSet left_out;
  bool can_be_told = true;
  visit_shared(outcome, intent, [&](std::size_t place, const auto& own, const auto& said) {
    if (own == said) {
      left_out.set(place);
    } else if (is_empty(own)) {
      can_be_told = false;
    }
  });
  if (!can_be_told || seq == 0) return;
  outcome.intent = seq;
  outcome.left_out = left_out;
}

bool join(Record& outcome, const Record& intent) {
  if (intent.type != RecordType::intent || intent.exchange != outcome.exchange) return false;
  visit_shared(outcome, intent, [&](std::size_t place, auto& own, const auto& said) {
    if (!is_empty(own)) return;
    own = said;
    outcome.left_out.set(place);
  });
  return true;
}

}  // namespace menshen::audit
