// The contract of key_repository.h, held to the key file and to repositories that break it.
#include "proxy/identity/key_repository.h"
#include "store/testing/contract.h"
#include "store/testing/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace menshen::identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Open = store::testing::Open<KeyRepository>;
using Rule = store::testing::Rule<KeyRepository>;

constexpr std::int64_t now = 1'700'000'000'000'000'000;

StoredKey key(std::string id, std::int64_t created_ns = now) {
  StoredKey out;
  out.info.id = std::move(id);
  out.info.subject = "alice";
  out.info.created_ns = created_ns;
  out.digest = core::sha256(out.info.id);
  return out;
}

StoredKey successor_of(const std::string& old, std::string id) {
  StoredKey out = key(std::move(id), now + 1);
  out.info.replaces = old;
  return out;
}

KeyInfo info_of(KeyRepository& keys, std::string_view id) {
  for (StoredKey& each : keys.load().value()) {
    if (each.info.id == id) return std::move(each.info);
  }
  return {};
}

void keeps_what_it_is_given_in_order(const Open& open) {
  StoredKey full = key("c", now + 5);
  full.info.subject = "王小明";
  full.info.kind = core::SubjectKind::service;
  full.info.groups = {"audit", "财务"};
  full.info.expires_ns = now + 10;
  full.info.retires_ns = now + 9;
  full.info.revoked_ns = now + 8;
  full.info.replaces = "b";
  full.info.may_set_user = true;
  full.info.application = "报销";
  full.digest.front() = 0;  // a byte that ends texts
  const StoredKey early = key("z", now - 1);
  const StoredKey first = key("a");
  const StoredKey second = key("b");
  for (const StoredKey& each : {full, second, first, early}) open()->add(each).value();
  EXPECT_THAT(open()->load().value(), ElementsAre(early, first, second, full));
}

void an_empty_place_has_no_keys(const Open& open) {
  EXPECT_THAT(open()->load().value(), IsEmpty());
}

void an_id_is_given_once(const Open& open) {
  const auto keys = open();
  keys->add(key("a")).value();
  StoredKey other = key("a");
  other.info.subject = "mallory";
  const auto again = keys->add(other);
  EXPECT_FALSE(again);
  if (!again) {
    EXPECT_EQ(again.error().code, "identity_unavailable");
  }
  EXPECT_THAT(open()->load().value(), ElementsAre(key("a")));
}

void the_first_revocation_stands(const Open& open) {
  const auto keys = open();
  keys->add(key("a")).value();
  keys->add(key("b")).value();
  EXPECT_TRUE(keys->revoke("a", now + 1).value());
  EXPECT_TRUE(open()->revoke("a", now + 2).value());
  EXPECT_EQ(info_of(*open(), "a").revoked_ns, now + 1);
  EXPECT_EQ(info_of(*open(), "b").revoked_ns, std::nullopt);
}

void what_is_not_there_is_not_revoked(const Open& open) {
  open()->add(key("a")).value();
  EXPECT_FALSE(open()->revoke("b", now).value());
  EXPECT_FALSE(open()->revoke("", now).value());
  EXPECT_THAT(open()->load().value(), ElementsAre(key("a")));
}

void a_successor_ends_the_old_key(const Open& open) {
  open()->add(key("a")).value();
  EXPECT_TRUE(open()->replace(successor_of("a", "b"), now + 50, now + 1).value());
  KeyInfo ended = key("a").info;
  ended.retires_ns = now + 50;
  EXPECT_EQ(info_of(*open(), "a"), ended);
  EXPECT_EQ(info_of(*open(), "b"), successor_of("a", "b").info);
}

void a_second_successor_takes_the_firsts_place(const Open& open) {
  open()->add(key("a")).value();
  EXPECT_TRUE(open()->replace(successor_of("a", "b"), now + 50, now + 1).value());
  EXPECT_TRUE(open()->replace(successor_of("a", "c"), now + 99, now + 2).value());
  EXPECT_TRUE(open()->replace(successor_of("a", "d"), now + 99, now + 3).value());
  EXPECT_EQ(info_of(*open(), "a").retires_ns, now + 50);
  EXPECT_EQ(info_of(*open(), "b").revoked_ns, now + 2);
  EXPECT_EQ(info_of(*open(), "c").revoked_ns, now + 3);
  EXPECT_EQ(info_of(*open(), "d").revoked_ns, std::nullopt);
}

void only_a_key_that_works_is_replaced(const Open& open) {
  StoredKey revoked = key("revoked");
  revoked.info.revoked_ns = now - 5;
  StoredKey expired = key("expired");
  expired.info.expires_ns = now;
  StoredKey retired = key("retired");
  retired.info.retires_ns = now;
  for (const StoredKey& each : {revoked, expired, retired}) open()->add(each).value();
  const auto before = open()->load().value();
  for (const char* id : {"revoked", "expired", "retired", "unknown"}) {
    EXPECT_FALSE(open()->replace(successor_of(id, "new"), now + 50, now).value()) << id;
  }
  EXPECT_EQ(open()->load().value(), before);
  EXPECT_TRUE(open()->replace(successor_of("retired", "new"), now + 50, now - 1).value());
}

