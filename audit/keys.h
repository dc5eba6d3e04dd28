// The log's keys, made at its first start: the Ed25519 key that signs its heads and the key that
// salts commitments.
//
//   auto keys = load_or_make_keys("var", "gateway.example/audit", begun);
//   keys->signer.verifier().vkey();        // also in var/audit.vkey, for auditors
//
// Start-up only, under the directory's lock. Keys are made only for a log that was not begun: one
// whose key is gone is an error, since a new key would hide what the old one signed. Errors:
// invalid_config, codes "audit_key_missing", "malformed_key", "wrong_origin"; those of files.h.
#pragma once

#include "audit/note.h"
#include "core/error.h"

#include <filesystem>
#include <string>

namespace menshen::audit {

struct LogKeys {
  NoteSigner signer;
  std::string commitment_key;  // 32 bytes
};

[[nodiscard]] core::Result<LogKeys> load_or_make_keys(const std::filesystem::path& directory,
                                                      const std::string& origin, bool begun);

// What is in a file such as audit.vkey. Errors: not_found, code "no_verifier_key"; invalid_config,
// code "malformed_key".
[[nodiscard]] core::Result<NoteVerifier> load_verifier(const std::filesystem::path& path);

}  // namespace menshen::audit
