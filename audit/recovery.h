// What the journal checks before it goes on with a log that it finds.
//
//   const auto checked = check_log(store, ring, "var");          // errors name what is wrong
//   const auto compared = check_published(store, ring, "/mnt/auditor/heads");
//
// Bounded work, whatever the size of the log: the last head's signature and root, the head kept
// outside the segments (an older copy of them beside a newer head is a rollback), the heads
// in the last published_bytes_checked of the published file, the records that changed the keys, and
// the last records_checked_max records against their hashes. `verify` checks everything. Start-up
// only.
// Errors: invalid_config, code "evidence_tampered".
#pragma once

#include "audit/key_ring.h"
#include "audit/log_store.h"
#include "core/error.h"

#include <cstdint>
#include <filesystem>

namespace menshen::audit {

inline constexpr std::uint64_t records_checked_max = 4096;
inline constexpr std::uint64_t published_bytes_checked = 256 * 1024;  // some thousand heads

// Gives the size that the last signed head in the log covers; absent when there is none.
[[nodiscard]] core::Result<std::optional<std::uint64_t>> check_log(
    LogStore& store, const KeyRing& ring, const std::filesystem::path& directory);

// Heads published outside must be heads of this log: one that covers more records, or has another
// root, shows that an older copy was put back. Gives how many were compared; absent when there is
// no file yet.
[[nodiscard]] core::Result<std::optional<std::uint64_t>> check_published(
    LogStore& store, const KeyRing& ring, const std::filesystem::path& file);

// Whether a log may be begun in the directory: not where something says that there was one. What
// cannot be looked at counts as being there.
[[nodiscard]] Begin begin_in(const std::filesystem::path& directory);

// What Journal::open() would refuse of a directory, as far as that can be told without making,
// changing or locking anything: its rights, and a log that is gone. One that is not there yet is
// fine where it could be made.
[[nodiscard]] core::Result<void> check_directory(const std::filesystem::path& directory);

}  // namespace menshen::audit
