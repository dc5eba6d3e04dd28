// The memory of released statistics in an SQLite file.
#include "audit/dp/usage_repository.h"
#include "audit/layout.h"
#include "store/files.h"
#include "store/schema.h"

#include <utility>

namespace menshen::audit::dp {
namespace {

constexpr const char* code = "privacy_store_unavailable";
constexpr int busy_timeout_ms = 20'000;

// open_*: true counts of the window that is under way.
constexpr const char* steps[] = {
    R"sql(
CREATE TABLE position(
  id INTEGER PRIMARY KEY CHECK(id = 1), events INTEGER NOT NULL, counted INTEGER NOT NULL,
  leaf BLOB NOT NULL, live_from INTEGER);
CREATE TABLE days(
  day INTEGER PRIMARY KEY, key BLOB NOT NULL, requests_cap INTEGER NOT NULL,
  sigma2_requests INTEGER NOT NULL, sigma2_users INTEGER NOT NULL, micro_rho INTEGER NOT NULL,
  final INTEGER NOT NULL DEFAULT 0, charged INTEGER NOT NULL DEFAULT 0,
  refused INTEGER NOT NULL DEFAULT 0, windows INTEGER NOT NULL DEFAULT 0,
  closed_ns INTEGER NOT NULL);
CREATE TABLE cells(
  day INTEGER NOT NULL, cell INTEGER NOT NULL, grp TEXT NOT NULL, model TEXT NOT NULL,
  open_requests INTEGER NOT NULL DEFAULT 0, open_users INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(day, cell)) WITHOUT ROWID;
CREATE TABLE contributions(
  day INTEGER NOT NULL, who BLOB NOT NULL, requests INTEGER NOT NULL,
  PRIMARY KEY(day, who)) WITHOUT ROWID;
CREATE TABLE releases(
  day INTEGER NOT NULL, window INTEGER NOT NULL, cell INTEGER NOT NULL,
  requests INTEGER NOT NULL, users INTEGER NOT NULL,
  PRIMARY KEY(day, window, cell)) WITHOUT ROWID;
CREATE TABLE ledger(
  id INTEGER PRIMARY KEY AUTOINCREMENT, time_ns INTEGER NOT NULL, day INTEGER NOT NULL,
  refused INTEGER NOT NULL, micro_rho INTEGER NOT NULL, micro_total INTEGER NOT NULL);
INSERT INTO position VALUES(1, 0, 0, x'', NULL))sql",
    // What is published is in the log. What a version without such records has published is taken
    // for published.
    R"sql(
ALTER TABLE position DROP COLUMN live_from;
ALTER TABLE ledger ADD COLUMN seq INTEGER;
ALTER TABLE days ADD COLUMN sigma2_total_requests INTEGER NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN sigma2_total_users INTEGER NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN sigma2_marginal_requests INTEGER NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN sigma2_marginal_users INTEGER NOT NULL DEFAULT 0;
CREATE TABLE windows(
  day INTEGER NOT NULL, window INTEGER NOT NULL, counted INTEGER NOT NULL,
  published INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(day, window)) WITHOUT ROWID;
INSERT INTO windows SELECT DISTINCT day, window, 0, 1 FROM releases)sql"};

constexpr std::string_view day_columns =
    "SELECT day, key, requests_cap, sigma2_requests, sigma2_users, micro_rho, final, charged,"
    " refused, windows, closed_ns, sigma2_total_requests, sigma2_total_users,"
    " sigma2_marginal_requests, sigma2_marginal_users FROM days ";

DayRow day_of(const store::Statement& row) {
  DayRow day;
  day.day = row.integer(0);
  day.key = row.text(1);
  day.requests_cap = static_cast<std::uint32_t>(row.integer(2));
  day.sigma2 = {{row.unsigned_integer(11), row.unsigned_integer(12)},
                {row.unsigned_integer(13), row.unsigned_integer(14)},
                {row.unsigned_integer(3), row.unsigned_integer(4)}};
  day.micro_rho = row.unsigned_integer(5);
  day.final = row.integer(6) != 0;
  day.charged = row.integer(7) != 0;
  day.refused = row.integer(8) != 0;
  day.windows = static_cast<std::uint32_t>(row.integer(9));
  day.closed_ns = row.integer(10);
  return day;
}

CellCounts counts_of(const store::Statement& row) {
  return {static_cast<std::uint32_t>(row.integer(0)), row.integer(1), row.integer(2)};
}

Cell cell_of(const store::Statement& row) {
  return {std::string(row.text(0)), std::string(row.text(1))};
}

LedgerRow ledger_row_of(const store::Statement& row) {
  LedgerRow out{row.integer(0),          row.integer(1),          row.integer(2) != 0,
                row.unsigned_integer(3), row.unsigned_integer(4), {}};
  if (!row.is_null(5)) out.seq = row.unsigned_integer(5);
  return out;
}

template <class Row>
core::Result<std::vector<Row>> all_rows(core::Result<store::Statement> rows,
                                        Row (*row_of)(const store::Statement&)) {
  if (!rows) return rows.error();
  std::vector<Row> out;
  for (;;) {
    const auto there = rows->step();
    if (!there) return there.error();
    if (!*there) return out;
    out.push_back(row_of(*rows));
  }
}

class UsageFile final : public UsageRepository {
 public:
  static core::Result<std::unique_ptr<UsageRepository>> open(const std::filesystem::path& path) {
    auto db = store::open_shared(path, steps, {.code = code, .busy_timeout_ms = busy_timeout_ms});
    if (!db) return db.error();
    auto find = db->prepare("SELECT requests FROM contributions WHERE day = ?1 AND who = ?2");
    if (!find) return find.error();
    auto put = db->prepare("INSERT OR REPLACE INTO contributions VALUES(?1, ?2, ?3)");
    if (!put) return put.error();
    return std::unique_ptr<UsageRepository>(
        new UsageFile(std::move(*db), std::move(*find), std::move(*put)));
  }

