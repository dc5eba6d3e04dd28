// Values that a policy names are marked, whole ones alone, and wherever the text is cut.
#include "detectors/catalog.h"
#include "detectors/ignored_values.h"
#include "detectors/scanner.h"
#include "detectors/testing/scanning.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

namespace menshen::detectors {
namespace {

// Names values as they stand in normal form.
class Named final : public IgnoredValues {
 public:
  explicit Named(std::vector<std::string> values) : values_(std::move(values)) {}
  std::uint32_t entries_of(const core::FindingType&, std::string_view value) const override {
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < values_.size(); ++i)
      if (values_[i] == value) out |= std::uint32_t{1} << i;
    return out;
  }

 private:
  std::vector<std::string> values_;
};

// "type:marks" of each finding.
std::string marks(std::string_view text, const std::shared_ptr<const Catalog>& catalog) {
  std::string out;
  const auto found = scan_text(catalog, text);
  if (!found) return "refused";
  for (const core::Finding& finding : *found) {
    if (!out.empty()) out += ' ';
    out.append(finding.type->name).append(":").append(std::to_string(finding.ignored));
  }
  return out;
}

const std::string token =
    "sk-proj-" + std::string("Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb3dEf6hIj9kLm2n");

std::shared_ptr<const Catalog> ignoring() {
  return testing::catalog()->ignoring(std::make_shared<Named>(
      std::vector<std::string>{"13800138000", "bob@corp.example", token, "138 0013 8000"}));
}

TEST(Ignored, ValuesAreMarkedWhereTheyAreWhole) {
  const auto catalog = ignoring();
  EXPECT_EQ(marks("call 13800138000 now", catalog), "cn_mobile:1");
  EXPECT_EQ(marks("call 138 0013 8000 now", catalog), "cn_mobile:8");
  EXPECT_EQ(marks("call 13800138001 now", catalog), "cn_mobile:0");
  EXPECT_EQ(marks("call +8613800138000 now", catalog), "cn_mobile:0");
  EXPECT_EQ(marks("mail bob@corp.example, jim.bob@corp.example", catalog), "email:2 email:0");
  EXPECT_EQ(marks("key " + token + ".", catalog), "openai_api_key:4");
  EXPECT_EQ(marks("key " + token + "x.", catalog), "openai_api_key:0");
  EXPECT_EQ(marks("key " + token + std::string(3000, 'q') + ".", catalog), "openai_api_key:0");
}

TEST(Ignored, FormsThatHideAValueHideNoMark) {
  const auto catalog = ignoring();
  EXPECT_EQ(marks("电话１３８００１３８０００", catalog), "cn_mobile:1");
  EXPECT_EQ(marks("电话138\xE2\x80\x8B"
                  "00138000",
                  catalog),
            "cn_mobile:1");
  EXPECT_EQ(marks(R"({"phone": "\u0031\u00338\u0030\u003013800\u0030"})", catalog), "cn_mobile:1");
  EXPECT_EQ(marks(R"({"phone": 13800138000})", catalog), "cn_mobile:1");
}

// A number or a mailbox that goes on is another one, however far it was read.
TEST(Ignored, AValueThatGoesOnIsNotMarked) {
  const auto catalog = ignoring();
  for (const char* text :
       {R"({"n": 13800138000.13900139001})", R"({"n": -13800138000})", R"({"n": 13800138000.5})",
        R"({"n": 13800138000e1})", "call 13800138000@corp.example"}) {
    const std::string found = marks(text, catalog);
    EXPECT_EQ(found.find("cn_mobile:1"), found.npos) << text << ": " << found;
  }
  const std::string label(60, 'y');
  EXPECT_EQ(marks("bob@corp.example." + label + "." + label + "." + label + ".evil.com", catalog)
                .find("email:2"),
            std::string::npos);
  EXPECT_EQ(marks("call 13800138000.", catalog), "cn_mobile:1");
  EXPECT_EQ(marks("电话13800138000，", catalog), "cn_mobile:1");
  EXPECT_EQ(marks("<bob@corp.example>", catalog), "email:2");
}

// An escape behind a value is what it stands for.
TEST(Ignored, AnEscapeBehindAValueIsReadForWhatItShows) {
  const auto catalog = ignoring();
  for (const char* behind :
       {"&nbsp;x",   "&#160;x",  "&#xA0;x",  "&lt;br&gt;",  "&quot;x",      "&#39;x",
        "&#x27; x",  "&comma;x", "\\u0020x", "\\u003cbr",   "\\x20x",       "%20x",
        "%22x",      "\\n",      "\\\"x",    "&amp;nbsp;x", "&emsp;x",      "\\u3000x",
        "\\u002c x", "\\uff0cx", "&ensp;",   "&#32;",       "&period; Then"}) {
    EXPECT_EQ(marks("mail bob@corp.example" + std::string(behind), catalog), "email:2") << behind;
    EXPECT_EQ(marks("call 13800138000" + std::string(behind), catalog), "cn_mobile:1") << behind;
  }
  for (const char* behind : {"&#46;cn", "&period;cn", "\\u002ecn", "%2Ecn", "&#x61;", "\\u0061",
                             "\\x61", "&amp;#46;cn", "&#x2e;cn"}) {
    const std::string found = marks("mail bob@corp.example" + std::string(behind), catalog);
    EXPECT_EQ(found.find("email:2"), found.npos) << behind << ": " << found;
  }
}

// So it is for one window that shows what stands behind: a line, or what follows a label.
TEST(Ignored, AValueStandsAloneByWhatEscapesShow) {
  const core::FindingType pii{"own", core::Category::pii, "OWN", "for tests"};
  const core::FindingType secret{"key", core::Category::secret, "KEY", "for tests"};
  const auto alone = [](const core::FindingType& type, std::string_view behind) {
    const std::string text = "x EMP-1" + std::string(behind);
    return stands_alone(type, text, 2, 7, true);
  };
  for (const char* ends : {"", " x", "，x", "&nbsp;x", "&#160;x", "&#xA0;x", "&lt;b", "\\u0020x",
                           "%20x", "\\n", "\\\"", "&period; x", ".", "&", "%", "猫", "&unknown;"}) {
    EXPECT_TRUE(alone(pii, ends)) << ends;
    EXPECT_TRUE(alone(secret, ends)) << ends;
  }
  for (const char* more :
       {"x", "_", "&#49;", "&#x61;", "\\u0031", "%31", "\\x61", "é", "&lowbar;"}) {
    EXPECT_FALSE(alone(pii, more)) << more;
    EXPECT_FALSE(alone(secret, more)) << more;
  }
  for (const char* joined :
       {"-2", ".cn", "@a", "&#45;2", "&period;cn", "\\u002d2", "%2D2", "-&#50;"}) {
    EXPECT_FALSE(alone(pii, joined)) << joined;
    EXPECT_TRUE(alone(secret, joined)) << joined;
  }
}

// In one reading it is the value, in another a longer one.
TEST(Ignored, AValueThatIsLongerInAnotherReadingIsNotMarked) {
  EXPECT_EQ(marks(R"(\u0061bob@corp.example)", ignoring()), "email:0");
  EXPECT_EQ(marks(R"(\u0062ob@corp.example)", ignoring()), "email:0");
}

TEST(Ignored, CutsChangeNothing) {
  const auto catalog = ignoring();
  const std::string text =
      "call 13800138000, " + token + " or {\"a\": \"\\u0031\\u00338\\u0030\\u003013800\\u0030\"}";
  Scanner scanner(catalog);
  scanner.reset();
  const auto whole = testing::feed(scanner, text, {});
  EXPECT_EQ(std::ranges::count_if(whole.findings, [](const auto& f) { return f.ignored != 0; }), 3);
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    scanner.reset();
    const auto parts = testing::feed(scanner, text, {cut});
    EXPECT_TRUE(testing::same(whole.findings, parts.findings)) << cut;
  }
}

TEST(Ignored, TheCatalogIsTheSameButForTheMarks) {
  EXPECT_EQ(ignoring()->digest(), testing::catalog()->digest());
  EXPECT_EQ(marks("call 13800138000 now", testing::catalog()), "cn_mobile:0");
}

}  // namespace
}  // namespace menshen::detectors
