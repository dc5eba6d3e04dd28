#include "proxy/gateway/log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <mutex>
#include <system_error>

namespace menshen::gateway {

// A line is one write, so that nothing is held back and whoever truncates the file loses no half of
// one. Throws where spdlog expects it: the line is lost, and standard error says so.
class LogFile final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit LogFile(std::filesystem::path path) : path_(std::move(path)) {}
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  ~LogFile() override {
    if (fd_ >= 0) ::close(fd_);
  }

  core::Result<void> open() {
    // A pipe without a reader would be waited for.
    const int fd =
        ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
    if (fd < 0) return unwritable(std::generic_category().message(errno) + ".");
    struct stat status {};
    if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
      ::close(fd);
      return unwritable("It is no ordinary file.");
    }
    const std::lock_guard lock(mutex_);
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
    return {};
  }

 private:
  [[nodiscard]] core::Error unwritable(std::string why) const {
    return core::gateway_error(core::ErrorKind::invalid_config, "log_unwritable", std::move(why),
                               path_.string());
  }
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    for (std::size_t done = 0; done < line.size();) {
      const ssize_t n = ::write(fd_, line.data() + done, line.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) throw spdlog::spdlog_ex("The log cannot be written", errno);
      done += static_cast<std::size_t>(n);
    }
  }
  void flush_() override {}

  const std::filesystem::path path_;
  int fd_ = -1;
};

Log::Log(const config::Log& log) : settings_(log), json_(log.format == config::LogFormat::json) {
  apply_settings();
}

core::Result<void> Log::open() {
  if (settings_.file.empty()) return {};
  auto file = std::make_shared<LogFile>(settings_.file);
  if (auto opened = file->open(); !opened) return opened;
  file_ = file;
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("", std::move(file)));
  apply_settings();
  return {};
}

core::Result<void> Log::reopen() const {
  if (file_ == nullptr) return {};
  return file_->open();
}

void Log::apply_settings() const {
  spdlog::set_pattern(
      json_ ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
      spdlog::pattern_time_type::utc);
  set_level(settings_.level);
}

void Log::set_level(config::LogLevel level) const {
  switch (level) {
    case config::LogLevel::debug: spdlog::set_level(spdlog::level::debug); break;
    case config::LogLevel::info: spdlog::set_level(spdlog::level::info); break;
    case config::LogLevel::warning: spdlog::set_level(spdlog::level::warn); break;
    case config::LogLevel::error: spdlog::set_level(spdlog::level::err); break;
  }
}

void Log::info(std::string_view event, std::string_view detail) const {
  spdlog::info(line(event, detail));
}

void Log::warn(std::string_view event, std::string_view detail) const {
  spdlog::warn(line(event, detail));
}

void Log::exchange(const audit::Record& r) const {
  if (json_) {
    spdlog::info(
        R"("event":"exchange","exchange":"{}","api":"{}","status":{},"decision":"{}",)"
        R"("error":"{}","upstream":"{}","attempts":{},"duration_us":{},"upstream_wait_us":{},)"
        R"("request_bytes":{},"response_bytes":{})",
        r.exchange, r.api, r.told_status(), r.decision, r.error, r.upstream, r.attempts,
        r.duration_us, r.upstream_wait_us, r.request_bytes, r.response_bytes);
  } else {
    spdlog::info("exchange {} {} {} {} {} {}us", r.exchange, r.api, r.told_status(), r.decision,
                 r.error, r.duration_us);
  }
}

std::string Log::line(std::string_view event, std::string_view detail) const {
  std::string plain;
  for (const char c : detail) {
    const bool control = static_cast<unsigned char>(c) < 0x20;
    if (json_ && (c == '"' || c == '\\')) plain.push_back('\\');
    plain.push_back(control ? ' ' : c);
  }
  if (!json_) return std::string(event) + (plain.empty() ? "" : ": " + plain);
  return "\"event\":\"" + std::string(event) + "\",\"detail\":\"" + plain + "\"";
}

void Watch::closed(const audit::Record& record, std::uint32_t failed_open, bool recorded) noexcept {
  metrics_.closed(record, failed_open, recorded);
  if (record.subject.empty()) return;  // a stranger: he is counted, and fills no disk
  try {
    log_.exchange(record);
  } catch (const std::exception&) {
    // A log line that cannot be written is lost; the record is not.
  }
}

}  // namespace menshen::gateway