  core::Result<void> transact(const std::function<core::Result<void>()>& work) override {
    auto transaction = store::Transaction::begin(db_);
    if (!transaction) return transaction.error();
    in_transaction_ = true;
    const auto done = work();
    in_transaction_ = false;
    return done ? transaction->commit() : done;
  }

  core::Result<Position> position() override {
    auto row = store::query(db_, "SELECT events, counted, leaf FROM position");
    if (!row) return row.error();
    const auto there = row->step();
    if (!there) return there.error();
    return Position{row->unsigned_integer(0), row->unsigned_integer(1), std::string(row->text(2))};
  }

  core::Result<void> set_position(const Position& position) override {
    return store::run(db_, "UPDATE position SET events = ?1, counted = ?2, leaf = ?3",
                      position.events, position.counted, store::Blob{position.leaf});
  }

  core::Result<void> add_day(const DayRow& day, std::span<const Cell> cells) override {
    return together([&]() -> core::Result<void> {
      const auto added = store::run(
          db_,
          "INSERT OR IGNORE INTO days(day, key, requests_cap, sigma2_requests,"
          " sigma2_users, micro_rho, closed_ns, sigma2_total_requests,"
          " sigma2_total_users, sigma2_marginal_requests, sigma2_marginal_users,"
          " charged, refused)"
          " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
          " EXISTS(SELECT 1 FROM ledger WHERE day = ?1 AND refused = 0),"
          " EXISTS(SELECT 1 FROM ledger WHERE day = ?1 AND refused = 1))",
          day.day, store::Blob{day.key}, day.requests_cap, day.sigma2.both.requests,
          day.sigma2.both.users, day.micro_rho, day.closed_ns, day.sigma2.total.requests,
          day.sigma2.total.users, day.sigma2.marginal.requests, day.sigma2.marginal.users);
      if (!added || db_.changes() == 0) return added;
      for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto cell = store::run(
            db_, "INSERT INTO cells(day, cell, grp, model) VALUES(?1, ?2, ?3, ?4)", day.day, i,
            std::string_view(cells[i].group), std::string_view(cells[i].model));
        if (!cell) return cell;
      }
      return {};
    });
  }

