// The log's account: what happens to a dp.db that is deleted, put back or taken from an earlier
// version, and that nothing is drawn or charged twice.
#include "audit/dp/account.h"

#include "audit/dp/usage_testing.h"
#include "audit/verify.h"
#include "store/sqlite.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace menshen::audit::dp {
namespace {

using namespace testing;
namespace fs = std::filesystem;

class Accounts : public Usage {
 protected:
  Accounts() {
    options.mechanism = nullptr;  // true noise
    options.releases_per_day = 1;
  }
  // A busy day, and the release after it.
  void spend_days(std::int64_t first, int count) {
    for (std::int64_t day = first; day < first + count; ++day) {
      tick_at(day, 8);
      add({request("alice", 9, "finance", "qwen", day), request("bob", 9, "legal", "glm", day)});
      tick_at(day, 12);
      tick_at(day + 1, 1);
    }
  }
  fs::path file() const { return dir.path() / "dp.db"; }
  std::string shown(std::uint32_t days = 5) {
    return to_json(report(dir.path(), options, clock, days).value());
  }
  std::vector<Record> account(RecordType type) {
    auto log = LogReader::open(dir.path()).value();
    std::vector<Record> out;
    for (const StoredRecord& stored : log.read(0, 100'000).value()) {
      auto record = parse_record(stored.body).value().record;
      if (record.type == type) out.push_back(std::move(record));
    }
    return out;
  }
  double spent() { return ledger(dir.path(), options)->rho_spent; }
};

TEST_F(Accounts, AChargeStandsBeforeTheRelease) {
  spend_days(day_zero, 1);
  const auto charges = account(RecordType::charge);
  const auto releases = account(RecordType::release);
  ASSERT_EQ(charges.size(), 1U);
  ASSERT_EQ(releases.size(), 1U);
  const PrivacyEntry& charge = *charges[0].privacy;
  EXPECT_EQ(charge.day, "2026-09-04");
  EXPECT_EQ(charge.rho_micro, 50'000U);
  EXPECT_EQ(charge.rho_spent_micro, 50'000U);
  EXPECT_EQ(charge.rho_total_micro, 5'000'000U);
  EXPECT_EQ(charge.requests_cap, 50U);
  const PrivacyEntry& release = *releases[0].privacy;
  EXPECT_TRUE(release.final);
  EXPECT_EQ(release.figures.size(), 16U);
  EXPECT_EQ(charge.sigma2, (std::vector<std::uint64_t>{100'000, 40, 250'000, 100, 500'000, 200}));
  const DayFigures day = report(dir.path(), options, clock)->days[0];
  for (const ReleasedCounts& each : release.figures) {
    EXPECT_EQ(figure(day, {each.group, each.model}).requests, each.requests);
    EXPECT_EQ(figure(day, {each.group, each.model}).users, each.users);
  }
  stop();
  EXPECT_TRUE(verify(dir.path(), {})->ok());
}

TEST_F(Accounts, ADeletedFileReleasesNothingAndIsRebuilt) {
  spend_days(day_zero, 3);
  const std::string before = shown();
  stop();
  fs::remove(file());
  EXPECT_EQ(report(dir.path(), options, clock)->refusal->code, "privacy_store_behind");
  EXPECT_EQ(ledger(dir.path(), options).error().code, "privacy_store_behind");
  EXPECT_FALSE(fs::exists(file()));
  EXPECT_EQ(refusal_of_tick(), "privacy_store_behind");
  clock.set(day_zero + 4, 1);
  EXPECT_EQ(refusal_of_tick(), "privacy_store_behind");  // not by waiting either
  EXPECT_EQ(account(RecordType::charge).size(), 3U);
  EXPECT_EQ(account(RecordType::release).size(), 3U);

  clock.set(day_zero + 3, 1);
  const Recovery recovered = recover(dir.path(), options, clock).value();
  EXPECT_EQ(recovered.charged, 3U);
  EXPECT_EQ(recovered.released, 3U);
  EXPECT_TRUE(recovered.lost.empty());
  EXPECT_NEAR(recovered.rho_spent, 0.15, 1e-9);
  EXPECT_EQ(shown(), before);
  tick_at(day_zero + 3, 2);
  EXPECT_EQ(account(RecordType::charge).size(), 3U);
  tick_at(day_zero + 4, 1);
  EXPECT_NEAR(spent(), 0.20, 1e-9);
  EXPECT_EQ(recover(dir.path(), options, clock).error().code, "privacy_store_whole");
}

TEST_F(Accounts, AnOlderCopyReleasesNothingAndIsRebuilt) {
  spend_days(day_zero, 1);
  stop();
  fs::copy_file(file(), dir.path() / "copy");
  spend_days(day_zero + 1, 2);
  const std::string before = shown();
  // Put back while the gateway runs, which notices too.
  fs::copy_file(dir.path() / "copy", file(), fs::copy_options::overwrite_existing);
  EXPECT_EQ(refusal_of_tick(), "privacy_store_behind");
  EXPECT_EQ(report(dir.path(), options, clock)->refusal->code, "privacy_store_behind");
  EXPECT_EQ(recover(dir.path(), options, clock)->released, 3U);
  EXPECT_EQ(shown(), before);
  EXPECT_EQ(refusal_of_tick(), "released");
  EXPECT_EQ(account(RecordType::charge).size(), 3U);
}

// A copy from before a release of which nothing was spent is as good as the file.
TEST_F(Accounts, ACopyThatLacksNoReleaseGoesOn) {
  options.mechanism = &truth;
  tick_at(day_zero, 1);
  add({request("alice", 2), request("bob", 2)});
  tick_at(day_zero, 3);
  stop();
  fs::copy_file(file(), dir.path() / "copy");
  add(request("carol", 4));
  tick_at(day_zero, 5);
  stop();
  fs::copy_file(dir.path() / "copy", file(), fs::copy_options::overwrite_existing);
  EXPECT_EQ(figure(report_at(day_zero + 1, 1).days[0], {"finance", "qwen"}).requests, 3);
}

TEST_F(Accounts, ADayUnderWayIsCountedAgain) {
  options.mechanism = &truth;
  options.releases_per_day = 24;
  tick_at(day_zero, 1);
  std::vector<Record> many(40, request("alice", 1.5));
  add(many);
  tick_at(day_zero, 2);  // a window of 40
  add({request("alice", 2.5), request("bob", 2.5)});
  tick_at(day_zero, 2.9);
  stop();
  fs::remove(file());
  clock.set(day_zero, 2.95);
  EXPECT_EQ(recover(dir.path(), options, clock)->released, 1U);
  for (int i = 0; i < 40; ++i) add(request("alice", 3.5));
  const DayFigures day = report_at(day_zero + 1, 1).days[0];
  EXPECT_EQ(day.windows, 3U);
  // Of alice as many as of anybody, over both lives of the file.
  EXPECT_EQ(figure(day, {"finance", "qwen"}).requests, 51);
  EXPECT_EQ(figure(day, {"finance", "qwen"}).users, 2);
  EXPECT_NEAR(spent(), 0.05 + 0.05, 1e-9);  // and the new day's first window
}

TEST_F(Accounts, ALedgerThatWasEditedReleasesNothing) {
  spend_days(day_zero, 2);
  stop();
  store::Database::open(file(), {.mode = store::OpenMode::read_write, .code = "t"})
      ->execute("DELETE FROM ledger WHERE day = 20700")
      .value();
  EXPECT_EQ(refusal_of_tick(), "privacy_store_behind");
  EXPECT_EQ(recover(dir.path(), options, clock)->charged, 2U);
  EXPECT_EQ(refusal_of_tick(), "released");
}

TEST_F(Accounts, AnUnreadableFileIsRebuilt) {
  spend_days(day_zero, 2);
  const std::string before = shown();
  stop();
  write_text(file(), std::string(8'192, 'x'));
  EXPECT_EQ(refusal_of_tick(), "privacy_store_unavailable");
  EXPECT_EQ(recover(dir.path(), options, clock)->released, 2U);
  EXPECT_EQ(shown(), before);
}

// Refuses the next record of a type; it may stand in the log nevertheless.
class Refusing : public Journal {
 public:
  Refusing(Journal& inner, RecordType type, bool stands)
      : inner_(inner), type_(type), stands_(stands) {}
  void append(const Record& record, Done done) override {
    if (record.type != type_) return inner_.append(record, std::move(done));
    if (stands_) append_all(inner_, {record});
    done(core::gateway_error(core::ErrorKind::unavailable, "planted", ""));
  }
  void append(PendingList list) noexcept override { inner_.append(std::move(list)); }
  void publish_cosigned(std::string note) override { inner_.publish_cosigned(std::move(note)); }
  void refuse(const core::Error& why) override { inner_.refuse(why); }
  JournalStats stats() const override { return inner_.stats(); }
  const std::string& commitment_key() const noexcept override { return inner_.commitment_key(); }

 private:
  Journal& inner_;
  const RecordType type_;
  const bool stands_;
};

// A charge and a release whose commit is reported as failed, whether or not they stand: the day
// costs once and is drawn once, in the same run and in the next.
TEST_F(Accounts, WhatWasRefusedIsTakenUpOnce) {
  options.mechanism = &truth;
  std::int64_t day = day_zero;
  for (const RecordType type : {RecordType::charge, RecordType::release}) {
    for (const bool stands : {false, true}) {
      for (const bool restarted : {false, true}) {
        tick_at(day, 8);
        add(request("alice", 9, "finance", "qwen", day));
        tick_at(day, 12);
        Refusing refusing(journal(), type, stands);
        clock.set(day + 1, 1);
        Releases interrupted(refusing, clock, clock.now_ns);
        EXPECT_EQ(interrupted.tick(dir.path(), options).error().code, "planted");
        const auto between = report(dir.path(), options, clock).value();
        EXPECT_FALSE(between.refusal) << between.refusal->message;
        EXPECT_TRUE(between.days[0].figures.empty());
        if (restarted) stop();
        const DayFigures after = report_at(day + 1, 2).days[0];
        EXPECT_EQ(figure(after, {"finance", "qwen"}).requests, 1);
        ++day;
      }
    }
  }
  const auto days = static_cast<std::size_t>(day - day_zero);
  EXPECT_NEAR(spent(), 0.05 * static_cast<double>(days), 1e-9);
  EXPECT_EQ(truth.calls.size(), days * 16 * 2);  // cells, metrics
  stop();
  fs::remove(file());
  EXPECT_EQ(recover(dir.path(), options, clock)->released, days);
  EXPECT_NEAR(spent(), 0.05 * static_cast<double>(days), 1e-9);
}

// What a version without records has charged is in the log after the first tick; its figures are
// not, and are named as lost when the file is.
TEST_F(Accounts, ChargesOfAnEarlierVersionAreCarriedOver) {
  tick_at(day_zero, 3);
  store::Database::open(file(), {.mode = store::OpenMode::read_write, .code = "t"})
      ->execute(
          "INSERT INTO ledger(time_ns, day, refused, micro_rho, micro_total)"
          " VALUES(1, 20690, 0, 70000, 5000000), (2, 20691, 1, 50000, 60000);"
          "INSERT INTO days(day, key, requests_cap, sigma2_requests, sigma2_users, micro_rho,"
          " final, charged, windows, closed_ns)"
          " VALUES(20690, x'', 50, 50000, 20, 70000, 1, 1, 1, 7);"
          "INSERT INTO cells(day, cell, grp, model) VALUES(20690, 0, 'finance', 'qwen');"
          "INSERT INTO releases VALUES(20690, 0, 0, 5, 2);"
          "INSERT INTO windows VALUES(20690, 0, 0, 1)")
      .value();
  tick_at(day_zero, 4);
  tick_at(day_zero, 5);
  const auto charges = account(RecordType::charge);
  ASSERT_EQ(charges.size(), 2U);
  EXPECT_TRUE(charges[0].privacy->carried);
  EXPECT_EQ(charges[0].privacy->rho_spent_micro, 70'000U);
  EXPECT_TRUE(charges[1].privacy->refused);
  EXPECT_EQ(shown(20).find("\"lost\":true"), std::string::npos);
  stop();
  fs::remove(file());
  const Recovery recovered = recover(dir.path(), options, clock).value();
  EXPECT_EQ(recovered.lost, std::vector<std::string>{day_text(20'690)});
  EXPECT_NEAR(recovered.rho_spent, 0.07, 1e-9);
  EXPECT_NE(shown(20).find("\"lost\":true"), std::string::npos);
  tick_at(day_zero + 1, 1);
  for (const auto& [query, count] : truth.calls) EXPECT_NE(query.day, 20'690);
}

// A release of many cells is more than one record; one that is not whole is lost, not drawn again.
TEST_F(Accounts, LongReleasesHaveParts) {
  options.models = {"m"};
  options.groups.clear();
  for (int i = 0; i < 299; ++i) options.groups.push_back("g" + std::to_string(i));
  spend_days(day_zero, 1);
  const auto releases = account(RecordType::release);
  ASSERT_GT(releases.size(), 1U);
  std::size_t figures = 0;
  for (const Record& each : releases) {
    EXPECT_EQ(each.privacy->parts, releases.size());
    EXPECT_LT(canonical(each, 1).size(), 60'000U);
    figures += each.privacy->figures.size();
  }
  EXPECT_EQ(figures, 1U + 300 + 2 + 600);
  const std::string before = shown();
  stop();
  fs::remove(file());
  EXPECT_TRUE(recover(dir.path(), options, clock)->lost.empty());
  EXPECT_EQ(shown(), before);
}

TEST_F(Accounts, ATornReleaseIsLost) {
  spend_days(day_zero, 1);
  Record torn = account(RecordType::release).at(0);
  PrivacyEntry entry = *torn.privacy;
  entry.day = day_text(day_zero + 1);
  entry.parts = 2;
  torn.privacy = std::make_shared<const PrivacyEntry>(entry);
  Record charge = account(RecordType::charge).at(0);
  entry = *charge.privacy;
  entry.day = day_text(day_zero + 1);
  entry.rho_spent_micro += entry.rho_micro;
  charge.privacy = std::make_shared<const PrivacyEntry>(entry);
  add({charge, torn});
  EXPECT_EQ(refusal_of_tick(), "privacy_store_behind");
  EXPECT_EQ(recover(dir.path(), options, clock)->lost,
            std::vector<std::string>{day_text(day_zero + 1)});
  tick_at(day_zero + 2, 1);
  EXPECT_EQ(account(RecordType::charge).size(), 2U);
  EXPECT_EQ(account(RecordType::release).size(), 2U);
}

TEST(AccountText, DaysAreReadAsTheyAreWritten) {
  EXPECT_EQ(day_text(20'700), "2026-09-04");
  EXPECT_EQ(day_number("2026-09-04").value(), 20'700);
  EXPECT_EQ(day_number("1970-01-01").value(), 0);
  for (const char* text :
       {"", "2026-9-4", "2026-09-04x", "2026-09-31", "1969-12-31", "yesterday"}) {
    EXPECT_FALSE(day_number(text)) << text;
  }
}

TEST(AccountText, ADayCostsOnce) {
  EXPECT_EQ(micro_spent({}), 0U);
  EXPECT_EQ(micro_spent({{1, 5, false, 50, 100, {}},
                         {2, 5, false, 50, 100, 7},
                         {3, 6, true, 50, 100, 8},
                         {4, 7, false, 30, 100, 9}}),
            80U);
}

}  // namespace
}  // namespace menshen::audit::dp
