#include "bench/load/generator/load.h"

#include "bench/load/generator/answer.h"
#include "bench/load/generator/schedule.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <deque>
#include <optional>
#include <system_error>

namespace menshen::load {
namespace {

constexpr std::size_t receive_bytes = 256 * 1024;
constexpr std::uint64_t second_ns = 1'000'000'000;

std::uint64_t now_ns() {
  std::timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * second_ns +
         static_cast<std::uint64_t>(now.tv_nsec);
}

std::uint64_t nanoseconds(double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); }

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct Connection {
  int fd = -1;  // -1: none is open
  bool busy = false;
  bool writing = false;     // the loop waits until more can be sent
  std::uint64_t since = 0;  // when its request was due
  std::string_view unsent;
  AnswerReader reader;
};

class Run {
 public:
  explicit Run(const Options& options) : options_(options) {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) fail("epoll_create1");
    ::prctl(PR_SET_TIMERSLACK, 1);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() {
    for (const Connection& one : connections_)
      if (one.fd >= 0) ::close(one.fd);
    ::close(epoll_);
  }

  Report to_end() {
    connect_all();
    begin_ = now_ns();
    end_ = begin_ + nanoseconds(options_.seconds);
    const std::uint64_t last = end_ + nanoseconds(options_.drain_seconds);
    if (options_.rate > 0) schedule_.emplace(options_.rate, options_.seed);
    if (!schedule_)
      for (Connection& one : connections_) begin(one, begin_);
    for (std::uint64_t now = begin_; now < last; now = now_ns()) {
      if (schedule_) begin_due(now);
      if (now >= end_ && busy_ == 0 && waiting_.empty()) break;
      wait(now < end_ ? std::min(next_due(), end_) - std::min(now, next_due()) : last - now);
    }
    const std::uint64_t over = now_ns();
    report_.seconds = static_cast<double>(over - begin_) / 1e9;
    count_unanswered(over);
    return std::move(report_);
  }

 private:
  // --- connections

  void connect_all() {
    for (std::size_t i = 0; i < options_.connections; ++i) {
      Connection& one = connections_.emplace_back();
      open(one, true);
      free_.push_back(&one);
    }
  }

  void open(Connection& one, bool wait_for_it) {
    one.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (wait_for_it ? 0 : SOCK_NONBLOCK), 0);
    if (one.fd < 0) fail("socket");
    const auto* address = reinterpret_cast<const sockaddr*>(&options_.address);
    if (::connect(one.fd, address, sizeof(options_.address)) != 0 && errno != EINPROGRESS &&
        wait_for_it)
      fail("connect");  // without waiting, the first use of it says what is wrong
    const int on = 1;
    ::setsockopt(one.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ::fcntl(one.fd, F_SETFL, O_NONBLOCK);
    watch(one, EPOLL_CTL_ADD);
    ++open_;
    report_.connections = std::max(report_.connections, open_);
  }

  void watch(Connection& one, int operation) {
    epoll_event event{};
    event.events = EPOLLIN;
    if (one.writing) event.events |= EPOLLOUT;
    event.data.ptr = &one;
    if (::epoll_ctl(epoll_, operation, one.fd, &event) != 0) fail("epoll_ctl");
  }

  void close(Connection& one) {
    ::close(one.fd);
    one.fd = -1;
    one.writing = false;
    --open_;
  }

  // --- requests

  std::uint64_t next_due() const { return schedule_ ? begin_ + schedule_->due() : end_; }

  void begin_due(std::uint64_t now) {
    for (; next_due() <= now && next_due() < end_; schedule_->next()) {
      if (Connection* one = free_connection()) {
        begin(*one, next_due());
      } else {
        ++report_.waited;
        waiting_.push_back(next_due());
      }
    }
  }

  Connection* free_connection() {
    if (free_.empty()) {
      if (connections_.size() >= options_.connections_max) return nullptr;
      return &connections_.emplace_back();
    }
    Connection* one = free_.back();  // the one used last: the others may be let go by the server
    free_.pop_back();
    return one;
  }

  void begin(Connection& one, std::uint64_t due) {
    if (one.fd < 0) open(one, false);
    one.reader.clear();
    one.busy = true;
    one.since = due;
    one.unsent = options_.requests[report_.due++ % options_.requests.size()];
    ++busy_;
    if (schedule_) report_.delay.add(now_ns() - due);
    send(one);
  }

