// The bytes of a record: RFC 8785 canonical JSON, and back. FORMAT.md explains each field.
//
//   CanonicalRecord bytes = canonicalise(record);          // on any thread, before the record has
//   a number bytes.append_to(buffer, seq);                          // on the writer's thread
//
// All numbers are integers below 2^53, the range in which RFC 8785 (which prints numbers as
// ECMAScript does) and every JSON reader agree: scores are counted in 1/10000, times are texts.
// Strings keep their UTF-8; a byte that is not UTF-8 becomes U+FFFD. Pure functions.
#pragma once

#include "audit/record.h"
#include "core/error.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace menshen::audit {

struct CanonicalRecord {
  std::string text;        // without the digits of "seq"
  std::size_t seq_at = 0;  // where they belong

  void append_to(std::string& out, std::uint64_t seq) const;
};

// At most core::record_bytes_max bytes once any number is put in: when a record is longer, lists
// and then texts are cut, and "truncated" counts what was left out.
[[nodiscard]] CanonicalRecord canonicalise(const Record& record);

struct ParsedRecord {
  std::uint64_t seq = 0;
  Record record;
};

// Reads what canonicalise wrote. Unknown fields are passed over. Errors: internal, code
// "malformed_record".
[[nodiscard]] core::Result<ParsedRecord> parse_record(std::string_view body);
// The same into a record that was used before, and keeps what it has allocated: for whoever reads
// millions. After an error it holds anything.
[[nodiscard]] core::Result<void> parse_record(std::string_view body, ParsedRecord& into);

[[nodiscard]] std::string_view to_string(RecordType type) noexcept;

// "2026-11-22T02:33:18.123456789Z", as records have it: nanoseconds since 1970.
[[nodiscard]] std::optional<std::int64_t> parse_record_time(std::string_view text);

}  // namespace menshen::audit
