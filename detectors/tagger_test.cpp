// What the engine does with taggers: how they fail, and what becomes of what they find.
#include "detectors/tagger.h"

#include "detectors/catalog.h"
#include "detectors/scanner.h"
#include "detectors/testing/feeding.h"
#include "detectors/testing/titled_name.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace menshen::detectors {
namespace {

class Fake final : public Tagger {
 public:
  enum class Mode : std::uint8_t { fails, throws, before, behind, outside, empty };
  explicit Fake(Mode mode) : mode_(mode) {}
  std::string_view name() const noexcept override { return "fake"; }
  unsigned version() const noexcept override { return 1; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  core::Result<void> tag(const TokenWindow& window, TaggerState&, Matches& matches) const override {
    const std::size_t owned = window.tokens[window.owned_begin].begin;
    switch (mode_) {
      case Mode::fails:
        return core::gateway_error(core::ErrorKind::internal, "detector_failed", "It gave up.");
      case Mode::throws: throw std::runtime_error("out of memory");
      case Mode::before:
        if (owned > 0) matches.add(type_, owned - 1, owned + 1, 0.5F);
        break;
      case Mode::behind:
        matches.add(type_, window.tokens[window.owned_end - 1].end, window.text.size() + 1, 0.5F);
        break;
      case Mode::outside: matches.add(type_, owned, window.text.size() + 1, 0.5F); break;
      case Mode::empty: matches.add(type_, owned, owned, 0.5F); break;
    }
    return {};
  }

 private:
  static constexpr core::FindingType type_{"fake", core::Category::pii, "FAKE", "For tests."};
  static constexpr std::array<const core::FindingType*, 1> types_{&type_};
  Mode mode_;
};

TEST(Tagger, CouldNotTellIsAnErrorAndStaysOne) {
  using Mode = Fake::Mode;
  std::string sentence;
  for (int i = 0; i < 40; ++i) sentence += "word ";
  for (const Mode mode :
       {Mode::fails, Mode::throws, Mode::before, Mode::behind, Mode::outside, Mode::empty}) {
    const Fake fake(mode);
    const auto catalog = std::make_shared<const Catalog>(std::vector<const Detector*>{},
                                                         std::span<const NumberSpec* const>{},
                                                         std::vector<const Tagger*>{&fake});
    Scanner scanner(catalog);
    const auto fed = scanner.feed(sentence + "\n" + sentence);
    ASSERT_FALSE(fed) << static_cast<int>(mode);
    EXPECT_EQ(fed.error().code, "detector_failed");
    EXPECT_FALSE(scanner.finish());
  }
}

TEST(Tagger, WhatItFindsGivesWayToForms) {
  const auto findings =
      scan_text(testing::catalog_with_tagger(), "The patient met Dr. Jane.Doe@corp.example.");
  ASSERT_TRUE(findings);
  EXPECT_EQ(testing::describe(*findings), "titled_name [16, 20) email [20, 41) ");
}

TEST(Tagger, StandsAmongTheVersions) {
  EXPECT_NE(testing::catalog_with_tagger()->versions().find("titled_name/1"),
            std::string_view::npos);
}

// Prose is held back by a window of tokens, and no more.
TEST(Tagger, HoldsBackAWindowOfTokens) {
  Scanner scanner(testing::catalog_with_tagger());
  std::size_t most = 0;
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(scanner.feed("word "));
    most = std::max(most, scanner.text_bytes() - scanner.settled());
  }
  EXPECT_GE(most, tokens_ahead * 5);
  EXPECT_LE(most, (tokens_owned + tokens_ahead) * 5);
}

}  // namespace
}  // namespace menshen::detectors
