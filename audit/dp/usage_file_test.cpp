// dp.db of other releases: the first one's is read, a later one's is refused.
#include "audit/dp/usage_repository.h"
#include "audit/layout.h"
#include "store/sqlite.h"
#include "store/testing/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace menshen::audit::dp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// As the first release made it, and what it wrote.
constexpr const char* first_release =
    "CREATE TABLE IF NOT EXISTS position("
    " id INTEGER PRIMARY KEY CHECK(id = 1), events INTEGER NOT NULL, counted INTEGER NOT NULL,"
    " leaf BLOB NOT NULL, live_from INTEGER);"
    "CREATE TABLE IF NOT EXISTS days("
    " day INTEGER PRIMARY KEY, key BLOB NOT NULL, requests_cap INTEGER NOT NULL,"
    " sigma2_requests INTEGER NOT NULL, sigma2_users INTEGER NOT NULL, micro_rho INTEGER NOT NULL,"
    " final INTEGER NOT NULL DEFAULT 0, charged INTEGER NOT NULL DEFAULT 0,"
    " refused INTEGER NOT NULL DEFAULT 0, windows INTEGER NOT NULL DEFAULT 0,"
    " closed_ns INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS cells("
    " day INTEGER NOT NULL, cell INTEGER NOT NULL, grp TEXT NOT NULL, model TEXT NOT NULL,"
    " open_requests INTEGER NOT NULL DEFAULT 0, open_users INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY(day, cell)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS contributions("
    " day INTEGER NOT NULL, who BLOB NOT NULL, requests INTEGER NOT NULL,"
    " PRIMARY KEY(day, who)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS releases("
    " day INTEGER NOT NULL, window INTEGER NOT NULL, cell INTEGER NOT NULL,"
    " requests INTEGER NOT NULL, users INTEGER NOT NULL, PRIMARY KEY(day, window, cell)) WITHOUT "
    "ROWID;"
    "CREATE TABLE IF NOT EXISTS ledger("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, time_ns INTEGER NOT NULL, day INTEGER NOT NULL,"
    " refused INTEGER NOT NULL, micro_rho INTEGER NOT NULL, micro_total INTEGER NOT NULL);"
    "INSERT OR IGNORE INTO position VALUES(1, 0, 0, x'', NULL);"
    "PRAGMA user_version=1;"
    "UPDATE position SET events = 9, counted = 8, leaf = x'00ff', live_from = 20700;"
    "INSERT INTO days VALUES(20700, x'0102', 50, 50000, 20, 50000, 0, 1, 0, 2, 77);"
    "INSERT INTO cells VALUES(20700, 0, 'finance', 'qwen', 3, 1);"
    "INSERT INTO cells VALUES(20700, 1, '(other)', '(other)', 0, 0);"
    "INSERT INTO contributions VALUES(20700, x'aa', 3);"
    "INSERT INTO releases VALUES(20700, 0, 0, 5, 2), (20700, 0, 1, -1, 0), (20700, 1, 0, 4, 1);"
    "INSERT INTO ledger VALUES(1, 76, 20700, 0, 50000, 5000000);";

void make(const std::filesystem::path& directory, const std::string& sql) {
  store::Database::open(directory / layout::statistics,
                        {.mode = store::OpenMode::create, .code = "made"})
      .value()
      .execute(sql.c_str())
      .value();
}

TEST(UsageFile, OpensTheOneOfTheFirstRelease) {
  const store::testing::TemporaryDirectory dir;
  make(dir.path(), first_release);
  const auto usage = open_usage_file(dir.path()).value();
  EXPECT_EQ(usage->position().value(), (Position{9, 8, std::string("\0\xff", 2)}));
  const DayRow day{20'700, "\x01\x02", 50, {{}, {}, {50'000, 20}}, 50'000, false, true,
                   false,  2,          77};
  EXPECT_EQ(usage->day(20'700).value(), day);
  EXPECT_THAT(usage->cells(20'700).value(),
              ElementsAre(Cell{"finance", "qwen"}, Cell{"(other)", "(other)"}));
  EXPECT_EQ(usage->contribution(20'700, "\xaa").value(), 3U);
  EXPECT_THAT(usage->open_counts(20'700).value(),
              ElementsAre(CellCounts{0, 3, 1}, CellCounts{1, 0, 0}));
  EXPECT_THAT(usage->published(20'700).value(),
              ElementsAre(CellCounts{0, 9, 3}, CellCounts{1, -1, 0}));
  EXPECT_THAT(usage->ledger().value(),
              ElementsAre(LedgerRow{76, 20'700, false, 50'000, 5'000'000, {}}));
  EXPECT_THAT(usage->staged().value(), IsEmpty());  // what it has published is published
  EXPECT_TRUE(usage->has_window(20'700, 1).value());
}

TEST(UsageFile, RefusesTheOneOfALaterRelease) {
  const store::testing::TemporaryDirectory dir;
  make(dir.path(), std::string(first_release) + "PRAGMA user_version=3;");
  const auto refused = open_usage_file(dir.path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "privacy_store_unavailable");
  EXPECT_EQ(refused.error().where, (dir.path() / layout::statistics).string());
  EXPECT_THAT(refused.error().message, HasSubstr("a later version of Menshen"));
}

}  // namespace
}  // namespace menshen::audit::dp
