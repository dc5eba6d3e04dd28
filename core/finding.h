// Findings: what was found, where, how surely.
#pragma once

#include "core/finding_class.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace menshen::core {

// `pii` and `secret` have forms of their own; `name` is who and where, told from the words around.
enum class Category : std::uint8_t { pii, secret, name, injection, toxicity, bias, ungrounded };
inline constexpr std::array all_categories{Category::pii,       Category::secret,   Category::name,
                                           Category::injection, Category::toxicity, Category::bias,
                                           Category::ungrounded};

[[nodiscard]] std::string_view to_string(Category category) noexcept;

// One per kind of thing that can be found. Constant objects that detectors own: equal types are the
// same object, so pointers may be compared. Those of the build have static storage, those of a
// policy set's own recognizers live as long as the catalog of the set.
struct FindingType {
  std::string_view name;  // "cn_resident_id": lower snake case
  Category category;
  std::string_view tag;      // what stands in for a redacted value: "CN_RESIDENT_ID"
  std::string_view summary;  // algorithm, confidence, known false positives; one or two sentences
  FindingClasses classes{};  // unless the policy set says otherwise
};

// What a finding begins in, as far as the text around it is JSON: `plain` is prose, `json_bare` a
// number, which a replacement makes a string.
enum class Place : std::uint8_t { plain, json_string, json_bare, json_key };

// Byte span [begin, end) in the segment's UTF-8 text, on character boundaries.
struct Finding {
  const FindingType* type = nullptr;
  std::size_t begin = 0;
  std::size_t end = 0;
  float confidence = 0;       // 0..1
  std::string_view detector;  // static storage
  Place place = Place::plain;
  std::uint8_t depth = 0;     // json_bare: in how many strings of JSON, each in the one before
  bool continued = false;     // a further piece of the finding before it, which it touches
  bool part = false;          // of a value: another finding has what is missing
  std::uint32_t ignored = 0;  // bit n: entry n of the policy's `ignore` names the value
};

}  // namespace menshen::core
