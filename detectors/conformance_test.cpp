// What every detector and every row of the table of numbers must do, unasked: its own cases, and
// the promises of scanner.h at every cut.
#include "detectors/catalog.h"
#include "detectors/detector.h"
#include "detectors/numbers/number_spec.h"
#include "detectors/registered.h"
#include "detectors/scanner.h"
#include "detectors/testing/feeding.h"
#include "detectors/testing/titled_name.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <set>

namespace menshen::detectors {
namespace {

using testing::describe;
using testing::feed;

struct Expected {
  std::string type;
  std::size_t begin;
  std::size_t end;
  auto operator<=>(const Expected&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Expected& e) {
    return out << e.type << "[" << e.begin << ", " << e.end << ")";
  }
};

struct Case {
  std::string text;
  std::vector<Expected> expected;
  std::string why;
};

const std::string folder = std::string(MENSHEN_SOURCE_DIR) + "/detectors/";

struct Subject {
  Recogniser recogniser;
  std::shared_ptr<const Catalog> catalog;  // it and others
  std::string cases;
  std::string page;
};

std::vector<Subject> subjects() {
  std::vector<Subject> all;
  const auto numbers = registered_numbers();
  for (const Recogniser& recogniser : testing::catalog()->recognisers()) {
    const std::string name(recogniser.name);
    const bool number = std::ranges::any_of(
        numbers, [&](const NumberSpec* row) { return row->type.name == recogniser.name; });
    all.push_back({recogniser, testing::catalog(),
                   folder + (number ? "numbers/cases/" + name + ".jsonl" : name + "/cases.jsonl"),
                   folder + (number ? "numbers" : name) + "/README.md"});
  }
  const auto add_tagger = [&](const std::shared_ptr<const Catalog>& catalog, std::string_view name,
                              const std::string& cases, const std::string& page) {
    for (const Recogniser& recogniser : catalog->recognisers()) {
      if (recogniser.name == name) all.push_back({recogniser, catalog, cases, page});
    }
  };
  for (const Tagger* tagger : registered_taggers()) {
    const std::string name(tagger->name());
    add_tagger(testing::catalog_with_tagger(tagger), name, folder + name + "/cases.jsonl",
               folder + name + "/README.md");
  }
  add_tagger(testing::catalog_with_tagger(), "titled_name", folder + "testing/titled_name.jsonl",
             folder + "testing/titled_name.h");
  return all;
}

std::vector<Case> cases_of(const Subject& subject) {
  std::ifstream file(subject.cases);
  std::vector<Case> cases;
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line);
    Case c{json.at("text"), {}, json.at("why")};
    for (const auto& e : json.at("expected"))
      c.expected.push_back({e.at("type"), e.at("start"), e.at("end")});
    cases.push_back(std::move(c));
  }
  return cases;
}

std::vector<Expected> of_recogniser(const std::vector<core::Finding>& findings,
                                    const Recogniser& recogniser) {
  std::vector<Expected> found;
  for (const core::Finding& f : findings) {
    if (f.detector == recogniser.name) found.push_back({std::string(f.type->name), f.begin, f.end});
  }
  return found;
}

class Conformance : public ::testing::TestWithParam<Subject> {};

TEST_P(Conformance, FindsWhatItsCasesSay) {
  const Subject& subject = GetParam();
  const std::vector<Case> cases = cases_of(subject);
  ASSERT_FALSE(cases.empty()) << "no cases";
  bool finds = false;
  bool leaves = false;
  for (const Case& c : cases) {
    const auto findings = scan_text(GetParam().catalog, c.text);
    ASSERT_TRUE(findings) << c.why;
    const auto found = of_recogniser(*findings, subject.recogniser);
    EXPECT_EQ(found, c.expected) << c.why << ": " << c.text;
    (c.expected.empty() ? leaves : finds) = true;
  }
  EXPECT_TRUE(finds && leaves) << "cases need both what is found and what is not";
}

// All ways to cut a text in two, byte by byte, and some random ones.
std::vector<std::vector<std::size_t>> ways_to_cut(std::size_t size) {
  std::vector<std::vector<std::size_t>> ways;
  for (std::size_t cut = 0; cut <= size; ++cut) ways.push_back({cut});
  ways.emplace_back();
  for (std::size_t cut = 1; cut < size; ++cut) ways.back().push_back(cut);
  std::mt19937 random(static_cast<unsigned>(size));
  for (int i = 0; i < 20 && size > 0; ++i) {
    std::set<std::size_t> cuts;
    for (int n = 0; n < 5; ++n) cuts.insert(random() % size);
    ways.emplace_back(cuts.begin(), cuts.end());
  }
  return ways;
}

