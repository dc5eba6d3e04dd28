#include "proxy/config/limits_table.h"
#include "proxy/config/reading.h"

#include <algorithm>
#include <iterator>

namespace menshen::config {
namespace {

using core::Limits;

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr std::uint64_t gib = 1024 * mib;
constexpr std::uint64_t day_ms = 86'400'000;

constexpr LimitField fields[] = {
    {"header_bytes_max", &Limits::header_bytes_max, kib, mib},
    {"header_count_max", &Limits::header_count_max, 8, 10'000},
    {"target_bytes_max", &Limits::target_bytes_max, 64, 64 * kib},
    {"request_body_bytes_max", &Limits::request_body_bytes_max, kib, gib},
    {"chunk_header_bytes_max", &Limits::chunk_header_bytes_max, 16, 64 * kib},
    {"json_depth_max", &Limits::json_depth_max, 8, 1024},
    {"encrypted_reasoning_bytes_max", &Limits::encrypted_reasoning_bytes_max, kib, gib},
    {"upstream_header_bytes_max", &Limits::upstream_header_bytes_max, kib, mib},
    {"response_body_bytes_max", &Limits::response_body_bytes_max, kib, gib},
    {"stream_event_bytes_max", &Limits::stream_event_bytes_max, kib, gib},
    {"stream_bytes_max", &Limits::stream_bytes_max, kib, 1024 * gib},
    {"stream_channels_max", &Limits::stream_channels_max, 1, 1'000'000},
    {"held_events_max", &Limits::held_events_max, 1, 1'000'000},
    {"held_bytes_max", &Limits::held_bytes_max, kib, gib},
    {"score_text_bytes_max", &Limits::score_text_bytes_max, kib, gib},
    {"bodies_bytes_max", &Limits::bodies_bytes_max, kib, 1024 * gib},
    {"connections_max", &Limits::connections_max, 1, 1'000'000},
    {"requests_per_connection_max", &Limits::requests_per_connection_max, 1, 4'000'000'000},
    {"upstream_idle_connections_max", &Limits::upstream_idle_connections_max, 0, 65'535},
    {"scan_queue_max", &Limits::scan_queue_max, 1, 1'000'000},
    {"tls_handshake_timeout_ms", &Limits::tls_handshake_timeout_ms, 1, day_ms},
    {"header_timeout_ms", &Limits::header_timeout_ms, 1, day_ms},
    {"body_timeout_ms", &Limits::body_timeout_ms, 1, day_ms},
    {"idle_timeout_ms", &Limits::idle_timeout_ms, 1, day_ms},
    {"write_timeout_ms", &Limits::write_timeout_ms, 1, day_ms},
    {"ping_interval_ms", &Limits::ping_interval_ms, 1, day_ms},
    {"exchange_timeout_ms", &Limits::exchange_timeout_ms, 1, day_ms},
    {"drain_timeout_ms", &Limits::drain_timeout_ms, 0, day_ms},
    {"journal_queue_bytes_max", &Limits::journal_queue_bytes_max, mib, 64 * gib},
    {"journal_commit_timeout_ms", &Limits::journal_commit_timeout_ms, 1, day_ms},
};

constexpr LimitRelation relations[] = {
    {"target_bytes_max", "header_bytes_max", false, "the request line is a part of the head"},
    {"stream_event_bytes_max", "held_bytes_max", false, "one event must fit into what may be held"},
    {"stream_event_bytes_max", "stream_bytes_max", false, "one event is a part of its stream"},
    {"request_body_bytes_max", "journal_queue_bytes_max", true,
     "the journal's queue holds more than one body"},
    {"request_body_bytes_max", "bodies_bytes_max", false, "one body is a part of all"},
    {"ping_interval_ms", "idle_timeout_ms", true, "a ping comes before idleness"},
    {"header_timeout_ms", "exchange_timeout_ms", false, "the head is a part of the exchange"},
    {"body_timeout_ms", "exchange_timeout_ms", false, "the body is a part of the exchange"},
    {"journal_commit_timeout_ms", "exchange_timeout_ms", false,
     "the evidence is a part of the exchange"},
};

const LimitField& field_named(std::string_view name) noexcept {
  return *std::ranges::find(fields, name, &LimitField::name);
}

void check_relation(const LimitRelation& r, const core::YamlMap& map, const Limits& limits) {
  const std::uint64_t smaller = limit_value(limits, field_named(r.smaller));
  const std::uint64_t larger = limit_value(limits, field_named(r.larger));
  if (smaller < larger || (smaller == larger && !r.strict)) return;
  const core::YamlValue at = map.has(r.smaller) ? map[r.smaller] : map[r.larger];
  at.error(std::string(r.smaller) + " (" + std::to_string(smaller) + ") must be " +
           (r.strict ? "less than " : "at most ") + std::string(r.larger) + " (" +
           std::to_string(larger) + "): " + std::string(r.reason) + ".");
}

}  // namespace

std::span<const LimitField> limit_fields() noexcept { return fields; }
std::span<const LimitRelation> limit_relations() noexcept { return relations; }

std::uint64_t limit_value(const Limits& limits, const LimitField& field) noexcept {
  return std::visit([&](auto member) { return std::uint64_t{limits.*member}; }, field.member);
}

bool read_limits(const core::YamlValue& value, Limits& limits) {
  std::vector<core::YamlKey> keys;
  for (const LimitField& field : fields) keys.push_back({field.name});
  const core::YamlMap map(value, keys);
  bool whole = value.present();
  for (const LimitField& field : fields) {
    const core::YamlValue given = map[field.name];
    if (!given.present()) continue;
    const auto number = given.integer(field.min, field.max);
    whole = whole && number.has_value();
    if (!number) continue;
    std::visit(
        [&](auto member) {
          using Number = std::remove_reference_t<decltype(limits.*member)>;
          limits.*member = static_cast<Number>(*number);
        },
        field.member);
  }
  if (whole) {
    for (const LimitRelation& relation : relations) check_relation(relation, map, limits);
  }
  return map.has("connections_max");
}

}  // namespace menshen::config
