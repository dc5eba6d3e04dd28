// Opening the database, ending windows, and reading what was published.
#include "audit/dp/usage_store.h"

#include "audit/dp/usage_tables.h"
#include "audit/layout.h"

namespace menshen::audit::dp {
namespace {

constexpr const char* code = "privacy_store_unavailable";

core::Error budget_exhausted(const Plan& plan, std::uint64_t spent) {
  const auto text = [](std::uint64_t micro) {
    return std::to_string(static_cast<double>(micro) * 1e-6);
  };
  return core::gateway_error(
      core::ErrorKind::forbidden, "privacy_budget_exhausted",
      "The privacy budget is spent: rho " + text(spent) + " of " + text(plan.micro_rho_total) +
          ". No new figures are released; `menshen dp ledger` shows what it went to.");
}

core::Result<std::uint64_t> sum_of_charges(const store::Database& db) {
  const auto sum =
      db.query_integer("SELECT ifnull(sum(micro_rho), 0) FROM ledger WHERE refused = 0");
  if (!sum) return sum.error();
  return static_cast<std::uint64_t>(*sum);
}

core::Result<void> add_to_ledger(const store::Database& db, const DayRow& day, bool refused,
                                 std::int64_t now_ns, const Plan& plan) {
  const auto noted = store::run(db,
                                "INSERT INTO ledger(time_ns, day, refused, micro_rho, micro_total)"
                                " VALUES(?1, ?2, ?3, ?4, ?5)",
                                now_ns, day.day, refused, day.micro_rho, plan.micro_rho_total);
  if (!noted) return noted;
  return store::run(db,
                    refused ? "UPDATE days SET refused = 1 WHERE day = ?1"
                            : "UPDATE days SET charged = 1 WHERE day = ?1",
                    day.day);
}

// The day's rho, once. False when the budget does not hold it, which the ledger notes once.
core::Result<bool> charge(const store::Database& db, const DayRow& day, std::int64_t now_ns,
                          const Plan& plan) {
  if (day.charged) return true;
  const auto spent = sum_of_charges(db);
  if (!spent) return spent.error();
  const bool refused = *spent + day.micro_rho > plan.micro_rho_total;
  if (refused && day.refused) return false;
  const auto noted = add_to_ledger(db, day, refused, now_ns, plan);
  if (!noted) return noted.error();
  return !refused;
}

struct OpenCount {
  std::uint32_t cell = 0;
  std::int64_t requests = 0;
  std::int64_t users = 0;
};

core::Result<std::vector<OpenCount>> open_counts(const store::Database& db, std::int64_t day) {
  auto rows = store::query(
      db, "SELECT cell, open_requests, open_users FROM cells WHERE day = ?1 ORDER BY cell", day);
  if (!rows) return rows.error();
  std::vector<OpenCount> out;
  for (;;) {
    const auto there = rows->step();
    if (!there) return there.error();
    if (!*there) return out;
    out.push_back(
        {static_cast<std::uint32_t>(rows->integer(0)), rows->integer(1), rows->integer(2)});
  }
}

// Every cell gets its noise, zeros too; the true counts are wiped in the same transaction.
core::Result<void> release(const store::Database& db, const DayRow& day, std::int64_t now_ns,
                           Mechanism& mechanism) {
  const auto counts = open_counts(db, day.day);
  if (!counts) return counts.error();
  for (const OpenCount& count : *counts) {
    const auto requests = mechanism.release(
        {day.day, day.windows, count.cell, Metric::requests, day.requests_cap, day.sigma2_requests},
        count.requests);
    if (!requests) return requests.error();
    const auto users = mechanism.release(
        {day.day, day.windows, count.cell, Metric::users, 1, day.sigma2_users}, count.users);
    if (!users) return users.error();
    const auto kept = store::run(db, "INSERT INTO releases VALUES(?1, ?2, ?3, ?4, ?5)", day.day,
                                 day.windows, count.cell, *requests, *users);
    if (!kept) return kept;
  }
  const auto wiped =
      store::run(db, "UPDATE cells SET open_requests = 0, open_users = 0 WHERE day = ?1", day.day);
  if (!wiped) return wiped;
  return store::run(db, "UPDATE days SET windows = windows + 1, closed_ns = ?1 WHERE day = ?2",
                    now_ns, day.day);
}

// The day is over: what could tie its counts to a person goes.
core::Result<void> finish(const store::Database& db, std::int64_t day) {
  const auto forgotten = store::run(db, "DELETE FROM contributions WHERE day = ?1", day);
  if (!forgotten) return forgotten;
  const auto wiped =
      store::run(db, "UPDATE cells SET open_requests = 0, open_users = 0 WHERE day = ?1", day);
  if (!wiped) return wiped;
  return store::run(db, "UPDATE days SET final = 1, key = x'' WHERE day = ?1", day);
}

bool window_is_over(const DayRow& day, std::int64_t now_ns, Trigger trigger) {
  if (day.day < now_ns / day_ns) return now_ns >= (day.day + 1) * day_ns + day_grace_ns;
  if (trigger == Trigger::tick) return now_ns / hour_ns > day.closed_ns / hour_ns;
  return now_ns - day.closed_ns >= report_pause_ns;
}

}  // namespace

core::Result<UsageStore> UsageStore::open(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / layout::statistics;
  auto db = store::Database::open(
      path, {.mode = store::OpenMode::create, .code = code, .busy_timeout_ms = 20'000});
  if (!db) return db.error();
  // A rollback journal, not a write-ahead log: several processes write here, and the SQLite of
  // Debian 12 can lose rows of a write-ahead log when two connections checkpoint it at once.
  const auto mode = db->query_text("PRAGMA journal_mode=DELETE");
  if (!mode) return mode.error();
  const auto configured =
      db->execute("PRAGMA synchronous=FULL;PRAGMA secure_delete=ON;PRAGMA trusted_schema=OFF");
  if (!configured) return configured.error();
  const auto created = create_tables(*db);
  if (!created) return created.error();
  UsageStore store;
  store.db_ = std::move(*db);
  return store;
}

core::Result<Closing> UsageStore::close_windows(std::int64_t now_ns, Trigger trigger,
                                                const Plan& plan, Mechanism& mechanism) {
  auto transaction = store::Transaction::begin(db_);
  if (!transaction) return transaction.error();
  const auto days = open_days(db_);
  if (!days) return days.error();
  Closing out;
  for (const DayRow& day : *days) {
    if (!window_is_over(day, now_ns, trigger)) continue;
    const auto allowed = charge(db_, day, now_ns, plan);
    if (!allowed) return allowed.error();
    if (*allowed) {
      if (const auto done = release(db_, day, now_ns, mechanism); !done) return done.error();
      ++out.windows;
    } else {
      const auto spent = sum_of_charges(db_);
      if (!spent) return spent.error();
      out.refusal = budget_exhausted(plan, *spent);
    }
    if (day.day == now_ns / day_ns) continue;
    if (const auto done = finish(db_, day.day); !done) return done.error();
  }
  if (const auto committed = transaction->commit(); !committed) return committed.error();
  return out;
}

core::Result<std::optional<PublishedDay>> UsageStore::published(std::int64_t day) {
  const auto row = read_day(db_, day);
  if (!row) return row.error();
  if (!*row) return std::optional<PublishedDay>{};
  const DayRow& known = **row;
  PublishedDay out{day,
                   known.final,
                   known.windows,
                   known.closed_ns,
                   known.requests_cap,
                   known.sigma2_requests,
                   known.sigma2_users,
                   {}};
  auto rows = store::query(
      db_,
      "SELECT grp, model, sum(requests), sum(users) FROM releases JOIN cells USING(day, cell)"
      " WHERE day = ?1 GROUP BY cell ORDER BY cell",
      day);
  if (!rows) return rows.error();
  for (;;) {
    const auto there = rows->step();
    if (!there) return there.error();
    if (!*there) return std::optional(std::move(out));
    out.figures.push_back({{std::string(rows->text(0)), std::string(rows->text(1))},
                           rows->integer(2),
                           rows->integer(3)});
  }
}

core::Result<std::vector<LedgerRow>> UsageStore::ledger() {
  auto rows = store::query(
      db_, "SELECT time_ns, day, refused, micro_rho, micro_total FROM ledger ORDER BY id");
  if (!rows) return rows.error();
  std::vector<LedgerRow> out;
  std::uint64_t spent = 0;
  for (;;) {
    const auto there = rows->step();
    if (!there) return there.error();
    if (!*there) return out;
    const bool refused = rows->integer(2) != 0;
    if (!refused) spent += rows->unsigned_integer(3);
    out.push_back({rows->integer(0), rows->integer(1), refused, rows->unsigned_integer(3), spent,
                   rows->unsigned_integer(4)});
  }
}

core::Result<std::uint64_t> UsageStore::micro_spent() { return sum_of_charges(db_); }

}  // namespace menshen::audit::dp
