// How far a long command has come, for whoever waits at a terminal.
//
//   ProgressBar bar(STDERR_FILENO);
//   bar.show(done, all);          // as often as one likes: it is drawn anew with each percent
//
// One thread. Where the descriptor is no terminal nothing is written, and never more than its
// width; at the end the line is taken away.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace menshen::cli {

// "[########............] 40 % of 1200 records"; `all` may be 0.
[[nodiscard]] std::string progress_line(std::uint64_t done, std::uint64_t all);

class ProgressBar {
 public:
  explicit ProgressBar(int fd);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar();

  void show(std::uint64_t done, std::uint64_t all);

 private:
  [[nodiscard]] std::size_t width() const;
  void write(const std::string& text) const;

  const int fd_;
  const bool terminal_;
  std::string line_;  // as it stands there
};

}  // namespace menshen::cli
