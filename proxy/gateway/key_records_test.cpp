#include "proxy/gateway/key_records.h"

#include "audit/reader.h"
#include "audit/test_support.h"
#include "core/clock.h"
#include "proxy/identity/key_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace menshen::gateway {
namespace {

namespace fs = std::filesystem;
using audit::Record;
using audit::RecordType;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

constexpr std::int64_t changed_at = 1'700'000'000'000'000'000;
constexpr std::int64_t overlap_ns = 3'600'000'000'000;

// A journal in front of another, which refuses what it is told to: some that are in the log.
class Refusing final : public audit::Journal {
 public:
  explicit Refusing(audit::Journal& inner) : inner_(inner) {}

  void append(audit::PendingList list) noexcept override {
    std::size_t bytes = 0;
    while (audit::Pending* const pending = list.pop()) {
      bytes += pending->record.text.size();
      pending->written(keep(pending->record));
    }
    longest_list = std::max(longest_list, bytes);
  }
  void publish_cosigned(std::string) override {}
  void refuse(const core::Error&) override {}
  [[nodiscard]] audit::JournalStats stats() const override {
    audit::JournalStats out = inner_.stats();
    out.healthy = healthy;
    return out;
  }
  [[nodiscard]] const std::string& commitment_key() const noexcept override {
    return inner_.commitment_key();
  }

  std::size_t keeps = 1'000'000;    // so many more records come to the log,
  std::size_t answers = 1'000'000;  // and of so many more it is told
  std::size_t longest_list = 0;     // bytes of records
  bool healthy = true;

 private:
  class Waits final : public audit::Pending {
   public:
    explicit Waits(audit::CanonicalRecord record) : Pending(std::move(record)) {}
    void written(core::Result<std::uint64_t> seq) noexcept override {
      const std::lock_guard lock(mutex_);
      seq_ = std::move(seq);
      done_.notify_one();
    }
    core::Result<std::uint64_t> wait() {
      std::unique_lock lock(mutex_);
      done_.wait(lock, [this] { return seq_.has_value(); });
      return *seq_;
    }

   private:
    std::mutex mutex_;
    std::condition_variable done_;
    std::optional<core::Result<std::uint64_t>> seq_;
  };

  core::Result<std::uint64_t> keep(audit::CanonicalRecord& record) {
    const auto refused = core::gateway_error(core::ErrorKind::unavailable, "evidence_unavailable",
                                             "The disk is slow.");
    if (keeps == 0) return refused;
    --keeps;
    Waits waits(std::move(record));
    audit::PendingList list;
    list.push(waits);
    inner_.append(std::move(list));
    auto seq = waits.wait();
    if (answers == 0) return refused;
    --answers;
    return seq;
  }

  audit::Journal& inner_;
};

class KeyRecordsTest : public ::testing::Test {
 protected:
  KeyRecordsTest()
      : store_(identity::KeyStore::open(dir_.path()).value()),
        keys_(identity::open_key_file(dir_.path()).value()) {
    open();
  }

  // As a gateway does that starts.
  void open() {
    records_.reset();
    refusing_.reset();
    journal_.reset();
    journal_ = audit::open_journal(dir_.path());
    refusing_ = std::make_unique<Refusing>(*journal_);
    records_ = std::make_unique<KeyRecords>(KeyRecords::Parts{*refusing_, dir_.path(),
                                                              [] {
                                                                Record state;
                                                                state.type = RecordType::state;
                                                                return state;
                                                              },
                                                              [this] { ++replaced_; }, 10});
  }

  std::string create(const std::string& subject) {
    return store_.create({.subject = subject, .groups = {"staff"}}, changed_at).value().info.id;
  }
  core::Result<void> record() { return records_->record(*keys_); }

