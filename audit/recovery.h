// What the journal checks before it goes on with a log that it finds.
//
//   const auto checked = check_log(store, verifier, "var");      // errors name what is wrong
//
// Bounded work, whatever the size of the log: the last head's signature and root, the head kept
// outside the database (an older copy of the database beside a newer head is a rollback), and the
// last records_checked_max records against their hashes. `verify` checks everything. Start-up only.
// Errors: invalid_config, code "evidence_tampered".
#pragma once

#include "audit/log_store.h"
#include "audit/note.h"
#include "core/error.h"

#include <cstdint>
#include <filesystem>

namespace menshen::audit {

inline constexpr std::uint64_t records_checked_max = 4096;

// Gives the size that the last signed head in the database covers; absent when there is none.
[[nodiscard]] core::Result<std::optional<std::uint64_t>> check_log(
    LogStore& store, const NoteVerifier& verifier, const std::filesystem::path& directory);

}  // namespace menshen::audit
