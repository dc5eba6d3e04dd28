#include "audit/indexer.h"

#include "audit/canonical.h"
#include "audit/layout.h"
#include "audit/test_support.h"
#include "store/testing/fault_vfs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

namespace menshen::audit {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A log, and the index behind it.
class Running {
 public:
  explicit Running(const std::filesystem::path& directory)
      : indexer_(directory, core::system_clock(),
                 {.changed = [this](const core::Result<void>& well) { note(well); },
                  .begun_anew =
                      [this](std::string_view why) {
                        const std::lock_guard lock(mutex_);
                        begun_anew_.emplace_back(why);
                      }},
                 milliseconds(1)),
        journal_(open_journal(directory, {.on_tiles =
                                              [this](std::shared_ptr<const Bundle> growing) {
                                                indexer_.take(std::move(growing));
                                              },
                                          .checkpoint_interval_ms = 1})) {}

  Journal& journal() { return *journal_; }
  Indexer& indexer() { return indexer_; }
  // The index has what the log has.
  void catch_up() {
    while (indexer_.stats().records != journal_->stats().records) std::this_thread::yield();
  }
  void wait_for(bool healthy) {
    while (indexer_.stats().healthy != healthy) std::this_thread::yield();
  }
  std::vector<std::string> begun_anew() {
    const std::lock_guard lock(mutex_);
    return begun_anew_;
  }
  // "" for well.
  std::vector<std::string> told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

 private:
  void note(const core::Result<void>& well) {
    const std::lock_guard lock(mutex_);
    told_.push_back(well ? "" : well.error().code);
  }

  std::mutex mutex_;
  std::vector<std::string> begun_anew_;
  std::vector<std::string> told_;
  Indexer indexer_;
  std::unique_ptr<Journal> journal_;
};

std::uint64_t records_with(const std::filesystem::path& directory, Field field,
                           std::string_view value) {
  const auto lookup = IndexLookup::open(directory);
  if (!lookup || !*lookup) throw std::runtime_error("there is no index");
  const auto ids = (*lookup)->ids_of(field, value);
  std::uint64_t out = 0;
  for (std::uint64_t bundle = 10'000;; --bundle) {
    const auto posting = (*lookup)->last_of(ids.value(), bundle);
    if (!posting.value()) return out;
    out += posting.value()->places.count();
    bundle = posting.value()->bundle;
    if (bundle == 0) return out;
  }
}

std::uint64_t position_of(const std::filesystem::path& directory) {
  const auto lookup = IndexLookup::open(directory);
  return lookup && *lookup ? (*lookup)->position().records : 0;
}

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
    const IndexStats stats = gateway.indexer().stats();
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
  const auto first = gateway.indexer().stats();
  EXPECT_EQ(first.records, 0U);
  EXPECT_THAT(first.reason, HasSubstr("Another process fills the index."));
  EXPECT_GT(first.behind_ns, 0);
  EXPECT_GT(gateway.indexer().stats().behind_ns, first.behind_ns);
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
  while (gateway.indexer().stats().behind_ns != 0) std::this_thread::yield();
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
  EXPECT_EQ(gateway.indexer().stats().begun_anew, 1U);
  EXPECT_EQ(records_with(dir.path(), Field::event, "outcome"), 200U);
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
  EXPECT_TRUE(gateway.indexer().stats().healthy);
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
    EXPECT_EQ(gateway.indexer().stats().records, 20U);
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
        while (gateway.indexer().stats().records == 0 && gateway.indexer().stats().healthy)
          std::this_thread::yield();
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

TEST(Rebuild, MakesItAnewFromTheLogAlone) {
  TemporaryDirectory dir;
  {
    Running gateway(dir.path());
    fill(gateway.journal(), 300);
    gateway.catch_up();
  }
  { fill(*open_journal(dir.path()), 50, 300); }
  write_text(dir.path() / layout::index, "garbage");
  const auto rebuilt = rebuild_index(dir.path());
  ASSERT_TRUE(rebuilt) << core::to_string(rebuilt.error());
  EXPECT_EQ(*rebuilt, 700U);
  EXPECT_EQ(position_of(dir.path()), 700U);
  EXPECT_EQ(records_with(dir.path(), Field::event, "outcome"), 350U);
  // A gateway goes on with it.
  Running gateway(dir.path());
  fill(gateway.journal(), 1, 350);
  gateway.catch_up();
  EXPECT_THAT(gateway.begun_anew(), IsEmpty());
}

TEST(Rebuild, LeavesItToAGatewayThatRuns) {
  TemporaryDirectory dir;
  Running gateway(dir.path());
  fill(gateway.journal(), 200);
  gateway.catch_up();
  const auto rebuilt = rebuild_index(dir.path());
  ASSERT_TRUE(rebuilt);
  EXPECT_EQ(*rebuilt, std::nullopt);
  while (gateway.begun_anew().empty()) std::this_thread::yield();
  gateway.catch_up();
  EXPECT_EQ(records_with(dir.path(), Field::event, "outcome"), 200U);
}

TEST(Rebuild, OfNoLogIsAnError) {
  TemporaryDirectory dir;
  EXPECT_EQ(rebuild_index(dir.path()).error().code, "no_audit_log");
  EXPECT_FALSE(std::filesystem::exists(dir.path() / layout::index));
}

}  // namespace
}  // namespace menshen::audit
