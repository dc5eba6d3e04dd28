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

// "finance", "qwen3-32b", "finance / qwen3-32b"; the total has none.
std::string name_of(const Cell& cell) {
  if (cell.model == all_name) return cell.group == all_name ? "all" : cell.group;
  return cell.group == all_name ? cell.model : cell.group + " / " + cell.model;
}

// What the figures of a table are by.
std::string_view heading_of(const Cell& cell) {
  if (table_of(cell) == Table::both) return "  by group and model\n";
  if (cell.group != all_name) return "  by group\n";
  return cell.model != all_name ? "  by model\n" : "";
}

std::string text_of(const DayFigures& day) {
  std::string out = day.day + " (UTC), ";
  if (day.refused) return out + "not released: the budget was spent\n";
  if (day.lost) return out + "lost: it was charged, and its figures are nowhere\n";
  if (day.figures.empty()) return out + "nothing released yet; a day is released when it is over\n";
  out += day.final ? "complete" : "up to " + core::format_rfc3339(day.as_of_ns).substr(11, 8);
  out += ", " + std::to_string(day.windows) + (day.windows == 1 ? " release\n" : " releases\n");
  std::string_view heading;
  for (const Figure& figure : day.figures) {
    if (heading_of(figure.cell) != heading) out += heading = heading_of(figure.cell);
    out += "  " + name_of(figure.cell) + ": requests " +
           plus_minus(figure.requests, figure.requests_error) + ", users " +
           plus_minus(figure.users, figure.users_error) + "\n";
  }
  return out;
}

// What a figure can and cannot tell, for whoever reads it. The same in both languages.
std::string explanation_en(const PrivacyStatement& s) {
  const std::string cap = std::to_string(s.requests_cap);
  std::string out =
      "How to read this. Each figure is a count with random noise, which hides any one person. Of "
      "100 "
      "true counts 95 lie within the \u00b1 beside their figure, and 5 do not. A figure that is "
      "smaller than its \u00b1 says only that the count is small: it may be zero, and a negative "
      "figure says the same. Two figures that differ by less than 1.4 times their \u00b1 may be "
      "equal. The total is the most exact; groups and models follow, and figures by both are the "
      "least. Each has noise of its own, so parts do not add up to their sum.\n";
  out += "What is counted. Of one user at most " + cap +
         " answered requests a day; where people send more, the truth is larger. In each table a "
         "user counts once, where the log shows him first, so users of a model are those who began "
         "their day with it. Nothing is left out for being small. Groups that no API key names and "
         "models that no route names are together under (other).\n";
  if (!s.has_both) {
    out += "There are too many groups and models for a table by both, so there is none.\n";
  }
  return out + "What it cannot tell: what one person did, or whether he was there.\n";
}

std::string explanation_zh(const PrivacyStatement& s) {
  const std::string cap = std::to_string(s.requests_cap);
  std::string out =
      "如何阅读。每个数字都是计数加上随机噪声，噪声隐去任何一个人。100 个真实计数中有 95 "
      "个落在数字旁的 "
      "\u00b1 范围之内，5 个不在。数字小于它的 \u00b1 "
      "时，只说明真实计数很小：可能是零，负数也是同样的意思。"
      "两个数字相差不到 \u00b1 的 1.4 "
      "倍时，可能本来相等。总数最准确，其次是按组和按模型，按两者的最不准确。"
      "每个数字有自己的噪声，所以各部分相加不等于总数。\n";
  out += "统计什么。一个用户一天最多计 " + cap +
         " 次得到回答的请求；有人超过时，真实数字更大。每张表中一个用户只计一次，记在日志中他最先出"
         "现的地方，"
         "所以某个模型的用户，是当天最先使用它的人。没有数字因为太小而被略去。API 密钥中没有的组、"
         "路由中没有的模型，合计在 (other) 之下。\n";
  if (!s.has_both) out += "组和模型太多，放不下按两者的表，所以没有这张表。\n";
  return out + "它不能说明：某一个人做了什么，或他当天是否使用过。\n";
}

std::string text_of(const PrivacyStatement& s) {
  std::string out = "Discrete Gaussian noise. One day costs rho " + number(s.rho_per_day) +
                    " (epsilon " + number(s.epsilon_per_day) +
                    " at delta 1e-6). All days so far: rho " + number(s.rho_spent) + " of " +
                    number(s.rho_total) + " (epsilon " + number(s.epsilon_spent) +
                    " for someone who used it every day).\n";
  const std::string days = std::to_string(s.days_left);
  out += "At this pace the budget lasts for " + days + " more days; then nothing is released.\n";
  return out + "按目前的花费，预算还够 " + days + " 天；之后不再发布。\n";
}

Json json_of(const Figure& figure) {
  return {{"requests", figure.requests},
          {"requests_error_95", figure.requests_error},
          {"users", figure.users},
          {"users_error_95", figure.users_error}};
}

Json json_of(const DayFigures& day) {
  Json out = {{"day", day.day},
              {"final", day.final},
              {"refused", day.refused},
              {"lost", day.lost},
              {"releases", day.windows},
              {"as_of", day.windows > 0 ? core::format_rfc3339(day.as_of_ns) : ""},
              {"total", nullptr},
              {"groups", Json::array()},
              {"models", Json::array()},
              {"cells", Json::array()}};
  for (const Figure& figure : day.figures) {
    const bool by_group = figure.cell.group != all_name;
    const bool by_model = figure.cell.model != all_name;
    Json each;
    if (by_group) each["group"] = figure.cell.group;
    if (by_model) each["model"] = figure.cell.model;
    each.update(json_of(figure));
    if (by_group || by_model) {
      out[by_group && by_model ? "cells" : by_group ? "groups" : "models"].push_back(each);
    } else {
      out["total"] = each;
    }
  }
  return out;
}

Json json_of(const Variance& variance) {
  return {{"requests", variance.requests}, {"users", variance.users}};
}

Json json_of(const PrivacyStatement& s) {
  return {{"unit", "one user's day (UTC)"},
          {"mechanism", "discrete Gaussian"},
          {"requests_per_user_day_max", s.requests_cap},
          {"cells_per_user_day_max_for_users", 1},
          {"sigma2",
           {{"total", json_of(s.sigma2.total)},
            {"groups_and_models", json_of(s.sigma2.marginal)},
            {"cells", json_of(s.sigma2.both)}}},
          {"rho_per_day", s.rho_per_day},
          {"delta", report_delta},
          {"epsilon_per_day", s.epsilon_per_day},
          {"rho_spent", s.rho_spent},
          {"rho_left", s.rho_total - s.rho_spent},
          {"rho_total", s.rho_total},
          {"epsilon_spent", s.epsilon_spent},
          {"days_left", s.days_left}};
}

}  // namespace

std::string to_text(const Report& report) {
  std::string out;
  if (report.refusal) out += report.refusal->message + "\n";
  for (const DayFigures& day : report.days) out += text_of(day);
  return out + explanation_en(report.statement) + explanation_zh(report.statement) +
         text_of(report.statement);
}

std::string to_json(const Report& report) {
  Json days = Json::array();
  for (const DayFigures& day : report.days) days.push_back(json_of(day));
  Json json = {
      {"days", days},
      {"privacy", json_of(report.statement)},
      {"explanation",
       {{"en", explanation_en(report.statement)}, {"zh", explanation_zh(report.statement)}}}};
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
