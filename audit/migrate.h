// Brings a log that an earlier version kept in an SQLite database into this version's form.
//
//   const auto migrated = migrate("var");
//   std::cout << migrated->records;
//
// The gateway must be stopped: the directory's lock is taken. The new files are made beside the old
// ones, compared with them record by record, and verified against every head that was signed; only
// then do they take their places, and the database is put aside as audit.db.migrated. What was
// interrupted is begun anew by the next call. Errors: not_found, code "no_former_log";
// invalid_config, code "migration_refused" for a log that is not intact; those of LogStore.
#pragma once

#include "core/error.h"

#include <cstdint>
#include <filesystem>

namespace menshen::audit {

struct Migrated {
  std::uint64_t records = 0;
  std::uint64_t heads = 0;
};

[[nodiscard]] core::Result<Migrated> migrate(const std::filesystem::path& directory);

}  // namespace menshen::audit
