// Another key for a log: first beside the one that signs, then in its stead. One of them may be in
// a token, whose key is named by the configuration. The gateway is stopped meanwhile; its next
// start records the change, and signs by the keys that there are then.
//
//   const auto added = rotate_key("var");       // both sign from the next start on
//   const auto left = retire_key("var");        // later: the new one alone
//
// Each is one change of one file, whole or not at all. Errors: not_found "audit_key_missing",
// invalid_config "key_overlap", "no_key_overlap", "key_not_in_force", "key_in_token"; those of
// keys.h and files.h, "store_locked" while a gateway runs.
#pragma once

#include "audit/note.h"
#include "core/error.h"

#include <filesystem>

namespace menshen::audit {

// Gives the new key.
[[nodiscard]] core::Result<NoteVerifier> rotate_key(const std::filesystem::path& directory);
// Forgets the older of two keys, of which the log must have signed a head by both. Gives the older.
[[nodiscard]] core::Result<NoteVerifier> retire_key(const std::filesystem::path& directory);

}  // namespace menshen::audit
