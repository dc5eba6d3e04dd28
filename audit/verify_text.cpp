#include "audit/verify.h"

#include "core/clock.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace menshen::audit {

std::string_view to_string(ProblemKind kind) noexcept {
  switch (kind) {
    case ProblemKind::altered: return "altered";
    case ProblemKind::missing: return "missing";
    case ProblemKind::moved: return "moved";
    case ProblemKind::duplicated: return "duplicated";
    case ProblemKind::cut_off: return "cut_off";
    case ProblemKind::unreadable: return "unreadable";
    case ProblemKind::stored_hash: return "stored_hash";
    case ProblemKind::head_signature: return "head_signature";
    case ProblemKind::head_root: return "head_root";
    case ProblemKind::head_missing: return "head_missing";
    case ProblemKind::cosignature: return "cosignature";
    case ProblemKind::text_missing: return "text_missing";
    case ProblemKind::text_altered: return "text_altered";
    case ProblemKind::exchange: return "exchange";
  }
  return "altered";
}

namespace {

std::string time_text(std::uint64_t seconds) {
  constexpr std::uint64_t latest = 9'223'372'036;  // as nanoseconds
  return core::format_rfc3339(static_cast<std::int64_t>(std::min(seconds, latest)) * 1'000'000'000);
}

// What a quorum has seen, and what nobody but the log's owner has.
std::string witnessed_text(const VerifyReport& report) {
  const Witnessed& witnessed = report.witnessed;
  if (witnessed.quorum == 0)
    return "No witnesses' keys were given: cosignatures were not looked at.\n";
  std::string out = "witnessed by " + std::to_string(witnessed.quorum) + " operators: ";
  out += std::to_string(witnessed.records.value_or(0)) + " records, not yet by so many: " +
         std::to_string(report.records - std::min(report.records, witnessed.records.value_or(0))) +
         "\n";
  for (const WitnessSeen& seen : witnessed.witnesses) {
    out += "  " + seen.name + " of " + seen.operator_name + ": ";
    out += seen.time == 0
               ? "no cosignature\n"
               : std::to_string(seen.records) + " records at " + time_text(seen.time) + "\n";
  }
  return out;
}

nlohmann::ordered_json witnesses_json(const Witnessed& witnessed) {
  auto out = nlohmann::ordered_json::array();
  for (const WitnessSeen& seen : witnessed.witnesses) {
    out.push_back(
        {{"name", seen.name}, {"operator", seen.operator_name}, {"records", seen.records}});
    if (seen.time != 0) out.back()["time"] = time_text(seen.time);
  }
  return out;
}

nlohmann::ordered_json keys_json(const VerifyReport& report) {
  auto out = nlohmann::ordered_json::array();
  for (const KeysInForce& change : report.key_changes)
    out.push_back({{"from", change.from}, {"vkeys", vkeys_of(change.keys)}});
  return out;
}

}  // namespace

std::string to_text(const VerifyReport& report) {
  std::string out = report.ok() ? "The evidence is intact.\n" : "The evidence is NOT intact.\n";
  out += "records " + std::to_string(report.records) + ", signed " +
         std::to_string(report.signed_records) + ", heads compared " +
         std::to_string(report.heads) + "\n";
  if (report.published_heads > 0) {
    out += "heads published elsewhere " + std::to_string(report.published_heads) + "\n";
  } else {
    out += "No published heads were given: a store that was put back whole cannot be seen.\n";
  }
  out += witnessed_text(report);
  out += "root " + report.root + "\nkey " + report.vkey + "\n";
  for (std::size_t i = 1; i < report.key_changes.size(); ++i) {
    const KeysInForce& change = report.key_changes[i];
    out += "from the head over " + std::to_string(change.from) + " records on signed by";
    for (const NoteVerifier& key : change.keys) out += " " + key.vkey();
    out += "\n";
  }
  for (const Problem& problem : report.problems) {
    out += std::string(to_string(problem.kind)) + ": " + problem.what;
    if (!problem.exchange.empty()) out += " Exchange " + problem.exchange + ".";
    out += "\n";
  }
  if (report.problems_total > report.problems.size()) {
    out += "and " + std::to_string(report.problems_total - report.problems.size()) +
           " more problems\n";
  }
  if (report.published_fragments > 0) {
    out += "published file: " + std::to_string(report.published_fragments) +
           " pieces that are no whole head\n";
  }
  out += "exchanges with an intent and no outcome: " + std::to_string(report.open_exchanges_total) +
         "\n";
  for (const OpenExchange& open : report.open_exchanges) {
    out += "  record " + std::to_string(open.seq) + ", exchange " + open.exchange + "\n";
  }
  return out;
}

std::string to_json(const VerifyReport& report) {
  using Json = nlohmann::ordered_json;
  Json problems = Json::array();
  for (const Problem& problem : report.problems) {
    problems.push_back({{"kind", to_string(problem.kind)},
                        {"first", problem.first},
                        {"last", problem.last},
                        {"exchange", problem.exchange},
                        {"what", problem.what}});
  }
  Json open = Json::array();
  for (const OpenExchange& exchange : report.open_exchanges) {
    open.push_back({{"seq", exchange.seq}, {"exchange", exchange.exchange}});
  }
  const Json json = {{"ok", report.ok()},
                     {"records", report.records},
                     {"signed_records", report.signed_records},
                     {"heads", report.heads},
                     {"published_heads", report.published_heads},
                     {"quorum", report.witnessed.quorum},
                     {"witnessed_records", report.witnessed.records.value_or(0)},
                     {"witnesses", witnesses_json(report.witnessed)},
                     {"root", report.root},
                     {"vkey", report.vkey},
                     {"keys", keys_json(report)},
                     {"problems", problems},
                     {"problems_total", report.problems_total},
                     {"published_fragments", report.published_fragments},
                     {"open_exchanges", open},
                     {"open_exchanges_total", report.open_exchanges_total}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace menshen::audit
