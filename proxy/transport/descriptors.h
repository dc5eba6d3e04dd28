// How many descriptors this process may open, and how many connections fit into them.
//
//   const auto allowed = raise_descriptor_limit();
//   const auto fit = fit_connections(limits, threads, upstreams, allowed);
//   if (fit.connections_max < limits.connections_max) ...
#pragma once

#include "core/limits.h"

#include <cstdint>

namespace menshen::transport {

// Raises the soft limit (RLIMIT_NOFILE) to the hard one; returns what holds now. Before any thread.
std::uint64_t raise_descriptor_limit() noexcept;

struct Fit {
  std::uint32_t connections_max = 0;  // 0: not even one
  std::uint32_t upstream_idle_connections_max = 0;
};

// The bounds of `limits`, lowered to what `descriptors` allow beside the admin API's own and those
// of the process.
[[nodiscard]] Fit fit_connections(const core::Limits& limits, std::uint32_t threads,
                                  std::size_t upstreams, std::uint64_t descriptors) noexcept;

// The same of a `connections_max` that nobody stated: where it is lowered, room is left for
// upstreams that a reload adds.
[[nodiscard]] Fit fit_default_connections(const core::Limits& limits, std::uint32_t threads,
                                          std::size_t upstreams,
                                          std::uint64_t descriptors) noexcept;

// Whether bounds that were fitted to `descriptors` still hold with so many upstreams.
[[nodiscard]] bool fits_descriptors(const core::Limits& fitted, std::uint32_t threads,
                                    std::size_t upstreams, std::uint64_t descriptors) noexcept;

}  // namespace menshen::transport
