// The tables of a database as numbered steps, and the opening of databases that several processes
// share.
//
//   constexpr const char* steps[] = {"CREATE TABLE t(...)", "ALTER TABLE t ADD COLUMN c TEXT"};
//   auto db = open_shared("var/keys.db", steps, {.code = "identity_unavailable"});
//
// Step n leads from version n to version n + 1; the file keeps its version (`user_version`). A step
// that was released is never edited: whoever changes the tables adds one. All steps that are due
// are one transaction: a database has the old tables or the new ones, whatever fails between, and
// of several processes that open it at once one does the work. A version that this program does not
// know is refused, and nothing is written. Errors: those of sqlite.h and files.h.
#pragma once

#include "core/error.h"
#include "store/sqlite.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace menshen::store {

using Steps = std::span<const char* const>;

// The version of the database's tables. Error: it is later than `known`.
[[nodiscard]] core::Result<int> read_version(const Database& db, int known);

// Takes the steps that are due.
[[nodiscard]] core::Result<void> migrate(const Database& db, Steps steps);

struct SharedOptions {
  std::string code;  // of every error
  int busy_timeout_ms = 5'000;
  bool create = true;  // the file, for its owner alone, when it is missing
};

// A database with these tables. Changes are on disk when a transaction has ended; what was deleted
// is overwritten. A rollback journal, not a write-ahead log: several processes write here, and the
// SQLite of Debian 12 can lose rows of a write-ahead log when two connections checkpoint it at
// once (sqlite.org/wal.html, "The WAL-reset bug").
[[nodiscard]] core::Result<Database> open_shared(const std::filesystem::path& path, Steps steps,
                                                 const SharedOptions& options);

}  // namespace menshen::store
