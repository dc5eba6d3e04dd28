#include "proxy/admin/process_usage.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>

namespace menshen::admin {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::uint64_t resident_pages() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  return file >> all >> resident ? resident : 0;
}

std::uint64_t count_descriptors() {
  std::error_code failed;
  std::uint64_t count = 0;
  std::filesystem::directory_iterator at("/proc/self/fd", failed);
  for (; !failed && at != std::filesystem::directory_iterator(); at.increment(failed)) ++count;
  return count > 0 ? count - 1 : 0;  // the one that reads the folder
}

}  // namespace

ProcessUsage process_usage() noexcept {
  ProcessUsage out;
  try {
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
      out.cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
    }
    rlimit descriptors{};
    if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0) out.descriptors_max = descriptors.rlim_cur;
    out.resident_bytes = resident_pages() * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    out.open_descriptors = count_descriptors();
  } catch (const std::exception&) {
    // Out of memory: what is known is told.
  }
  return out;
}

}  // namespace menshen::admin
