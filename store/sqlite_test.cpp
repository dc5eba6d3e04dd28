// The wrapper itself: whose an error is, who may read the file, when a transaction counts.
#include "store/sqlite.h"

#include "store/files.h"
#include "store/testing/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace menshen::store {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Sqlite : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return dir_.path() / "some.db"; }
  [[nodiscard]] Database open(OpenMode mode = OpenMode::create) const {
    return Database::open(file(), {.mode = mode, .code = "some_code"}).value();
  }
  [[nodiscard]] core::Error open_error(OpenMode mode) const {
    return Database::open(file(), {.mode = mode, .code = "some_code"}).error();
  }

  testing::TemporaryDirectory dir_;
};

TEST_F(Sqlite, ValuesComeBackAsTheyWere) {
  const Database db = open();
  db.execute("CREATE TABLE t(a INTEGER, b TEXT, c BLOB, d INTEGER)").value();
  const std::string_view bytes("\0\xff\0", 3);
  const std::optional<std::int64_t> none;
  run(db, "INSERT INTO t VALUES(?1, ?2, ?3, ?4)", -7, std::string_view("财务"), Blob{bytes}, none)
      .value();
  EXPECT_EQ(db.changes(), 1);
  auto row = query(db, "SELECT a, b, c, d FROM t WHERE a = ?1", -7).value();
  ASSERT_TRUE(row.step().value());
  EXPECT_EQ(row.integer(0), -7);
  EXPECT_EQ(row.text(1), "财务");
  EXPECT_EQ(row.text(2), bytes);
  EXPECT_TRUE(row.is_null(3));
  EXPECT_FALSE(row.step().value());
}

TEST_F(Sqlite, ANewFileIsForItsOwnerAlone) {
  std::ignore = open();
  struct stat about {};
  ASSERT_EQ(::stat(file().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
}

TEST_F(Sqlite, OnlyCreateMakesAFile) {
  for (const auto mode : {OpenMode::read_only, OpenMode::read_write, OpenMode::immutable}) {
    const core::Error error = open_error(mode);
    EXPECT_EQ(error.code, "some_code");
    EXPECT_EQ(error.where, file().string());
    EXPECT_FALSE(std::filesystem::exists(file()));
  }
}

TEST_F(Sqlite, AnErrorNamesTheFileAndWhatToDoButNoData) {
  const Database db = open();
  db.execute("CREATE TABLE t(a TEXT PRIMARY KEY)").value();
  run(db, "INSERT INTO t VALUES(?1)", std::string_view("secret")).value();
  const auto twice = run(db, "INSERT INTO t VALUES(?1)", std::string_view("secret"));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().kind, core::ErrorKind::unavailable);
  EXPECT_EQ(twice.error().code, "some_code");
  EXPECT_EQ(twice.error().where, file().string());
  EXPECT_THAT(twice.error().message, Not(HasSubstr("secret")));
  EXPECT_THAT(twice.error().message, Not(HasSubstr(dir_.path().string())));

  std::ofstream(file(), std::ios::trunc) << std::string(8192, 'x');
  const auto garbage = open().query_integer("PRAGMA user_version");
  ASSERT_FALSE(garbage);
  EXPECT_THAT(garbage.error().message, HasSubstr("put back the right one"));
  EXPECT_EQ(garbage.error().where, file().string());
}

TEST_F(Sqlite, AWriterThatIsLockedOutSaysSo) {
  const Database one = open();
  one.execute("CREATE TABLE t(a)").value();
  const Transaction holds = Transaction::begin(one).value();
  const Database two =
      Database::open(file(), {.mode = OpenMode::read_write, .code = "c", .busy_timeout_ms = 0})
          .value();
  const auto begun = Transaction::begin(two);
  ASSERT_FALSE(begun);
  EXPECT_THAT(begun.error().message, HasSubstr("Another process"));
}

TEST_F(Sqlite, ATransactionCountsOnceItWasCommitted) {
  const Database db = open();
  db.execute("CREATE TABLE t(a)").value();
  {
    const auto dropped = Transaction::begin(db);
    db.execute("INSERT INTO t VALUES(1)").value();
  }
  EXPECT_EQ(db.query_integer("SELECT count(*) FROM t").value(), 0);
  auto kept = Transaction::begin(db).value();
  db.execute("INSERT INTO t VALUES(1)").value();
  kept.commit().value();
  EXPECT_EQ(open(OpenMode::read_only).query_integer("SELECT count(*) FROM t").value(), 1);
}

TEST_F(Sqlite, AnAnchorSeesWhatWasMovedOrReplaced) {
  std::ofstream(file()) << "1";
  const Anchor anchor = Anchor::at(file(), "some_code").value();
  EXPECT_TRUE(anchor.in_place());
  std::filesystem::rename(file(), dir_.path() / "away");
  EXPECT_EQ(anchor.in_place().error().code, "some_code");
  std::ofstream(file()) << "1";
  EXPECT_EQ(anchor.in_place().error().where, file().string());
  std::filesystem::rename(dir_.path() / "away", file());
  EXPECT_TRUE(anchor.in_place());
  EXPECT_EQ(Anchor::at(dir_.path() / "nothing", "some_code").error().code, "some_code");
}

}  // namespace
}  // namespace menshen::store
