#include "proxy/transport/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace menshen::transport {

namespace {

constexpr std::uint64_t spare_upstreams = 8;
constexpr std::uint64_t spare_share = 8;  // of all descriptors, at most

// Each upstream may have a health check, and each thread its own pool for it.
std::uint64_t descriptors_of_upstream(std::uint32_t threads, std::uint64_t at_rest) noexcept {
  return 1 + at_rest * threads;
}

std::uint64_t descriptors_kept(std::uint32_t threads, std::size_t upstreams,
                               std::uint64_t at_rest) noexcept {
  return core::descriptors_of_process + core::admin_connections_max +
         core::descriptors_per_thread * threads +
         upstreams * descriptors_of_upstream(threads, at_rest);
}

}  // namespace

std::uint64_t raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur < limit.rlim_max) {
    const rlimit raised{limit.rlim_max, limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur;
}

Fit fit_connections(const core::Limits& limits, std::uint32_t threads, std::size_t upstreams,
                    std::uint64_t descriptors) noexcept {
  const std::uint64_t pools = std::max<std::uint64_t>(1, std::uint64_t{threads} * upstreams);
  const std::uint64_t at_rest =
      std::min<std::uint64_t>(limits.upstream_idle_connections_max, descriptors / 8 / pools);
  const std::uint64_t kept = descriptors_kept(threads, upstreams, at_rest);
  const std::uint64_t left = descriptors - std::min(descriptors, kept);
  const std::uint64_t connections =
      std::min<std::uint64_t>(limits.connections_max, left / core::descriptors_per_connection);
  return {static_cast<std::uint32_t>(connections), static_cast<std::uint32_t>(at_rest)};
}

Fit fit_default_connections(const core::Limits& limits, std::uint32_t threads,
                            std::size_t upstreams, std::uint64_t descriptors) noexcept {
  Fit fit = fit_connections(limits, threads, upstreams, descriptors);
  if (fit.connections_max == limits.connections_max) return fit;
  const std::uint64_t one = descriptors_of_upstream(threads, fit.upstream_idle_connections_max);
  const std::uint64_t spare =
      std::max(one, std::min(spare_upstreams * one, descriptors / spare_share));
  const std::uint64_t fewer =
      (spare + core::descriptors_per_connection - 1) / core::descriptors_per_connection;
  if (fewer < fit.connections_max) fit.connections_max -= static_cast<std::uint32_t>(fewer);
  return fit;
}

bool fits_descriptors(const core::Limits& fitted, std::uint32_t threads, std::size_t upstreams,
                      std::uint64_t descriptors) noexcept {
  return descriptors_kept(threads, upstreams, fitted.upstream_idle_connections_max) +
             core::descriptors_per_connection * fitted.connections_max <=
         descriptors;
}

}  // namespace menshen::transport
