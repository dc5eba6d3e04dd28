// What the two segments hold behind the bundles, for whoever reads a log that may be damaged.
//
//   const SegmentTail tail = read_tail(segments, sealed, tree);   // tree: of the sealed records
//
// A frame is the log's when its records, added to those before it, have its root. Of frames that
// claim the same records the one that is the log's counts. What a crash cut off was never
// acknowledged, nor was its head: the last frame goes when it is not what was written. Others that
// are damaged stay, so that it can be said which.
//
// A pure function; input is hostile, cost linear.
#pragma once

#include "audit/merkle.h"
#include "audit/reader.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace menshen::audit {

struct SegmentTail {
  std::vector<StoredRecord> records{};  // from `sealed` on, ascending, none twice
  std::vector<StoredHead> heads{};      // ascending
  bool sound = true;                    // no frame but a last one that is gone was damaged
};

// `tree` is absent where it cannot be read: what is the log's is not known then. Numbers are below
// `records_max`.
[[nodiscard]] SegmentTail read_tail(std::span<const std::string> segments, std::uint64_t sealed,
                                    std::optional<Frontier> tree, std::uint64_t records_max);

}  // namespace menshen::audit
