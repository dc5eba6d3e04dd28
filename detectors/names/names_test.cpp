// The parts of the tagger of names: what a model file may hold, the labels, and what of a name a
// window's end leaves.
#include "detectors/names/decoder.h"
#include "detectors/names/lexicon.h"
#include "detectors/names/model.h"
#include "detectors/scanner.h"
#include "detectors/testing/feeding.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <string>

namespace menshen::detectors {

std::string_view names_model();

namespace names {
namespace {

Model::Parts small_parts() {
  Model::Parts parts;
  parts.version = 7;
  parts.lexicon = Lexicon::slots_of({{hash_of("maria"), lexicon_class::given}});
  parts.groups = Lexicon::slots_of({{hash_of("Maria"), 42}});
  parts.weights.resize((std::size_t{1} << bucket_bits) * label_columns);
  return parts;
}

TEST(NamesModel, IsReadAsItWasWritten) {
  const std::string file = Model::written(small_parts());
  const auto model = Model::read(file);
  ASSERT_TRUE(model);
  EXPECT_EQ(model->version(), 7U);
  EXPECT_EQ(model->knowledge().lexicon.classes_of(hash_of("maria")), lexicon_class::given);
  EXPECT_EQ(model->knowledge().lexicon.classes_of(hash_of("mario")), 0);
  EXPECT_EQ(model->knowledge().groups.classes_of(hash_of("Maria")), 42);
}

TEST(NamesModel, OfAnotherFormIsRefused) {
  const std::string file = Model::written(small_parts());
  for (const std::size_t bytes :
       {std::size_t{0}, std::size_t{5}, std::size_t{40}, file.size() - 1}) {
    EXPECT_FALSE(Model::read(std::string_view(file).substr(0, bytes))) << bytes;
  }
  EXPECT_FALSE(Model::read(file + "x"));
  std::string other = file;
  other[0] = 'M';
  EXPECT_FALSE(Model::read(other));

  auto parts = small_parts();
  parts.lexicon.assign(4, 1);  // where no word ends a search
  EXPECT_FALSE(Model::read(Model::written(parts)));
  parts = small_parts();
  parts.lexicon.resize(3);
  EXPECT_FALSE(Model::read(Model::written(parts))) << "no power of two";
  parts = small_parts();
  parts.transitions[0][1] = std::numeric_limits<std::int32_t>::max();
  EXPECT_FALSE(Model::read(Model::written(parts))) << "sums would overflow";
  parts = small_parts();
  parts.calibration[0].slope = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(Model::read(Model::written(parts)));
}

TEST(NamesModel, OfTheBuildIsReadable) { EXPECT_TRUE(Model::read(names_model())); }

TEST(NamesDecoder, NamesAreWhole) {
  const Label begin = label_of(Named::person, Part::begin);
  const Label end = label_of(Named::person, Part::end);
  const Label single = label_of(Named::location, Part::single);
  EXPECT_TRUE(may_follow(begin, end));
  EXPECT_FALSE(may_follow(begin, single));
  EXPECT_FALSE(may_follow(outside, end));
  EXPECT_TRUE(may_follow(end, single));

  // The second token would rather go on: a name that nothing ends is none.
  const Label inside = label_of(Named::person, Part::inside);
  std::vector<Scores> tokens(2);
  tokens[0][begin] = 10;
  tokens[1][inside] = 10;
  tokens[1][end] = 1;
  Decoder decoder;
  const auto closed = decoder.best(tokens, {}, outside, false);
  EXPECT_EQ(closed[0], begin);
  EXPECT_EQ(closed[1], end);
  const auto open = decoder.best(tokens, {}, outside, true);
  EXPECT_EQ(open[1], inside) << "it may end behind the window";
  EXPECT_TRUE(decoder.best({}, {}, outside, false).empty());
}

// Findings of a text whole, and cut at every byte, are the conformance suite's; here that a name is
// found wherever it stands to the windows, and that a row without an end costs no more than others.
TEST(Names, AreFoundWhereverAWindowBegins) {
  const auto catalog = Catalog::complete();
  for (std::size_t before = 0; before < 40; ++before) {
    std::string text;
    for (std::size_t i = 0; i < before; ++i) text += "word ";
    const std::size_t begin = text.size() + std::strlen("and ");
    text += "and Margaret Thompson called.";
    const auto found = scan_text(catalog, text);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 1U) << before;
    EXPECT_EQ((*found)[0].type->name, "person");
    EXPECT_EQ((*found)[0].begin, begin);
    EXPECT_EQ((*found)[0].end, begin + std::strlen("Margaret Thompson"));
  }
}

TEST(Names, OfEndlessRowsAreBounded) {
  const auto catalog = Catalog::complete();
  for (const std::string& unit : {std::string("张"), std::string("Of "), std::string("A.")}) {
    std::string text;
    while (text.size() < 60'000) text += unit;
    const auto found = scan_text(catalog, text);
    ASSERT_TRUE(found);
    for (const core::Finding& f : *found) EXPECT_LE(f.end - f.begin, 24 * token_bytes_max) << unit;
  }
}

}  // namespace
}  // namespace names
}  // namespace menshen::detectors
