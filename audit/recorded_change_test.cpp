#include "audit/recorded_change.h"

#include "audit/test_support.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace menshen::audit {
namespace {

namespace fs = std::filesystem;

Record told(RecordType type, std::uint64_t number, const std::string& key) {
  Record record;
  record.type = type;
  record.credential = key;
  if (number > 0)
    record.change = std::make_shared<const KeyChangeEntry>(KeyChangeEntry{.number = number});
  return record;
}

Record of_gateway(RecordType type, const std::string& configuration) {
  Record record;
  record.type = type;
  record.configuration = configuration;
  return record;
}

RecordedChange last_in(const TemporaryDirectory& dir) {
  const auto last = last_recorded_change(dir.path());
  EXPECT_TRUE(last) << to_string(last.error());
  return last ? *last : RecordedChange{};
}

TEST(RecordedChange, IsThatOfTheLastRecordWhichTells) {
  const TemporaryDirectory dir;
  auto journal = open_journal(dir.path());
  EXPECT_EQ(last_in(dir).number, 0U);
  fill(*journal, 10);
  EXPECT_EQ(last_in(dir).number, 0U);
  append_all(*journal,
             {told(RecordType::credential, 1, "a"), told(RecordType::credential, 2, "b")});
  const auto check = [&] {
    const RecordedChange last = last_in(dir);
    EXPECT_EQ(last.number, 2U);
    EXPECT_EQ(last.key, "b");
    EXPECT_EQ(last.seq, 21U);
  };
  check();
  // Behind other records in bundles, and in bundles itself.
  fill(*journal, 200, 100);
  check();
  fill(*journal, 400, 300);
  check();
  journal.reset();
  journal = open_journal(dir.path());
  check();
  append_all(*journal, {told(RecordType::state, 2, "b")});
  EXPECT_EQ(last_in(dir).number, 2U);
  EXPECT_EQ(last_in(dir).seq, 1'222U);
}

TEST(RecordedChange, OfAnotherKeyStoreBeginsAnew) {
  const TemporaryDirectory dir;
  const auto journal = open_journal(dir.path());
  append_all(*journal, {told(RecordType::credential, 7, "a"), told(RecordType::credential, 0, "")});
  EXPECT_EQ(last_in(dir).number, 0U);
  EXPECT_EQ(last_in(dir).seq, 1U);
}

TEST(RecordedChange, EndsAtWhatAVersionWroteThatRecordedNone) {
  for (const RecordType type : {RecordType::start, RecordType::stop}) {
    const TemporaryDirectory dir;
    const auto journal = open_journal(dir.path());
    append_all(*journal, {told(RecordType::credential, 7, "a"), of_gateway(type, "")});
    EXPECT_EQ(last_in(dir).number, 0U);
    append_all(*journal, {told(RecordType::credential, 8, "b"), of_gateway(type, "hash")});
    EXPECT_EQ(last_in(dir).number, 8U);
  }
}

// Texts hold what looks like a record; so do fields before the type.
TEST(RecordedChange, ATextIsNoRecord) {
  const TemporaryDirectory dir;
  const auto journal = open_journal(dir.path());
  Record record = outcome("e");
  record.model = R"("type":"state","change":{"number":9})";
  record.upstream = R"(","type":"credential")";
  record.findings_request = {{.type = "state", .count = 1}};
  append_all(*journal, {told(RecordType::credential, 3, "a"), record});
  EXPECT_EQ(last_in(dir).number, 3U);
}

TEST(RecordedChange, WhatCannotBeReadIsPassedOver) {
  const TemporaryDirectory dir;
  {
    const auto journal = open_journal(dir.path());
    append_all(*journal, {told(RecordType::credential, 3, "a")});
    fill(*journal, 400);
  }
  fs::remove(dir.path() / "log" / bundle_path(1));
  EXPECT_EQ(last_in(dir).number, 3U);
}

TEST(RecordedChange, WithoutALogIsAnError) {
  const TemporaryDirectory dir;
  const auto last = last_recorded_change(dir.path());
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, "no_audit_log");
}

}  // namespace
}  // namespace menshen::audit
