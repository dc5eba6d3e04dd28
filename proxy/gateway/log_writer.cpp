#include "proxy/gateway/log_writer.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace menshen::gateway {
namespace {

// Whoever logs often shares a write; whoever logs once does not wait for long.
constexpr std::chrono::milliseconds gathering{2};
constexpr std::size_t turns_max = 8;               // files opened anew, of one queue
constexpr std::size_t kept_bytes_max = 64 * 1024;  // of memory between two writes

core::Error unwritable(const std::filesystem::path& path, std::string why) {
  return core::gateway_error(core::ErrorKind::invalid_config, "log_unwritable", std::move(why),
                             path.string());
}

std::string system_words(int error_number) {
  return std::generic_category().message(error_number) + ".";
}

// A descriptor that the last one who writes to it closes.
class Place {
 public:
  Place(int fd, bool owned) : fd_(fd), owned_(owned) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    if (owned_) ::close(fd_);
  }

  // How much was written: all, unless the place takes no more.
  [[nodiscard]] std::size_t write(std::string_view text) const noexcept {
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t n = ::write(fd_, text.data() + done, text.size() - done);
      if (n < 0 && (errno == EINTR || (errno == EAGAIN && wait_until_writable()))) continue;
      if (n <= 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

 private:
  // Whoever gave us the descriptor may have made it one that does not block.
  [[nodiscard]] bool wait_until_writable() const noexcept {
    pollfd waiting{fd_, POLLOUT, 0};
    return ::poll(&waiting, 1, -1) >= 0 || errno == EINTR;
  }

  int fd_;
  bool owned_;
};

using PlacePtr = std::shared_ptr<const Place>;

core::Result<PlacePtr> open_place(const std::filesystem::path& path) {
  // A pipe without a reader would be waited for.
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
  if (fd < 0) return unwritable(path, system_words(errno));
  auto place = std::make_shared<const Place>(fd, true);
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    return unwritable(path, "It is no ordinary file.");
  }
  return PlacePtr(std::move(place));
}

}  // namespace

struct LogWriter::State {
  explicit State(Options with)
      : options(std::move(with)), place(std::make_shared<const Place>(options.descriptor, false)) {}

  // Where in the lines another place begins.
  struct Turn {
    std::size_t at;
    PlacePtr place;
  };
  // What the thread takes from the queue at once.
  struct Batch {
    std::string lines;
    std::vector<Turn> turns;
    std::uint64_t lost = 0;  // before it was taken, in all
  };

  void run() {
    // A reader that has gone is an error of the write, whatever the process does with its signals.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    Batch batch;
    std::unique_lock lock(mutex);
    while (take(lock, batch)) {
      lock.unlock();
      write(batch);
      lock.lock();
      wake.wait_for(lock, gathering, [this] { return stopping; });
    }
    ended = true;
    over.notify_all();
  }

  // False: nothing is left and nothing will come.
  bool take(std::unique_lock<std::mutex>& lock, Batch& batch) {
    idle = true;
    wake.wait(lock, [this] { return stopping || !queued.lines.empty() || !queued.turns.empty(); });
    idle = false;
    if (queued.lines.empty() && queued.turns.empty()) return false;
    std::swap(queued, batch);
    batch.lost = lost;
    return true;
  }

  void write(Batch& batch) {
    const std::string_view lines = batch.lines;
    std::size_t done = 0;
    for (Turn& turn : batch.turns) {
      write_lines(lines.substr(done, turn.at - done));
      done = turn.at;
      place = std::move(turn.place);
      torn = false;
    }
    const bool written = write_lines(lines.substr(done));
    if (written && batch.lost != told) tell_lost(batch.lost);
    batch.turns.clear();
    batch.lines.clear();
    if (batch.lines.capacity() > kept_bytes_max) batch.lines.shrink_to_fit();
  }

  bool write_lines(std::string_view lines) {
    if (lines.empty()) return true;
    if (torn) torn = place->write("\n") == 0;
    const std::size_t done = torn ? 0 : place->write(lines);
    if (done > 0) torn = lines[done - 1] != '\n';
    const std::string_view rest = lines.substr(done);
    lost += static_cast<std::uint64_t>(std::ranges::count(rest, '\n'));
    return rest.empty();
  }

  // Behind the lines that came before the loss.
  void tell_lost(std::uint64_t in_all) {
    const std::string line = options.lost_line(in_all - told);
    if (place->write(line) == line.size()) told = in_all;
  }

  const Options options;
  std::atomic<std::uint64_t> lost{0};
  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable over;
  Batch queued;
  bool idle = false;  // the thread waits for a line
  bool stopping = false;
  bool ended = false;
  // The thread's own:
  PlacePtr place;
  bool torn = false;       // the last line was written in part
  std::uint64_t told = 0;  // of the lost ones
};

LogWriter::LogWriter(Options options)
    : state_(std::make_shared<State>(std::move(options))),
      thread_([state = state_] { state->run(); }) {}

LogWriter::~LogWriter() {
  std::unique_lock lock(state_->mutex);
  state_->stopping = true;
  state_->wake.notify_one();
  const bool ended =
      state_->over.wait_for(lock, state_->options.patience, [this] { return state_->ended; });
  lock.unlock();
  if (ended) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

core::Result<void> LogWriter::open(const std::filesystem::path& path) {
  auto place = open_place(path);
  if (!place) return place.error();
  const std::lock_guard lock(state_->mutex);
  State::Batch& queued = state_->queued;
  // Of many, while nothing can be written, the last ones are one.
  if (queued.turns.size() == turns_max) queued.turns.pop_back();
  queued.turns.push_back({queued.lines.size(), std::move(*place)});
  state_->wake.notify_one();
  return {};
}

void LogWriter::put(std::string_view lines) noexcept {
  const auto count = static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
  try {
    const std::lock_guard lock(state_->mutex);
    std::string& queued = state_->queued.lines;
    if (queued.size() + lines.size() > state_->options.queue_bytes_max) {
      state_->lost += count;
      return;
    }
    queued.append(lines);
    if (std::exchange(state_->idle, false)) state_->wake.notify_one();
  } catch (const std::exception&) {
    state_->lost += count;  // out of memory, as when the queue is full
  }
}

std::uint64_t LogWriter::lost() const noexcept { return state_->lost; }

core::Result<void> check_appendable(const std::filesystem::path& path, const char* code) {
  const auto refuse = [&](std::string why) {
    return core::gateway_error(core::ErrorKind::invalid_config, code, std::move(why),
                               path.string());
  };
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    if (!S_ISREG(status.st_mode)) return refuse("It is no ordinary file.");
    if (::access(path.c_str(), W_OK) != 0) return refuse(system_words(errno));
    return {};
  }
  if (errno != ENOENT) return refuse(system_words(errno));
  const std::filesystem::path folder = path.parent_path();
  if (::access(folder.c_str(), W_OK | X_OK) != 0) return refuse(system_words(errno));
  return {};
}

}  // namespace menshen::gateway
