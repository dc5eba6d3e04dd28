#include <nlohmann/json.hpp>

#include <cstdio>

#include "audit/dp/report.h"

namespace menshen::audit::dp {
namespace {

using Json = nlohmann::ordered_json;

std::string number(double value) {
  char text[32];
  const int n = std::snprintf(text, sizeof text, "%.4g", value);
  return {text, static_cast<std::size_t>(n)};
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string plus_minus(std::int64_t value, std::int64_t error) {
  return std::to_string(value) + " \u00b1 " + std::to_string(error);
}

std::string text_of(const DayFigures& day) {
  std::string out = day.day + " (UTC), ";
  if (day.refused) return out + "not released: the budget was spent\n";
  if (day.lost) return out + "lost: it was charged, and its figures are nowhere\n";
  if (day.figures.empty()) return out + "nothing released yet\n";
  out += day.final ? "complete" : "up to " + core::format_rfc3339(day.as_of_ns).substr(11, 8);
  out += ", " + std::to_string(day.windows) + " releases\n";
  std::int64_t requests = 0;
  std::int64_t users = 0;
  for (const Figure& figure : day.figures) {
    requests += figure.requests;
    users += figure.users;
    out += "  " + figure.cell.group + " / " + figure.cell.model + ": requests " +
           plus_minus(figure.requests, day.requests_error) + ", users " +
           plus_minus(figure.users, day.users_error) + "\n";
  }
  return out + "  all: requests " + plus_minus(requests, day.requests_error_total) + ", users " +
         plus_minus(users, day.users_error_total) + "\n";
}

std::string text_of(const PrivacyStatement& s) {
  std::string out = "Noise hides any one user's whole day: ";
  out += "at most " + std::to_string(s.requests_cap) +
         " requests of a user count in a day, and the user once.\n";
  out += "Discrete Gaussian noise, variance " + std::to_string(s.sigma2_requests) +
         " (requests) and " + std::to_string(s.sigma2_users) +
         " (users) per release; \u00b1 is the half-width of a 95% interval.\n";
  out += "One day costs rho " + number(s.rho_per_day) + " (epsilon " + number(s.epsilon_per_day) +
         " at delta 1e-6). All days so far: rho " + number(s.rho_spent) + " of " +
         number(s.rho_total) + " (epsilon " + number(s.epsilon_spent) +
         " for someone who used it every day).\n";
  return out;
}

Json json_of(const DayFigures& day) {
  Json cells = Json::array();
  for (const Figure& figure : day.figures) {
    cells.push_back({{"group", figure.cell.group},
                     {"model", figure.cell.model},
                     {"requests", figure.requests},
                     {"users", figure.users}});
  }
  return {{"day", day.day},
          {"final", day.final},
          {"refused", day.refused},
          {"lost", day.lost},
          {"releases", day.windows},
          {"as_of", day.windows > 0 ? core::format_rfc3339(day.as_of_ns) : ""},
          {"requests_error_95", day.requests_error},
          {"users_error_95", day.users_error},
          {"requests_error_95_total", day.requests_error_total},
          {"users_error_95_total", day.users_error_total},
          {"cells", cells}};
}

Json json_of(const PrivacyStatement& s) {
  return {{"unit", "one user's day (UTC)"},
          {"mechanism", "discrete Gaussian"},
          {"requests_per_user_day_max", s.requests_cap},
          {"cells_per_user_day_max_for_users", 1},
          {"sigma2_requests", s.sigma2_requests},
          {"sigma2_users", s.sigma2_users},
          {"rho_per_day", s.rho_per_day},
          {"delta", report_delta},
          {"epsilon_per_day", s.epsilon_per_day},
          {"rho_spent", s.rho_spent},
          {"rho_left", s.rho_total - s.rho_spent},
          {"rho_total", s.rho_total},
          {"epsilon_spent", s.epsilon_spent}};
}

}  // namespace

std::string to_text(const Report& report) {
  std::string out;
  if (report.refusal) out += report.refusal->message + "\n";
  for (const DayFigures& day : report.days) out += text_of(day);
  return out + text_of(report.statement);
}

std::string to_json(const Report& report) {
  Json days = Json::array();
  for (const DayFigures& day : report.days) days.push_back(json_of(day));
  Json json = {{"days", days}, {"privacy", json_of(report.statement)}};
  if (report.refusal) {
    json["refusal"] = {{"code", report.refusal->code}, {"message", report.refusal->message}};
  }
  return dump(json);
}

std::string to_text(const Ledger& ledger) {
  std::string out;
  for (const LedgerEntry& entry : ledger.entries) {
    out += entry.time + "  " + entry.event + "  day " + entry.day + "  rho " + number(entry.rho) +
           "  spent " + number(entry.rho_spent) + "\n";
  }
  return out + "spent: rho " + number(ledger.rho_spent) + " of " + number(ledger.rho_total) +
         ", epsilon " + number(ledger.epsilon_spent) + " at delta 1e-6\n";
}

std::string to_json(const Ledger& ledger) {
  Json entries = Json::array();
  for (const LedgerEntry& entry : ledger.entries) {
    entries.push_back({{"time", entry.time},
                       {"event", entry.event},
                       {"day", entry.day},
                       {"rho", entry.rho},
                       {"rho_spent", entry.rho_spent}});
  }
  return dump({{"entries", entries},
               {"rho_spent", ledger.rho_spent},
               {"rho_total", ledger.rho_total},
               {"delta", report_delta},
               {"epsilon_spent", ledger.epsilon_spent}});
}

std::string to_text(const Recovery& recovery) {
  std::string out = "dp.db was made anew from the audit log: " + std::to_string(recovery.charged) +
                    " days charged, " + std::to_string(recovery.released) +
                    " of them with their figures; rho " + number(recovery.rho_spent) + " spent.\n";
  for (const std::string& day : recovery.lost) {
    out += day + ": lost. It was charged, and the log does not hold its figures.\n";
  }
  return out;
}

std::string to_json(const Recovery& recovery) {
  return dump({{"charged", recovery.charged},
               {"released", recovery.released},
               {"lost", recovery.lost},
               {"rho_spent", recovery.rho_spent}});
}

}  // namespace menshen::audit::dp
