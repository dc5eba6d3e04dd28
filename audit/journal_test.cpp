#include "audit/journal.h"

#include "audit/checkpoint.h"
#include "audit/commit_queue.h"
#include "audit/reader.h"
#include "audit/test_support.h"
#include "audit/verify.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

namespace menshen::audit {
namespace {

VerifyReport check(const std::filesystem::path& directory, const VerifyOptions& options = {}) {
  auto report = verify(directory, options);
  if (!report) throw std::runtime_error(core::to_string(report.error()));
  return *report;
}

NoteVerifier key_of(const std::filesystem::path& directory) {
  std::string vkey = read_text(directory / "audit.vkey");
  vkey.pop_back();
  return NoteVerifier::parse(vkey).value();
}

core::Error open_error(const JournalOptions& options) {
  const auto journal = Journal::open(options, core::system_clock());
  return journal ? core::Error{} : journal.error();
}

TEST(Journal, NumbersRecordsInOrderAndKeepsThem) {
  const TemporaryDirectory dir;
  {
    const auto journal = open_journal(dir.path());
    const auto first = append_all(*journal, {intent("a"), outcome("a"), intent("b")});
    EXPECT_EQ(first[0].value(), 0U);
    EXPECT_EQ(first[1].value(), 1U);
    EXPECT_EQ(first[2].value(), 2U);
  }
  const auto journal = open_journal(dir.path());
  EXPECT_EQ(journal->stats().records, 3U);
  EXPECT_EQ(append_all(*journal, {outcome("b")})[0].value(), 3U);
  auto reader = LogReader::open(dir.path()).value();
  const auto records = reader.read(1, 2).value();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].body, canonical(outcome("a"), 1));
  EXPECT_EQ(records[1].seq, 2U);
}