void replacing_is_whole_or_nothing(const Open& open) {
  open()->add(key("a")).value();
  open()->add(key("taken")).value();
  EXPECT_TRUE(open()->replace(successor_of("a", "b"), now + 50, now + 1).value());
  const auto before = open()->load().value();
  EXPECT_FALSE(open()->replace(successor_of("a", "taken"), now + 60, now + 2));
  EXPECT_EQ(open()->load().value(), before);
}

void a_change_is_seen_until_it_was_loaded(const Open& open) {
  const auto reader = open();
  const auto writer = open();
  EXPECT_TRUE(reader->changed().value());  // nothing was loaded yet
  std::ignore = reader->load().value();
  EXPECT_FALSE(reader->changed().value());
  const auto expect_seen = [&](KeyRepository& by) {
    EXPECT_TRUE(reader->changed().value());
    EXPECT_TRUE(reader->changed().value());
    EXPECT_EQ(reader->load().value(), by.load().value());
    EXPECT_FALSE(reader->changed().value());
  };
  for (KeyRepository* by : {writer.get(), reader.get()}) {
    const std::string name = by == reader.get() ? "r" : "w";
    by->add(key(name)).value();
    expect_seen(*by);
    EXPECT_TRUE(by->replace(successor_of(name, name + "2"), now + 50, now + 1).value());
    expect_seen(*by);
    EXPECT_TRUE(by->revoke(name, now + 2).value());
    expect_seen(*by);
  }
}

const Rule rules[] = {
    {"KeepsWhatItIsGivenInOrder", keeps_what_it_is_given_in_order},
    {"AnEmptyPlaceHasNoKeys", an_empty_place_has_no_keys},
    {"AnIdIsGivenOnce", an_id_is_given_once},
    {"TheFirstRevocationStands", the_first_revocation_stands},
    {"WhatIsNotThereIsNotRevoked", what_is_not_there_is_not_revoked},
    {"ASuccessorEndsTheOldKey", a_successor_ends_the_old_key},
    {"ASecondSuccessorTakesTheFirstsPlace", a_second_successor_takes_the_firsts_place},
    {"OnlyAKeyThatWorksIsReplaced", only_a_key_that_works_is_replaced},
    {"ReplacingIsWholeOrNothing", replacing_is_whole_or_nothing},
    {"AChangeIsSeenUntilItWasLoaded", a_change_is_seen_until_it_was_loaded},
};

// The key file; what is planted below changes one thing of it.
class Faithful : public KeyRepository {
 public:
  explicit Faithful(std::unique_ptr<KeyRepository> keys) : inner(std::move(keys)) {}
  core::Result<std::vector<StoredKey>> load() override { return inner->load(); }
  core::Result<bool> changed() override { return inner->changed(); }
  core::Result<void> add(const StoredKey& key) override { return inner->add(key); }
  core::Result<bool> revoke(std::string_view id, std::int64_t now_ns) override {
    return inner->revoke(id, now_ns);
  }
  core::Result<bool> replace(const StoredKey& successor, std::int64_t retires_ns,
                             std::int64_t now_ns) override {
    return inner->replace(successor, retires_ns, now_ns);
  }

 protected:
  std::unique_ptr<KeyRepository> inner;
};

struct LosesGroups : Faithful {
  using Faithful::Faithful;
  core::Result<void> add(const StoredKey& key) override {
    StoredKey less = key;
    less.info.groups.clear();
    return inner->add(less);
  }
};

struct LosesRights : Faithful {
  using Faithful::Faithful;
  core::Result<void> add(const StoredKey& key) override {
    StoredKey less = key;
    less.info.may_set_user = false;
    return inner->add(less);
  }
};

struct LoadsBackwards : Faithful {
  using Faithful::Faithful;
  core::Result<std::vector<StoredKey>> load() override {
    auto keys = inner->load();
    if (keys) *keys = {keys->rbegin(), keys->rend()};
    return keys;
  }
};

struct BringsAKeyAlong : Faithful {
  using Faithful::Faithful;
  core::Result<std::vector<StoredKey>> load() override {
    auto keys = inner->load();
    if (keys && keys->empty()) keys->push_back(key("default"));
    return keys;
  }
};

struct KeepsQuietAboutATakenId : Faithful {
  using Faithful::Faithful;
  core::Result<void> add(const StoredKey& key) override {
    std::ignore = inner->add(key);
    return {};
  }
};

struct ForgetsRevocations : Faithful {
  using Faithful::Faithful;
  core::Result<bool> revoke(std::string_view id, std::int64_t) override {
    for (const StoredKey& each : inner->load().value()) {
      if (each.info.id == id) return true;
    }
    return false;
  }
};

