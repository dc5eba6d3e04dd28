// Migrations: from every version to the last, whole or not at all, and never backwards.
#include "store/schema.h"

#include "store/testing/fault_vfs.h"
#include "store/testing/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

namespace menshen::store {
namespace {

using testing::FaultVfs;
using ::testing::HasSubstr;
using testing::TemporaryDirectory;

// The second step cannot be taken before the first, nor the third before the second.
constexpr const char* steps[] = {
    "CREATE TABLE people(name TEXT PRIMARY KEY) STRICT",
    "ALTER TABLE people ADD COLUMN age INTEGER NOT NULL DEFAULT 7",
    R"(CREATE TABLE ages(age INTEGER PRIMARY KEY, many INTEGER NOT NULL) STRICT;
       INSERT INTO ages SELECT age, count(*) FROM people GROUP BY age)"};
constexpr Steps all(steps);
const SharedOptions options{.code = "some_code", .busy_timeout_ms = 20'000};

class Schema : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return dir_.path() / "some.db"; }
  // As a former release left it: with `version` steps and one person.
  void make(std::size_t version) const {
    const Database db = open_shared(file(), all.first(version), options).value();
    if (version > 0) db.execute("INSERT INTO people(name) VALUES('alice')").value();
  }
  [[nodiscard]] std::int64_t ask(const char* sql) const {
    return Database::open(file(), {.mode = OpenMode::read_write, .code = "asked"})
        .value()
        .query_integer(sql)
        .value();
  }
  [[nodiscard]] std::string bytes() const {
    std::ifstream in(file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  TemporaryDirectory dir_;
};

TEST_F(Schema, EveryVersionBecomesTheLast) {
  for (std::size_t version = 0; version <= all.size(); ++version) {
    std::filesystem::remove(file());
    make(version);
    EXPECT_EQ(ask("PRAGMA user_version"), static_cast<std::int64_t>(version));
    ASSERT_TRUE(open_shared(file(), all, options));
    EXPECT_EQ(ask("PRAGMA user_version"), 3);
    if (version == 0) continue;
    EXPECT_EQ(ask("SELECT age FROM people WHERE name = 'alice'"), 7);
    EXPECT_EQ(ask("SELECT count(*) FROM ages"), version == 3 ? 0 : 1);  // its step ran before her
  }
}

TEST_F(Schema, AStepThatFailsLeavesTheFormerTables) {
  make(1);
  const char* broken[] = {steps[0], steps[1], "CREATE TABLE people(name TEXT)"};
  const auto failed = open_shared(file(), broken, options);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "some_code");
  EXPECT_EQ(failed.error().where, file().string());
  EXPECT_EQ(ask("PRAGMA user_version"), 1);
  EXPECT_EQ(ask("SELECT count(*) FROM pragma_table_info('people')"), 1);
}

TEST_F(Schema, ALaterVersionIsRefusedAndNotWritten) {
  make(3);
  const std::string before = bytes();
  const auto refused = open_shared(file(), all.first(2), options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, core::ErrorKind::unavailable);
  EXPECT_EQ(refused.error().code, "some_code");
  EXPECT_EQ(refused.error().where, file().string());
  EXPECT_THAT(refused.error().message, HasSubstr("version 3"));
  EXPECT_THAT(refused.error().message, HasSubstr("a later version of Menshen wrote it"));
  EXPECT_EQ(bytes(), before);
}

TEST_F(Schema, AVersionBelowZeroIsRefused) {
  make(1);
  Database::open(file(), {.mode = OpenMode::read_write, .code = "c"})
      .value()
      .execute("PRAGMA user_version=-1")
      .value();
  EXPECT_FALSE(open_shared(file(), all, options));
}

TEST_F(Schema, AnotherProgramsDatabaseIsRefusedAndKept) {
  Database::open(file(), {.mode = OpenMode::create, .code = "c"})
      .value()
      .execute("CREATE TABLE cookies(a)")
      .value();
  const auto refused = open_shared(file(), all, options);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("another program"));
  EXPECT_EQ(ask("SELECT count(*) FROM sqlite_schema"), 1);
}

TEST_F(Schema, WithoutCreateAMissingFileIsAnError) {
  SharedOptions existing = options;
  existing.create = false;
  EXPECT_FALSE(open_shared(file(), all, existing));
  EXPECT_FALSE(std::filesystem::exists(file()));
  make(3);
  EXPECT_TRUE(open_shared(file(), all, existing));
}

TEST_F(Schema, OfSeveralAtOnceOneDoesTheWork) {
  for (int round = 0; round < 10; ++round) {
    std::filesystem::remove(file());
    make(1);
    std::barrier ready(3);
    std::vector<std::thread> openers;
    for (int i = 0; i < 3; ++i) {
      openers.emplace_back([&] {
        ready.arrive_and_wait();
        EXPECT_TRUE(open_shared(file(), all, options));
      });
    }
    for (std::thread& opener : openers) opener.join();
    EXPECT_EQ(ask("PRAGMA user_version"), 3);
    EXPECT_EQ(ask("SELECT many FROM ages"), 1);
  }
}

// A disk that fails, or a power cut, at every operation of a migration.
TEST_F(Schema, WholeOrNotAtAllWhateverFails) {
  using Mode = FaultVfs::Mode;
  constexpr std::uint64_t operations_max = 2'000;
  make(1);
  const std::string former = bytes();
  for (const Mode mode : {Mode::once, Mode::from_then_on, Mode::power_cut}) {
    std::uint64_t struck = 0;
    bool hit = true;
    for (std::uint64_t k = 1; hit && k < operations_max; ++k) {
      SCOPED_TRACE("operation " + std::to_string(k));
      for (const char* rest : {"some.db-journal", "some.db"})
        std::filesystem::remove(dir_.path() / rest);
      std::ofstream(file(), std::ios::binary) << former;
      bool opened = false;
      {
        FaultVfs vfs;
        vfs.fail_at(k, mode);
        opened = open_shared(file(), all, options).has_value();
        hit = vfs.hit();
        if (mode == Mode::power_cut) vfs.restore_after_power_cut(k);
      }
      const std::int64_t version = ask("PRAGMA user_version");
      EXPECT_TRUE(version == 3 || (version == 1 && !opened)) << version;
      EXPECT_EQ(ask("SELECT count(*) FROM sqlite_schema WHERE name = 'ages'"), version == 3);
      ASSERT_TRUE(open_shared(file(), all, options));
      EXPECT_EQ(ask("SELECT many FROM ages"), 1);
      struck += hit ? 1 : 0;
      if (HasFailure()) return;
    }
    EXPECT_FALSE(hit);
    EXPECT_GT(struck, 10U);
  }
}

}  // namespace
}  // namespace menshen::store
