// The process's log: one line per event, JSON or text. Messages are ours; anything from outside is
// reduced to plain characters, and bounded. Only fixed sentences, names of the configuration, ids
// and counts: no content.
#pragma once

#include "core/error.h"
#include "proxy/admin/metrics.h"
#include "proxy/config/config.h"
#include "proxy/gateway/log_writer.h"
#include "proxy/pipeline/gateway.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace menshen::gateway {

// Of each text of a line. A list has at most this many members; "(more)" stands for the others.
inline constexpr std::size_t logged_text_bytes_max = 1024;
inline constexpr std::size_t logged_members_max = 16;

// Thread-safe. No call waits for a line to be written (log_writer.h).
class Log {
 public:
  // Lines go to standard output until open().
  explicit Log(const config::Log& log);
  // From now on lines go where the configuration says. Error: invalid_config "log_unwritable".
  core::Result<void> open();
  // Opens the file anew, which was renamed or removed. After an error lines go where they went. No
  // file: nothing is done.
  core::Result<void> reopen();
  void set_level(config::LogLevel level) noexcept { level_ = level; }

  void info(std::string_view event, std::string_view detail = {});
  void warn(std::string_view event, std::string_view detail = {});
  void error(std::string_view event, std::string_view detail = {});
  // What an operator has asked for by a signal is answered at every level.
  void notice(std::string_view event, std::string_view detail = {});
  void exchange(const pipeline::Closed& exchange);

  // Lines that could not be written.
  [[nodiscard]] std::uint64_t lost() const noexcept { return writer_.lost(); }

 private:
  void put(std::string_view level, std::string_view event, std::string_view detail);
  [[nodiscard]] bool tells(config::LogLevel level) const noexcept { return level >= level_; }

  const config::Log settings_;
  const bool json_;
  std::atomic<config::LogLevel> level_;
  LogWriter writer_;
};

// Metrics, and one log line per exchange of an identified caller.
class Watch final : public pipeline::Observer {
 public:
  Watch(admin::Metrics& metrics, Log& log) : metrics_(metrics), log_(log) {}
  void opened() noexcept override { metrics_.opened(); }
  void closed(const pipeline::Closed& exchange) noexcept override;

 private:
  admin::Metrics& metrics_;
  Log& log_;
};

}  // namespace menshen::gateway
