#include "audit/problems.h"

#include "audit/suspects.h"

#include <string>

namespace menshen::audit {

std::optional<Problem> misplaced(LogReader& reader, const RecordBatch::View& record,
                                 const ParsedRecord& parsed) {
  const std::uint64_t seq = record.seq;
  if (parsed.seq == seq) return std::nullopt;
  const std::string& exchange = parsed.record.exchange;
  const std::string here = "Record " + std::to_string(seq);
  const std::string own = "record " + std::to_string(parsed.seq);
  const auto others = reader.read(parsed.seq, 1);
  const bool found = others && !others->empty() && others->front().seq == parsed.seq;
  const auto other = found ? parse_record(others->front().body) : parsed;
  if (found && others->front().body == record.body)
    return Problem{ProblemKind::duplicated, seq, seq, exchange,
                   here + " is a copy of " + own + "."};
  if (found && other && other->seq == seq)
    return Problem{ProblemKind::moved, seq, seq, exchange, here + " and " + own + " were swapped."};
  return Problem{ProblemKind::moved, seq, seq, exchange, here + " says that it is " + own + "."};
}

Problem missing_records(std::uint64_t first, std::uint64_t end) {
  return {ProblemKind::missing,
          first,
          end - 1,
          {},
          records_text(first, end - 1) + (end - first > 1 ? " are" : " is") +
              " missing from the middle of the log."};
}

Problem wrong_root(std::uint64_t first, std::uint64_t last, std::string_view where) {
  return {ProblemKind::head_root,
          first,
          last,
          {},
          records_text(first, last) + ": the root signed in a head " + std::string(where) +
              " is not theirs. One of them at least was altered, and the hashes stored with them "
              "were rewritten."};
}

Problem cut_off_records(std::uint64_t records, std::uint64_t size, std::string_view where) {
  return {ProblemKind::cut_off,
          records,
          size - 1,
          {},
          records_text(records, size - 1) + (size - records > 1 ? " are" : " is") +
              " cut off, or an old copy of the log was put back: a head " + std::string(where) +
              " covers " + std::to_string(size) + " records."};
}

}  // namespace menshen::audit
