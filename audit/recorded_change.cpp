#include "audit/recorded_change.h"

#include "audit/reader.h"

#include <algorithm>
#include <optional>
#include <ranges>
#include <string_view>

namespace menshen::audit {
namespace {

// Quotes within texts are escaped, and what follows the type holds no object: so the last one is
// the record's own.
std::string_view type_of(std::string_view body) {
  constexpr std::string_view name = "\"type\":\"";
  const std::size_t at = body.rfind(name);
  if (at == body.npos) return {};
  body.remove_prefix(at + name.size());
  return body.substr(0, body.find('"'));
}

// Absent: the record does not tell.
std::optional<RecordedChange> told_by(const RecordBatch::View& stored) {
  const std::string_view type = type_of(stored.body);
  const bool tells =
      type == to_string(RecordType::credential) || type == to_string(RecordType::state);
  const bool of_process =
      type == to_string(RecordType::start) || type == to_string(RecordType::stop);
  if (!tells && !of_process) return std::nullopt;
  const auto parsed = parse_record(stored.body);
  if (!parsed) return std::nullopt;
  const Record& record = parsed->record;
  RecordedChange out{0, record.credential, stored.seq};
  if (of_process) return record.configuration.empty() ? std::optional(out) : std::nullopt;
  if (record.change) out.number = record.change->number;
  return out;
}

}  // namespace

core::Result<RecordedChange> last_recorded_change(const std::filesystem::path& directory) {
  auto log = LogReader::open(directory);
  if (!log) return log.error();
  const auto extent = log->extent();
  if (!extent) return extent.error();
  RecordBatch batch;
  const std::uint64_t least = extent->records - std::min(extent->records, records_searched_max);
  for (std::uint64_t end = extent->records; end > least;) {
    const std::uint64_t first = (end - 1) / tile_width * tile_width;
    if (const auto read = log->read(first, batch); !read) return read.error();
    for (const RecordBatch::View& record : std::views::reverse(batch.records)) {
      if (record.seq >= end) continue;
      if (auto told = told_by(record)) return *std::move(told);
    }
    end = first;
  }
  return RecordedChange{};
}

}  // namespace menshen::audit
