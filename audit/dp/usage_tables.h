// The rows of dp.db, for the two files that work on it (counting and releasing).
//
//   const auto days = open_days(db);
//
// Each function takes part in the caller's transaction. Errors: those of sqlite.h.
#pragma once

#include "audit/dp/plan.h"
#include "store/sqlite.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace menshen::audit::dp {

// A day's parameters are those in force when the day began; they do not change under it.
struct DayRow {
  std::int64_t day = 0;
  std::string key;  // of the day's pseudonyms; destroyed with the last release
  std::uint32_t requests_cap = 0;
  std::uint64_t sigma2_requests = 0;
  std::uint64_t sigma2_users = 0;
  std::uint64_t micro_rho = 0;
  bool final = false;
  bool charged = false;
  bool refused = false;  // the ledger has said so
  std::uint32_t windows = 0;
  std::int64_t closed_ns = 0;
};

// How far the log has been read.
struct Position {
  std::uint64_t events = 0;               // for starts and stops of the gateway
  std::uint64_t counted = 0;              // for exchanges
  std::string leaf;                       // hash of the last counted record
  std::optional<std::int64_t> live_from;  // the day from which the gateway has been running
};

[[nodiscard]] core::Result<void> create_tables(const store::Database& db);
[[nodiscard]] core::Result<Position> read_position(const store::Database& db);
[[nodiscard]] core::Result<void> write_position(const store::Database& db,
                                                const Position& position);
[[nodiscard]] core::Result<std::optional<DayRow>> read_day(const store::Database& db,
                                                           std::int64_t day);
[[nodiscard]] core::Result<std::vector<DayRow>> open_days(const store::Database& db);
[[nodiscard]] core::Result<std::vector<Cell>> read_cells(const store::Database& db,
                                                         std::int64_t day);

// Adds the days from `first` to `last`, which are not later than `today` nor more than
// catch_up_days_max before it, where they are not there yet.
[[nodiscard]] core::Result<void> mark_days(const store::Database& db, std::int64_t first,
                                           std::int64_t last, std::int64_t today, const Plan& plan);

}  // namespace menshen::audit::dp