void expect_cuts_change_nothing(const std::shared_ptr<const Catalog>& catalog,
                                std::string_view text) {
  Scanner scanner(catalog);
  const auto whole = feed(scanner, text, {});
  EXPECT_EQ(whole.broken, "") << text;
  for (const auto& cuts : ways_to_cut(text.size())) {
    const auto cut = feed(scanner, text, cuts);
    ASSERT_EQ(cut.broken, "") << text;
    ASSERT_TRUE(testing::same(whole.findings, cut.findings))
        << text << "\ncut " << cuts.size() << " times, at " << (cuts.empty() ? 0 : cuts.front())
        << "\nwhole " << describe(whole.findings) << "\ncut " << describe(cut.findings);
  }
}

TEST_P(Conformance, CutsChangeNothing) {
  for (const Case& c : cases_of(GetParam())) {
    expect_cuts_change_nothing(GetParam().catalog, c.text);
  }
}

TEST_P(Conformance, InvalidUtf8AroundAValueHidesNothing) {
  const Subject& subject = GetParam();
  for (const Case& c : cases_of(subject)) {
    for (const std::string junk : {"\xff", "\xe4\xb8", "\xf0\x9f", "\xc0\x80", "\xed\xa0\x80"}) {
      const auto findings = scan_text(GetParam().catalog, junk + " " + c.text + " " + junk);
      ASSERT_TRUE(findings);
      std::vector<Expected> shifted = c.expected;
      for (Expected& e : shifted) {
        e.begin += junk.size() + 1;
        e.end += junk.size() + 1;
      }
      EXPECT_EQ(of_recogniser(*findings, subject.recogniser), shifted) << c.why;
    }
  }
}

bool is_boundary(std::string_view text, std::size_t at) {
  return at >= text.size() || (text[at] & '\xC0') != '\x80';
}

TEST_P(Conformance, FindingsLieOnCharacterBoundaries) {
  for (const Case& c : cases_of(GetParam())) {
    const auto findings = scan_text(GetParam().catalog, c.text);
    ASSERT_TRUE(findings);
    for (const core::Finding& f : *findings) {
      EXPECT_TRUE(is_boundary(c.text, f.begin) && is_boundary(c.text, f.end)) << c.text;
      EXPECT_GT(f.confidence, 0);
      EXPECT_LE(f.confidence, 1);
    }
  }
}

// Behind so much that the buffers of the engine have moved on, and within one long run of it.
TEST_P(Conformance, FindsTheSameFarIntoALongText) {
  const Subject& subject = GetParam();
  std::string prose;
  while (prose.size() < 40'000) prose += "Prose, 中文，and some numbers: 12, 2024.\n";
  for (const Case& c : cases_of(subject)) {
    const auto findings = scan_text(GetParam().catalog, prose + c.text);
    ASSERT_TRUE(findings);
    std::vector<Expected> shifted = c.expected;
    for (Expected& e : shifted) {
      e.begin += prose.size();
      e.end += prose.size();
    }
    EXPECT_EQ(of_recogniser(*findings, subject.recogniser), shifted) << c.why;
  }
}

TEST_P(Conformance, DescribesItself) {
  const Subject& subject = GetParam();
  EXPECT_GT(subject.recogniser.version, 0U);
  EXPECT_FALSE(subject.recogniser.types.empty());
  for (const core::FindingType* type : subject.recogniser.types) {
    EXPECT_FALSE(type->summary.empty());
    std::string tag(type->name);
    for (char& c : tag) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_EQ(tag, type->tag);
  }
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_P(Conformance, HasItsPage) {
  const Subject& subject = GetParam();
  const std::string page = text_of(subject.page);
  EXPECT_NE(page, "") << "no README.md";
  if (subject.page.ends_with("numbers/README.md")) {
    EXPECT_NE(page.find("| `" + std::string(subject.recogniser.name) + "` |"), std::string::npos)
        << "a number without its line in README.md";
  }
}

TEST(Detectors, SayWhenTheyAreToBeAsked) {
  for (const Detector* detector : registered_detectors()) {
    EXPECT_TRUE(!detector->triggers().empty() || !detector->anchors().empty() ||
                detector->reads_around())
        << detector->name();
  }
}

INSTANTIATE_TEST_SUITE_P(Detectors, Conformance, ::testing::ValuesIn(subjects()),
                         [](const auto& param) {
                           return std::string(param.param.recogniser.name);
                         });

}  // namespace
}  // namespace menshen::detectors
