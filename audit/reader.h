// Reads the audit log, also while a gateway writes to it: records by number, and the signed heads.
//
//   auto log = LogReader::open("var");
//   auto batch = log->read(0, 1000);                    // fewer at the end
//   for (const StoredRecord& r : *batch) use(parse_record(r.body));    // canonical.h
//
// Records come from the bundles and, behind the last complete one, from the segments; in a copy
// that has no segments, from the partial bundle that its head covers. One thread at a time. Nothing
// is verified here (verify.h does that), and a damaged file costs no more than what it holds: what
// cannot be read is passed over, and every batch that is not empty leads on. Errors: unavailable,
// code "evidence_unreadable"; not_found, code "no_audit_log"; invalid_config, code
// "evidence_former".
#pragma once

#include "audit/canonical.h"
#include "audit/frame.h"
#include "audit/head_file.h"
#include "audit/tile_store.h"
#include "core/error.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::audit {

struct StoredRecord {
  // What the writer wrote at once, when this record is the last of it.
  struct Group {
    std::uint64_t first = 0;
    Hash root{};  // of the tree up to this record, as stored
  };
  std::uint64_t seq = 0;
  std::optional<Hash> leaf{};  // as stored
  std::string body{};          // canonical JSON
  std::optional<Group> group{};
};

// Records that lie together, with their bytes: for whoever reads millions, and uses it again.
struct RecordBatch {
  struct View {
    std::uint64_t seq = 0;
    std::optional<Hash> leaf{};
    std::string_view body;  // of bytes
    std::optional<StoredRecord::Group> group{};
  };
  std::string bytes;
  std::vector<View> records;
};

struct LogExtent {
  std::uint64_t records = 0;      // one more than the largest number
  std::uint64_t last_head = 0;    // size that the last head claims; 0 when there is none
  std::uint64_t records_max = 0;  // as many as files of this size can hold
};

class LogReader {
 public:
  [[nodiscard]] static core::Result<LogReader> open(const std::filesystem::path& directory);

  [[nodiscard]] const TileStore& tiles() const noexcept { return tiles_; }
  [[nodiscard]] core::Result<LogExtent> extent();
  // Up to `count` records with numbers from `first` on, ascending; a hole in the numbers is passed
  // over.
  [[nodiscard]] core::Result<std::vector<StoredRecord>> read(std::uint64_t first,
                                                             std::size_t count);
  // The body of one record. Errors: also where it cannot be read.
  [[nodiscard]] core::Result<std::string> body(std::uint64_t seq);
  // Records with numbers from `first` on, ascending: those of the first bundle that has any, or all
  // behind the bundles; none at the end.
  [[nodiscard]] core::Result<void> read(std::uint64_t first, RecordBatch& out);
  // Up to `count` heads whose sizes are at least `first`, ascending.
  [[nodiscard]] core::Result<std::vector<StoredHead>> heads(std::uint64_t first, std::size_t count);

 private:
  LogReader(const std::filesystem::path& directory);
  [[nodiscard]] core::Result<void> refresh();
  [[nodiscard]] core::Result<bool> read_segments();
  [[nodiscard]] core::Result<void> read_partial();
  [[nodiscard]] core::Result<void> reach(std::uint64_t seq);
  [[nodiscard]] core::Result<void> read_bundle(std::uint64_t index, std::uint64_t width,
                                               RecordBatch& out) const;
  [[nodiscard]] core::Result<void> load_bundle(std::uint64_t index);

  std::filesystem::path directory_;
  TileStore tiles_;
  HeadFile head_file_;
  std::uint64_t sealed_ = 0;
  RecordBatch bundle_;  // the last that was read
  std::optional<std::uint64_t> bundle_index_;
  std::vector<StoredRecord> tail_;  // behind the bundles, ascending
  std::vector<StoredHead> tail_heads_;
  std::uint64_t segment_bytes_ = 0;
  core::Digest content_{};  // of the segments, when they were last read
};

}  // namespace menshen::audit
