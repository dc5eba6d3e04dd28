// What released statistics remember: how far the log has been counted, each day's bounded
// contributions and open counts, what was published, and the budget's ledger. usage.h has the rules
// and says what they promise; usage_contract_test.cpp holds each sentence below to every
// implementation; open_usage_file() is the one that is embedded.
//
//   auto usage = open_usage_file("var");
//   (*usage)->transact([&]() -> core::Result<void> { ... (*usage)->add_counts(...) ... });
//
// One thread at a time per object; several processes at once. A call outside of transact() is a
// transaction of its own. Changes are durable when a transaction has ended. Days are numbers since
// 1970-01-01, UTC. Errors: unavailable, code "privacy_store_unavailable".
#pragma once

#include "audit/dp/plan.h"
#include "core/error.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::audit::dp {

inline constexpr std::int64_t hour_ns = 3'600 * 1'000'000'000LL;
inline constexpr std::int64_t day_ns = 24 * hour_ns;

// How far the log has been read.
struct Position {
  std::uint64_t events = 0;   // for what is no exchange: days, charges, releases
  std::uint64_t counted = 0;  // for exchanges
  std::string leaf;           // hash of the last counted record
  bool operator==(const Position&) const = default;
};

// A day's parameters are those in force when the day began; they do not change under it.
struct DayRow {
  std::int64_t day = 0;
  std::string key;  // of the day's pseudonyms; destroyed with the last release
  std::uint32_t requests_cap = 0;
  Variances sigma2;
  std::uint64_t micro_rho = 0;
  bool final = false;
  bool charged = false;
  bool refused = false;  // the ledger has said so
  std::uint32_t windows = 0;
  std::int64_t closed_ns = 0;  // end of the last window
  bool operator==(const DayRow&) const = default;
};

// Of one cell: true counts of the window under way, or noisy ones of those that were published.
struct CellCounts {
  std::uint32_t cell = 0;
  std::int64_t requests = 0;
  std::int64_t users = 0;
  bool operator==(const CellCounts&) const = default;
};

// Noisy counts on their way into the log.
struct StagedWindow {
  std::int64_t day = 0;
  std::uint32_t window = 0;
  std::uint64_t counted = 0;  // records before this number are in it
  std::vector<CellCounts> counts;
  bool operator==(const StagedWindow&) const = default;
};

struct LedgerRow {
  std::int64_t time_ns = 0;
  std::int64_t day = 0;
  bool refused = false;
  std::uint64_t micro_rho = 0;    // charged, or asked for
  std::uint64_t micro_total = 0;  // allowed at the time
  // Of the record that says so; absent: charged by a version that wrote none, and not carried yet.
  std::optional<std::uint64_t> seq;
  bool operator==(const LedgerRow&) const = default;
};

class UsageRepository {
 public:
  virtual ~UsageRepository() = default;

  // Runs `work`, once, as one transaction: when it or the commit fails, nothing of it stands, and
  // the error is theirs. Transactions of several processes follow each other. Not within another.
  [[nodiscard]] virtual core::Result<void> transact(
      const std::function<core::Result<void>()>& work) = 0;

  [[nodiscard]] virtual core::Result<Position> position() = 0;
  [[nodiscard]] virtual core::Result<void> set_position(const Position& position) = 0;

  // Nothing is changed when the day is there. `closed_ns` and what comes before it in the row
  // count; a new day is not final, and charged or refused when the ledger says so.
  [[nodiscard]] virtual core::Result<void> add_day(const DayRow& day,
                                                   std::span<const Cell> cells) = 0;
  [[nodiscard]] virtual core::Result<std::optional<DayRow>> day(std::int64_t day) = 0;
  // Those that are not final, ascending.
  [[nodiscard]] virtual core::Result<std::vector<DayRow>> open_days() = 0;
  // A cell's number is its place here.
  [[nodiscard]] virtual core::Result<std::vector<Cell>> cells(std::int64_t day) = 0;

  // Requests of this pseudonym, any bytes, that were counted on the day; 0 at first.
  [[nodiscard]] virtual core::Result<std::uint64_t> contribution(std::int64_t day,
                                                                 std::string_view who) = 0;
  [[nodiscard]] virtual core::Result<void> set_contribution(std::int64_t day, std::string_view who,
                                                            std::uint64_t requests) = 0;
  [[nodiscard]] virtual core::Result<void> add_counts(std::int64_t day, const CellCounts& more) = 0;
  // Of every cell of the day, zeros too, ascending.
  [[nodiscard]] virtual core::Result<std::vector<CellCounts>> open_counts(std::int64_t day) = 0;

  // Stages noisy counts as the day's next window, which ends now and holds the records before
  // number `counted`; the open counts are zero afterwards and cannot be read from the disk.
  [[nodiscard]] virtual core::Result<void> close_window(std::int64_t day, std::int64_t now_ns,
                                                        std::uint64_t counted,
                                                        std::span<const CellCounts> noisy) = 0;
  // In the order of days and windows.
  [[nodiscard]] virtual core::Result<std::vector<StagedWindow>> staged() = 0;
  // Staged or published.
  [[nodiscard]] virtual core::Result<bool> has_window(std::int64_t day, std::uint32_t window) = 0;
  // The window is in the log: it is published.
  [[nodiscard]] virtual core::Result<void> publish_window(std::int64_t day,
                                                          std::uint32_t window) = 0;
  // Sums over the day's published windows, by cell, ascending; none before the first.
  [[nodiscard]] virtual core::Result<std::vector<CellCounts>> published(std::int64_t day) = 0;
  // The day is over: it is final, and its key, contributions and open counts are gone for good.
  // What was published stays.
  [[nodiscard]] virtual core::Result<void> finish(std::int64_t day) = 0;

  // Marks the day as charged or refused, too.
  [[nodiscard]] virtual core::Result<void> add_to_ledger(const LedgerRow& row) = 0;
  // In the order of their adding.
  [[nodiscard]] virtual core::Result<std::vector<LedgerRow>> ledger() = 0;
  // Of the day's row without a number.
  [[nodiscard]] virtual core::Result<void> number_ledger(std::int64_t day, std::uint64_t seq) = 0;

  // Forgets everything.
  [[nodiscard]] virtual core::Result<void> clear() = 0;
};

// dp.db beside the audit log; made when it is missing.
[[nodiscard]] core::Result<std::unique_ptr<UsageRepository>> open_usage_file(
    const std::filesystem::path& directory);
// The same without making it. Null: there is none.
[[nodiscard]] core::Result<std::unique_ptr<UsageRepository>> find_usage_file(
    const std::filesystem::path& directory);

}  // namespace menshen::audit::dp
