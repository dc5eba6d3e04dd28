// Records that were refused, and yet stand in the log: a correction says what the client was given.
#include "audit/layout.h"
#include "audit/reader.h"
#include "audit/segment.h"
#include "audit/test_support.h"
#include "audit/verify.h"
#include "store/testing/fault_io.h"

#include <atomic>
#include <future>
#include <map>
#include <set>
#include <thread>

namespace menshen::audit {
namespace {

using store::testing::FaultIo;
// An exchange that needs no intent.
Record local_outcome(const std::string& exchange) {
  Record record = outcome(exchange);
  record.attempts = 0;
  record.upstream_status = 0;
  record.stream = exchange.starts_with("stream");
  record.first_byte_us = exchange == "stream begun" ? 4'500 : 0;
  return record;
}

core::Result<std::uint64_t> append(Journal& journal, const Record& record) {
  return append_all(journal, {record}).front();
}

// What callers were told, and what stands in the end.
class Refused : public ::testing::Test {
 protected:
  void tell(Journal& journal, const std::string& exchange) {
    const auto answer = append(journal, local_outcome(exchange));
    (answer ? accepted_ : refused_).insert(exchange);
    if (!answer) {
      EXPECT_EQ(answer.error().code, "evidence_unavailable");
    }
  }
  // Once the disk is well again, records are taken by and by.
  void tell_until_accepted(Journal& journal, const std::string& name) {
    const std::size_t before = accepted_.size();
    for (int i = 0; accepted_.size() == before; ++i) tell(journal, name + std::to_string(i));
  }
  // Gives how many outcomes stand though they were refused: each has its correction, no other has.
  std::size_t check() {
    std::set<std::string> standing;
    std::map<std::string, int> corrections;
    auto reader = LogReader::open(dir_.path()).value();
    for (const StoredRecord& stored : reader.read(0, 10'000).value()) {
      const Record record = parse_record(stored.body)->record;
      if (record.type == RecordType::outcome) standing.insert(record.exchange);
      if (record.type != RecordType::correction) continue;
      ++corrections[record.exchange];
      const bool begun = record.exchange == "stream begun";
      EXPECT_EQ(record.status, begun ? 200U : 503U);
      EXPECT_EQ(record.error_status, begun ? 503U : 0U);
      EXPECT_EQ(record.told_status(), 503U);
      EXPECT_EQ(record.error, "evidence_unavailable");
      EXPECT_FALSE(record.complete);
    }
    std::size_t both = 0;
    for (const std::string& exchange : refused_) both += standing.count(exchange);
    for (const auto& [exchange, count] : corrections) {
      EXPECT_TRUE(refused_.contains(exchange)) << exchange;
      EXPECT_EQ(count, 1) << exchange;
    }
    EXPECT_EQ(corrections.size(), both);
    for (const std::string& exchange : accepted_) EXPECT_TRUE(standing.contains(exchange));
    const auto report = verify(dir_.path());
    EXPECT_TRUE(report && report->ok()) << (report ? to_text(*report) : "");
    return both;
  }

  TemporaryDirectory dir_;
  FaultIo io_{dir_.path()};
  std::set<std::string> accepted_;
  std::set<std::string> refused_;
};

// Where writes go through the cache, one can fail and a sync can: what was written stands then.
TEST_F(Refused, ACommitThatFailedAndStands) {
  io_.refuse_direct();
  std::size_t standing = 0;
  bool hit = true;
  for (std::uint64_t k = 1; hit; ++k) {
    const auto journal = open_journal(dir_.path(), {.checkpoint_interval_ms = 3'600'000});
    const std::string name = std::to_string(k) + "-";
    tell_until_accepted(*journal, name + "before-");
    io_.only("segment");  // not what other threads write meanwhile
    io_.fail_at(k, FaultIo::Mode::once);
    tell(*journal, name + "struck");
    hit = io_.hit();
    io_.clear();
    tell_until_accepted(*journal, name + "after-");
  }
  standing = check();
  EXPECT_GT(standing, 0U);
  EXPECT_LT(standing, refused_.size());
}

// Half of a write around the cache is more than a short record.
TEST_F(Refused, ADirectWriteThatFailedAndStands) {
  const auto journal = open_journal(dir_.path(), {.checkpoint_interval_ms = 3'600'000});
  tell_until_accepted(*journal, "before-");
  io_.only("segment");
  io_.fail_at(1, FaultIo::Mode::once);
  tell(*journal, "struck");
  EXPECT_TRUE(refused_.contains("struck"));
  io_.clear();
  tell_until_accepted(*journal, "after-");
  EXPECT_EQ(check(), refused_.size());
}

TEST_F(Refused, NobodyWhoseDiskHangsForLessThanItMay) {
  const auto journal = open_journal(
      dir_.path(), {.commit_timeout_ms = 86'400'000, .checkpoint_interval_ms = 3'600'000});
  io_.hang();
  std::promise<core::Result<std::uint64_t>> told;
  journal->append(local_outcome("hanging"), [&told](core::Result<std::uint64_t> answer) {
    told.set_value(std::move(answer));
  });
  EXPECT_TRUE(journal->stats().healthy);  // limits.journal_commit_timeout_ms is not over
  io_.go_on();
  EXPECT_TRUE(told.get_future().get());
}

TEST_F(Refused, ADiskThatHangsRefusesInTimeAndTheLateCommitIsCorrected) {
  // limits.journal_commit_timeout_ms
  const auto journal =
      open_journal(dir_.path(), {.commit_timeout_ms = 200, .checkpoint_interval_ms = 3'600'000});
  tell_until_accepted(*journal, "before-");
  io_.hang();
  tell(*journal, "hanging");
  EXPECT_TRUE(refused_.contains("hanging"));
  const JournalStats stalled = journal->stats();
  EXPECT_FALSE(stalled.healthy);
  EXPECT_NE(stalled.reason, "");
  EXPECT_EQ(stalled.queued_bytes, 0U);
  tell(*journal, "at once");
  EXPECT_TRUE(refused_.contains("at once"));
  io_.go_on();
  tell_until_accepted(*journal, "after-");
  EXPECT_TRUE(journal->stats().healthy);
  EXPECT_GE(check(), 1U);
}

// The writer waits for bundles that are late, and leaves the segments as long as they are.
TEST_F(Refused, NobodyWhileBundlesAreLate) {
  const auto journal = open_journal(dir_.path(), {.checkpoint_interval_ms = 3'600'000});
  io_.only("000");  // the first bundle
  io_.hang();
  std::atomic<int> taken{0};
  std::atomic<int> refused{0};
  std::thread client([&] {
    for (int group = 0; group < 60; ++group) {
      std::vector<Record> records;
      for (int i = 0; i < 25; ++i)
        records.push_back(local_outcome(std::to_string(group * 25 + i) + std::string(1'000, 'x')));
      for (const auto& answer : append_all(*journal, records)) ++(answer ? taken : refused);
    }
  });
  while (taken + refused < 500) std::this_thread::yield();  // a segment is full, and the other
  io_.go_on();
  client.join();
  EXPECT_EQ(taken, 1'500);
  EXPECT_EQ(refused, 0);
  for (const auto name : layout::segments)
    EXPECT_LE(std::filesystem::file_size(dir_.path() / name), 4 * segment_bytes_min) << name;
}

TEST_F(Refused, NobodyWhileABundleCannotBeWrittenWhichIsTold) {
  std::vector<bool> told;  // on the journal's threads, which end with it
  {
    const auto journal = open_journal(
        dir_.path(), {.on_publish = [&](const auto& well) { told.push_back(well.has_value()); },
                      .checkpoint_interval_ms = 0});
    io_.only("000");
    io_.fail_at(1, FaultIo::Mode::from_then_on);
    for (std::uint64_t i = 0; i < tile_width; ++i) tell(*journal, std::to_string(i));
    while (journal->stats().publishing) std::this_thread::yield();
    EXPECT_NE(journal->stats().publish_reason.find("000"), std::string::npos);
    EXPECT_TRUE(journal->stats().healthy);
    io_.clear();
    while (!journal->stats().publishing) std::this_thread::yield();
    EXPECT_EQ(journal->stats().publish_reason, "");
  }
  EXPECT_TRUE(refused_.empty());
  EXPECT_EQ(told, (std::vector<bool>{false, true}));
}

TEST_F(Refused, OfAStreamThatHadBegunTheCorrectionHasBothStatuses) {
  for (const char* exchange : {"stream begun", "stream"}) {
    const auto journal =
        open_journal(dir_.path(), {.commit_timeout_ms = 200, .checkpoint_interval_ms = 3'600'000});
    io_.hang();
    tell(*journal, exchange);
    io_.go_on();
  }
  EXPECT_EQ(check(), 2U);
}

TEST_F(Refused, ALateCommitIsCorrectedByAJournalThatIsClosing) {
  {
    const auto journal =
        open_journal(dir_.path(), {.commit_timeout_ms = 200, .checkpoint_interval_ms = 3'600'000});
    io_.hang();
    tell(*journal, "hanging");
    io_.go_on();
  }
  EXPECT_EQ(check(), 1U);
}

}  // namespace
}  // namespace menshen::audit
