#include "audit/indexer.h"

#include "audit/canonical.h"
#include "audit/indexer_testing.h"
#include "audit/layout.h"
#include "audit/test_support.h"
#include "store/testing/fault_vfs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <mutex>
#include <thread>

namespace menshen::audit {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Indexer, FollowsTheLog) {
  TemporaryDirectory dir;
  {
    Running gateway(dir.path());
    for (int i = 0; i < 5; ++i) {
      fill(gateway.journal(), 100, 100 * i);
      gateway.catch_up();
    }
    EXPECT_EQ(records_with(dir.path(), Field::event, "outcome"), 500U);
    EXPECT_EQ(records_with(dir.path(), Field::event, "intent"), 500U);
    const IndexStats stats = gateway.stats();
    EXPECT_TRUE(stats.healthy);
    EXPECT_EQ(stats.begun_anew, 0U);
    EXPECT_GT(stats.cpu_ns, 0);
    EXPECT_THAT(gateway.begun_anew(), IsEmpty());
    EXPECT_THAT(gateway.told(), IsEmpty());
  }
}

TEST(Indexer, GoesOnFromWhereItStands) {
  TemporaryDirectory dir;
  for (int run = 0; run < 3; ++run) {
    Running gateway(dir.path());
    fill(gateway.journal(), 150, 150 * run);
    gateway.catch_up();
    EXPECT_THAT(gateway.begun_anew(), IsEmpty());
  }
  {
    const auto without = open_journal(dir.path());
    fill(*without, 300, 450);
  }
  EXPECT_EQ(position_of(dir.path()), 900U);
  Running gateway(dir.path());
  gateway.catch_up();
  EXPECT_THAT(gateway.begun_anew(), IsEmpty());
  EXPECT_EQ(records_with(dir.path(), Field::subject, "alice"), 1'500U);
}

TEST(Indexer, SaysHowLongItHasBeenBehind) {
  TemporaryDirectory dir;
  const auto lock = DirectoryLock::take(dir.path(), layout::index_lock);
  ASSERT_TRUE(lock);
  Running gateway(dir.path());
  fill(gateway.journal(), 10);
  gateway.wait_for(false);
  const auto first = gateway.stats();
  EXPECT_EQ(first.records, 0U);
  EXPECT_THAT(first.reason, HasSubstr("Another process fills the index."));
  EXPECT_GT(first.behind_ns, 0);
  EXPECT_GT(gateway.stats().behind_ns, first.behind_ns);
}

// Where bundles cannot be written, nobody tells the index of what they would hold.
TEST(Indexer, IsBehindALogThatItIsNotToldOf) {
  TemporaryDirectory dir;
  SetClock clock;
  Indexer indexer(dir.path(), clock, {}, milliseconds(1));
  indexer.take(std::make_shared<const Bundle>());
  while (indexer.stats(0).behind_ns != 0) std::this_thread::yield();
  EXPECT_EQ(indexer.stats(5).behind_ns, 0);
  clock.now_ns += 60;
  EXPECT_EQ(indexer.stats(7).behind_ns, 60);
  Bundle more;
  for (int i = 0; i < 7; ++i) {
    append_entry(more.entries, canonical(intent("e" + std::to_string(i)), more.end()));
    more.leaves.emplace_back();
  }
  indexer.take(std::make_shared<const Bundle>(more));
  while (indexer.stats(7).records < 7) std::this_thread::yield();
  while (indexer.stats(7).behind_ns != 0) std::this_thread::yield();
}

TEST(Indexer, TakesOverWhenTheOtherProcessHasEnded) {
  TemporaryDirectory dir;
  auto lock = std::make_unique<core::Result<DirectoryLock>>(
      DirectoryLock::take(dir.path(), layout::index_lock));
  Running gateway(dir.path());
  fill(gateway.journal(), 10);
  gateway.wait_for(false);
  lock.reset();
  gateway.catch_up();
  gateway.wait_for(true);
  while (gateway.told().size() < 2) std::this_thread::yield();
  EXPECT_THAT(gateway.told(), ElementsAre(index_unavailable, ""));
  while (gateway.stats().behind_ns != 0) std::this_thread::yield();
}

TEST(Indexer, BeginsAnewWhatWasDeletedWhileItRuns) {
  TemporaryDirectory dir;
  Running gateway(dir.path());
  fill(gateway.journal(), 200);
  gateway.catch_up();
  ASSERT_TRUE(remove_index(dir.path(), false));
  while (gateway.begun_anew().empty()) std::this_thread::yield();
  gateway.catch_up();
  EXPECT_THAT(gateway.begun_anew(), ElementsAre("it was not there"));
  EXPECT_EQ(gateway.stats().begun_anew, 1U);
  EXPECT_EQ(records_with(dir.path(), Field::event, "outcome"), 200U);
}

void overwrite(const std::filesystem::path& file, const std::string& bytes) {
  std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
  out << bytes;
}

// By somebody who knows no better, while it is written.
TEST(Indexer, BeginsAnewWhatSomebodyElseHasChanged) {
  const auto beside = [](const std::filesystem::path& index, const char* what) {
    return std::filesystem::path(index.string() + what);
  };
  const std::pair<const char*, std::function<void(const std::filesystem::path&)>> changes[] = {
      {"cut off", [](const auto& index) { std::filesystem::resize_file(index, 4'096); }},
      {"emptied", [](const auto& index) { std::filesystem::resize_file(index, 0); }},
      {"overwritten", [](const auto& index) { overwrite(index, std::string(4'096, 'x')); }},
      {"replaced",
       [](const auto& index) {
         write_text(index.string() + ".new", read_text(index));
         std::filesystem::rename(index.string() + ".new", index);
       }},
      {"journal deleted",
       [&](const auto& index) { std::filesystem::remove(beside(index, "-journal")); }},
      {"journal overwritten",
       [&](const auto& index) { write_text(beside(index, "-journal"), std::string(4'096, 'x')); }},
      {"journal replaced",
       [&](const auto& index) {
         write_text(index.string() + ".new", "");
         std::filesystem::rename(index.string() + ".new", beside(index, "-journal"));
       }},
  };
  for (const auto& [name, change] : changes) {
    SCOPED_TRACE(name);
    TemporaryDirectory dir;
    Running gateway(dir.path());
    fill(gateway.journal(), 200);
    gateway.catch_up();
    change(dir.path() / layout::index);
    while (gateway.begun_anew().empty()) std::this_thread::yield();
    fill(gateway.journal(), 10, 200);
    gateway.catch_up();
    EXPECT_THAT(gateway.begun_anew(), ElementsAre("somebody else has changed it"));
    EXPECT_EQ(gateway.stats().begun_anew, 1U);
    EXPECT_TRUE(gateway.stats().healthy);
    EXPECT_EQ(records_with(dir.path(), Field::event, "outcome"), 210U);
  }
}

TEST(Indexer, SetsADamagedFileAside) {
  TemporaryDirectory dir;
  { fill(Running(dir.path()).journal(), 200); }
  const std::string garbage(65'536, 'x');
  write_text(dir.path() / layout::index, garbage);
  Running gateway(dir.path());
  gateway.catch_up();
  EXPECT_EQ(gateway.begun_anew().size(), 1U);
  EXPECT_EQ(read_text(dir.path() / layout::damaged_index), garbage);
  EXPECT_EQ(records_with(dir.path(), Field::event, "outcome"), 200U);
  EXPECT_TRUE(gateway.stats().healthy);
}

// Pages that are no pages, found when they are written to.
TEST(Indexer, SetsAsideWhatTurnsOutToBeDamaged) {
  TemporaryDirectory dir;
  {
    Running gateway(dir.path());
    fill(gateway.journal(), 400);
    gateway.catch_up();
  }
  std::string file = read_text(dir.path() / layout::index);
  ASSERT_GT(file.size(), 3 * 4'096U);
  for (std::size_t at = 2 * 4'096; at < file.size(); ++at) file[at] = '\x7F';
  write_text(dir.path() / layout::index, file);
  Running gateway(dir.path());
  fill(gateway.journal(), 100, 400);
  gateway.catch_up();
  EXPECT_EQ(gateway.begun_anew().size(), 1U);
  EXPECT_EQ(records_with(dir.path(), Field::event, "outcome"), 500U);
}

TEST(Indexer, OfAnotherLogIsBegunAnew) {
  TemporaryDirectory dir;
  TemporaryDirectory other;
  for (const auto& [directory, count] : {std::pair(&dir, 200), std::pair(&other, 300)}) {
    Running gateway(directory->path());
    fill(gateway.journal(), count, count);  // exchanges of other names
    gateway.catch_up();
  }
  const auto copy = [](const TemporaryDirectory& from, const TemporaryDirectory& to) {
    std::filesystem::copy_file(from.path() / layout::index, to.path() / layout::index,
                               std::filesystem::copy_options::overwrite_existing);
  };
  copy(dir, other);
  {
    Running gateway(other.path());
    gateway.catch_up();
    EXPECT_THAT(gateway.begun_anew(), ElementsAre("it is of another log"));
    EXPECT_EQ(records_with(other.path(), Field::event, "outcome"), 300U);
  }
  copy(other, dir);
  Running gateway(dir.path());
  gateway.catch_up();
  EXPECT_THAT(gateway.begun_anew(), ElementsAre("the log is shorter"));
  EXPECT_EQ(records_with(dir.path(), Field::event, "outcome"), 200U);
}

TEST(Indexer, WhatCannotBeWrittenIsTriedAgainAndNoRecordWaits) {
  for (const bool disk_full : {false, true}) {
    TemporaryDirectory dir;
    store::testing::FaultVfs vfs;
    Running gateway(dir.path());
    fill(gateway.journal(), 10);
    gateway.catch_up();
    vfs.fail_at(1, store::testing::FaultVfs::Mode::from_then_on, disk_full);
    fill(gateway.journal(), 200, 10);  // throws when a record is not taken
    gateway.wait_for(false);
    EXPECT_TRUE(gateway.journal().stats().healthy);
    EXPECT_EQ(gateway.stats().records, 20U);
    vfs.clear();
    gateway.catch_up();
    gateway.wait_for(true);
    while (gateway.told().size() < 2) std::this_thread::yield();
    EXPECT_THAT(gateway.told(), ElementsAre(index_unavailable, "")) << disk_full;
    EXPECT_THAT(gateway.begun_anew(), IsEmpty());
    EXPECT_EQ(records_with(dir.path(), Field::event, "outcome"), 210U);
  }
}

// Whatever operation fails, and whenever the power goes: afterwards the index has the log.
TEST(Indexer, SurvivesEachFailingOperation) {
  using Mode = store::testing::FaultVfs::Mode;
  for (const Mode mode : {Mode::once, Mode::power_cut}) {
    bool hit = true;
    for (std::uint64_t operation = 1; hit; operation += mode == Mode::once ? 1 : 3) {
      TemporaryDirectory dir;
      { fill(*open_journal(dir.path()), 200); }
      store::testing::FaultVfs vfs;
      vfs.fail_at(operation, mode);
      {
        Running gateway(dir.path());
        if (mode == Mode::once) gateway.catch_up();
        while (gateway.stats().records == 0 && gateway.stats().healthy) std::this_thread::yield();
      }
      hit = vfs.hit();
      vfs.clear();
      if (mode == Mode::power_cut) vfs.restore_after_power_cut(operation);
      Running gateway(dir.path());
      gateway.catch_up();
      EXPECT_EQ(records_with(dir.path(), Field::event, "outcome"), 200U) << operation;
      EXPECT_EQ(records_with(dir.path(), Field::event, "intent"), 200U) << operation;
    }
  }
}

}  // namespace
}  // namespace menshen::audit
