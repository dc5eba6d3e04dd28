#include "proxy/transport/descriptors.h"

#include "proxy/config/config.h"

#include <sys/resource.h>

#include <algorithm>

namespace menshen::transport {

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
  // Each upstream may have a health check, and each thread its own pool for it.
  const std::uint64_t pools = std::max<std::uint64_t>(1, std::uint64_t{threads} * upstreams);
  const std::uint64_t at_rest =
      std::min<std::uint64_t>(limits.upstream_idle_connections_max, descriptors / 8 / pools);
  const std::uint64_t kept = core::descriptors_of_process + core::admin_connections_max +
                             core::descriptors_per_thread * threads + upstreams + at_rest * pools;
  const std::uint64_t left = descriptors - std::min(descriptors, kept);
  const std::uint64_t connections =
      std::min<std::uint64_t>(limits.connections_max, left / core::descriptors_per_connection);
  return {static_cast<std::uint32_t>(connections), static_cast<std::uint32_t>(at_rest)};
}

bool fits_descriptors(const config::Config& config) noexcept {
  const Fit fit = fit_connections(config.limits, config.threads, config.upstreams.size(),
                                  raise_descriptor_limit());
  return fit.connections_max >= config.limits.connections_max &&
         fit.upstream_idle_connections_max >= config.limits.upstream_idle_connections_max;
}

}  // namespace menshen::transport
