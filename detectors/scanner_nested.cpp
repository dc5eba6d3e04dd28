// Texts within the text: what a number of JSON is by its digits and by its value, and what a token
// decodes to.
#include "core/json_number.h"
#include "detectors/scanner_state.h"

#include <algorithm>
#include <initializer_list>

namespace menshen::detectors {

core::Result<void> Scanner::State::read_nested() {
  for (std::size_t i = 0; i < active; ++i) {
    if (!readings[i].has_nested()) continue;
    if (auto done = read_numbers(i); !done) return done;
    for (const Decoded& token : readings[i].decoded()) {
      if (auto done = read_decoded(token); !done) return done;
    }
    readings[i].decoded().clear();
  }
  return {};
}

// A number of JSON is a text by its digits and by its value too.
core::Result<void> Scanner::State::read_numbers(std::size_t reading) {
  const bool plain =
      std::ranges::any_of(levels, [reading](const Level& l) { return l.plain == reading; });
  for (JsonPlaces* json : {&readings[reading].json(), &readings[reading].deeper_json()}) {
    for (const JsonPlaces::Spelled& number : json->take_spelled()) {
      if (!plain) break;  // a styled reading sees the same JSON
      if (!readings[reading].answers_for(number.begin)) continue;
      if (auto done = read_number(number); !done) return done;
    }
  }
  return {};
}

core::Result<void> Scanner::State::read_number(const JsonPlaces::Spelled& number) {
  const auto scan = [&](std::string_view text) -> core::Result<void> {
    number_reading.reset({});
    const auto taken = number_reading.read(text, {}, found_in_number);
    if (!taken) return taken.error();
    return number_reading.finish(found_in_number);
  };
  found_in_number.clear();
  const std::string_view digits = core::spelled_digits(number.text);
  const auto value = core::written_out(number.text);
  if (core::is_long_number(digits)) {
    if (auto done = scan(digits); !done) return done;
  }
  if (value && *value != digits) {
    if (auto done = scan(*value); !done) return done;
  }
  for (core::Finding& finding : found_in_number) {
    finding.begin = number.begin;
    finding.end = number.end;
    if (number.text != digits) finding.ignored = 0;  // the value is a part of what is replaced
    found.push_back(finding);
  }
  return {};
}

// What is found in a text that was decoded is found where it came from.
core::Result<void> Scanner::State::read_decoded(const Decoded& token) {
  if (!deeper) deeper = std::make_unique<State>(catalog, depth + 1);
  deeper->reset(literals);
  if (auto done = deeper->feed(token.text); !done) return done;
  if (auto done = deeper->finish(); !done) return done;
  for (core::Finding finding : deeper->ledger.take()) {
    finding.begin = token.source_begin(finding.begin);
    finding.end = token.source_end(finding.end);
    finding.continued = false;
    finding.place = core::Place::plain;
    finding.depth = 0;
    if (finding.begin < token.owned_begin || finding.begin >= token.owned_end) continue;
    found.push_back(finding);
  }
  return {};
}

}  // namespace menshen::detectors
