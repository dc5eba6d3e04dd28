// The writer's connection to the log's database, and the tree as it stands on disk.
//
//   auto store = LogStore::open("var");
//   store->begin();  store->append(bytes);  store->commit();   // commit = fsync
//
// The writer's thread alone. After any error of begin, append, put_checkpoint or commit the
// object's tree may be ahead of the disk: destroy it and open() anew, which recovers by reading.
// Errors: unavailable, code "evidence_unavailable"; invalid_config, code "evidence_tampered", for a
// database that is not this log's; invalid_config, code "evidence_gone", for a log that is missing.
#pragma once

#include "audit/canonical.h"
#include "audit/files.h"
#include "audit/merkle.h"
#include "store/sqlite.h"
#include "core/error.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace menshen::audit {

struct StoredCheckpoint {
  std::uint64_t size = 0;
  std::string note;
};

// Whether a log that is not there may be begun.
enum class Begin { allowed, refused };

// Error: the file of a log that was written to is not there, or empty.
[[nodiscard]] core::Result<void> check_not_gone(const std::filesystem::path& log);

class LogStore {
 public:
  [[nodiscard]] static core::Result<LogStore> open(const std::filesystem::path& directory,
                                                   Begin begin);

  // The files that this connection writes are still those that others find at their paths. Between
  // commits; cheap.
  [[nodiscard]] core::Result<void> in_place() const;

  [[nodiscard]] const Frontier& tree() const noexcept { return tree_; }

  [[nodiscard]] core::Result<void> begin();
  // Gives the record's number.
  [[nodiscard]] core::Result<std::uint64_t> append(const CanonicalRecord& record);
  [[nodiscard]] core::Result<void> put_checkpoint(std::uint64_t size, const std::string& note);
  [[nodiscard]] core::Result<void> commit();

  [[nodiscard]] core::Result<std::optional<StoredCheckpoint>> last_checkpoint();
  // The root of the tree over the records before `size`, from stored hashes.
  [[nodiscard]] core::Result<Hash> root_at(std::uint64_t size);
  // The stored leaf hash and the body of a record.
  [[nodiscard]] core::Result<std::optional<std::pair<Hash, std::string>>> record(std::uint64_t seq);

  // Copies the write-ahead log into the database once it has grown past its bound. Between commits.
  [[nodiscard]] core::Result<void> tidy();
  // Copies all of it. True when none is left over.
  [[nodiscard]] core::Result<bool> settle();
  // For a store that failed: close without writing.
  void abandon() const noexcept { db_.keep_log_on_close(); }

 private:
  [[nodiscard]] core::Result<void> prepare();
  [[nodiscard]] core::Result<void> recover();
  [[nodiscard]] NodeReader node_reader();

  store::Database db_;
  store::Statement begin_, commit_, insert_, insert_checkpoint_, select_;
  std::vector<store::Anchor> anchors_;
  Frontier tree_;
  std::uint64_t bytes_since_tidy_ = 0;
  std::string body_;          // scratch
  std::vector<Hash> stored_;  // scratch
};

}  // namespace menshen::audit