  core::Result<std::optional<DayRow>> day(std::int64_t day) override {
    auto row = store::query(db_, std::string(day_columns) + "WHERE day = ?1", day);
    if (!row) return row.error();
    const auto there = row->step();
    if (!there) return there.error();
    return *there ? std::optional(day_of(*row)) : std::nullopt;
  }

  core::Result<std::vector<DayRow>> open_days() override {
    return all_rows(store::query(db_, std::string(day_columns) + "WHERE final = 0 ORDER BY day"),
                    day_of);
  }

  core::Result<std::vector<Cell>> cells(std::int64_t day) override {
    return all_rows(
        store::query(db_, "SELECT grp, model FROM cells WHERE day = ?1 ORDER BY cell", day),
        cell_of);
  }

  core::Result<std::uint64_t> contribution(std::int64_t day, std::string_view who) override {
    const auto row = find_.bind(1, day).bind_blob(2, who).step();
    const std::uint64_t requests = row && *row ? find_.unsigned_integer(0) : 0;
    find_.reset();
    if (!row) return row.error();
    return requests;
  }

  core::Result<void> set_contribution(std::int64_t day, std::string_view who,
                                      std::uint64_t requests) override {
    return put_.bind(1, day).bind_blob(2, who).bind(3, requests).run();
  }

  core::Result<void> add_counts(std::int64_t day, const CellCounts& more) override {
    return store::run(db_,
                      "UPDATE cells SET open_requests = open_requests + ?1,"
                      " open_users = open_users + ?2 WHERE day = ?3 AND cell = ?4",
                      more.requests, more.users, day, more.cell);
  }

  core::Result<std::vector<CellCounts>> open_counts(std::int64_t day) override {
    return all_rows(store::query(db_,
                                 "SELECT cell, open_requests, open_users FROM cells WHERE day = ?1"
                                 " ORDER BY cell",
                                 day),
                    counts_of);
  }

  core::Result<void> close_window(std::int64_t day, std::int64_t now_ns, std::uint64_t counted,
                                  std::span<const CellCounts> noisy) override {
    return together([&]() -> core::Result<void> {
      const auto staged =
          store::run(db_,
                     "INSERT INTO windows(day, window, counted) SELECT day, windows, ?2 FROM days"
                     " WHERE day = ?1",
                     day, counted);
      if (!staged) return staged;
      for (const CellCounts& counts : noisy) {
        const auto kept =
            store::run(db_,
                       "INSERT INTO releases SELECT day, windows, ?2, ?3, ?4 FROM days"
                       " WHERE day = ?1",
                       day, counts.cell, counts.requests, counts.users);
        if (!kept) return kept;
      }
      if (const auto wiped = wipe(day); !wiped) return wiped;
      return store::run(db_, "UPDATE days SET windows = windows + 1, closed_ns = ?1 WHERE day = ?2",
                        now_ns, day);
    });
  }

  core::Result<std::vector<StagedWindow>> staged() override {
    auto out = all_rows<StagedWindow>(
        store::query(db_,
                     "SELECT day, window, counted FROM windows WHERE published = 0"
                     " ORDER BY day, window"),
        [](const store::Statement& row) {
          return StagedWindow{row.integer(0),
                              static_cast<std::uint32_t>(row.integer(1)),
                              row.unsigned_integer(2),
                              {}};
        });
    if (!out) return out;
    for (StagedWindow& window : *out) {
      auto counts = all_rows(
          store::query(db_,
                       "SELECT cell, requests, users FROM releases WHERE day = ?1 AND window = ?2"
                       " ORDER BY cell",
                       window.day, window.window),
          counts_of);
      if (!counts) return counts.error();
      window.counts = std::move(*counts);
    }
    return out;
  }

