// A damaged database: whatever bit of it is wrong, those who read it come to an end.
#include "audit/dp/account.h"
#include "audit/dp/report.h"
#include "audit/dp/usage.h"
#include "audit/layout.h"
#include "audit/test_support.h"
#include "audit/verify.h"
#include "store/testing/step_limit.h"

#include <random>

namespace menshen::audit {
namespace {

namespace fs = std::filesystem;

using store::testing::StepLimit;

// A log of some pages, with heads, all of it in the database's file.
class Damaged : public ::testing::Test {
 protected:
  Damaged() {
    for (int part = 0; part < 8; ++part) {
      const auto journal = open_journal(var());
      fill(*journal, 6, part * 6);
    }
    sound_ = read_text(file());
  }
  [[nodiscard]] fs::path var() const { return dir_.path() / "var"; }
  [[nodiscard]] fs::path file() const { return var() / layout::database; }

  // Every bit where pages keep their order and their links, and a sample of the others.
  [[nodiscard]] std::vector<std::size_t> bits() const {
    constexpr std::size_t page_bytes = 8192;
    constexpr std::size_t header_bytes = 16;  // and the first cells' places
    std::vector<std::size_t> out;
    for (std::size_t page = 0; page < sound_.size(); page += page_bytes) {
      const std::size_t begin = page == 0 ? 100 : page;  // the database's own header comes first
      for (std::size_t bit = 0; bit < header_bytes * 8; ++bit) out.push_back(begin * 8 + bit);
    }
    std::mt19937_64 random(20261129);
    for (int i = 0; i < 400; ++i) out.push_back(random() % (sound_.size() * 8));
    return out;
  }

  void flip(std::size_t bit) const {
    std::string damaged = sound_;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    write_text(file(), damaged);
    for (const char* name : {"audit.db-wal", "audit.db-shm", "dp.db"}) fs::remove(var() / name);
  }

  TemporaryDirectory dir_;
  std::string sound_;
};

TEST_F(Damaged, VerifyEndsAndIsNeverPleasedByADamagedRecord) {
  std::size_t named = 0;
  const auto all = bits();
  for (const std::size_t bit : all) {
    flip(bit);
    const StepLimit limit;
    const auto report = verify(var());
    ASSERT_TRUE(limit.held()) << "bit " << bit;
    const bool intact = report && report->ok();
    if (intact) {
      EXPECT_EQ(report->records, 96U) << "bit " << bit;
    }
    named += intact ? 0 : 1;
  }
  EXPECT_GT(named, all.size() / 4);  // the rest is free space
}

// What a release does with a log before it draws anything, and what a recovery reads.
core::Result<void> count_anew(const fs::path& directory) {
  auto log = LogReader::open(directory);
  if (!log) return log.error();
  const auto usage = dp::open_usage_file(directory).value();
  const auto extent = log->extent();
  if (!extent) return extent.error();
  const std::int64_t now_ns = intent("").wall_ns;
  const auto plan = dp::Plan::make({}).value();
  dp::add_day(*usage, now_ns / dp::day_ns, plan).value();
  const auto taken = dp::take_up(*usage, *log, extent->records, plan, now_ns, dp::Account::applied);
  if (!taken) return taken;
  if (const auto counted = dp::count(*usage, *log, extent->records); !counted) return counted;
  return dp::check_account(*usage, *log);
}

TEST_F(Damaged, StatisticsEnd) {
  std::size_t failed = 0;
  for (const std::size_t bit : bits()) {
    flip(bit);
    const StepLimit limit;
    failed += count_anew(var()) ? 0 : 1;
    ASSERT_TRUE(limit.held()) << "bit " << bit;
  }
  EXPECT_GT(failed, 0U);
}

TEST_F(Damaged, AnAccountIsNotLookedForBelowANumberThatNoFileCouldReach) {
  run_sql(var(), "UPDATE records SET seq = 4611686018427387904 WHERE seq = 95");
  EXPECT_EQ(dp::report(var(), {}, core::system_clock())->refusal->code, "privacy_log_changed");
}

TEST_F(Damaged, ANumberThatNoFileCouldReachIsNotCountedUpTo) {
  run_sql(var(), "UPDATE records SET seq = 4611686018427387904 WHERE seq = 95");
  const auto report = verify(var());
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->ok());
  EXPECT_EQ(report->problems.back().kind, ProblemKind::missing) << to_text(*report);
}

}  // namespace
}  // namespace menshen::audit
