// Every bound of the gateway: name, unit last, default, and the relations between them.
//
// Config may change those in `Limits` (key: limits.NAME); constants below it are properties of the
// formats. Code reads each, and tests hold those in `Limits` at their bounds and one past them:
// tests/limits/bounds.md.
#pragma once

#include <cstddef>
#include <cstdint>

namespace menshen::core {

struct Limits {
  // Requests
  std::uint32_t header_bytes_max = 32 * 1024;
  std::uint32_t header_count_max = 100;
  std::uint32_t target_bytes_max = 2 * 1024;
  std::uint64_t request_body_bytes_max = 10 * 1024 * 1024;
  std::uint32_t chunk_header_bytes_max = 256;
  std::uint32_t json_depth_max = 64;

  // Both ways: what the provider alone can read passes by default up to this length
  std::uint32_t encrypted_reasoning_bytes_max = 512 * 1024;

  // Answers
  std::uint32_t upstream_header_bytes_max = 32 * 1024;
  std::uint64_t response_body_bytes_max = 32 * 1024 * 1024;  // answers that are not streams
  std::uint32_t stream_event_bytes_max = 1024 * 1024;
  std::uint64_t stream_bytes_max = 256 * 1024 * 1024;  // one stream, in all
  std::uint32_t stream_channels_max = 1024;            // texts open at once in one stream
  std::uint32_t held_events_max = 16;  // events of other texts held behind an unsettled one
  std::uint32_t held_bytes_max = 4 * 1024 * 1024;
  std::uint32_t score_text_bytes_max = 1024 * 1024;

  // Bodies of requests and answers that are being buffered, over all exchanges and threads
  std::uint64_t bodies_bytes_max = 512 * 1024 * 1024;

  // Connections
  std::uint32_t connections_max = 20'000;  // over all threads
  std::uint32_t requests_per_connection_max = 100'000;
  std::uint32_t upstream_idle_connections_max = 128;  // per thread and upstream
  std::uint32_t scan_queue_max = 256;                 // long texts waiting for the worker pool

  // Time
  std::uint32_t tls_handshake_timeout_ms = 10'000;
  std::uint32_t header_timeout_ms =
      15'000;  // from the first byte of a request to the end of its head
  std::uint32_t body_timeout_ms = 60'000;   // the whole request body
  std::uint32_t idle_timeout_ms = 75'000;   // between requests of one connection
  std::uint32_t write_timeout_ms = 60'000;  // a client that takes no byte for so long is dropped
  std::uint32_t ping_interval_ms = 15'000;  // silence in a stream before a ping
  std::uint32_t exchange_timeout_ms = 1'800'000;
  std::uint32_t drain_timeout_ms = 30'000;  // SIGTERM: how long open exchanges may go on

  // Evidence
  std::uint64_t journal_queue_bytes_max = 64 * 1024 * 1024;
  std::uint32_t journal_commit_timeout_ms = 10'000;
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

// A JSON or text body longer than this is scanned on the worker pool instead of the event loop.
inline constexpr std::size_t inline_scan_bytes_max = 64 * 1024;

// Detectors: a match that is not open-ended is no longer than this many bytes of the normalised
// text, and no more than this much of the text before it is read as context.
inline constexpr std::size_t match_bytes_max = 256;
inline constexpr std::size_t context_bytes_max = 64;

// Evidence: C2SP tlog-tiles give an entry a 16-bit length.
inline constexpr std::size_t record_bytes_max = 65'535;

static_assert(Limits{}.stream_event_bytes_max <= Limits{}.held_bytes_max,
              "one event must fit into what may be held");
static_assert(Limits{}.ping_interval_ms < Limits{}.idle_timeout_ms, "a ping comes before idleness");
static_assert(Limits{}.request_body_bytes_max < Limits{}.journal_queue_bytes_max);
static_assert(Limits{}.request_body_bytes_max <= Limits{}.bodies_bytes_max);
static_assert(inline_scan_bytes_max < Limits{}.request_body_bytes_max);
static_assert(context_bytes_max < match_bytes_max);

}  // namespace menshen::core
