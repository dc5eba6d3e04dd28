#include "audit/dp/usage_tables.h"

#include <algorithm>

#include "audit/dp/usage_store.h"
#include "core/digest.h"

namespace menshen::audit::dp {
namespace {

constexpr std::size_t day_key_bytes = 32;

constexpr const char* schema =
    "CREATE TABLE IF NOT EXISTS position("
    " id INTEGER PRIMARY KEY CHECK(id = 1), events INTEGER NOT NULL, counted INTEGER NOT NULL,"
    " leaf BLOB NOT NULL, live_from INTEGER);"
    "CREATE TABLE IF NOT EXISTS days("
    " day INTEGER PRIMARY KEY, key BLOB NOT NULL, requests_cap INTEGER NOT NULL,"
    " sigma2_requests INTEGER NOT NULL, sigma2_users INTEGER NOT NULL, micro_rho INTEGER NOT NULL,"
    " final INTEGER NOT NULL DEFAULT 0, charged INTEGER NOT NULL DEFAULT 0,"
    " refused INTEGER NOT NULL DEFAULT 0, windows INTEGER NOT NULL DEFAULT 0,"
    " closed_ns INTEGER NOT NULL);"
    // open_*: true counts of the window that is under way
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
    "PRAGMA user_version=1;";

constexpr std::string_view day_columns =
    "SELECT day, key, requests_cap, sigma2_requests, sigma2_users, micro_rho, final, charged, "
    "refused,"
    " windows, closed_ns FROM days ";

DayRow day_of(const store::Statement& row) {
  DayRow day;
  day.day = row.integer(0);
  day.key = row.text(1);
  day.requests_cap = static_cast<std::uint32_t>(row.integer(2));
  day.sigma2_requests = row.unsigned_integer(3);
  day.sigma2_users = row.unsigned_integer(4);
  day.micro_rho = row.unsigned_integer(5);
  day.final = row.integer(6) != 0;
  day.charged = row.integer(7) != 0;
  day.refused = row.integer(8) != 0;
  day.windows = static_cast<std::uint32_t>(row.integer(9));
  day.closed_ns = row.integer(10);
  return day;
}

core::Result<void> add_day(const store::Database& db, std::int64_t day, const Plan& plan) {
  const auto known = read_day(db, day);
  if (!known) return known.error();
  if (*known) return {};
  const std::string key = core::random_bytes(day_key_bytes);
  const auto added =
      store::run(db,
                 "INSERT INTO days(day, key, requests_cap, sigma2_requests, sigma2_users,"
                 " micro_rho, closed_ns) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                 day, store::Blob{key}, plan.requests_cap, plan.sigma2_requests, plan.sigma2_users,
                 plan.micro_rho_day, day * day_ns);
  if (!added) return added;
  for (std::size_t i = 0; i < plan.cells.size(); ++i) {
    const auto cell =
        store::run(db, "INSERT INTO cells(day, cell, grp, model) VALUES(?1, ?2, ?3, ?4)", day, i,
                   std::string_view(plan.cells[i].group), std::string_view(plan.cells[i].model));
    if (!cell) return cell;
  }
  return {};
}

}  // namespace

core::Result<void> create_tables(const store::Database& db) {
  auto transaction = store::Transaction::begin(db);
  if (!transaction) return transaction.error();
  const auto created = db.execute(schema);
  return created ? transaction->commit() : created;
}

core::Result<Position> read_position(const store::Database& db) {
  auto row = store::query(db, "SELECT events, counted, leaf, live_from FROM position");
  if (!row) return row.error();
  const auto there = row->step();
  if (!there) return there.error();
  Position out{row->unsigned_integer(0), row->unsigned_integer(1), std::string(row->text(2)), {}};
  if (!row->is_null(3)) out.live_from = row->integer(3);
  return out;
}

core::Result<void> write_position(const store::Database& db, const Position& position) {
  return store::run(db, "UPDATE position SET events = ?1, counted = ?2, leaf = ?3, live_from = ?4",
                    position.events, position.counted, store::Blob{position.leaf},
                    position.live_from);
}

core::Result<std::optional<DayRow>> read_day(const store::Database& db, std::int64_t day) {
  auto row = store::query(db, std::string(day_columns) + "WHERE day = ?1", day);
  if (!row) return row.error();
  const auto there = row->step();
  if (!there) return there.error();
  std::optional<DayRow> out;
  if (*there) out = day_of(*row);
  return out;
}

core::Result<std::vector<DayRow>> open_days(const store::Database& db) {
  auto rows = store::query(db, std::string(day_columns) + "WHERE final = 0 ORDER BY day");
  if (!rows) return rows.error();
  std::vector<DayRow> out;
  for (;;) {
    const auto there = rows->step();
    if (!there) return there.error();
    if (!*there) return out;
    out.push_back(day_of(*rows));
  }
}

core::Result<std::vector<Cell>> read_cells(const store::Database& db, std::int64_t day) {
  auto rows = store::query(db, "SELECT grp, model FROM cells WHERE day = ?1 ORDER BY cell", day);
  if (!rows) return rows.error();
  std::vector<Cell> out;
  for (;;) {
    const auto there = rows->step();
    if (!there) return there.error();
    if (!*there) return out;
    out.push_back({std::string(rows->text(0)), std::string(rows->text(1))});
  }
}

core::Result<void> mark_days(const store::Database& db, std::int64_t first, std::int64_t last,
                             std::int64_t today, const Plan& plan) {
  first = std::max(first, today - catch_up_days_max);
  last = std::min(last, today);
  for (std::int64_t day = first; day <= last; ++day) {
    const auto added = add_day(db, day, plan);
    if (!added) return added;
  }
  return {};
}

}  // namespace menshen::audit::dp
