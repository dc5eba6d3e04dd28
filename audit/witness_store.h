// A witness of its own: for each log that it is told of, the last head that it cosigned. It signs a
// head only if the log continues that one, so that a log which was cut, rewritten or put back finds
// nobody to sign it.
//
//   auto store = WitnessStore::open({.directory = "var", .logs = {key}}, clock);
//   const WitnessAnswer answer = store->add(body);        // of add-checkpoint (submission.h)
//   if (answer.verdict == WitnessVerdict::cosigned) send(answer.line);
//
// A head is durable before its cosignature is given out, and looking and writing are one step. One
// process has a directory: it is locked while the object lives. add() may be called from any
// thread; it waits for the disk. Bodies are hostile.
//
// Files: witness.key (mode 0600), witness.vkey, and for each log SHA-256(ORIGIN).head: the head
// with the log's signatures and the cosignature, and an empty line, so that `menshen audit verify
// --published` takes it. Where the log has signed another head of the same size, SHA-256(ORIGIN)
// .contradiction holds the first two that contradict each other, in the same form.
#pragma once

#include "audit/checkpoint.h"
#include "audit/cosignature.h"
#include "audit/files.h"
#include "audit/submission.h"
#include "core/clock.h"
#include "core/error.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::audit {

// Makes the witness's key in a directory that has none. Errors: invalid_config, "malformed_key" for
// a name that a key cannot have, "witness_key_there"; those of files.h.
[[nodiscard]] core::Result<WitnessVerifier> make_witness_key(const std::filesystem::path& directory,
                                                             std::string name);

enum class WitnessVerdict : std::uint8_t {
  cosigned,
  malformed,    // no submission, an old size past the head's, or a head too long to keep
  unknown_log,  // nobody told this witness of it
  not_signed,   // not by a key of the log's
  other_size,   // another head was cosigned last: `size`
  other_root,   // of the head that was cosigned last, at the same size
  wrong_proof,  // the log does not continue that head
  unavailable,  // the state cannot be written, or the clock stands before the last cosignature
};

struct WitnessAnswer {
  WitnessVerdict verdict = WitnessVerdict::malformed;
  std::string line{};      // the cosignature
  std::string origin{};    // of the log, once it is known
  std::uint64_t size = 0;  // of the head that was cosigned last; cosigned: of this one
  std::string what{};      // a sentence; of one that was not cosigned
  // The log has signed this head and the one that was cosigned last, of one size and two roots:
  // the file that holds both, or why it cannot be written. Otherwise empty.
  std::string contradiction{};
};

class WitnessStore {
 public:
  struct Options {
    std::filesystem::path directory;
    std::vector<NoteVerifier> logs;  // by their names; one may have several keys
  };

  // Errors: not_found "witness_key_missing"; invalid_config "malformed_key",
  // "witness_state_damaged" for a head that this witness did not keep, or that no given key of the
  // log signed, and "witness_clock" for one that was cosigned later than now; those of files.h.
  [[nodiscard]] static core::Result<std::unique_ptr<WitnessStore>> open(Options options,
                                                                        const core::Clock& clock);

  [[nodiscard]] const NoteVerifier& key() const noexcept { return verifier_.key(); }
  [[nodiscard]] WitnessAnswer add(std::string_view body);

 private:
  struct Kept {
    std::uint64_t size = 0;
    Hash root{};
    std::uint64_t time = 0;
  };
  struct Log {
    std::vector<NoteVerifier> keys;
    std::filesystem::path file;
    std::optional<Kept> last;
  };

  WitnessStore(DirectoryLock lock, WitnessSigner signer, const core::Clock& clock);
  [[nodiscard]] core::Result<void> load(Log& log) const;
  [[nodiscard]] WitnessAnswer judge(const Submission& submission, const Checkpoint& head,
                                    const Log& log) const;
  [[nodiscard]] WitnessAnswer cosign(const Note& note, const Checkpoint& head, Log& log);
  // Gives what WitnessAnswer::contradiction says.
  [[nodiscard]] std::string keep_contradiction(const Note& note, const Log& log) const;
  [[nodiscard]] std::uint64_t now() const noexcept;

  const DirectoryLock lock_;
  const WitnessSigner signer_;
  const WitnessVerifier verifier_;
  const core::Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Log, std::less<>> logs_;  // by origin
};

}  // namespace menshen::audit
