#include "proxy/identity/key_cache.h"

#include "proxy/identity/key_format.h"
#include "proxy/identity/key_store.h"
#include "proxy/identity/testing.h"
#include "store/testing/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace menshen::identity {
namespace {

using store::testing::TemporaryDirectory;
using testing::FixedClock;

class KeyCacheTest : public ::testing::Test {
 protected:
  KeyCacheTest() : store(KeyStore::open(folder.path()).value()) {
    options.clock = &clock;
    options.poll = std::chrono::hours(1);  // tests call refresh()
    auto started = KeyCache::start(open_key_file(folder.path()).value(), options);
    EXPECT_TRUE(started) << to_string(started.error());
    cache = std::move(*started);
  }

  std::string create(std::optional<std::int64_t> expires_ns = {}) {
    KeyRequest request;
    request.subject = "alice";
    request.groups = {"finance"};
    request.expires_ns = expires_ns;
    return store.create(request, clock.wall)->key;
  }
  std::string code_of(std::string_view presented) {
    const auto subject = cache->identify(presented);
    return subject ? "ok" : subject.error().code;
  }

  TemporaryDirectory folder;
  FixedClock clock;
  KeyStore store;
  KeyCache::Options options;
  std::unique_ptr<KeyCache> cache;
};

TEST_F(KeyCacheTest, KnowsNewAndRevokedKeys) {
  const std::string key = create();
  EXPECT_EQ(code_of(key), "invalid_api_key");
  ASSERT_TRUE(cache->refresh());
  const auto subject = cache->identify(key);
  ASSERT_TRUE(subject) << to_string(subject.error());
  EXPECT_EQ(subject->id, "alice");
  EXPECT_THAT(subject->groups, ::testing::ElementsAre("finance"));
  EXPECT_EQ(subject->credential_id, parse_key(key)->id);
  ASSERT_TRUE(store.revoke(parse_key(key)->id, clock.wall));
  ASSERT_TRUE(cache->refresh());
  EXPECT_EQ(code_of(key), "revoked_api_key");
}

TEST_F(KeyCacheTest, KnowsWhoMaySetTheUser) {
  KeyRequest request;
  request.subject = "portal";
  request.kind = core::SubjectKind::service;
  request.may_set_user = true;
  const std::string trusted = store.create(request, clock.wall)->key;
  const std::string other = create();
  ASSERT_TRUE(cache->refresh());
  EXPECT_TRUE(cache->identify(trusted)->may_set_user);
  EXPECT_FALSE(cache->identify(other)->may_set_user);
}

TEST_F(KeyCacheTest, KnowsForWhichApplicationAKeyIs) {
  KeyRequest request;
  request.subject = "alice";
  request.application = "报销";
  const std::string stated = store.create(request, clock.wall)->key;
  const std::string other = create();
  ASSERT_TRUE(cache->refresh());
  EXPECT_EQ(cache->identify(stated)->application, "报销");
  EXPECT_EQ(cache->identify(other)->application, "");
}

TEST_F(KeyCacheTest, ExpiresByItself) {
  const std::string key = create(clock.wall + 10);
  ASSERT_TRUE(cache->refresh());
  clock.wall += 9;
  EXPECT_EQ(code_of(key), "ok");
  clock.wall += 1;
  EXPECT_EQ(code_of(key), "expired_api_key");
}

TEST_F(KeyCacheTest, TellsNobodyWhetherAnIdExists) {
  const std::string key = create();
  ASSERT_TRUE(cache->refresh());
  const auto other = generate_key();
  const auto unknown = cache->identify(other.text);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, "invalid_api_key");
  EXPECT_EQ(unknown.error().kind, core::ErrorKind::unauthenticated);
  // The known id with another secret, also after the key was revoked and has expired.
  std::string wrong = key.substr(0, 4 + key_id_size + 1) + other.secret;
  const std::string sum =
      core::to_base32(std::string(core::as_text(core::sha256(wrong)).substr(0, 3))).substr(0, 4);
  wrong += sum;
  ASSERT_TRUE(parse_key(wrong));
  EXPECT_EQ(cache->identify(wrong).error().message, unknown.error().message);
  ASSERT_TRUE(store.revoke(parse_key(key)->id, clock.wall));
  ASSERT_TRUE(cache->refresh());
  EXPECT_EQ(code_of(wrong), "invalid_api_key");
}

