// What scorers share: the registry, and the files of words that are embedded.
#include "detectors/scoring/lexicon_file.h"
#include "detectors/scoring/scorers.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace menshen::detectors {

std::string_view toxicity_lexicon();

namespace scoring {
namespace {

class Fake final : public Scorer {
 public:
  explicit Fake(std::string_view name, Lexicon lexicon = {})
      : kind_{.name = name}, lexicon_(lexicon) {}
  const core::ScoreKind& kind() const noexcept override { return kind_; }
  unsigned version() const noexcept override { return 3; }
  Lexicon lexicon() const override { return lexicon_; }
  core::Result<float> score(const ScoreInput&, const Reading&) const override { return 0.5F; }

 private:
  core::ScoreKind kind_;
  Lexicon lexicon_;
};

constexpr TermRow words[] = {{0, 1.0F, "word"}};

TEST(Scorers, AreSortedAndNameTheirVersions) {
  const Fake zeal("zeal");
  const Fake haste("haste");
  const Scorers scorers({&zeal, &haste});
  EXPECT_EQ(scorers.versions(), "haste/3 zeal/3");
  EXPECT_EQ(scorers.all().front(), &haste);
  EXPECT_EQ(scorers.kinds().back(), &zeal.kind());
}

TEST(Scorers, MustNotShareANameOrALexicon) {
  const Fake zeal("zeal", {scope("zeal"), words});
  const Fake again("zeal");
  const Fake haste("haste", {scope("zeal"), words});
  const Fake shared("other", {shared_scope, words});
  EXPECT_DEATH(Scorers({&zeal, &again}), "zeal: two scorers have this name");
  EXPECT_DEATH(Scorers({&zeal, &haste}), "zeal: another lexicon has its scope");
  EXPECT_DEATH(Scorers({&shared}), "other: another lexicon has its scope");
}

TEST(Scorers, AreAsManyAsCanBeKeptAndNoMore) {
  constexpr std::array<std::string_view, core::Scores::kinds_max + 1> names{"a", "b", "c", "d", "e",
                                                                            "f", "g", "h", "i"};
  const std::vector<Fake> fakes(names.begin(), names.end());
  std::vector<const Scorer*> scorers;
  for (std::size_t i = 0; i < core::Scores::kinds_max; ++i) scorers.push_back(&fakes[i]);
  EXPECT_EQ(Scorers(scorers).all().size(), core::Scores::kinds_max);
  scorers.push_back(&fakes.back());
  EXPECT_DEATH(Scorers{scorers}, "more than can be kept");
}

// Policies, records and headers take the names from here.
TEST(Scorers, OfThisBuildAreFitForRecordsAndHeaders) {
  for (const core::ScoreKind* kind : Scorers::instance().kinds()) {
    EXPECT_EQ(kind->name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"),
              std::string_view::npos);
    EXPECT_LE(kind->name.size(), core::ScoreKind::name_bytes_max);
    EXPECT_TRUE(kind->header.empty() || kind->header.starts_with("x-menshen-")) << kind->name;
    EXPECT_TRUE(kind->of_requests || kind->of_answers) << kind->name;
    const std::string folder = MENSHEN_SOURCE_DIR "/detectors/" + std::string(kind->name);
    EXPECT_TRUE(std::ifstream(folder + "/README.md").good()) << "a score without README.md";
  }
}

TEST(LexiconFile, IsEmbeddedAsItStands) {
  std::ifstream file(MENSHEN_SOURCE_DIR "/detectors/toxicity/lexicon.txt");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_FALSE(text.empty());
  EXPECT_EQ(toxicity_lexicon(), text);
}

constexpr std::array<std::string_view, 2> classes{"soft", "hard"};

TEST(LexiconFile, SaysClassesWeightsAndTerms) {
  const auto rows =
      read_lexicon("# comment\n\n[hard 0.5]\nrock|stone*\n岩\n[soft 1.0]\nwool", classes);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].cls, 1);
  EXPECT_EQ(rows[0].weight, 0.5F);
  EXPECT_EQ(rows[0].terms, "rock|stone*");
  EXPECT_EQ(rows[1].terms, "岩");
  EXPECT_EQ(rows[2].cls, 0);
  EXPECT_EQ(rows[2].terms, "wool");
}

TEST(LexiconFile, WithAnythingElseDoesNotStart) {
  for (const std::string_view bad :
       {"rock", "[hard]\nrock", "[hard 0.5\nrock", "[odd 0.5]\nrock", "[hard x]\nrock",
        "[hard 1.5]\nrock", "[hard 0.5 ]\nrock", "[]\n", "[hard -1]\nrock"}) {
    EXPECT_THROW((void)read_lexicon(bad, classes), std::logic_error) << bad;
  }
}

}  // namespace
}  // namespace scoring
}  // namespace menshen::detectors
