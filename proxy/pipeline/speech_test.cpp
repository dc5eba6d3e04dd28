// Adjacent texts of one speaker are read as one, whatever the parts cut.
#include "proxy/pipeline/speech.h"

#include "detectors/catalog.h"
#include "detectors/testing/feeding.h"
#include "proxy/pipeline/inspection.h"

#include <gtest/gtest.h>

namespace menshen::pipeline {
namespace {

using detectors::testing::describe;
using Findings = std::vector<core::Finding>;

ScannerPool& pool() {
  static ScannerPool pool(detectors::Catalog::instance());
  return pool;
}

// Feeds the parts, each in pieces of `piece` bytes, and checks what Speech promises on the way.
Findings read(const std::vector<std::string>& parts, std::size_t piece = 1'000'000) {
  Speech speech(pool());
  Findings findings;
  std::size_t settled = 0;
  const auto take = [&] {
    EXPECT_GE(speech.settled(), settled);
    for (const core::Finding& f : speech.take()) {
      EXPECT_GE(f.begin, settled);
      EXPECT_LE(f.end, speech.settled());
      findings.push_back(f);
    }
    settled = speech.settled();
  };
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) {
      EXPECT_TRUE(speech.begin_part());
    }
    for (std::size_t at = 0; at < parts[i].size(); at += piece) {
      EXPECT_TRUE(speech.feed(std::string_view(parts[i]).substr(at, piece)));
      take();
    }
  }
  EXPECT_TRUE(speech.finish());
  take();
  EXPECT_EQ(settled, speech.text_bytes());
  return findings;
}

// One finding of the type, at [begin, end).
void expect_one(const std::vector<std::string>& parts, std::string_view type, std::size_t begin,
                std::size_t end) {
  for (const std::size_t piece : {1'000'000U, 3U, 1U}) {
    const Findings findings = read(parts, piece);
    std::string said = describe(findings);
    for (const std::string& part : parts) said += "|" + part;
    const auto count = std::ranges::count_if(
        findings, [&](const core::Finding& f) { return f.type->name == type; });
    ASSERT_EQ(count, 1) << said;
    const auto found = std::ranges::find_if(
        findings, [&](const core::Finding& f) { return f.type->name == type; });
    EXPECT_EQ(found->begin, begin) << said;
    EXPECT_EQ(found->end, end) << said;
  }
}

struct Specimen {
  std::string_view type;
  std::string value;
};
const std::vector<Specimen> specimens{
    {"cn_mobile", "13812345678"},         {"cn_mobile", "138 1234 5678"},
    {"email", "li.lei@example.com"},      {"bank_card", "4111111111111111"},
    {"bank_card", "4111 1111 1111 1111"}, {"cn_resident_id", "11010519491231002X"}};

TEST(Speech, AValueIsFoundAtEveryCutWithNothingBetween) {
  for (const auto& [type, value] : specimens) {
    const std::string text = "please reach " + value + " today";
    for (std::size_t at = 0; at <= text.size(); ++at) {
      expect_one({text.substr(0, at), text.substr(at)}, type, 13, 13 + value.size());
    }
  }
}

TEST(Speech, AValueIsFoundWhereABlankBelongs) {
  expect_one({"call 138", "1234 5678 now"}, "cn_mobile", 5, 17);
  expect_one({"call 138", "1234", "5678 now"}, "cn_mobile", 5, 16);
  expect_one({"my number is", "13812345678"}, "cn_mobile", 12, 23);
}

TEST(Speech, SinglePartsMayBeCharacters) {
  for (const auto& [type, value] : specimens) {
    std::vector<std::string> parts;
    for (const char c : "reach " + value + " today") parts.emplace_back(1, c);
    expect_one(parts, type, 6, 6 + value.size());
  }
}

TEST(Speech, WhatAPartHoldsByItselfIsFound) {
  expect_one({"in 2024", "13812345678"}, "cn_mobile", 7, 18);
  expect_one({"13812345678", "5 apples"}, "cn_mobile", 0, 11);
  expect_one({std::string(5000, 'x') + " ", "13812345678", std::string(5000, 'y')}, "cn_mobile",
             5001, 5012);
}

TEST(Speech, CleanPartsHaveNoFindings) {
  EXPECT_EQ(describe(read({"Good morning.", "It costs 12", "dollars and 50", " cents."})),
            "nothing");
}

TEST(Speech, AKeyBlockGoesOnOverParts) {
  std::string body;
  for (int i = 0; i < 100; ++i) body += std::string(64, static_cast<char>('A' + i % 26)) + "\n";
  const std::string key =
      "-----BEGIN RSA PRIVATE KEY-----\n" + body + "-----END RSA PRIVATE KEY-----\n";
  for (const std::size_t at : {40UL, 1000UL, 3000UL, 5000UL}) {
    std::vector<bool> covered(key.size());
    for (const core::Finding& f : read({key.substr(0, at), key.substr(at)})) {
      for (std::size_t i = f.begin; i < f.end; ++i) covered[i] = true;
    }
    EXPECT_EQ(std::ranges::count(covered, false), 1) << "cut at " << at;  // the last line's end
  }
}

// Readings end where nothing can cross any more: parts cost no more than their bytes.
TEST(Speech, ManyPartsAreReadInLinearWork) {
  std::vector<std::string> parts(20'000, "a part of some words. ");
  parts.push_back("13812345678");
  const Findings findings = read(parts);
  ASSERT_EQ(findings.size(), 1U) << describe(findings);
  std::vector<std::string> digits(20'000, "7");
  digits.push_back("-");
  read(digits);
}

}  // namespace
}  // namespace menshen::pipeline
