#include "proxy/gateway/log.h"

#include <spdlog/spdlog.h>

#include <exception>

namespace menshen::gateway {

Log::Log(const config::Log& log) : json_(log.format == config::LogFormat::json) {
  spdlog::set_pattern(
      json_ ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
      spdlog::pattern_time_type::utc);
  switch (log.level) {
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
        r.exchange, r.api, r.status, r.decision, r.error, r.upstream, r.attempts, r.duration_us,
        r.upstream_wait_us, r.request_bytes, r.response_bytes);
  } else {
    spdlog::info("exchange {} {} {} {} {} {}us", r.exchange, r.api, r.status, r.decision, r.error,
                 r.duration_us);
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
