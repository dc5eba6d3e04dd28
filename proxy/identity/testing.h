// For tests: a clock that stands, and a folder that goes.
#pragma once

#include "core/clock.h"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace menshen::identity::testing {

class FixedClock final : public core::Clock {
 public:
  std::int64_t wall = 1'700'000'000'000'000'000;
  std::int64_t monotonic = 1'000'000'000;
  [[nodiscard]] std::int64_t wall_ns() const noexcept override { return wall; }
  [[nodiscard]] std::int64_t monotonic_ns() const noexcept override { return monotonic; }
};

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name =
        (std::filesystem::temp_directory_path() / "menshen_identity_XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace menshen::identity::testing