// A stranger with a well-formed key must not make an I/O thread open or read the store.
TEST_F(KeyCacheTest, AnswersUnknownKeysFromMemory) {
  const std::string known = create();
  ASSERT_TRUE(cache->refresh());
  const std::string made_later = create();
  std::filesystem::remove(folder.path() / key_file_name);
  clock.monotonic += std::chrono::nanoseconds(options.stale_max).count();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(code_of(generate_key().text), "invalid_api_key");
  EXPECT_EQ(code_of(made_later), "invalid_api_key");
  EXPECT_EQ(code_of(known), "ok");  // a look at the store would have failed, and dropped it
  EXPECT_EQ(cache->size(), 1U);
}

TEST_F(KeyCacheTest, RefusesWhatIsNoKey) {
  EXPECT_EQ(code_of(""), "malformed_api_key");
  EXPECT_EQ(code_of("sk-proj-0123456789"), "malformed_api_key");
  EXPECT_EQ(code_of(std::string(1 << 20, 'x')), "malformed_api_key");
  std::string mistyped = create();
  mistyped.back() = mistyped.back() == '0' ? '1' : '0';
  EXPECT_THAT(cache->identify(mistyped).error().message, ::testing::HasSubstr("was mistyped"));
  mistyped.pop_back();
  EXPECT_THAT(cache->identify(mistyped).error().message, ::testing::HasSubstr("is not whole"));
}

TEST_F(KeyCacheTest, NobodyIsIdentifiedByTheEmptyDigest) {
  // The placeholder for unknown ids has a digest of zeros; nothing may match it.
  EXPECT_EQ(cache->size(), 0U);
  EXPECT_EQ(code_of(generate_key().text), "invalid_api_key");
}

TEST_F(KeyCacheTest, FailsClosedWhenTheStoreIsGone) {
  const std::string key = create();
  ASSERT_TRUE(cache->refresh());
  std::filesystem::remove(folder.path() / key_file_name);
  EXPECT_FALSE(cache->refresh());
  clock.monotonic += std::chrono::nanoseconds(options.stale_max).count();
  EXPECT_EQ(code_of(key), "ok");  // a short outage of the disk refuses nobody
  clock.monotonic += 1;
  const auto refused = cache->identify(key);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "identity_unavailable");
  EXPECT_EQ(refused.error().kind, core::ErrorKind::unavailable);
}

TEST_F(KeyCacheTest, SaysWhyNobodyIsIdentified) {
  const std::string key = create();
  ASSERT_TRUE(cache->refresh());
  EXPECT_EQ(cache->problem(), "");
  const auto file = folder.path() / key_file_name;
  std::filesystem::rename(file, folder.path() / "elsewhere");
  EXPECT_FALSE(cache->refresh());
  EXPECT_EQ(cache->problem(), "");  // a short outage
  clock.monotonic += std::chrono::nanoseconds(options.stale_max).count() + 1;
  EXPECT_THAT(cache->problem(), ::testing::HasSubstr(file.string()));
  std::filesystem::rename(folder.path() / "elsewhere", file);
  ASSERT_TRUE(cache->refresh());
  EXPECT_EQ(cache->problem(), "");
  // A look that does not come back.
  clock.monotonic += std::chrono::nanoseconds(options.stale_max).count() + 1;
  EXPECT_EQ(cache->problem(), "the key store does not answer");
}

TEST_F(KeyCacheTest, TellsOnceThatNobodyIsIdentifiedAndOnceThatAllAre) {
  options.poll = std::chrono::milliseconds(1);
  options.stale_max = std::chrono::milliseconds(1'000);
  options.clock = &core::system_clock();
  std::mutex mutex;
  std::vector<std::string> told;
  options.told = [&](const core::Result<void>& how) {
    const std::lock_guard lock(mutex);
    told.push_back(how ? "again" : how.error().code);
  };
  const auto wait_for = [&](std::size_t count) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    for (; std::chrono::steady_clock::now() < end; std::this_thread::yield()) {
      const std::lock_guard lock(mutex);
      if (told.size() >= count) return;
    }
  };
  const auto polling = KeyCache::start(open_key_file(folder.path()).value(), options);
  ASSERT_TRUE(polling);
  const auto file = folder.path() / key_file_name;
  std::filesystem::rename(file, folder.path() / "elsewhere");
  wait_for(1);
  std::filesystem::rename(folder.path() / "elsewhere", file);
  wait_for(2);
  const std::lock_guard lock(mutex);
  EXPECT_THAT(told, ::testing::ElementsAre("identity_unavailable", "again"));
}

