#include "detectors/catalog.h"
#include "detectors/engine/anchor_set.h"
#include "detectors/scanner.h"
#include "detectors/testing/feeding.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

namespace menshen::detectors {
namespace {

constexpr core::FindingType seen_type{"seen", core::Category::secret, "SEEN", "For tests."};

// Finds all that its windows show behind their anchors.
class Seer final : public Detector {
 public:
  std::string_view name() const noexcept override { return "seer"; }
  unsigned version() const noexcept override { return 1; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return {}; }
  std::span<const Anchor> anchors() const noexcept override { return anchors_; }
  core::Result<void> scan(const Window&, Matches&) const override { return {}; }
  core::Result<void> look(const AnchorWindow& window, Matches& matches) const override {
    if (window.end < window.text.size()) {
      matches.add(seen_type, window.end, window.text.size(), window.last ? 1.0F : 0.5F);
    }
    return {};
  }

 private:
  static constexpr std::array<const core::FindingType*, 1> types_{&seen_type};
  static constexpr std::array<Anchor, 4> anchors_{Anchor{"token"}, Anchor{"token ring"},
                                                  Anchor{"\xE5\xAF\x86\xE7\xA0\x81", false},
                                                  Anchor{"://", false}};
};

const Seer seer;
const std::array<const Detector*, 1> seers{&seer};

std::shared_ptr<const Catalog> catalog_of_seer() {
  return std::make_shared<const Catalog>(std::vector<const Detector*>{&seer},
                                         std::span<const NumberSpec* const>{},
                                         std::vector<const Tagger*>{});
}

std::vector<std::string> shown(std::string_view text) {
  std::vector<std::string> found;
  const auto findings = scan_text(catalog_of_seer(), text);
  EXPECT_TRUE(findings);
  for (const core::Finding& f : *findings) {
    found.emplace_back(text.substr(f.begin, f.end - f.begin));
  }
  return found;
}

using Shown = std::vector<std::string>;

TEST(Anchors, AreWordsOrStandAnywhere) {
  EXPECT_EQ(shown("token x"), Shown{" x"});
  EXPECT_EQ(shown("my_TOKEN=x"), Shown{"=x"});
  EXPECT_EQ(shown("myToken=x"), Shown{"=x"});
  EXPECT_EQ(shown("tokens x tokenizer x mytoken x TOKENIZER x"), Shown{});
  EXPECT_EQ(shown("数据库密码x"), Shown{"x"});
  EXPECT_EQ(shown("a://b"), Shown{"b"});
  EXPECT_EQ(shown("a token"), Shown{});
}

TEST(Anchors, TheLongestOfThoseAtOnePlaceCounts) {
  EXPECT_EQ(shown("token ring x"), Shown{" x"});
  EXPECT_EQ(shown("token rin"), Shown{" rin"});
}

TEST(Anchors, ShowTwoLinesOrASentence) {
  EXPECT_EQ(shown("token a\nb\nc"), Shown{" a\nb"});
  EXPECT_EQ(shown("token a. b"), Shown{" a."});
  EXPECT_EQ(shown("token a.b"), Shown{" a.b"});
  EXPECT_EQ(shown("token 甲。乙"), Shown{" 甲"});
  const std::string longer = "token" + std::string(2 * anchor_reach_bytes, 'x') + "\n";
  EXPECT_EQ(shown("-" + longer), Shown{});  // a longer word
  const std::string apart = "token " + std::string(2 * anchor_reach_bytes, 'x');
  EXPECT_EQ(shown(apart), Shown{" " + std::string(anchor_reach_bytes - 1, 'x')});
}

// What is found must not depend on where a flood of invisible characters is cut.
TEST(Anchors, CutsOfFloodsChangeNothing) {
  std::string flood;
  for (int i = 0; i < 4000; ++i) flood += "\xE2\x80\x8B";
  const std::array<std::string, 4> texts{"token" + flood + " x y", "to" + flood + "ken x",
                                         "token x" + flood + " y", "token x\ny" + flood + "\nz"};
  Scanner scanner(catalog_of_seer());
  std::mt19937 random(7);
  for (const std::string& text : texts) {
    const auto whole = testing::feed(scanner, text, {});
    EXPECT_EQ(whole.broken, "");
    for (int round = 0; round < 20; ++round) {
      std::vector<std::size_t> cuts;
      for (std::size_t at = random() % 900; at < text.size(); at += 1 + random() % 900) {
        cuts.push_back(at);
      }
      const auto cut = testing::feed(scanner, text, cuts);
      EXPECT_EQ(cut.broken, "");
      EXPECT_TRUE(testing::same(whole.findings, cut.findings)) << round;
    }
  }
}

TEST(AnchorSet, WideAndPlainSearchesAgree) {
  const AnchorSet set(seers);
  std::mt19937 random(11);
  constexpr std::string_view letters = "token TOKEN:/\xE5\xAF\x86 ingr";
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (std::size_t n = random() % 120; n > 0; --n) text += letters[random() % letters.size()];
    for (std::size_t at = 0; at < text.size(); ++at) {
      ASSERT_EQ(set.find_plain(text, at), set.find(text, at)) << text;
    }
  }
}

}  // namespace
}  // namespace menshen::detectors