  std::vector<Record> in_log() {
    std::vector<Record> out;
    auto log = audit::LogReader::open(dir_.path()).value();
    for (const auto& stored : log.read(0, 100'000).value())
      out.push_back(audit::parse_record(stored.body).value().record);
    return out;
  }
  // "NUMBER ACTION SUBJECT" of each record that tells of keys.
  std::vector<std::string> told() {
    std::vector<std::string> out;
    for (const Record& each : in_log()) {
      if (each.type != RecordType::credential && each.type != RecordType::state) continue;
      const auto change = each.change ? *each.change : audit::KeyChangeEntry{};
      const std::string what =
          each.type == RecordType::state ? "state" : change.action + " " + each.subject;
      out.push_back(std::to_string(change.number) + " " + what);
    }
    return out;
  }

  audit::TemporaryDirectory dir_;
  identity::KeyStore store_;
  std::unique_ptr<identity::KeyRepository> keys_;
  std::unique_ptr<audit::Journal> journal_;
  std::unique_ptr<Refusing> refusing_;
  std::unique_ptr<KeyRecords> records_;
  int replaced_ = 0;
};

TEST_F(KeyRecordsTest, SaysWhatBecameOfAKey) {
  identity::KeyRequest request{.subject = "alice", .groups = {"finance", "审计"}};
  request.kind = core::SubjectKind::service;
  request.may_set_user = true;
  request.application = "报销";
  request.expires_ns = changed_at + 5 * overlap_ns;
  const auto first = store_.create(request, changed_at).value();
  const auto second = store_.rotate(first.info.id, overlap_ns, changed_at + 1).value();
  store_.revoke(second.info.id, changed_at + 2).value();
  ASSERT_TRUE(record());
  const auto records = in_log();
  ASSERT_EQ(records.size(), 3U);
  for (const Record& each : records) {
    EXPECT_EQ(each.type, RecordType::credential);
    EXPECT_EQ(each.subject, "alice");
    EXPECT_EQ(each.subject_kind, "service");
    EXPECT_EQ(each.application, "报销");
    EXPECT_THAT(each.groups, ElementsAre("finance", "审计"));
  }
  using Entry = audit::KeyChangeEntry;
  EXPECT_EQ(records[0].credential, first.info.id);
  EXPECT_EQ(records[0].wall_ns, changed_at);
  EXPECT_EQ(*records[0].change,
            (Entry{"created", core::format_rfc3339(changed_at + 5 * overlap_ns), true, 1, "", ""}));
  const std::string expires = core::format_rfc3339(changed_at + 1 + 5 * overlap_ns);
  EXPECT_EQ(records[1].credential, second.info.id);
  EXPECT_EQ(records[1].wall_ns, changed_at + 1);
  EXPECT_EQ(*records[1].change, (Entry{"rotated", expires, true, 2, first.info.id,
                                       core::format_rfc3339(changed_at + 1 + overlap_ns)}));
  EXPECT_EQ(records[2].credential, second.info.id);
  EXPECT_EQ(records[2].wall_ns, changed_at + 2);
  EXPECT_EQ(*records[2].change, (Entry{"revoked", expires, true, 3, first.info.id, ""}));
}

TEST_F(KeyRecordsTest, RecordsEachChangeOnce) {
  create("alice");
  ASSERT_TRUE(record());
  create("bob");
  create("carol");
  ASSERT_TRUE(record());
  ASSERT_TRUE(record());
  EXPECT_THAT(told(), ElementsAre("1 created alice", "2 created bob", "3 created carol"));
}

// A gateway that ends between a change and its record, and behind the record.
TEST_F(KeyRecordsTest, GoesOnWhereTheLogEnds) {
  create("alice");
  ASSERT_TRUE(record());
  create("bob");
  open();
  ASSERT_TRUE(record());
  audit::fill(*journal_, 300);
  open();
  fs::remove(dir_.path() / "index.db");
  create("carol");
  ASSERT_TRUE(record());
  EXPECT_THAT(told(), ElementsAre("1 created alice", "2 created bob", "3 created carol"));
  EXPECT_EQ(replaced_, 0);
}

TEST_F(KeyRecordsTest, WhatWasRefusedIsRecordedLater) {
  for (const char* subject : {"alice", "bob", "carol"}) create(subject);
  refusing_->keeps = 1;
  EXPECT_EQ(record().error().code, "evidence_unavailable");
  EXPECT_THAT(told(), ElementsAre("1 created alice"));
  refusing_->keeps = 100;
  ASSERT_TRUE(record());
  EXPECT_THAT(told(), ElementsAre("1 created alice", "2 created bob", "3 created carol"));
}

TEST_F(KeyRecordsTest, WhatWasRefusedAndStandsIsNotRecordedAgain) {
  for (const char* subject : {"alice", "bob"}) create(subject);
  refusing_->answers = 1;
  EXPECT_EQ(record().error().code, "evidence_unavailable");
  refusing_->answers = 100;
  // Until the journal has recovered nobody knows.
  refusing_->healthy = false;
  const auto early = record();
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, "evidence_unavailable");
  refusing_->healthy = true;
  ASSERT_TRUE(record());
  EXPECT_THAT(told(), ElementsAre("1 created alice", "2 created bob"));
}

TEST_F(KeyRecordsTest, RecordsMoreThanItAsksForAtOnce) {
  std::vector<std::string> all;
  for (int i = 1; i <= 2'001; ++i) {
    const std::string subject = "s" + std::to_string(i);
    create(subject);
    all.push_back(std::to_string(i) + " created " + subject);
  }
  ASSERT_TRUE(record());
  EXPECT_THAT(told(), ElementsAreArray(all));
}

TEST_F(KeyRecordsTest, TellsWhenTheStoreIsAnOlderCopy) {
  create("alice");
  ASSERT_TRUE(record());
  fs::copy_file(dir_.path() / "keys.db", dir_.path() / "copy");
  create("bob");
  ASSERT_TRUE(record());
  fs::rename(dir_.path() / "copy", dir_.path() / "keys.db");
  ASSERT_TRUE(record());
  EXPECT_EQ(replaced_, 1);
  const std::vector<std::string> expected{"1 created alice", "2 created bob", "0 store_replaced ",
                                          "1 created alice"};
  EXPECT_THAT(told(), ElementsAreArray(expected));
  open();
  ASSERT_TRUE(record());
  EXPECT_THAT(told(), ElementsAreArray(expected));
  EXPECT_EQ(replaced_, 1);
}

// With as many changes as were recorded of the other.
TEST_F(KeyRecordsTest, TellsWhenTheStoreIsAnother) {
  create("alice");
  ASSERT_TRUE(record());
  open();
  fs::remove(dir_.path() / "keys.db");
  store_ = identity::KeyStore::open(dir_.path()).value();
  create("mallory");
  create("eve");
  ASSERT_TRUE(record());
  EXPECT_EQ(replaced_, 1);
  EXPECT_THAT(told(), ElementsAre("1 created alice", "0 store_replaced ", "1 created mallory",
                                  "2 created eve"));
}

TEST_F(KeyRecordsTest, TellsWhenAllKeysAreGone) {
  create("alice");
  ASSERT_TRUE(record());
  fs::remove(dir_.path() / "keys.db");
  store_ = identity::KeyStore::open(dir_.path()).value();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(record());
  EXPECT_THAT(told(), ElementsAre("1 created alice", "0 store_replaced "));
}

TEST_F(KeyRecordsTest, NowAndThenTheLogSaysHowFarItTells) {
  records_->looked();
  create("alice");
  ASSERT_TRUE(record());
  audit::fill(*journal_, 4);
  records_->looked();
  EXPECT_THAT(told(), ElementsAre("1 created alice"));
  audit::fill(*journal_, 1, 4);
  for (int i = 0; i < 3; ++i) records_->looked();
  EXPECT_THAT(told(), ElementsAre("1 created alice", "1 state"));
  audit::fill(*journal_, 5, 5);
  records_->looked();
  create("bob");
  open();
  ASSERT_TRUE(record());
  EXPECT_THAT(told(), ElementsAre("1 created alice", "1 state", "1 state", "2 created bob"));
}

// The queue that takes them holds no less than 1 MiB, and more than a few keys may have come at
// once.
TEST_F(KeyRecordsTest, ManyLongChangesFitIntoTheSmallestQueue) {
  identity::KeyRequest request{.subject = "alice"};
  for (int i = 10; i < 74; ++i) request.groups.push_back(std::string(126, 'g') + std::to_string(i));
  constexpr std::size_t count = 140;
  for (std::size_t i = 0; i < count; ++i) (void)store_.create(request, changed_at).value();
  ASSERT_TRUE(record());
  EXPECT_EQ(told().size(), count);
  EXPECT_EQ(told().back(), "140 created alice");
  EXPECT_LT(refusing_->longest_list, 512 * 1024U);
}

TEST_F(KeyRecordsTest, AStateThatIsAskedForIsWrittenWhenItCanBe) {
  records_->looked();
  EXPECT_THAT(told(), IsEmpty());
  records_->ask_for_state();
  refusing_->keeps = 0;
  records_->looked();
  EXPECT_THAT(told(), IsEmpty());
  refusing_->keeps = 100;
  for (int i = 0; i < 3; ++i) records_->looked();
  EXPECT_THAT(told(), ElementsAre("0 state"));
}

}  // namespace
}  // namespace menshen::gateway
