// What this process takes of its machine, as the kernel counts it.
#pragma once

#include <cstdint>

namespace menshen::admin {

struct ProcessUsage {
  double cpu_seconds = 0;  // of all threads, in user and kernel mode
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t descriptors_max = 0;
};

// Zero is what the kernel did not say.
[[nodiscard]] ProcessUsage process_usage() noexcept;

}  // namespace menshen::admin
