// A signed head of the log, as C2SP tlog-checkpoint v1.0.0 has it (c2sp.org/tlog-checkpoint): a
// note whose text is the log's origin, its size in decimal, and its root in base64, one per line.
//
//   std::string note = sign_checkpoint({"gateway.example/audit", tree.size(), tree.root()},
//   signer); auto checkpoint = open_checkpoint(note, verifier);
//
// Pure functions for any thread. Input is hostile: leading zeros, signs, sizes past 2^64 and roots
// of another length are refused. Extension lines are accepted, being signed too, and not kept; this
// log writes none.
#pragma once

#include "audit/merkle.h"
#include "audit/note.h"
#include "core/error.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::audit {

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Hash root{};
  bool operator==(const Checkpoint&) const = default;
};

[[nodiscard]] std::string checkpoint_text(const Checkpoint& checkpoint);
// Errors: invalid_request, code "malformed_checkpoint".
[[nodiscard]] core::Result<Checkpoint> parse_checkpoint(std::string_view text);

[[nodiscard]] std::string sign_checkpoint(const Checkpoint& checkpoint, const NoteSigner& signer);

// A key of a log, wherever it is: in memory, or in a token that may fail to sign (token.h).
struct LogSigner {
  NoteVerifier verifier;
  std::function<core::Result<std::string>(std::string_view text)> sign;  // 64 bytes of RFC 8032
};
[[nodiscard]] LogSigner signer_of(NoteSigner key);
// With a line of each, in their order. Errors: the signers'.
[[nodiscard]] core::Result<std::string> sign_checkpoint(const Checkpoint& checkpoint,
                                                        std::span<const LogSigner> signers);
// The checkpoint, when the key signed it and the log is the key's own (origin = the key's name).
// Errors: those of open_note and parse_checkpoint, and "wrong_origin".
[[nodiscard]] core::Result<Checkpoint> open_checkpoint(std::string_view note,
                                                       const NoteVerifier& verifier);
// The same for one of several keys of one name, at least one.
[[nodiscard]] core::Result<Checkpoint> open_checkpoint(const Note& note,
                                                       std::span<const NoteVerifier> keys);

// A file of checkpoints, each followed by an empty line, as the journal publishes them. What is not
// whole, such as a last note cut off by a crash, is counted in `fragments`.
struct PublishedNotes {
  std::vector<std::string> notes;
  std::size_t fragments = 0;
};
[[nodiscard]] PublishedNotes split_published(std::string_view file);

}  // namespace menshen::audit
