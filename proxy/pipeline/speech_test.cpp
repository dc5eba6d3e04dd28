// Adjacent texts of one speaker are read as one, whatever the parts cut.
#include "proxy/pipeline/speech.h"

#include "core/work_count.h"
#include "detectors/catalog.h"
#include "detectors/testing/feeding.h"
#include "proxy/pipeline/inspection.h"

#include <gtest/gtest.h>

namespace menshen::pipeline {
namespace {

using detectors::testing::describe;
using Findings = std::vector<core::Finding>;

ScannerPool& pool() {
  static ScannerPool pool(detectors::Catalog::built_in());
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

// What stands before the begin of a part may decide what lies wholly behind it.
TEST(Speech, ALabelInOnePartSpeaksForTheValueInTheNext) {
  struct Row {
    std::string_view type;
    std::string label;
    std::string value;
  };
  const std::string secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  const Row rows[] = {{"aws_secret_key", "aws_secret_access_key = ", secret},
                      {"aws_secret_key", "my aws secret is", secret},
                      {"cn_resident_id", "身份证号：", "110105491231002"},
                      {"us_ssn", "SSN: ", "123456789"},
                      {"phone", "电话：", "8765 4321"},
                      {"us_ssn", "{\"ssn\": \"", "123456789"}};
  for (const auto& [type, label, value] : rows) {
    for (const std::string& behind :
         {std::string(), std::string(" and so on"), std::string("\n") + std::string(300, 'x')}) {
      expect_one({label, value + behind}, type, label.size(), label.size() + value.size());
      for (std::size_t at = 1; at < label.size(); ++at) {
        if ((label[at] & '\xC0') == '\x80') continue;
        expect_one({label.substr(0, at), label.substr(at), value + behind}, type, label.size(),
                   label.size() + value.size());
      }
    }
    std::vector<std::string> parts(30, "ok. ");
    parts.push_back(label);
    parts.push_back(value);
    expect_one(parts, type, 120 + label.size(), 120 + label.size() + value.size());
  }
}

TEST(Speech, TheSchemeInOnePartSpeaksForThePasswordInTheNext) {
  const std::string url = "postgres://bob:s3cr3tPw9x@db.corp.example/x";
  for (std::size_t at = 9; at < url.size(); ++at) {
    expect_one({url.substr(0, at), url.substr(at)}, "url_password", 15, 25);
  }
}

TEST(Speech, AnEscapeThatIsCutBeforeAValueIsRead) {
  const std::string text = R"({"a":"call\u002013800138000"})";
  for (std::size_t at = 10; at < 17; ++at) {
    // By itself the second part may begin with the escape's last digit: a trunk prefix.
    expect_one({text.substr(0, at), text.substr(at)}, "cn_mobile", at == 15 ? 15 : 16, 27);
  }
}

// A label speaks as far as in one text, not farther.
TEST(Speech, ALabelFarAwaySaysNothing) {
  EXPECT_EQ(describe(read({"SSN: ", std::string(70, '.') + " 123456789"})), "nothing");
  EXPECT_EQ(describe(read({"SSN: ", std::string(70, '.'), "123456789"})), "nothing");
}

// More parts in one run of the text than there are readings.
TEST(Speech, AValueBehindManyPartsOfOneRunIsFound) {
  std::vector<std::string> parts;
  for (int i = 0; i < 20; ++i) parts.emplace_back("a:");
  parts.emplace_back("f:13");
  parts.emplace_back("800138000");
  expect_one(parts, "cn_mobile", 42, 53);
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

// How many bytes scanners read of them.
std::uint64_t scanned(const std::vector<std::string>& parts) {
  const std::uint64_t before = core::work_count.scanned_bytes;
  read(parts);
  return core::work_count.scanned_bytes - before;
}

// Readings end where nothing can cross any more: parts cost no more than their bytes, and what is
// one part is read once.
TEST(Speech, ManyPartsAreReadInLinearWork) {
  constexpr std::string_view words = "a part of some words. ";
  constexpr std::size_t before = 1024;  // a part, two joined readings begin at most so far
  EXPECT_EQ(scanned({std::string(words)}), words.size());
  for (const std::string_view part : {words, std::string_view("7")}) {
    const std::uint64_t few = scanned(std::vector<std::string>(10'000, std::string(part)));
    const std::uint64_t many = scanned(std::vector<std::string>(20'000, std::string(part)));
    EXPECT_LE(many, 2 * few + 2 * before) << part;
    EXPECT_LE(many, 20'000 * (part.size() + 2 * before)) << part;
  }
  std::vector<std::string> parts(20'000, std::string(words));
  parts.push_back("13812345678");
  const Findings findings = read(parts);
  ASSERT_EQ(findings.size(), 1U) << describe(findings);
}

}  // namespace
}  // namespace menshen::pipeline
