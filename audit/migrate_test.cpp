// A log of an earlier version, which was an SQLite database, brought into this version's form.
#include "audit/migrate.h"

#include "audit/checkpoint.h"
#include "audit/files.h"
#include "audit/reader.h"
#include "audit/test_support.h"
#include "audit/verify.h"
#include "store/sqlite.h"

#include <sys/stat.h>
#include <unistd.h>

namespace menshen::audit {
namespace {

namespace fs = std::filesystem;

// Makes the former form of a log from the present one: the same records, heads and keys.
class Former : public ::testing::Test {
 protected:
  void make(int exchanges) {
    fill(*open_journal(made()), exchanges / 2);
    fill(*open_journal(made()), exchanges - exchanges / 2, exchanges / 2);
    auto reader = LogReader::open(made()).value();
    const std::uint64_t size = reader.extent()->records;
    for (std::uint64_t seq = 0; seq < size; ++seq)
      bodies_.push_back(reader.read(seq, 1)->front().body);
    fs::create_directory(var());
    fs::permissions(var(), fs::perms::owner_all);
    for (const char* name : {"audit.key", "audit.vkey", "commitment.key"})
      fs::copy_file(made() / name, var() / name);
    write_text(var() / "checkpoint", read_text(made() / layout::checkpoint));
    sql("PRAGMA journal_mode=WAL; PRAGMA application_id=0x4d656e41; PRAGMA user_version=1;"
        "CREATE TABLE records(seq INTEGER PRIMARY KEY, hashes BLOB NOT NULL, body TEXT NOT NULL);"
        "CREATE TABLE checkpoints(size INTEGER PRIMARY KEY, note TEXT NOT NULL);");
    std::string rows;
    for (std::size_t i = 0; i < bodies_.size(); ++i)
      rows += "INSERT INTO records VALUES(" + std::to_string(i) + ",x'','" + bodies_[i] + "');";
    for (const std::string& note : split_published(read_text(made() / layout::heads)).notes) {
      rows += "INSERT OR REPLACE INTO checkpoints VALUES(" + std::to_string(claimed_size(note, 0)) +
              ",'" + note + "');";
    }
    sql("BEGIN;" + rows + "COMMIT;");
  }
  [[nodiscard]] fs::path made() const { return dir_.path() / "made"; }
  [[nodiscard]] fs::path var() const { return dir_.path() / "var"; }
  void sql(const std::string& text) const {
    const auto db = store::Database::open(var() / layout::former_database,
                                          {.mode = store::OpenMode::create, .code = "test_failed"});
    if (!db) throw std::runtime_error(core::to_string(db.error()));
    const auto done = db->execute(text.c_str());
    if (!done) throw std::runtime_error(core::to_string(done.error()));
  }
  void expect_migrated() const {
    const auto report = verify(var());
    ASSERT_TRUE(report) << core::to_string(report.error());
    EXPECT_TRUE(report->ok()) << to_text(*report);
    EXPECT_EQ(report->records, bodies_.size());
    auto reader = LogReader::open(var()).value();
    for (std::size_t i = 0; i < bodies_.size(); ++i)
      EXPECT_EQ(reader.read(i, 1)->front().body, bodies_[i]);
  }

  TemporaryDirectory dir_;
  std::vector<std::string> bodies_;
};

TEST_F(Former, IsRefusedUntilItIsMigratedAndThenGoesOn) {
  make(300);
  const auto refused = Journal::open({.directory = var()}, core::system_clock());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "evidence_former");
  EXPECT_EQ(LogReader::open(var()).error().code, "evidence_former");
  const auto migrated = migrate(var());
  ASSERT_TRUE(migrated) << core::to_string(migrated.error());
  EXPECT_EQ(migrated->records, 600U);
  EXPECT_EQ(migrated->heads, 3U);
  EXPECT_TRUE(fs::exists(var() / "audit.db.migrated"));
  expect_migrated();
  { fill(*open_journal(var()), 3, 1'000); }
  const auto report = verify(var());
  EXPECT_TRUE(report->ok()) << to_text(*report);
  EXPECT_EQ(report->records, 606U);
  EXPECT_EQ(migrate(var()).error().code, "no_former_log");
}

TEST_F(Former, AnInterruptedMigrationIsBegunAnew) {
  make(20);
  fs::create_directories(var() / "migrating/log");
  fs::create_directories(var() / layout::tiles);
  write_text(var() / layout::heads, "half");
  write_text(var() / layout::segments[1], std::string(1000, '\0'));
  EXPECT_EQ(Journal::open({.directory = var()}, core::system_clock()).error().code,
            "evidence_former");
  ASSERT_TRUE(migrate(var()));
  expect_migrated();
}

TEST_F(Former, ThatWasChangedIsNotMigrated) {
  make(20);
  sql("UPDATE records SET body=replace(body, '\"alice\"', '\"malice\"') WHERE seq=7");
  EXPECT_EQ(migrate(var()).error().code, "migration_refused");
  EXPECT_TRUE(fs::exists(var() / layout::former_database));
  sql("DELETE FROM records WHERE seq=7");
  EXPECT_EQ(migrate(var()).error().code, "migration_refused");
}

TEST_F(Former, ByRootTheLogIsTheGatewaysAllTheSame) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  constexpr uid_t gateway = 12'345;
  make(300);
  ASSERT_EQ(::chown(var().c_str(), gateway, gateway), 0);
  ASSERT_TRUE(migrate(var()));
  for (const std::string_view name :
       {layout::segments[0], layout::segments[1], layout::heads, layout::checkpoint, layout::tiles,
        std::string_view("log/tile"), std::string_view("log/tile/entries/000")}) {
    struct stat found {};
    ASSERT_EQ(::stat((var() / name).c_str(), &found), 0) << name;
    EXPECT_EQ(found.st_uid, gateway) << name;
  }
}

TEST_F(Former, InUseIsNotMigrated) {
  make(2);
  const auto lock = DirectoryLock::take(var());
  EXPECT_EQ(migrate(var()).error().code, "store_locked");
}

}  // namespace
}  // namespace menshen::audit
