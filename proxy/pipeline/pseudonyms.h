// The pseudonyms of what goes to one target of an exchange: a value is called by its type's tag and
// a number, equal values by the same one, and what the target answers finds its values here.
//
//   Pseudonyms given(limits.pseudonyms_max);
//   given.reserve("EMAIL", 1);                         // the request has <EMAIL_1> itself
//   given.of(email, "alice@example.com");              // "<EMAIL_2>"
//   given.of(email, "Alice@Example.com");              // "<EMAIL_2>"
//   given.find("EMAIL", 2)->value;                     // "alice@example.com", as first written
//
// Numbers rise from 1 for each tag in the order of asking; whoever asks in an order that a growing
// conversation does not change gets the same ones in every turn (numbering.h). Two values are
// equal that differ in case, width or blanks only, or, of long numbers, in what parts their digits;
// secrets are equal character by character. A number that is reserved is nobody's. Past the most
// that there may be, the tag alone stands in, "[EMAIL]", and finds nothing.
//
// It holds values, so it lives as long as its exchange and is written nowhere. One thread; const
// members any thread once nothing is asked for any more.
#pragma once

#include "core/finding.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace menshen::pipeline {

struct Pseudonym {
  const core::FindingType* type = nullptr;
  std::uint32_t number = 0;
  std::string value;  // decoded, as it was first written
};

// The value that a text has in so many strings of JSON: without their escapes, and without those of
// a URL, which secrets may have of their own.
[[nodiscard]] std::string plain_value(const core::FindingType& type, std::string_view raw,
                                      unsigned depth);
// What two equal values of this type have in common.
[[nodiscard]] std::string normal_form(const core::FindingType& type, std::string_view value);

class Pseudonyms {
 public:
  // Of six digits, as readers of placeholders expect (placeholder.h).
  static constexpr std::uint32_t number_max = 999'999;

  explicit Pseudonyms(std::size_t most) noexcept : most_(most) {}

  // Before the first of() of that tag.
  void reserve(std::string_view tag, std::uint32_t number);
  // What stands in for the value.
  [[nodiscard]] std::string of(const core::FindingType& type, std::string_view value);

  // null: there is none. Valid as long as this object.
  [[nodiscard]] const Pseudonym* find(std::string_view tag, std::uint32_t number) const;
  [[nodiscard]] bool empty() const noexcept { return given_.empty(); }
  // In the order in which they were given.
  [[nodiscard]] const std::deque<Pseudonym>& all() const noexcept { return given_; }
  // Each tag once.
  [[nodiscard]] std::vector<std::string_view> tags() const;

 private:
  struct OfTag {
    std::uint32_t last = 0;
    std::set<std::uint32_t> reserved;
    std::unordered_map<std::uint32_t, const Pseudonym*> by_number;
    // By type and normal form: two types may have one tag.
    std::map<std::pair<const core::FindingType*, std::string>, const Pseudonym*> by_value;
  };

  std::size_t most_;
  std::deque<Pseudonym> given_;
  std::map<std::string, OfTag, std::less<>> tags_;
};

}  // namespace menshen::pipeline