TEST(Journal, MakesItsFilesWithNarrowRights) {
  const TemporaryDirectory dir;
  const auto directory = dir.path() / "deep" / "var";
  std::string key;
  {
    const auto journal = open_journal(directory);
    key = journal->commitment_key();
    EXPECT_EQ(key.size(), 32U);
  }
  for (const char* name : {"audit.key", "commitment.key", "segment.0", "segment.1", "lock"}) {
    struct stat status {};
    ASSERT_EQ(::stat((directory / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0600U) << name;
  }
  EXPECT_EQ(open_journal(directory)->commitment_key(), key);
}

TEST(Journal, SignsAtOpenAndAtClose) {
  const TemporaryDirectory dir;
  JournalOptions options;
  options.checkpoint_interval_ms = 3'600'000;
  options.publish = dir.path() / "heads";
  {
    const auto journal = open_journal(dir.path() / "var", options);
    const NoteVerifier key = key_of(dir.path() / "var");
    EXPECT_EQ(open_checkpoint(read_text(dir.path() / "var/log/checkpoint"), key)->size, 0U);
    fill(*journal, 3);
  }
  const NoteVerifier key = key_of(dir.path() / "var");
  EXPECT_EQ(open_checkpoint(read_text(dir.path() / "var/log/checkpoint"), key)->size, 6U);
  const auto published = split_published(read_text(dir.path() / "heads"));
  ASSERT_EQ(published.notes.size(), 2U);
  EXPECT_EQ(open_checkpoint(published.notes[1], key)->size, 6U);
  const VerifyReport report = check(dir.path() / "var", {.published = dir.path() / "heads"});
  EXPECT_TRUE(report.ok()) << to_text(report);
  EXPECT_EQ(report.signed_records, 6U);
  EXPECT_EQ(report.heads, 5U);  // two in the log, two published, one in the file
}

TEST(Journal, SignsWithTheCommitThatReachesTheCount) {
  const TemporaryDirectory dir;
  JournalOptions options;
  options.checkpoint_interval_ms = 0;  // any commit is late enough
  const auto journal = open_journal(dir.path(), options);
  fill(*journal, 1);
  auto reader = LogReader::open(dir.path()).value();
  EXPECT_EQ(reader.extent()->last_head, 2U);
}

TEST(Journal, OneGatewayPerDirectory) {
  const TemporaryDirectory dir;
  const auto journal = open_journal(dir.path());
  EXPECT_EQ(open_error({.directory = dir.path()}).code, "store_locked");
}

TEST(Journal, AnotherOriginIsRefused) {
  const TemporaryDirectory dir;
  open_journal(dir.path());
  EXPECT_EQ(open_error({.directory = dir.path(), .origin = "other"}).code, "wrong_origin");
  EXPECT_EQ(open_error({.directory = dir.path() / "new", .origin = "two words"}).code,
            "malformed_key");
}

TEST(Journal, ALogWhoseKeyIsGoneIsRefused) {
  for (const char* name : {"audit.key", "commitment.key"}) {
    const TemporaryDirectory dir;
    open_journal(dir.path());
    std::filesystem::remove(dir.path() / name);
    EXPECT_EQ(open_error({.directory = dir.path()}).code, "audit_key_missing");
  }
}

TEST(Journal, AFullQueueRefusesAndCallsBack) {
  const TemporaryDirectory dir;
  Record at = intent("big");
  at.note = std::string(5000, 'x');
  Record past = at;
  past.note += 'x';
  JournalOptions options;  // queue_bytes_max: limits.journal_queue_bytes_max
  options.queue_bytes_max = canonicalise(at).text.size() + record_overhead_bytes;
  const auto journal = open_journal(dir.path(), options);
  const auto refused = append_all(*journal, {past}).front();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "evidence_queue_full");
  EXPECT_EQ(refused.error().kind, core::ErrorKind::unavailable);
  EXPECT_EQ(append_all(*journal, {at}).front().value(), 0U);
}

TEST(Journal, CommitsWhatIsQueuedWhenItCloses) {
  const TemporaryDirectory dir;
  std::atomic<int> done = 0;
  {
    const auto journal = open_journal(dir.path());
    for (int i = 0; i < 500; ++i) {
      journal->append(intent(std::to_string(i)),
                      [&done](core::Result<std::uint64_t> seq) { done += seq ? 1 : 0; });
    }
  }
  EXPECT_EQ(done, 500);
  EXPECT_EQ(check(dir.path()).records, 500U);
}

TEST(Journal, WhatWaitsMeanwhileIsOneCommit) {
  const TemporaryDirectory dir;
  const auto journal = open_journal(dir.path());
  std::promise<void> committed;
  std::promise<void> go_on;
  journal->append(intent("first"), [&](const core::Result<std::uint64_t>&) {
    committed.set_value();
    go_on.get_future().wait();  // the log's thread is busy for so long
  });
  committed.get_future().wait();
  const std::uint64_t before = journal->stats().commits;
  std::promise<void> all;
  std::atomic<int> left = 100;
  for (int i = 0; i < 100; ++i) {
    journal->append(intent(std::to_string(i)), [&](const core::Result<std::uint64_t>&) {
      if (--left == 0) all.set_value();
    });
  }
  go_on.set_value();
  all.get_future().wait();
  EXPECT_EQ(journal->stats().commits, before + 1);
}

TEST(Journal, ManyThreadsGetDifferentNumbersWithoutGaps) {
  const TemporaryDirectory dir;
  std::vector<std::atomic<int>> seen(800);
  {
    const auto journal = open_journal(dir.path());
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 50; ++i) {
          const std::string id = std::to_string(t) + "-" + std::to_string(i);
          for (const auto& seq : append_all(*journal, {intent(id), outcome(id)}))
            ++seen.at(seq.value());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(journal->stats().records, 800U);
    EXPECT_EQ(journal->stats().queued_bytes, 0U);
  }
  for (const auto& count : seen) EXPECT_EQ(count, 1);
  const VerifyReport report = check(dir.path());
  EXPECT_TRUE(report.ok()) << to_text(report);
  EXPECT_EQ(report.open_exchanges_total, 0U);
}

TEST(Journal, VerifiesWhileItIsWritten) {
  const TemporaryDirectory dir;
  const auto journal = open_journal(dir.path());
  fill(*journal, 50);
  std::atomic<bool> written = false;
  std::thread writer([&] {
    for (int i = 50; i < 500; i += 10) fill(*journal, 10, i);
    written = true;
  });
  bool last = false;
  do {
    last = written;
    const VerifyReport report = check(dir.path());
    EXPECT_TRUE(report.ok()) << to_text(report);
    EXPECT_GE(report.records, last ? 1'000U : 100U);
  } while (!last);
  writer.join();
}

TEST(Journal, APublishFileThatCannotBeWrittenRefusesNothingAndIsTriedAgain) {
  const TemporaryDirectory dir;
  JournalOptions options;
  options.publish = dir.path() / "there" / "heads";
  options.checkpoint_interval_ms = 0;  // a head with each commit
  std::vector<bool> told;              // on the publisher's thread, which ends with the journal
  options.on_publish = [&told](const core::Result<void>& written) {
    told.push_back(written.has_value());
  };
  std::filesystem::create_directory(dir.path() / "there");
  {
    const auto journal = open_journal(dir.path() / "var", options);
    // In one step: the publisher may be writing in there.
    std::filesystem::rename(dir.path() / "there", dir.path() / "gone");
    int i = 0;
    while (journal->stats().publish_failures == 0) fill(*journal, 1, i++);
    EXPECT_TRUE(journal->stats().healthy);
    EXPECT_FALSE(journal->stats().publishing);
    EXPECT_NE(journal->stats().publish_reason.find("heads"), std::string::npos);
    while (journal->stats().publish_failures < 3) fill(*journal, 1, i++);
    std::filesystem::create_directory(dir.path() / "there");
    while (!journal->stats().publishing) fill(*journal, 1, i++);
    EXPECT_EQ(journal->stats().publish_reason, "");
  }
  EXPECT_EQ(told, (std::vector<bool>{false, true}));
  std::vector<std::string> said;
  for (const StoredRecord& stored : LogReader::open(dir.path() / "var")->read(0, 100'000).value()) {
    const Record record = parse_record(stored.body)->record;
    if (record.type == RecordType::publishing) said.push_back(record.error + ": " + record.note);
  }
  ASSERT_EQ(said.size(), 2U);
  EXPECT_TRUE(said[0].starts_with("evidence_unavailable: Heads are not published. ")) << said[0];
  EXPECT_EQ(said[1], ": Heads are published again.");
  const VerifyReport report = check(dir.path() / "var", {.published = options.publish});
  EXPECT_TRUE(report.ok()) << to_text(report);
  const auto published = split_published(read_text(options.publish));
  ASSERT_FALSE(published.notes.empty());
  EXPECT_EQ(open_checkpoint(published.notes.back(), key_of(dir.path() / "var"))->size,
            report.records);
}

// What a crash leaves behind the last whole frame: a head, and then a group that is cut off.
TEST(Journal, ATornGroupIsCutOffAndTold) {
  const TemporaryDirectory dir;
  { fill(*open_journal(dir.path()), 2); }
  Segments segments(dir.path());
  segments.groups().push_back({4, {{leaf_hash("x"), canonical(intent("torn"), 4)}}, {}, {}});
  segments.save();
  const VerifyReport report = check(dir.path());
  EXPECT_TRUE(report.ok()) << to_text(report);
  EXPECT_EQ(report.records, 4U);
  const auto journal = open_journal(dir.path());
  EXPECT_TRUE(journal->stats().torn);
  EXPECT_EQ(append_all(*journal, {intent("after")}).front().value(), 4U);
}

// The child appends and says through a pipe what was acknowledged; the parent kills it at any
// moment.
[[noreturn]] void append_until_killed(const std::filesystem::path& directory, int pipe, int first) {
  auto journal =
      Journal::open({.directory = directory, .checkpoint_interval_ms = 1}, core::system_clock());
  if (!journal) {
    std::fprintf(stderr, "%s\n", core::to_string(journal.error()).c_str());
    ::_exit(3);
  }
  for (int i = first;; ++i) {
    for (Record record : {intent(std::to_string(i)), outcome(std::to_string(i))}) {
      (*journal)->append(record, [pipe](core::Result<std::uint64_t> seq) {
        const std::uint64_t value = seq ? *seq : ~std::uint64_t{0};
        if (::write(pipe, &value, sizeof value) != static_cast<ssize_t>(sizeof value)) ::_exit(4);
      });
    }
    while ((*journal)->stats().queued_bytes > 64 * 1024) std::this_thread::yield();
  }
}

TEST(Journal, AcknowledgedRecordsSurviveKill) {
  const TemporaryDirectory dir;
  std::uint64_t durable = 0;
  for (int round = 0; round < 25; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      append_until_killed(dir.path(), ends[1], round * 1'000'000);
    }
    ::close(ends[1]);
    std::uint64_t seq = 0;
    std::uint64_t count = 0;
    while (::read(ends[0], &seq, sizeof seq) == static_cast<ssize_t>(sizeof seq)) {
      ASSERT_NE(seq, ~std::uint64_t{0});
      if (count++ > 0) {
        ASSERT_EQ(seq, durable);
      }
      ASSERT_GE(seq, durable);
      durable = seq + 1;
      if (count == static_cast<std::uint64_t>(1 + round * 37)) ::kill(child, SIGKILL);
    }
    ::close(ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
    const VerifyReport report = check(dir.path());
    ASSERT_TRUE(report.ok()) << to_text(report);
    ASSERT_GE(report.records, durable);
    durable = report.records;
  }
  EXPECT_GT(durable, 0U);
  const auto journal = open_journal(dir.path());
  EXPECT_EQ(journal->stats().records, durable);
}

}  // namespace
}  // namespace menshen::audit