  core::Result<bool> has_window(std::int64_t day, std::uint32_t window) override {
    auto row =
        store::query(db_, "SELECT 1 FROM windows WHERE day = ?1 AND window = ?2", day, window);
    if (!row) return row.error();
    return row->step();
  }

  core::Result<void> publish_window(std::int64_t day, std::uint32_t window) override {
    return store::run(db_, "UPDATE windows SET published = 1 WHERE day = ?1 AND window = ?2", day,
                      window);
  }

  core::Result<std::vector<CellCounts>> published(std::int64_t day) override {
    return all_rows(store::query(db_,
                                 "SELECT cell, sum(requests), sum(users) FROM releases"
                                 " JOIN windows USING(day, window) WHERE day = ?1 AND published = 1"
                                 " GROUP BY cell ORDER BY cell",
                                 day),
                    counts_of);
  }

  core::Result<void> finish(std::int64_t day) override {
    return together([&]() -> core::Result<void> {
      const auto forgotten = store::run(db_, "DELETE FROM contributions WHERE day = ?1", day);
      if (!forgotten) return forgotten;
      if (const auto wiped = wipe(day); !wiped) return wiped;
      return store::run(db_, "UPDATE days SET final = 1, key = x'' WHERE day = ?1", day);
    });
  }

  core::Result<void> add_to_ledger(const LedgerRow& row) override {
    return together([&]() -> core::Result<void> {
      const auto noted = store::run(
          db_,
          "INSERT INTO ledger(time_ns, day, refused, micro_rho, micro_total, seq)"
          " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
          row.time_ns, row.day, row.refused, row.micro_rho, row.micro_total, number_of(row));
      if (!noted) return noted;
      return store::run(db_,
                        row.refused ? "UPDATE days SET refused = 1 WHERE day = ?1"
                                    : "UPDATE days SET charged = 1 WHERE day = ?1",
                        row.day);
    });
  }

  core::Result<std::vector<LedgerRow>> ledger() override {
    return all_rows(
        store::query(db_,
                     "SELECT time_ns, day, refused, micro_rho, micro_total, seq FROM ledger"
                     " ORDER BY id"),
        ledger_row_of);
  }

  core::Result<void> number_ledger(std::int64_t day, std::uint64_t seq) override {
    return store::run(db_, "UPDATE ledger SET seq = ?1 WHERE day = ?2 AND seq IS NULL", seq, day);
  }

  core::Result<void> clear() override {
    return together([&]() -> core::Result<void> {
      for (const char* table :
           {"days", "cells", "contributions", "releases", "windows", "ledger"}) {
        const auto emptied = store::run(db_, std::string("DELETE FROM ") + table);
        if (!emptied) return emptied;
      }
      return set_position({});
    });
  }

 private:
  UsageFile(store::Database db, store::Statement find, store::Statement put)
      : db_(std::move(db)), find_(std::move(find)), put_(std::move(put)) {}

  static std::optional<std::int64_t> number_of(const LedgerRow& row) {
    if (!row.seq) return std::nullopt;
    return static_cast<std::int64_t>(*row.seq);
  }

  // A call of several statements is whole by itself, too.
  template <class Work>
  core::Result<void> together(const Work& work) {
    return in_transaction_ ? work() : transact(work);
  }

  core::Result<void> wipe(std::int64_t day) {
    return store::run(db_, "UPDATE cells SET open_requests = 0, open_users = 0 WHERE day = ?1",
                      day);
  }

  store::Database db_;
  store::Statement find_;  // a contribution: asked for each exchange
  store::Statement put_;
  bool in_transaction_ = false;
};

}  // namespace

core::Result<std::unique_ptr<UsageRepository>> open_usage_file(
    const std::filesystem::path& directory) {
  return UsageFile::open(directory / layout::statistics);
}

core::Result<std::unique_ptr<UsageRepository>> find_usage_file(
    const std::filesystem::path& directory) {
  const auto there = store::exists(directory / layout::statistics, code);
  if (!there) return there.error();
  return *there ? open_usage_file(directory) : std::unique_ptr<UsageRepository>{};
}

}  // namespace menshen::audit::dp
