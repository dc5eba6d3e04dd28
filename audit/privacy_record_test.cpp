// The bytes of records of released statistics, and that they are read as they were written.
#include "audit/canonical.h"

#include "audit/test_support.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>

namespace menshen::audit {
namespace {

PrivacyEntry a_charge() {
  PrivacyEntry entry;
  entry.day = "2026-11-29";
  entry.rho_micro = 50'000;
  entry.rho_spent_micro = 150'000;
  entry.rho_total_micro = 5'000'000;
  entry.requests_cap = 50;
  entry.sigma2 = {100'000, 40, 250'000, 100, 500'000, 200};
  return entry;
}

PrivacyEntry a_release() {
  PrivacyEntry entry;
  entry.day = "2026-11-29";
  entry.parts = 1;
  entry.final = true;
  entry.counted = 812;
  entry.figures = {{"(all)", "(all)", 1'402, 41}, {"财务", "qwen3-32b", -7, 0}};
  return entry;
}

Record privacy_record(RecordType type, PrivacyEntry entry) {
  Record record;
  record.type = type;
  record.wall_ns = 1'795'996'800'000'000'000;
  record.privacy = std::make_shared<const PrivacyEntry>(std::move(entry));
  return record;
}

// FORMAT.md shows both.
TEST(PrivacyRecords, AsTheFormatShowsThem) {
  const std::string format = read_text(MENSHEN_SOURCE_DIR "/audit/FORMAT.md");
  for (const Record& record : {privacy_record(RecordType::charge, a_charge()),
                               privacy_record(RecordType::release, a_release())}) {
    const std::string bytes = canonical(record, 900);
    EXPECT_NE(format.find("\n" + bytes + "\n"), std::string::npos) << bytes;
    const auto parsed = parse_record(bytes);
    ASSERT_TRUE(parsed) << bytes;
    EXPECT_EQ(*parsed->record.privacy, *record.privacy);
  }
}

TEST(PrivacyRecords, AnyEntrySurvives) {
  std::mt19937_64 random(7);
  const auto number = [&] { return random() >> (11 + random() % 53); };
  for (int round = 0; round < 2'000; ++round) {
    PrivacyEntry entry;
    std::uint64_t* const wide[] = {&entry.rho_micro, &entry.rho_spent_micro, &entry.rho_total_micro,
                                   &entry.counted};
    std::uint32_t* const narrow[] = {&entry.requests_cap, &entry.window, &entry.part, &entry.parts};
    bool* const flags[] = {&entry.refused, &entry.carried, &entry.final};
    for (std::uint64_t* field : wide) *field = number();
    for (std::uint32_t* field : narrow) *field = static_cast<std::uint32_t>(number());
    for (bool* flag : flags) *flag = random() % 2 == 0;
    for (std::uint64_t n = random() % 7; n > 0; --n) entry.sigma2.push_back(number());
    for (std::uint64_t n = random() % 5; n > 0; --n) {
      const auto sign = [&] { return random() % 2 == 0 ? 1 : -1; };
      entry.figures.push_back({"组\"\\\x01" + std::to_string(n), n % 2 == 0 ? "" : "(all)",
                               sign() * static_cast<std::int64_t>(number()),
                               sign() * static_cast<std::int64_t>(number())});
    }
    if (random() % 2 == 0) entry.day = "2026-11-29";
    const std::string bytes = canonical(privacy_record(RecordType::release, entry), 1);
    const auto parsed = parse_record(bytes);
    ASSERT_TRUE(parsed && parsed->record.privacy) << bytes;
    EXPECT_EQ(*parsed->record.privacy, entry) << bytes;
  }
}

TEST(PrivacyRecords, RefusesWhatIsNoEntry) {
  const auto body = [](const std::string& privacy) {
    return R"({"privacy":)" + privacy +
           R"(,"seq":0,"time":"1970-01-01T00:00:00.000000000Z","type":"release","v":1})";
  };
  EXPECT_TRUE(parse_record(body("{}")));
  const char* table[] = {"1",
                         "null",
                         "[]",
                         R"({"counted":-1})",
                         R"({"day":7})",
                         R"({"figures":{}})",
                         R"({"figures":[1]})",
                         R"({"figures":[{"group":"g","model":"m","requests":1}]})",
                         R"({"figures":[{"group":"g","model":"m","requests":"1","users":1}]})",
                         R"({"final":1})",
                         R"({"part":4294967296})",
                         R"({"rho_micro":0.5})",
                         R"({"sigma2":[1,-1]})",
                         R"({"sigma2":1})"};
  for (const char* privacy : table) EXPECT_FALSE(parse_record(body(privacy))) << privacy;
}

}  // namespace
}  // namespace menshen::audit
