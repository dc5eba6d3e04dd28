// The log's keys, made at its first start: the Ed25519 keys that sign its heads and the key that
// salts commitments.
//
//   auto keys = load_or_make_keys("var", "gateway.example/audit", {}, begun);
//   if (const auto change = keys->change(now_ns)) ...   // a record is due before they are in force
//   const auto kept = keep_verifiers("var", keys->ring);
//
// A key that signs stands in audit.key, or in a token (token.h), or, while one overlaps the other,
// in both. Start-up only, under the directory's lock. Keys are made only for a log that was not
// begun: one whose key is gone is an error, since a new key would hide what the old one signed.
// Errors: invalid_config, codes "audit_key_missing", "malformed_key", "wrong_key", "wrong_origin";
// those of files.h and token.h.
#pragma once

#include "audit/files.h"
#include "audit/key_ring.h"
#include "audit/note.h"
#include "audit/record.h"
#include "audit/token.h"
#include "core/error.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace menshen::audit {

struct LogKeys {
  std::vector<LogSigner> signers;  // each signs every head; the newest last
  KeyRing ring;                    // as the log has recorded it
  std::string commitment_key;      // 32 bytes

  [[nodiscard]] std::vector<NoteVerifier> verifiers() const;
  // What the log is to say of `signers` where they are others than those in force.
  [[nodiscard]] std::optional<Record> change(std::int64_t wall_ns) const;
};

[[nodiscard]] core::Result<LogKeys> load_or_make_keys(const std::filesystem::path& directory,
                                                      const std::string& origin,
                                                      const std::optional<TokenKey>& token,
                                                      bool begun);

// Writes audit.vkey, and audit.keys once the keys have changed, where they say something else.
[[nodiscard]] core::Result<void> keep_verifiers(const std::filesystem::path& directory,
                                                const KeyRing& ring);

// The key that signed the log's first heads, as recorded_ring() says where it knows `key`; else
// `key`.
[[nodiscard]] NoteVerifier first_key(const std::filesystem::path& directory,
                                     const NoteVerifier& key);

// The private keys of a file such as audit.key, a line each; absent when there is no file.
[[nodiscard]] core::Result<std::optional<std::vector<NoteSigner>>> load_signers(
    const std::filesystem::path& path);
// What is in a file such as audit.vkey. Errors: not_found, code "no_verifier_key"; invalid_config,
// code "malformed_key".
[[nodiscard]] core::Result<NoteVerifier> load_verifier(const std::filesystem::path& path,
                                                       Named named = Named::by_store);
// What is in a file such as audit.keys; absent when there is none.
[[nodiscard]] core::Result<std::optional<KeyRing>> load_ring(const std::filesystem::path& path);
// What signed the log so far: as audit.keys says, else the key of audit.vkey, where it was the only
// one. If the first published head is another's, audit.keys is gone, and the records of type `key`
// tell, all of which are read for it. Absent when neither file is there. Errors: also those of
// LogReader.
[[nodiscard]] core::Result<std::optional<KeyRing>> recorded_ring(
    const std::filesystem::path& directory);

}  // namespace menshen::audit
