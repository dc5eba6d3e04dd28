#include "detectors/catalog.h"
#include "detectors/engine/dispatcher.h"
#include "detectors/engine/numbers_around.h"
#include "detectors/scanner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace menshen::detectors {
namespace {

TEST(NumbersAround, FindsTheFirstDigitWhereverItStands) {
  constexpr std::size_t longest = 40;
  for (std::size_t size = 0; size < longest; ++size) {
    EXPECT_EQ(find_digit(std::string(size, '/'), 0), size);
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, ':');
      text[at] = '9';
      EXPECT_EQ(find_digit(text, 0), at);
      EXPECT_EQ(find_digit(text, at + 1), size);
    }
  }
}

// What a tagger finds within an address gives way to the whole of it.
TEST(Address, NoPlaceWithinSplitsIt) {
  const std::string text = "我住在北京市朝阳区建国路88号。";
  const auto found = scan_text(Catalog::complete(), text);
  ASSERT_TRUE(found);
  const auto address =
      std::ranges::find(*found, "address", [](const core::Finding& f) { return f.type->name; });
  ASSERT_NE(address, found->end());
  EXPECT_EQ(text.substr(address->begin, address->end - address->begin), "北京市朝阳区建国路88号");
  for (const core::Finding& f : *found) {
    const bool overlaps = f.begin < address->end && address->begin < f.end;
    EXPECT_TRUE(&f == &*address || !overlaps) << f.type->name;
  }
}

// Prose that holds no address is not held back for long.
TEST(Address, ProseIsDecidedSoon) {
  const std::string text = "the committee met and the members agreed that it was late";
  Scanner scanner(Catalog::built_in());
  scanner.reset();
  for (const char c : text) {
    ASSERT_TRUE(scanner.feed(std::string(1, c)));
    EXPECT_LE(scanner.text_bytes() - scanner.settled(), 10U);
  }
}

TEST(Address, CostsNothingWhereNobodyAsks) {
  const auto all = Catalog::complete();
  const auto type_of = [&](std::string_view name) {
    return *std::ranges::find(all->types(), name, &core::FindingType::name);
  };
  const std::array email{type_of("email")};
  const std::array address{type_of("address")};
  const std::string text = "我住在北京市朝阳区建国路88号。";
  EXPECT_EQ(Catalog::built_in()->dispatcher().around(), nullptr);
  EXPECT_EQ(Catalog::asked_for(all, email)->dispatcher().around(), nullptr);
  EXPECT_TRUE(scan_text(Catalog::asked_for(all, email), text)->empty());
  EXPECT_EQ(scan_text(Catalog::asked_for(all, address), text)->size(), 1U);
}

}  // namespace
}  // namespace menshen::detectors
