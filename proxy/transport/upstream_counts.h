// What calls to one upstream are counted by. Shared by all threads, and kept over reloads under the
// upstream's name.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace menshen::transport {

// Errors of calls: codes of ours, and statuses that say that the provider did not do the work.
inline constexpr std::array<std::string_view, 16> upstream_errors{"upstream_refused",
                                                                  "upstream_unresolved",
                                                                  "upstream_tls",
                                                                  "upstream_proxy",
                                                                  "upstream_connect_timeout",
                                                                  "upstream_first_byte_timeout",
                                                                  "upstream_idle_timeout",
                                                                  "upstream_closed",
                                                                  "bad_upstream_framing",
                                                                  "bad_upstream_body",
                                                                  "answer_too_large",
                                                                  "exchange_timeout",
                                                                  "bad_stream",
                                                                  "status_429",
                                                                  "status_4xx",
                                                                  "status_5xx"};

// Seconds until the head of an answer.
inline constexpr std::array<double, 13> first_byte_bounds{0.005, 0.01, 0.025, 0.05, 0.1,  0.25, 0.5,
                                                          1.0,   2.5,  5.0,   10.0, 30.0, 60.0};

struct UpstreamCounts {
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> retries{0};   // of them: after another attempt of the same exchange
  std::atomic<std::uint64_t> failures{0};  // that the breaker was told of
  std::atomic<std::uint64_t> connects{0};
  std::atomic<std::uint64_t> stale_connections{0};  // reused, found closed, replaced
  std::atomic<std::int64_t> in_flight{0};
  std::atomic<std::int64_t> idle_connections{0};
  std::array<std::atomic<std::uint64_t>, upstream_errors.size()> errors{};
  std::array<std::atomic<std::uint64_t>, first_byte_bounds.size() + 1> first_byte{};
  std::atomic<std::uint64_t> first_byte_us{0};  // their sum

  // Another code is not counted: it is none of the upstream's.
  void error(std::string_view code) noexcept {
    const auto known = std::ranges::find(upstream_errors, code);
    if (known == upstream_errors.end()) return;
    errors[static_cast<std::size_t>(known - upstream_errors.begin())].fetch_add(
        1, std::memory_order_relaxed);
  }
  void status(unsigned status) noexcept {
    if (status < 400) return;
    error(status == 429 ? "status_429" : status < 500 ? "status_4xx" : "status_5xx");
  }
  void answered_after(std::int64_t ns) noexcept {
    const double seconds = std::chrono::duration<double>(std::chrono::nanoseconds(ns)).count();
    const auto bucket = std::ranges::lower_bound(first_byte_bounds, seconds);
    first_byte[static_cast<std::size_t>(bucket - first_byte_bounds.begin())].fetch_add(
        1, std::memory_order_relaxed);
    first_byte_us.fetch_add(static_cast<std::uint64_t>(ns / 1'000), std::memory_order_relaxed);
  }
};

}  // namespace menshen::transport