  // An error of the connection is told by the reading of it.
  void send(Connection& one) {
    while (!one.unsent.empty()) {
      const ssize_t sent = ::send(one.fd, one.unsent.data(), one.unsent.size(), MSG_NOSIGNAL);
      if (sent < 0) break;
      one.unsent.remove_prefix(static_cast<std::size_t>(sent));
    }
    const bool writing = !one.unsent.empty();
    if (writing == one.writing) return;
    one.writing = writing;
    watch(one, EPOLL_CTL_MOD);
  }

  // --- answers

  void wait(std::uint64_t at_most_ns) {
    std::timespec timeout{};
    timeout.tv_sec = static_cast<std::time_t>(at_most_ns / second_ns);
    timeout.tv_nsec = static_cast<long>(at_most_ns % second_ns);
    std::array<epoll_event, 256> events{};
    const int count = ::epoll_pwait2(epoll_, events.data(), events.size(), &timeout, nullptr);
    if (count < 0 && errno != EINTR) fail("epoll_pwait2");
    for (int i = 0; i < count; ++i) {
      auto& one = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      const std::uint32_t what = events[static_cast<std::size_t>(i)].events;
      if ((what & EPOLLOUT) != 0) send(one);
      if ((what & ~EPOLLOUT) != 0) receive(one);
    }
  }

  void receive(Connection& one) {
    for (;;) {
      const ssize_t got = ::recv(one.fd, buffer_.data(), buffer_.size(), 0);
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) return lost(one, got < 0 ? errno : 0);
      if (!one.busy) return lost(one, EPROTO);
      one.reader.feed({buffer_.data(), static_cast<std::size_t>(got)});
      if (!one.reader.broken().empty()) return broken(one, one.reader.broken());
      if (one.reader.complete()) return answered(one);
      if (static_cast<std::size_t>(got) < buffer_.size()) return;
    }
  }

  void answered(Connection& one) {
    const std::uint64_t now = now_ns();
    report_.latency.add(now - one.since);
    ++report_.answered;
    if (now < end_) ++report_.in_time;
    ++report_.statuses[one.reader.status()];
    const std::string_view body = one.reader.body();
    report_.bytes += body.size();
    for (const std::string& canary : options_.canaries) {
      if (body.find(canary) == std::string_view::npos) continue;
      ++report_.canaries;
      break;
    }
    if (!one.reader.keep_alive() || !one.unsent.empty()) close(one);
    next(one, now);
  }

  // The server ended the connection, or it failed. Between two requests that is its right.
  void lost(Connection& one, int error) {
    if (one.busy) {
      const std::string_view cut = one.reader.begun() ? "cut short" : "no answer";
      return broken(one, error == 0 ? cut : std::generic_category().message(error));
    }
    if (error == EPROTO) ++report_.errors["an answer to nothing"];
    close(one);
  }

  void broken(Connection& one, std::string_view why) {
    ++report_.errors[std::string(why)];
    close(one);
    next(one, now_ns());
  }

  // The connection has nothing to do any more.
  void next(Connection& one, std::uint64_t now) {
    one.busy = false;
    --busy_;
    if (!waiting_.empty()) {
      const std::uint64_t due = waiting_.front();
      waiting_.pop_front();
      begin(one, due);
    } else if (schedule_) {
      free_.push_back(&one);
    } else if (now < end_) {
      begin(one, now);
    }
  }

  void count_unanswered(std::uint64_t now) {
    for (const Connection& one : connections_) {
      if (!one.busy) continue;
      ++report_.unanswered;
      report_.latency.add(now - one.since);
    }
    for (const std::uint64_t due : waiting_) {
      ++report_.due;
      ++report_.unanswered;
      report_.delay.add(now - due);
      report_.latency.add(now - due);
    }
  }

  const Options& options_;
  int epoll_ = -1;
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
  std::optional<Schedule> schedule_;
  std::deque<Connection> connections_;
  std::vector<Connection*> free_;      // of an open loop
  std::deque<std::uint64_t> waiting_;  // when they were due
  std::size_t busy_ = 0;
  std::size_t open_ = 0;
  std::vector<char> buffer_ = std::vector<char>(receive_bytes);
  Report report_;
};

}  // namespace

Report run(const Options& options) { return Run(options).to_end(); }

}  // namespace menshen::load