struct RevokesAnything : Faithful {
  using Faithful::Faithful;
  core::Result<bool> revoke(std::string_view id, std::int64_t now_ns) override {
    std::ignore = inner->revoke(id, now_ns).value();
    return true;
  }
};

struct LetsTheOldKeyLive : Faithful {
  using Faithful::Faithful;
  core::Result<bool> replace(const StoredKey& successor, std::int64_t, std::int64_t) override {
    inner->add(successor).value();
    return true;
  }
};

struct LetsFormerSuccessorsLive : Faithful {
  using Faithful::Faithful;
  core::Result<bool> replace(const StoredKey& successor, std::int64_t retires_ns,
                             std::int64_t now_ns) override {
    if (info_of(*inner, successor.info.replaces).retires_ns) {
      inner->add(successor).value();
      return true;
    }
    return inner->replace(successor, retires_ns, now_ns);
  }
};

struct ReplacesADeadKey : Faithful {
  using Faithful::Faithful;
  core::Result<bool> replace(const StoredKey& successor, std::int64_t retires_ns,
                             std::int64_t) override {
    return inner->replace(successor, retires_ns, 0);  // expired and retired keys pass
  }
};

struct ReplacesInTwoSteps : Faithful {
  using Faithful::Faithful;
  core::Result<bool> replace(const StoredKey& successor, std::int64_t retires_ns,
                             std::int64_t now_ns) override {
    auto replaced = inner->replace(successor, retires_ns, now_ns);
    if (!replaced) std::ignore = inner->revoke(successor.info.replaces, now_ns).value();
    return replaced;
  }
};

struct SeesNoChange : Faithful {
  using Faithful::Faithful;
  core::Result<bool> changed() override { return false; }
};

struct AlwaysSeesAChange : Faithful {
  using Faithful::Faithful;
  core::Result<bool> changed() override { return true; }
};

struct SeesAChangeOnce : Faithful {
  using Faithful::Faithful;
  core::Result<bool> changed() override {
    auto changed = inner->changed();
    std::ignore = inner->load().value();
    return changed;
  }
};

Open key_files(const store::testing::TemporaryDirectory& dir) {
  return [&dir] { return open_key_file(dir.path()).value(); };
}

template <class Broken>
Open broken(const store::testing::TemporaryDirectory& dir) {
  return [&dir] { return std::make_unique<Broken>(open_key_file(dir.path()).value()); };
}

struct Planted {
  const char* rule;  // that must notice
  Open (*open)(const store::testing::TemporaryDirectory& dir);
};

const Planted planted[] = {
    {"KeepsWhatItIsGivenInOrder", broken<LosesGroups>},
    {"KeepsWhatItIsGivenInOrder", broken<LosesRights>},
    {"KeepsWhatItIsGivenInOrder", broken<LoadsBackwards>},
    {"AnEmptyPlaceHasNoKeys", broken<BringsAKeyAlong>},
    {"AnIdIsGivenOnce", broken<KeepsQuietAboutATakenId>},
    {"TheFirstRevocationStands", broken<ForgetsRevocations>},
    {"WhatIsNotThereIsNotRevoked", broken<RevokesAnything>},
    {"ASuccessorEndsTheOldKey", broken<LetsTheOldKeyLive>},
    {"ASecondSuccessorTakesTheFirstsPlace", broken<LetsFormerSuccessorsLive>},
    {"OnlyAKeyThatWorksIsReplaced", broken<ReplacesADeadKey>},
    {"ReplacingIsWholeOrNothing", broken<ReplacesInTwoSteps>},
    {"AChangeIsSeenUntilItWasLoaded", broken<SeesNoChange>},
    {"AChangeIsSeenUntilItWasLoaded", broken<AlwaysSeesAChange>},
    {"AChangeIsSeenUntilItWasLoaded", broken<SeesAChangeOnce>},
};

class KeyContract : public ::testing::TestWithParam<Rule> {
 protected:
  store::testing::TemporaryDirectory dir_;
};

TEST_P(KeyContract, TheKeyFileKeepsIt) { check(GetParam(), key_files(dir_)); }

TEST_P(KeyContract, NoticesWhoBreaksIt) {
  int breaking = 0;
  for (const Planted& each : planted) {
    if (std::string_view(each.rule) != GetParam().name) continue;
    ++breaking;
    const store::testing::TemporaryDirectory dir;
    EXPECT_GT(failures_of(GetParam(), each.open(dir)), 0) << "planted " << breaking;
  }
  EXPECT_GT(breaking, 0) << "nothing is planted against this rule";
}

TEST_P(KeyContract, FindsNoFaultWithTheFaithful) {
  EXPECT_EQ(failures_of(GetParam(), broken<Faithful>(dir_)), 0);
}

INSTANTIATE_TEST_SUITE_P(Rules, KeyContract, ::testing::ValuesIn(rules),
                         [](const auto& rule) { return std::string(rule.param.name); });

}  // namespace
}  // namespace menshen::identity
