// The process's log: one line per event, JSON or text. Messages are ours; anything from outside is
// reduced to plain characters. Only fixed sentences, ids and counts: no content.
#pragma once

#include "audit/record.h"
#include "proxy/admin/metrics.h"
#include "proxy/config/config.h"
#include "proxy/pipeline/gateway.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace menshen::gateway {

// Thread-safe.
class Log {
 public:
  // Sets level and pattern of the whole process.
  explicit Log(const config::Log& log);
  void info(std::string_view event, std::string_view detail = {}) const;
  void warn(std::string_view event, std::string_view detail = {}) const;
  void exchange(const audit::Record& record) const;

 private:
  [[nodiscard]] std::string line(std::string_view event, std::string_view detail) const;
  bool json_;
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
