// Taggers cost nothing where no rule is about what they tell.
#include "detectors/catalog.h"
#include "detectors/scanner.h"
#include "detectors/scores.h"
#include "detectors/testing/titled_name.h"
#include "policies/testing.h"

#include <gtest/gtest.h>

namespace menshen::policies {
namespace {

using testing::with_header;

// The types that are found in a text under these content rules, in their order.
std::string found_under(std::string_view content) {
  const auto base = detectors::testing::catalog_with_tagger();
  const auto loaded =
      PolicySet::parse(with_header("content:\n" + std::string(content)), "policy.yaml",
                       {base->types(), detectors::score_kinds(), base});
  EXPECT_NE(loaded.set, nullptr) << testing::listed(loaded);
  if (loaded.set == nullptr) return {};
  const auto found = detectors::scan_text(loaded.set->catalog(),
                                          "The patient met Dr. Watson, watson@corp.example");
  EXPECT_TRUE(found);
  std::string out;
  for (const core::Finding& f : *found) {
    if (f.type->name == "titled_name" || f.type->category == core::Category::pii)
      out.append(f.type->name).append(" ");
  }
  return out;
}

TEST(NamesAsked, AreLookedForWhereARuleIsAboutThem) {
  const std::string redact = "}, then: {action: redact}}\n";
  const std::string forms = "  - {id: a, find: {categories: [pii]" + redact;
  EXPECT_EQ(found_under(forms), "email ");
  EXPECT_EQ(found_under(forms + "  - {id: b, find: {categories: [name]" + redact),
            "titled_name email ");
  EXPECT_EQ(found_under("  - {id: b, direction: response, find: {types: [titled_name]" + redact),
            "titled_name email ");
  EXPECT_EQ(found_under("  - {id: b, mode: shadow, find: {types: [titled_name]" + redact),
            "titled_name email ");
}

}  // namespace
}  // namespace menshen::policies
