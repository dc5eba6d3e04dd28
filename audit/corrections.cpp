#include "audit/corrections.h"

#include <map>
#include <string>

namespace menshen::audit {
namespace {

constexpr std::uint32_t status_given = 503;

struct Standing {
  std::uint64_t seq = 0;
  std::uint32_t status = 0;
  bool has_begun = false;  // a stream, whose head had left
};

// What the client was given: a status, or in a stream that had begun an event.
Record correction(const Standing& outcome, const std::string& exchange, std::int64_t wall_ns) {
  Record record;
  record.type = RecordType::correction;
  record.wall_ns = wall_ns;
  record.exchange = exchange;
  record.decision = "error";
  record.status = outcome.has_begun ? outcome.status : status_given;
  if (outcome.has_begun) record.error_status = status_given;
  record.error = evidence_unavailable;
  record.error_source = "gateway";
  record.note = "Record " + std::to_string(outcome.seq) + " says " +
                std::to_string(outcome.status) + ", but its commit was not confirmed in time.";
  return record;
}

}  // namespace

Record publishing_record(const core::Result<void>& how, std::int64_t wall_ns) {
  Record record;
  record.type = RecordType::publishing;
  record.wall_ns = wall_ns;
  if (!how) record.error = how.error().code;
  record.note =
      how ? "Heads are published again." : "Heads are not published. " + how.error().message;
  return record;
}

core::Result<std::vector<Record>> corrections(LogStore& store, std::uint64_t from,
                                              std::int64_t wall_ns) {
  std::map<std::string, Standing> standing;
  for (std::uint64_t seq = from; seq < store.tree().size(); ++seq) {
    const auto stored = store.record(seq);
    if (!stored) return stored.error();
    const auto parsed =
        *stored ? parse_record((*stored)->second) : core::Result<ParsedRecord>(ParsedRecord{});
    if (!parsed) continue;  // verify names it
    const Record& record = parsed->record;
    if (record.type == RecordType::correction) standing.erase(record.exchange);
    const bool told_otherwise =
        record.type == RecordType::outcome && record.error != evidence_unavailable;
    if (told_otherwise && !record.exchange.empty()) {
      standing[record.exchange] = {seq, record.status, record.first_byte_us > 0};
    }
  }
  std::vector<Record> out;
  out.reserve(standing.size());
  for (const auto& [exchange, outcome] : standing) {
    out.push_back(correction(outcome, exchange, wall_ns));
  }
  return out;
}

}  // namespace menshen::audit
