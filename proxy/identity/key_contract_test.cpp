// The contract of key_repository.h, held to the key file and to repositories that break it.
#include "proxy/identity/key_planted_testing.h"
#include "proxy/identity/key_repository.h"
#include "store/testing/contract.h"
#include "store/testing/temporary_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace menshen::identity {
namespace {

using namespace planted;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Open = store::testing::Open<KeyRepository>;
using Rule = store::testing::Rule<KeyRepository>;

StoredKey successor_of(const std::string& old, std::string id) {
  StoredKey out = key(std::move(id), now + 1);
  out.info.replaces = old;
  return out;
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

// (number, action, id, at, until when the former key works) of each.
std::vector<std::string> changes_in(KeyRepository& keys, std::uint64_t first = 1,
                                    std::size_t max = 100) {
  std::vector<std::string> out;
  for (const KeyChange& each : keys.changes(first, max).value()) {
    std::string line = std::to_string(each.number) + " " + std::string(to_string(each.action)) +
                       " " + each.key.id + " +" + std::to_string(each.at_ns - now);
    if (each.former_retires_ns) line += " +" + std::to_string(*each.former_retires_ns - now);
    out.push_back(std::move(line));
  }
  return out;
}

void each_change_is_numbered_in_its_order(const Open& open) {
  EXPECT_THAT(changes_in(*open()), IsEmpty());
  open()->add(key("a")).value();
  EXPECT_TRUE(open()->replace(successor_of("a", "b"), now + 50, now + 1).value());
  EXPECT_TRUE(open()->replace(successor_of("a", "c"), now + 99, now + 2).value());
  EXPECT_TRUE(open()->revoke("a", now + 3).value());
  const auto keys = open();
  EXPECT_THAT(changes_in(*keys),
              ElementsAre("1 created a +0", "2 rotated b +1 +50", "3 revoked b +2",
                          "4 rotated c +1 +50", "5 revoked a +3"));
  EXPECT_THAT(changes_in(*keys, 2, 2), ElementsAre("2 rotated b +1 +50", "3 revoked b +2"));
  EXPECT_THAT(changes_in(*keys, 6), IsEmpty());
  EXPECT_EQ(keys->changes(4, 1).value().front().key, info_of(*keys, "c"));
}

void what_changes_nothing_is_no_change(const Open& open) {
  open()->add(key("a")).value();
  EXPECT_TRUE(open()->revoke("a", now + 1).value());
  const auto before = changes_in(*open());
  EXPECT_TRUE(open()->revoke("a", now + 2).value());
  EXPECT_FALSE(open()->revoke("b", now + 2).value());
  EXPECT_FALSE(open()->replace(successor_of("a", "b"), now + 50, now + 2).value());
  EXPECT_FALSE(open()->add(key("a")));
  EXPECT_EQ(changes_in(*open()), before);
}

void a_change_that_fails_is_none(const Open& open) {
  open()->add(key("a")).value();
  open()->add(key("taken")).value();
  EXPECT_TRUE(open()->replace(successor_of("a", "b"), now + 50, now + 1).value());
  const auto before = changes_in(*open());
  EXPECT_FALSE(open()->replace(successor_of("a", "taken"), now + 60, now + 2));
  EXPECT_EQ(changes_in(*open()), before);
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
    {"EachChangeIsNumberedInItsOrder", each_change_is_numbered_in_its_order},
    {"WhatChangesNothingIsNoChange", what_changes_nothing_is_no_change},
    {"AChangeThatFailsIsNone", a_change_that_fails_is_none},
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
    {"EachChangeIsNumberedInItsOrder", broken<ForgetsTheFirstChange>},
    {"WhatChangesNothingIsNoChange", broken<NotesWhatChangedNothing>},
    {"AChangeThatFailsIsNone", broken<LeavesAChangeOfWhatFailed>},
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
