// Bounds of asking upstreams for their models, for GET /v1/models. Tests change them; the gateway
// runs with the defaults.
#pragma once

#include <cstdint>

namespace menshen::pipeline {

struct ListingBounds {
  std::uint32_t fresh_ms = 10'000;      // what was listed so long ago is not asked for again
  std::uint32_t retry_ms = 1'000;       // nor is an upstream that failed so long ago
  std::uint32_t stale_max_ms = 60'000;  // older lists are forgotten
  std::uint32_t timeout_ms = 5'000;     // all upstreams together
  std::uint32_t at_once_max = 8;        // upstreams asked at once, by one exchange
  std::uint32_t bytes_max = 4 * 1024 * 1024;
  std::uint32_t names_max = 10'000;  // of one upstream; more: the list is not used
};

}  // namespace menshen::pipeline
