// An instrument for tests: what loops over whole texts have done on this thread, so that cost can
// be held to a line by counting, without a clock. The gateway never reads it.
//
//   const core::WorkCount before = core::work_count;
//   redact(...);
//   EXPECT_LE(core::work_count.decoded_bytes - before.decoded_bytes, body.size());
#pragma once

#include <cstdint>

namespace menshen::core {

struct WorkCount {
  std::uint64_t decoded_bytes = 0;   // raw bytes of JSON strings whose escapes were decoded
  std::uint64_t pieces_visited = 0;  // pieces of texts that were looked at for a redaction
  std::uint64_t events_visited = 0;  // texts of held events, or events, that became settled
  std::uint64_t scanned_bytes = 0;   // bytes that scanners were fed
  std::uint64_t source_bytes = 0;    // bytes that were read as sources of an answer
};

inline thread_local WorkCount work_count;

}  // namespace menshen::core
