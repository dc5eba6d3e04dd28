// What a walk over the log finds, with the sentence that says so.
//
//   if (auto wrong = misplaced(reader, stored, parsed)) add(std::move(*wrong));
//   add(missing_records(first, end));
//
// Pure, but for misplaced(), which looks the other record up: that one may be damaged, too, and the
// number that the record says is then all that is told.
#pragma once

#include "audit/canonical.h"
#include "audit/reader.h"
#include "audit/verify.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace menshen::audit {

// A record at another's number. `parsed` is of its body. Absent: it stands where it belongs.
[[nodiscard]] std::optional<Problem> misplaced(LogReader& reader, const RecordBatch::View& record,
                                               const ParsedRecord& parsed);
// Records from `first` up to `end`.
[[nodiscard]] Problem missing_records(std::uint64_t first, std::uint64_t end);
[[nodiscard]] Problem wrong_root(std::uint64_t first, std::uint64_t last, std::string_view where);
// `size`: of the head, which stands `where`.
[[nodiscard]] Problem cut_off_records(std::uint64_t records, std::uint64_t size,
                                      std::string_view where);

}  // namespace menshen::audit