TEST_F(KeyCacheTest, ReadsAStoreThatWasReplaced) {
  const std::string key = create();
  ASSERT_TRUE(cache->refresh());
  const TemporaryDirectory elsewhere;
  auto restored = KeyStore::open(elsewhere.path());
  KeyRequest request;
  request.subject = "bob";
  const std::string other = restored->create(request, clock.wall)->key;
  std::filesystem::rename(elsewhere.path() / key_file_name, folder.path() / key_file_name);
  ASSERT_TRUE(cache->refresh());
  EXPECT_EQ(code_of(key), "invalid_api_key");
  EXPECT_EQ(code_of(other), "ok");
}

class FakeRecorder final : public KeyRecorder {
 public:
  core::Result<void> record(KeyRepository& keys) override {
    if (failing)
      return core::gateway_error(core::ErrorKind::unavailable, "evidence_unavailable", "Full.");
    recorded = keys.changes(1, 100).value().size();
    return {};
  }
  void looked() override { ++looks; }

  bool failing = false;
  std::size_t recorded = 0;
  int looks = 0;
};

TEST_F(KeyCacheTest, AChangeCountsOnceItIsRecorded) {
  FakeRecorder recorder;
  options.recorder = &recorder;
  const std::string before = create();
  cache = KeyCache::start(open_key_file(folder.path()).value(), options).value();
  EXPECT_EQ(recorder.recorded, 1U);
  EXPECT_EQ(recorder.looks, 1);
  recorder.failing = true;
  const std::string key = create();
  ASSERT_TRUE(store.revoke(before.substr(4, key_id_size), clock.wall));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(cache->refresh().error().code, "evidence_unavailable");
    EXPECT_EQ(code_of(key), "invalid_api_key");
    EXPECT_EQ(code_of(before), "ok");
  }
  EXPECT_EQ(recorder.looks, 1);
  // Not for longer than a revocation may stay unseen.
  clock.monotonic += 5'000'000'001;
  EXPECT_EQ(code_of(before), "identity_unavailable");
  // Nothing changes any more, but it was not recorded yet.
  recorder.failing = false;
  ASSERT_TRUE(cache->refresh());
  EXPECT_EQ(recorder.recorded, 3U);
  EXPECT_EQ(code_of(key), "ok");
  EXPECT_EQ(code_of(before), "revoked_api_key");
  EXPECT_EQ(recorder.looks, 2);
}

TEST_F(KeyCacheTest, StartsWithNoKeyThatIsNotRecorded) {
  FakeRecorder recorder;
  recorder.failing = true;
  options.recorder = &recorder;
  const auto refused = KeyCache::start(open_key_file(folder.path()).value(), options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "evidence_unavailable");
}

TEST_F(KeyCacheTest, PollsByItself) {
  options.poll = std::chrono::milliseconds(5);
  auto polling = KeyCache::start(open_key_file(folder.path()).value(), options);
  ASSERT_TRUE(polling);
  const std::string key = create();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!(*polling)->identify(key) && std::chrono::steady_clock::now() < end)
    std::this_thread::yield();
  EXPECT_TRUE((*polling)->identify(key));
}

TEST_F(KeyCacheTest, IsReadWhileItChanges) {
  const std::string key = create();
  ASSERT_TRUE(cache->refresh());
  std::vector<std::thread> readers;
  std::atomic<bool> done{false};
  std::atomic<int> failures{0};
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!done) failures += cache->identify(key) ? 0 : 1;
    });
  }
  for (int i = 0; i < 20; ++i) {
    create();
    EXPECT_TRUE(cache->refresh());
  }
  done = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(cache->size(), 21U);
}

}  // namespace
}  // namespace menshen::identity
