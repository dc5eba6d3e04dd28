// Reads the audit log, also while a gateway writes to it: records by number, and the signed heads.
//
//   auto log = LogReader::open("var");
//   auto batch = log->read(0, 1000);                    // fewer at the end
//   for (const StoredRecord& r : *batch) use(parse_record(r.body));    // canonical.h
//
// One thread at a time. Each call is a read transaction of its own, so that a long walk does not
// keep the writer from reusing its write-ahead log; the log only grows, so batches fit together.
// Every batch that is not empty leads on: a damaged tree whose rows do not ascend from where the
// batch began is an error, so a walk ends whatever was done to the file. Nothing else is verified
// here: verify.h does that. Errors: unavailable, code "evidence_unreadable"; not_found, code
// "no_audit_log".
#pragma once

#include "audit/canonical.h"
#include "store/sqlite.h"
#include "core/error.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace menshen::audit {

struct StoredRecord {
  std::uint64_t seq = 0;
  std::string hashes;  // as stored: the leaf's hash, then those of the subtrees that it completes
  std::string body;    // canonical JSON
};

struct StoredHead {
  std::uint64_t size = 0;
  std::string note;
};

struct LogExtent {
  std::uint64_t records = 0;  // one more than the largest number
  std::uint64_t last_head =
      0;                    // size that the last head in the database claims; 0 when there is none
  bool below_zero = false;  // a record with a negative number: not this gateway's doing
  std::uint64_t records_max = 0;  // as many as a file of this size can hold
};

class LogReader {
 public:
  [[nodiscard]] static core::Result<LogReader> open(const std::filesystem::path& directory);

  [[nodiscard]] core::Result<LogExtent> extent();
  // Up to `count` records with numbers from `first` on, ascending; a hole in the numbers is passed
  // over.
  [[nodiscard]] core::Result<std::vector<StoredRecord>> read(std::uint64_t first,
                                                             std::size_t count);
  // Up to `count` heads whose sizes are at least `first`, ascending.
  [[nodiscard]] core::Result<std::vector<StoredHead>> heads(std::uint64_t first, std::size_t count);

 private:
  store::Database db_;
  store::Statement extent_, read_, heads_;
};

}  // namespace menshen::audit
