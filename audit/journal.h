// The durable, tamper-evident log of exchanges: group commit into files of the log's own, a Merkle
// tree over the records, signed checkpoints. FORMAT.md gives the bytes.
//
//   auto journal = Journal::open({.directory = "var", .origin = "gateway.example/audit"}, clock);
//   journal->append(record, [](core::Result<std::uint64_t> seq) { ... });
//   journal->append(std::move(list));                       // of those who wait: pending.h
//
// append() may be called from any thread and returns at once. Who waits is told exactly once, on a
// thread of the journal's after the record is fsynced, the write failed or commit_timeout_ms is
// over, or within append() when the record is refused at once; it must not block or throw. When the
// queue is full, the disk fails or stalls, the store was taken away or the journal is closing, it
// is told an error of kind unavailable: the caller refuses its exchange (law 2). After a
// failure the journal recovers by itself: the next commits are tried afresh, and stats() says how
// it stands. An outcome that was refused and yet stands in the log then gets a correction.
#pragma once

#include "audit/key_ring.h"
#include "audit/pending.h"
#include "audit/record.h"
#include "audit/token.h"
#include "core/clock.h"
#include "core/error.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace menshen::audit {

struct Bundle;

struct JournalOptions {
  // Created if absent, mode 0700; nobody but its owner may write there. A directory that holds keys
  // or heads of a log, but no log, is refused.
  std::filesystem::path directory{};
  std::string origin = "menshen/audit";  // name of the log in its checkpoints
  // Extra file that gets every checkpoint appended; may be empty. What stands there already is
  // compared with the log at the start.
  std::filesystem::path publish{};
  // A key in a token, which signs instead of a key in the directory, or beside it.
  std::optional<TokenKey> token{};
  std::uint64_t queue_bytes_max = 64 * 1024 * 1024;
  // Told, on a thread of the journal's, once of each change: with an error that heads cannot be
  // written outside the segments, without one that they can again.
  std::function<void(const core::Result<void>&)> on_publish{};
  // The same of commits: that they fail, and that they succeed again.
  std::function<void(const core::Result<void>&)> on_commit{};
  // Given, on a thread of the journal's, with each head and at the start: the records that follow
  // the last complete bundle, while all before them stand in bundles. It must not block.
  std::function<void(std::shared_ptr<const Bundle>)> on_tiles{};
  // Told within open() which keys sign from now on, and which did before. It must not block.
  std::function<void(const KeyRing&)> on_keys{};
  // Told of each head that stands in `log/checkpoint` with its tiles, of the first one within
  // open(), of later ones on a thread of the journal's; must not block.
  std::function<void(const std::string& note)> on_head{};
  std::uint32_t commit_timeout_ms = 10'000;  // nobody waits longer for a record
  // Heads between those that are published: signing_pace.h.
  std::uint32_t signing_share = 256;
  // A head is published with the first commit that comes so long after the one before, or has so
  // many records more, but ten a second at most; while nothing comes, after the same time. Also
  // when the log is opened and closed.
  std::uint32_t checkpoint_interval_ms = 1'000;
  std::uint32_t checkpoint_records = 4'096;
};

struct JournalStats {
  std::uint64_t records = 0;  // size of the log
  std::uint64_t commits = 0;
  std::uint64_t failures = 0;
  std::uint64_t checkpoints = 0;       // published since the journal was opened
  std::uint64_t publish_failures = 0;  // writes of heads, bundles and tiles that failed
  bool publishing = true;              // the last write of a head succeeded
  std::string publish_reason;          // why not
  std::uint64_t queued_bytes = 0;
  double commit_seconds_total = 0;
  bool healthy = true;
  std::string reason;  // why it is not healthy, as a sentence
  bool begun = false;  // there was no log when the journal was opened
  bool torn = false;   // the last write before it was opened was cut off, and its records with it
  std::optional<std::uint64_t> published_compared;  // heads outside, at the start; absent: no file
};

class Journal {
 public:
  using Done = std::function<void(core::Result<std::uint64_t>)>;

  // Opens or creates the log, takes the directory's lock (one gateway per directory), recovers, and
  // checks the stored tree against the last checkpoint and the published ones.
  static core::Result<std::unique_ptr<Journal>> open(const JournalOptions& options,
                                                     const core::Clock& clock);
  virtual ~Journal() = default;  // commits what is queued, signs a last checkpoint, closes

  virtual void append(PendingList records) noexcept = 0;
  virtual void append(const Record& record, Done done);
  // A head that on_head was told of, with the cosignatures of a quorum: it is published in the
  // place of what it was. Any thread.
  virtual void publish_cosigned(std::string note) = 0;
  // From now on every record is refused, for this reason: the log is not the one that was signed.
  // Any thread; a start checks anew.
  virtual void refuse(const core::Error& why) = 0;
  [[nodiscard]] virtual JournalStats stats() const = 0;

  // A key for salting commitments and pseudonyms, made at first start and kept in the directory
  // (mode 0600).
  [[nodiscard]] virtual const std::string& commitment_key() const noexcept = 0;
};

}  // namespace menshen::audit
