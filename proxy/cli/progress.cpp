#include "proxy/cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace menshen::cli {
namespace {

constexpr std::uint64_t bar_width = 20;

}  // namespace

std::string progress_line(std::uint64_t done, std::uint64_t all) {
  const double share =
      all == 0 ? 1.0 : static_cast<double>(std::min(done, all)) / static_cast<double>(all);
  const auto full = static_cast<std::uint64_t>(share * bar_width);
  const auto percent = static_cast<unsigned>(share * 100);
  return "[" + std::string(full, '#') + std::string(bar_width - full, '.') + "] " +
         std::to_string(percent) + " % of " + std::to_string(all) + " records";
}

ProgressBar::ProgressBar(int fd) : fd_(fd), terminal_(::isatty(fd) == 1) {}

ProgressBar::~ProgressBar() {
  if (!line_.empty()) write("\r\033[K");
}

void ProgressBar::show(std::uint64_t done, std::uint64_t all) {
  if (!terminal_) return;
  std::string line = progress_line(done, all).substr(0, width());
  if (line == line_) return;
  line_ = std::move(line);
  write("\r" + line_);
}

// One column is left free: a line that fills the last one goes on in the next.
std::size_t ProgressBar::width() const {
  winsize size{};
  const bool known = ::ioctl(fd_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col - 1U : std::string::npos;
}

// What a terminal does not take is lost: it is a bar.
void ProgressBar::write(const std::string& text) const {
  (void)!::write(fd_, text.data(), text.size());
}

}  // namespace menshen::cli
