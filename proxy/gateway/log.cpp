#include "proxy/gateway/log.h"

#include "proxy/gateway/log_line.h"

#include <boost/container/static_vector.hpp>

#include <algorithm>
#include <exception>
#include <map>

namespace menshen::gateway {
namespace {

// A name that a client has chosen stands there if it looks like one; what a route spells out is the
// configuration's. What a detector finds in it, and what no route knows, the record has replaced.
constexpr std::size_t logged_model_bytes_max = 64;

bool is_tame(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._:/-()").find(c) != std::string_view::npos;
}

std::string_view model_in_log(std::string_view model) {
  const bool tame = model.size() <= logged_model_bytes_max && std::ranges::all_of(model, is_tame);
  return tame ? model : std::string_view("(withheld)");
}

// Of the record, where it is something: most exchanges have few of these.
void add_name(LogLine& line, const LogKey& key, std::string_view value) {
  if (!value.empty()) line.name(key, value);
}

void add_text(LogLine& line, const LogKey& key, std::string_view value) {
  if (!value.empty()) line.text(key, value);
}

void add_keys(LogLine& line, const LogKey& key,
              const std::map<std::string, std::uint32_t>& counts) {
  if (counts.empty()) return;
  line.begin_list(key);
  for (const auto& [name, count] : counts) line.member(name);
  line.end_list();
}

// Groups are ordered by type.
void add_types(LogLine& line, const LogKey& key, const audit::FindingGroups& groups) {
  if (groups.empty()) return;
  line.begin_list(key);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i == 0 || groups[i].type != groups[i - 1].type) line.member(groups[i].type);
  }
  line.end_list();
}

// The record has an entry for each direction and action; here each rule stands once.
void add_rules(LogLine& line, const LogKey& key, const audit::Record& r, bool enforced) {
  boost::container::static_vector<std::string_view, logged_members_max + 1> told;
  line.begin_list(key);
  for (const audit::FiredRule& rule : r.rules) {
    if (told.size() > logged_members_max) break;
    if (rule.enforced != enforced || std::ranges::find(told, rule.rule) != told.end()) continue;
    told.push_back(rule.rule);
    line.member(rule.rule);
  }
  line.end_list();
}

// Never a person: the application that the key is for; else the service that called, for itself or
// for somebody.
std::string_view application_of(const audit::Record& r) {
  if (!r.application.empty()) return r.application;
  if (!r.actor.empty()) return r.actor;
  return r.subject_kind == "service" ? std::string_view(r.subject) : std::string_view();
}

void add_caller(LogLine& line, const audit::Record& r) {
  add_text(line, "application", application_of(r));
  if (r.groups.empty()) return;
  line.begin_list("groups");
  for (const std::string& group : r.groups) line.member(group);
  line.end_list();
}

void add_target(LogLine& line, const pipeline::Closed& exchange) {
  const audit::Record& r = exchange.record;
  add_text(line, "model", r.model == exchange.route ? r.model : model_in_log(r.model));
  // Another name than the client's is the route's.
  if (r.upstream_model != r.model) add_text(line, "served", r.upstream_model);
  add_text(line, "route", exchange.route);
  add_name(line, "zone", r.zone);
  line.name("upstream", r.upstream);
  if (r.upstream_status != 0) line.number("upstream_status", r.upstream_status);
  line.number("attempts", r.attempts);
}

void add_decision(LogLine& line, const audit::Record& r) {
  add_text(line, "access_rule", r.access_rule);
  if (!r.rules.empty()) {
    add_rules(line, "rules", r, true);
    add_rules(line, "shadow_rules", r, false);
  }
  add_types(line, "findings_request", r.findings_request);
  add_types(line, "findings_response", r.findings_response);
  add_keys(line, "opaque_request", r.opaque_request);
  add_keys(line, "opaque_response", r.opaque_response);
}

}  // namespace

Log::Log(const config::Log& log)
    : settings_(log),
      json_(log.format == config::LogFormat::json),
      level_(log.level),
      writer_({.lost_line = [json = json_](std::uint64_t lost) {
        LogLine line(json, "warning", "log_lines_lost");
        line.detail(std::to_string(lost));
        return std::string(line.end());
      }}) {}

core::Result<void> Log::open() { return reopen(); }

core::Result<void> Log::reopen() {
  if (settings_.file.empty()) return {};
  return writer_.open(settings_.file);
}

void Log::put(std::string_view level, std::string_view event, std::string_view detail) {
  LogLine line(json_, level, event);
  line.detail(detail);
  writer_.put(line.end());
}

void Log::info(std::string_view event, std::string_view detail) {
  if (tells(config::LogLevel::info)) put("info", event, detail);
}

void Log::warn(std::string_view event, std::string_view detail) {
  if (tells(config::LogLevel::warning)) put("warning", event, detail);
}

void Log::error(std::string_view event, std::string_view detail) { put("error", event, detail); }

void Log::notice(std::string_view event, std::string_view detail) { put("notice", event, detail); }

void Log::exchange(const pipeline::Closed& exchange) {
  if (!tells(config::LogLevel::info)) return;
  const audit::Record& r = exchange.record;
  LogLine line(json_, "info", "exchange");
  line.name("exchange", r.exchange);
  line.name("api", r.api);
  if (r.status != 0) line.number("status", r.status);
  if (r.error_status != 0) line.number("error_status", r.error_status);
  line.name("decision", r.decision);
  line.name("error", r.error);
  add_name(line, "error_source", r.error_source);
  add_caller(line, r);
  add_target(line, exchange);
  add_decision(line, r);
  line.number("duration_us", r.duration_us);
  line.number("upstream_wait_us", r.upstream_wait_us);
  if (r.first_byte_us != 0) line.number("first_byte_us", r.first_byte_us);
  if (exchange.held_us != 0) line.number("held_us", exchange.held_us);
  line.number("request_bytes", static_cast<std::int64_t>(r.request_bytes));
  line.number("response_bytes", static_cast<std::int64_t>(r.response_bytes));
  writer_.put(line.end());
}

void Watch::closed(const pipeline::Closed& exchange) noexcept {
  metrics_.closed(exchange);
  if (exchange.record.subject.empty()) return;  // a stranger: he is counted, and fills no disk
  try {
    log_.exchange(exchange);
  } catch (const std::exception&) {
    // A log line that cannot be made is lost; the record is not.
  }
}

}  // namespace menshen::gateway
