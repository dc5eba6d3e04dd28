// Every bound of the gateway: name, unit last, default, and the relations between them.
//
// Config may change those in `Limits` (key: limits.NAME); core/limits.inc has a row for each, with
// range and what it bounds. Constants below are properties of the formats. Code reads each, and
// tests hold those in `Limits` at their bounds and one past them: tests/limits/bounds.md.
#pragma once

#include <cstddef>
#include <cstdint>

namespace menshen::core {

// The units of the table's numbers.
inline constexpr std::uint64_t kib = 1024;
inline constexpr std::uint64_t mib = 1024 * kib;
inline constexpr std::uint64_t gib = 1024 * mib;
inline constexpr std::uint64_t day_ms = 86'400'000;

struct Limits {
#define MENSHEN_LIMIT(type, name, usual, least, most, english, chinese) type name = usual;
#include "core/limits.inc"
};

// Descriptors. A client's connection may need a second one, to a provider. What is kept for the
// rest of the process (store, log, event loops) is never given to connections, nor is what the
// admin API needs.
inline constexpr std::size_t descriptors_per_connection = 2;
inline constexpr std::uint32_t admin_connections_max = 64;
inline constexpr std::size_t descriptors_of_process = 64;
inline constexpr std::size_t descriptors_per_thread = 8;

// Answers that are whole by their API, whose connection is read to the end of the framing: at once
// per thread, and bytes and time of each.
inline constexpr std::size_t lingering_calls_max = 64;
inline constexpr std::size_t lingering_bytes_max = 64 * 1024;
inline constexpr std::uint32_t lingering_timeout_ms = 5'000;

// A provider's credential that is shorter may be an ordinary word.
inline constexpr std::size_t told_credential_bytes_min = 8;

// An answer of a provider that is thrown away before another attempt is no longer than this.
inline constexpr std::size_t discarded_answer_bytes_max = 64 * 1024;

// Values of one answer that are remembered for rules that ask what was seen; a value that comes in
// two events counts twice.
inline constexpr std::size_t answer_seen_values_max = 1024;

// A JSON or text body longer than this is scanned on the worker pool instead of the event loop.
inline constexpr std::size_t inline_scan_bytes_max = 64 * 1024;

// Detectors: a match that is not open-ended is no longer than this many bytes of the normalised
// text, and no more than this much of the text before it is read as context.
inline constexpr std::size_t match_bytes_max = 256;
inline constexpr std::size_t context_bytes_max = 64;

// Evidence: C2SP tlog-tiles give an entry a 16-bit length.
inline constexpr std::size_t record_bytes_max = 65'535;

#define MENSHEN_LIMIT(type, name, usual, least, most, english, chinese) \
  static_assert(least <= Limits{}.name && Limits{}.name <= most, english);
#define MENSHEN_LIMIT_RELATION(smaller, is, larger, english, chinese) \
  static_assert(Limits{}.smaller is Limits{}.larger, english);
#include "core/limits.inc"

static_assert(inline_scan_bytes_max < Limits{}.request_body_bytes_max);
static_assert(context_bytes_max < match_bytes_max);

}  // namespace menshen::core
