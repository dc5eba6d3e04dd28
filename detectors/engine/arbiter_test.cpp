// The one rule of arbiter.h, for any findings in any order.
#include "detectors/engine/arbiter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace menshen::detectors {
namespace {

// Taggers' types, then forms.
constexpr core::FindingType address{"address", core::Category::pii, "", ""};
constexpr core::FindingType person{"person", core::Category::pii, "", ""};
constexpr core::FindingType card{"card", core::Category::pii, "", ""};
constexpr core::FindingType phone{"phone", core::Category::pii, "", ""};
constexpr std::array<const core::FindingType*, 4> types{&address, &person, &card, &phone};
constexpr std::span<const core::FindingType* const> told = std::span(types).first(2);

bool is_told(const core::Finding& f) { return f.type == &address || f.type == &person; }

core::Finding finding(const core::FindingType& type, std::size_t begin, std::size_t end,
                      float confidence) {
  return {
      .type = &type, .begin = begin, .end = end, .confidence = confidence, .detector = type.name};
}

std::string described(std::vector<core::Finding> findings) {
  std::string text;
  const auto place = [](const core::Finding& f) {
    return std::tuple(f.begin, f.end, f.type->name);
  };
  std::ranges::sort(findings, {}, place);
  for (const core::Finding& f : findings) {
    text.append(f.type->name).append("[").append(std::to_string(f.begin)).append(",");
    text.append(std::to_string(f.end)).append(") ");
  }
  return text;
}

struct Row {
  std::vector<core::Finding> findings;
  std::string_view stays;
};

TEST(Arbiter, FormsStayAndWordsGiveWay) {
  const Row rows[] = {
      {{finding(address, 0, 30, 0.9F), finding(phone, 10, 20, 0.5F)},
       "address[0,10) phone[10,20) address[20,30) "},
      {{finding(phone, 0, 20, 0.5F), finding(person, 5, 15, 0.9F)}, "phone[0,20) "},
      {{finding(address, 0, 20, 0.6F), finding(person, 15, 25, 0.7F)},
       "address[0,15) person[15,25) "},
      {{finding(address, 0, 20, 0.7F), finding(person, 15, 25, 0.7F)},
       "address[0,20) person[20,25) "},
      {{finding(address, 10, 20, 0.7F), finding(person, 5, 15, 0.7F)},
       "person[5,15) address[15,20) "},
      {{finding(person, 0, 10, 0.7F), finding(address, 0, 10, 0.7F)}, "address[0,10) "},
      {{finding(person, 0, 10, 0.7F), finding(address, 10, 20, 0.7F)},
       "person[0,10) address[10,20) "},
      {{finding(card, 0, 10, 0.7F), finding(phone, 5, 15, 0.9F)}, "card[0,10) phone[5,15) "},
  };
  for (const Row& row : rows) {
    std::vector<core::Finding> findings = row.findings;
    arbitrate(findings, 0, told);
    EXPECT_EQ(described(findings), row.stays) << described(row.findings);
  }
}

constexpr std::size_t text_bytes = 60;
using Bytes = std::array<bool, text_bytes>;

Bytes covered(const std::vector<core::Finding>& findings) {
  Bytes bytes{};
  for (const core::Finding& f : findings) {
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(f.begin),
              bytes.begin() + static_cast<std::ptrdiff_t>(f.end), true);
  }
  return bytes;
}

bool overlap(const core::Finding& a, const core::Finding& b) {
  return a.begin < b.end && b.begin < a.end;
}

std::vector<core::Finding> random_findings(std::mt19937& random) {
  std::vector<core::Finding> findings(1 + random() % 9);
  for (core::Finding& f : findings) {
    const std::size_t begin = random() % (text_bytes - 1);
    const std::size_t end = begin + 1 + random() % (text_bytes - begin);
    f = finding(*types[random() % types.size()], begin, std::min(end, text_bytes),
                static_cast<float>(1 + random() % 3) / 4);
  }
  return findings;
}

TEST(Arbiter, LosesNoByteAndLeavesNothingToldUnderAnother) {
  std::mt19937 random(11);
  for (int round = 0; round < 5000; ++round) {
    std::vector<core::Finding> before = random_findings(random);
    std::vector<core::Finding> after = before;
    arbitrate(after, 0, told);
    EXPECT_EQ(covered(before), covered(after)) << described(before);
    const auto forms = [](const std::vector<core::Finding>& all) {
      return std::ranges::count_if(all, [](const auto& f) { return !is_told(f); });
    };
    EXPECT_EQ(forms(before), forms(after));
    for (const core::Finding& a : after) {
      for (const core::Finding& b : after) {
        EXPECT_FALSE(&a != &b && is_told(a) && overlap(a, b)) << described(before);
      }
    }
    std::ranges::shuffle(before, random);
    arbitrate(before, 0, told);
    EXPECT_EQ(described(before), described(after));
    std::vector<core::Finding> again = after;
    arbitrate(again, 0, told);
    EXPECT_EQ(described(again), described(after));
  }
}

}  // namespace
}  // namespace menshen::detectors
