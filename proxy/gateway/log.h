// The process's log: one line per event, JSON or text. Messages are ours; anything from outside is
// reduced to plain characters. Only fixed sentences, ids and counts: no content.
#pragma once

#include "audit/record.h"
#include "core/error.h"
#include "proxy/admin/metrics.h"
#include "proxy/config/config.h"
#include "proxy/pipeline/gateway.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace menshen::gateway {

class LogFile;

// Thread-safe, but for open().
class Log {
 public:
  // Sets level and pattern of the whole process, whose lines go to standard output until open().
  explicit Log(const config::Log& log);
  // From now on lines go where the configuration says. Before there is another thread. Error:
  // invalid_config "log_unwritable".
  core::Result<void> open();
  // Opens the file anew, which was renamed or removed. After an error lines go where they went. No
  // file: nothing is done.
  core::Result<void> reopen() const;
  void set_level(config::LogLevel level) const;

  void info(std::string_view event, std::string_view detail = {}) const;
  void warn(std::string_view event, std::string_view detail = {}) const;
  void exchange(const audit::Record& record) const;

 private:
  [[nodiscard]] std::string line(std::string_view event, std::string_view detail) const;
  void apply_settings() const;

  config::Log settings_;
  bool json_;
  std::shared_ptr<LogFile> file_;  // null: standard output
};

// Metrics, and one log line per exchange of an identified caller.
class Watch final : public pipeline::Observer {
 public:
  Watch(admin::Metrics& metrics, const Log& log) : metrics_(metrics), log_(log) {}
  void opened() noexcept override { metrics_.opened(); }
  void closed(const audit::Record& record, std::uint32_t failed_open,
              bool recorded) noexcept override;

 private:
  admin::Metrics& metrics_;
  const Log& log_;
};

}  // namespace menshen::gateway
