#include "proxy/identity/key_store.h"

#include "proxy/identity/key_format.h"
#include "store/sqlite.h"
#include "store/testing/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <barrier>
#include <fstream>
#include <iterator>
#include <thread>

namespace menshen::identity {
namespace {

using store::testing::TemporaryDirectory;
using ::testing::ElementsAre;

constexpr std::int64_t now = 1'700'000'000'000'000'000;
constexpr std::int64_t day = 86'400'000'000'000;

KeyStore open(const std::filesystem::path& folder) {
  auto store = KeyStore::open(folder);
  EXPECT_TRUE(store) << to_string(store.error());
  return std::move(*store);
}

KeyRequest request_for(std::string subject) {
  KeyRequest request;
  request.subject = std::move(subject);
  return request;
}

std::string all_bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(KeyStore, CreatesAndLists) {
  const TemporaryDirectory folder;
  auto store = open(folder.path() / "new" / "deep");
  KeyRequest request = request_for("alice");
  request.groups = {"財務", "audit", "财务", "audit"};
  request.kind = core::SubjectKind::service;
  request.expires_ns = now + day;
  const auto issued = store.create(request, now);
  ASSERT_TRUE(issued) << to_string(issued.error());
  EXPECT_THAT(issued->info.groups, ElementsAre("audit", "財務", "财务"));
  const auto keys = open(folder.path() / "new" / "deep").list();
  ASSERT_TRUE(keys);
  ASSERT_EQ(keys->size(), 1U);
  const KeyInfo& info = keys->front();
  EXPECT_EQ(info.id, issued->info.id);
  EXPECT_EQ(info.subject, "alice");
  EXPECT_EQ(info.kind, core::SubjectKind::service);
  EXPECT_THAT(info.groups, ElementsAre("audit", "財務", "财务"));
  EXPECT_EQ(info.created_ns, now);
  EXPECT_EQ(info.expires_ns, now + day);
  EXPECT_FALSE(info.revoked_ns);
}

TEST(KeyStore, KeepsNoSecret) {
  const TemporaryDirectory folder;
  const auto issued = open(folder.path()).create(request_for("alice"), now);
  ASSERT_TRUE(issued);
  const std::string bytes = all_bytes(folder.path() / key_file_name);
  EXPECT_NE(bytes.find("alice"), std::string::npos);
  EXPECT_EQ(bytes.find(std::string(parse_key(issued->key)->secret)), std::string::npos);
  EXPECT_EQ(bytes.find(issued->key), std::string::npos);
}

TEST(KeyStore, IsReadableByItsOwnerAlone) {
  const TemporaryDirectory folder;
  open(folder.path());
  struct stat about {};
  ASSERT_EQ(::stat((folder.path() / key_file_name).c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
}

TEST(KeyStore, RefusesBadNames) {
  const TemporaryDirectory folder;
  auto store = open(folder.path());
  const std::string longest(subject_bytes_max, 'a');
  EXPECT_TRUE(store.create(request_for(longest), now));
  EXPECT_TRUE(store.create(request_for("王小明"), now));
  for (const std::string& subject :
       {std::string(), longest + "a", std::string(" a"), std::string("a "), std::string("a\nb"),
        std::string("a,b"), std::string("a\0b", 3), std::string("\x7f"), std::string("\xff"),
        std::string("\xc0\x80"), std::string("\xed\xa0\x80"), std::string("\xf4\x90\x80\x80"),
        std::string("\xe4\xbd"), std::string("\xe0\x80\x80"), std::string("\xf0\x80\x80\x80")}) {
    const auto refused = store.create(request_for(subject), now);
    ASSERT_FALSE(refused) << subject;
    EXPECT_EQ(refused.error().code, "invalid_subject");
  }
  KeyRequest request = request_for("alice");
  for (std::size_t i = 0; i < groups_max; ++i) request.groups.push_back("g" + std::to_string(i));
  EXPECT_TRUE(store.create(request, now));
  request.groups.push_back("one more");
  EXPECT_EQ(store.create(request, now).error().code, "invalid_group");
  request.groups = {std::string(group_bytes_max, 'g')};
  EXPECT_TRUE(store.create(request, now));
  request.groups = {std::string(group_bytes_max + 1, 'g')};
  EXPECT_EQ(store.create(request, now).error().code, "invalid_group");
  request.groups.clear();
  request.application = std::string(application_bytes_max, 'a');
  EXPECT_TRUE(store.create(request, now));
  for (const char* application : {"a,b", " a", "a\nb", "\xff"}) {
    request.application = application;
    EXPECT_EQ(store.create(request, now).error().code, "invalid_application") << application;
  }
  request.application = std::string(application_bytes_max + 1, 'a');
  EXPECT_EQ(store.create(request, now).error().code, "invalid_application");
  request.application.clear();
  request.expires_ns = now;
  EXPECT_EQ(store.create(request, now).error().code, "invalid_expiry");
}

TEST(KeyStore, OnlyAServiceMaySetTheUserAndItsSuccessorToo) {
  const TemporaryDirectory folder;
  auto store = open(folder.path());
  KeyRequest request = request_for("portal");
  EXPECT_FALSE(store.create(request, now)->info.may_set_user);
  request.may_set_user = true;
  const auto refused = store.create(request, now);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "invalid_kind");
  request.kind = core::SubjectKind::service;
  const auto issued = store.create(request, now);
  ASSERT_TRUE(issued) << to_string(issued.error());
  EXPECT_TRUE(issued->info.may_set_user);
  EXPECT_TRUE(store.rotate(issued->info.id, day, now + 1)->info.may_set_user);
  EXPECT_TRUE(open(folder.path()).list()->back().may_set_user);
}

TEST(KeyStore, RevokesOnce) {
  const TemporaryDirectory folder;
  auto store = open(folder.path());
  const auto issued = store.create(request_for("alice"), now);
  ASSERT_TRUE(issued);
  EXPECT_TRUE(store.revoke(issued->info.id, now + 1));
  EXPECT_TRUE(store.revoke(issued->info.id, now + 2));
  EXPECT_EQ(store.list()->front().revoked_ns, now + 1);
  EXPECT_EQ(store.revoke("0000000000", now).error().code, "unknown_key");
}

TEST(KeyStore, RotationOverlapsAndCanBeRepeated) {
  const TemporaryDirectory folder;
  auto store = open(folder.path());
  KeyRequest request = request_for("alice");
  request.groups = {"finance"};
  request.application = "expenses";
  request.expires_ns = now + 10 * day;
  const auto old = store.create(request, now);
  ASSERT_TRUE(old);
  const auto lost = store.rotate(old->info.id, day, now + day);
  ASSERT_TRUE(lost) << to_string(lost.error());
  const auto again = store.rotate(old->info.id, day, now + day + 5);
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_NE(lost->info.id, again->info.id);
  EXPECT_EQ(again->info.replaces, old->info.id);
  EXPECT_EQ(again->info.subject, "alice");
  EXPECT_THAT(again->info.groups, ElementsAre("finance"));
  EXPECT_EQ(again->info.application, "expenses");
  EXPECT_EQ(again->info.expires_ns, now + day + 5 + 10 * day);

  const auto keys = store.list();
  ASSERT_EQ(keys->size(), 3U);
  EXPECT_EQ((*keys)[0].retires_ns, now + 2 * day);  // the repetition does not prolong it
  EXPECT_FALSE((*keys)[0].is_over(now + 2 * day - 1));
  EXPECT_TRUE((*keys)[0].is_over(now + 2 * day));
  EXPECT_EQ((*keys)[1].revoked_ns, now + day + 5);
  EXPECT_FALSE((*keys)[2].revoked_ns);
}

TEST(KeyStore, RotatesOnlyKeysThatWork) {
  const TemporaryDirectory folder;
  auto store = open(folder.path());
  EXPECT_EQ(store.rotate("0000000000", 0, now).error().code, "unknown_key");
  KeyRequest request = request_for("alice");
  request.expires_ns = now + 1;
  const auto expired = store.create(request, now);
  EXPECT_EQ(store.rotate(expired->info.id, 0, now + 1).error().code, "expired_key");
  const auto revoked = store.create(request_for("bob"), now);
  ASSERT_TRUE(store.revoke(revoked->info.id, now));
  EXPECT_EQ(store.rotate(revoked->info.id, 0, now).error().code, "revoked_key");
  EXPECT_EQ(store.list()->size(), 2U);
}

TEST(KeyStore, TwoProcessesShareIt) {
  for (int round = 0; round < 20; ++round) {
    const TemporaryDirectory folder;
    std::barrier ready(2);
    const auto create_some = [&](const std::string& subject) {
      ready.arrive_and_wait();
      auto store = KeyStore::open(folder.path());  // both make the file
      ASSERT_TRUE(store) << store.error().message;
      for (int i = 0; i < 4; ++i) EXPECT_TRUE(store->create(request_for(subject), now));
    };
    std::thread one(create_some, "one");
    std::thread two(create_some, "two");
    one.join();
    two.join();
    EXPECT_EQ(open(folder.path()).list()->size(), 8U);
  }
}

TEST(KeyStore, RefusesWhatItCannotRead) {
  const TemporaryDirectory folder;
  std::ofstream(folder.path() / key_file_name) << std::string(8192, 'x');
  const auto store = KeyStore::open(folder.path());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, "identity_unavailable");
  EXPECT_EQ(store.error().kind, core::ErrorKind::unavailable);
  EXPECT_EQ(store.error().where, (folder.path() / key_file_name).string());
}

store::Database raw(const std::filesystem::path& folder, store::OpenMode mode) {
  return store::Database::open(folder / key_file_name, {.mode = mode, .code = "raw"}).value();
}

TEST(KeyStore, OpensTheStoreOfTheFirstRelease) {
  const TemporaryDirectory folder;
  {
    const auto db = raw(folder.path(), store::OpenMode::create);
    db.execute(R"sql(
  CREATE TABLE IF NOT EXISTS keys(
    id TEXT PRIMARY KEY, digest BLOB NOT NULL, subject TEXT NOT NULL, kind TEXT NOT NULL,
    groups TEXT NOT NULL, created_ns INTEGER NOT NULL, expires_ns INTEGER, retires_ns INTEGER,
    revoked_ns INTEGER, replaces TEXT NOT NULL) STRICT;
  PRAGMA user_version = 1;
  INSERT INTO keys VALUES('7k2p0x9h3m', zeroblob(32), '王小明', 'service', 'audit' || char(10) ||
    '财务' || char(10), 1700000000000000000, 1700000000000000009, NULL, NULL, '');
)sql")
        .value();
  }
  auto store = open(folder.path());
  const auto keys = store.list();
  ASSERT_TRUE(keys) << to_string(keys.error());
  ASSERT_EQ(keys->size(), 1U);
  EXPECT_EQ(keys->front().subject, "王小明");
  EXPECT_EQ(keys->front().kind, core::SubjectKind::service);
  EXPECT_THAT(keys->front().groups, ElementsAre("audit", "财务"));
  EXPECT_EQ(keys->front().expires_ns, now + 9);
  EXPECT_FALSE(keys->front().may_set_user);
  EXPECT_EQ(keys->front().application, "");
  EXPECT_TRUE(store.create(request_for("alice"), now));
  EXPECT_TRUE(store.rotate("7k2p0x9h3m", day, now));
}

// What keys of former releases say of themselves, in the order of the times.
TEST(KeyStore, AnOlderStoreHasTheChangesThatItsKeysTellOf) {
  const TemporaryDirectory folder;
  {
    const auto db = raw(folder.path(), store::OpenMode::create);
    db.execute(R"sql(
  CREATE TABLE keys(
    id TEXT PRIMARY KEY, digest BLOB NOT NULL, subject TEXT NOT NULL, kind TEXT NOT NULL,
    groups TEXT NOT NULL, created_ns INTEGER NOT NULL, expires_ns INTEGER, retires_ns INTEGER,
    revoked_ns INTEGER, replaces TEXT NOT NULL) STRICT;
  ALTER TABLE keys ADD COLUMN may_set_user INTEGER NOT NULL DEFAULT 0;
  PRAGMA user_version = 2;
  INSERT INTO keys VALUES('late', zeroblob(32), 'eve', 'user', '', 30, NULL, NULL, NULL, '', 0);
  INSERT INTO keys VALUES('old', zeroblob(32), 'bob', 'user', '', 10, NULL, 70, NULL, '', 0);
  INSERT INTO keys VALUES('new', zeroblob(32), 'bob', 'user', '', 20, NULL, NULL, 40, 'old', 0);
)sql")
        .value();
  }
  const auto changes = open_key_file(folder.path()).value()->changes(1, 9).value();
  std::vector<std::string> told;
  for (const KeyChange& each : changes) {
    told.push_back(std::to_string(each.number) + " " + std::string(to_string(each.action)) + " " +
                   each.key.id + " " + std::to_string(each.at_ns));
  }
  EXPECT_THAT(told, ElementsAre("1 created old 10", "2 rotated new 20", "3 created late 30",
                                "4 revoked new 40"));
  EXPECT_EQ(changes[1].former_retires_ns, 70);
}

TEST(KeyStore, RefusesTheStoreOfALaterRelease) {
  const TemporaryDirectory folder;
  open(folder.path());
  raw(folder.path(), store::OpenMode::read_write).execute("PRAGMA user_version = 5").value();
  const auto refused = KeyStore::open(folder.path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "identity_unavailable");
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("a later version of Menshen"));
}

TEST(KeyStore, ADamagedKeyIsNobodys) {
  for (const char* damage : {"digest = x'00'", "kind = 'root'", "may_set_user = 2"}) {
    const TemporaryDirectory folder;
    auto store = open(folder.path());
    ASSERT_TRUE(store.create(request_for("alice"), now));
    raw(folder.path(), store::OpenMode::read_write)
        .execute((std::string("UPDATE keys SET ") + damage).c_str())
        .value();
    const auto keys = store.list();
    ASSERT_FALSE(keys) << damage;
    EXPECT_THAT(keys.error().message, ::testing::HasSubstr("damaged"));
  }
}

TEST(KeyStore, LookingAtKeysMakesNoStore) {
  const TemporaryDirectory folder;
  const auto nowhere = folder.path() / "nowhere";
  EXPECT_TRUE(KeyStore::keys_in(nowhere).value().empty());
  EXPECT_FALSE(std::filesystem::exists(nowhere));
  ASSERT_TRUE(open(folder.path()).create(request_for("alice"), now));
  EXPECT_EQ(KeyStore::keys_in(folder.path()).value().at(0).subject, "alice");
  EXPECT_EQ(KeyStore::keys_in(folder.path() / std::string(300, 'x')).error().code,
            "identity_unavailable");
}

}  // namespace
}  // namespace menshen::identity
