#include "proxy/cli/scan_explain.h"

#include "core/clock.h"
#include "proxy/cli/terminal.h"
#include "proxy/pipeline/redaction.h"

#include <cmath>
#include <optional>
#include <utility>

namespace menshen::cli {
namespace {

using Json = nlohmann::ordered_json;

double four_digits(float value) { return std::round(static_cast<double>(value) * 1e4) / 1e4; }

Json or_null(const std::optional<float>& value) {
  return value ? Json(four_digits(*value)) : Json();
}

std::string masked(const core::Finding& finding, std::string_view value) {
  const pipeline::Redactor unused("");
  core::Finding plain = finding;
  plain.place = core::Place::plain;
  return pipeline::Replacer(unused).replacement(plain, value, core::RedactAs::mask);
}

Json ignored_by(const core::Finding& finding) {
  Json out = Json::array();
  for (std::uint32_t entry = 0; finding.ignored >> entry != 0; ++entry) {
    if ((finding.ignored >> entry & 1U) != 0)
      out.push_back("ignore[" + std::to_string(entry) + "]");
  }
  return out;
}

std::string number_text(const Json& number) {
  return number.is_null() ? "unknown: it depends on what stands far away"
         : number == 0    ? "not found"
                          : number.dump();
}

std::string joined(const Json& names) {
  std::string out;
  for (const Json& name : names) {
    if (!out.empty()) out.append(", ");
    out.append(name.is_string() ? name.get<std::string>() : name.dump());
  }
  return out;
}

std::string head_line(const Json& one) {
  return one["type"].get<std::string>() + " at bytes " + one["start"].dump() + " to " +
         one["end"].dump() + ", " + one["confidence"].dump() + ", detector " +
         one["detector"].get<std::string>() + "/" + one["version"].dump() + ": " +
         spelled(one["value"].get<std::string>()) + "\n";
}

void append_found(std::string& out, const Json& one) {
  out.append("found: ").append(head_line(one));
  out.append("  without what stands before: ").append(number_text(one["without_before"]));
  out.append("\n  without what stands behind: ").append(number_text(one["without_behind"]));
  out.append("\n");
  if (!one["written"].empty()) out.append("  written with: " + joined(one["written"]) + "\n");
  if (one.contains("ignored")) out.append("  named by: " + joined(one["ignored"]) + "\n");
  if (!one.contains("action")) return;
  out.append("  " + one["action"].get<std::string>() + ": ");
  out.append(one.contains("rule") ? "rule " + one["rule"].get<std::string>() : "no rule");
  out.append("\n");
  for (const auto& [key, text] : {std::pair("if_surer", "  if it were surer: rule "),
                                  std::pair("if_not_ignored", "  were it not named: rule ")}) {
    if (one.contains(key)) out.append(text + one[key].get<std::string>() + "\n");
  }
  if (one.contains("shadow")) out.append("  in shadow: " + joined(one["shadow"]) + "\n");
}

}  // namespace

ScanExplainer::ScanExplainer(std::shared_ptr<const detectors::Catalog> catalog,
                             std::shared_ptr<const policies::PolicySet> set, Caller caller,
                             bool show_values)
    : explainer_(std::move(catalog)),
      set_(std::move(set)),
      caller_(std::move(caller)),
      show_values_(show_values) {}

Json ScanExplainer::span_of(std::string_view text, const core::Finding& finding,
                            unsigned version) const {
  const std::string_view value = text.substr(finding.begin, finding.end - finding.begin);
  return {{"type", finding.type->name},
          {"start", finding.begin},
          {"end", finding.end},
          {"confidence", four_digits(finding.confidence)},
          {"detector", finding.detector},
          {"version", version},
          {"value", show_values_ ? std::string(value) : masked(finding, value)},
          {"summary", finding.type->summary}};
}

void ScanExplainer::add_rules(Json& out, const core::Finding& finding,
                              core::Direction direction) const {
  if (set_ == nullptr) return;
  const policies::Facts facts{.subject = &caller_.subject,
                              .model = caller_.model,
                              .zone = caller_.zone,
                              .wall_ns = core::system_clock().wall_ns()};
  const policies::ContentPlan plan = set_->content(facts, direction);
  policies::Matches shadow;
  const policies::Verdict verdict = plan.decide(finding, &shadow);
  out["action"] = core::to_string(verdict.action);
  if (verdict.rule != nullptr) out["rule"] = *verdict.rule;
  const auto note = [&](const char* key, const core::Finding& other) {
    const policies::Verdict then = plan.decide(other, nullptr);
    if (then.rule != nullptr && then.rule != verdict.rule) out[key] = *then.rule;
  };
  core::Finding surer = finding;
  surer.confidence = 1;
  note("if_surer", surer);
  core::Finding unnamed = finding;
  unnamed.ignored = 0;
  note("if_not_ignored", unnamed);
  for (const policies::Match& match : shadow) out["shadow"].push_back(*match.rule);
}

core::Result<Json> ScanExplainer::explain(std::string_view text, core::Direction direction) const {
  const auto explained = explainer_.explain(text);
  if (!explained) return explained.error();
  Json out{{"found", Json::array()}, {"passed_over", Json::array()}};
  for (const detectors::Explained& one : explained->found) {
    Json found = span_of(text, one.finding, one.version);
    found["without_before"] = or_null(one.without_before);
    found["without_behind"] = or_null(one.without_behind);
    found["written"] = detectors::names_of_written(one.written);
    if (one.finding.ignored != 0) found["ignored"] = ignored_by(one.finding);
    add_rules(found, one.finding, direction);
    out["found"].push_back(std::move(found));
  }
  for (const detectors::PassedOver& one : explained->passed_over) {
    Json passed = span_of(text, one.candidate, one.version);
    passed["because"] = one.overlapped_by.empty() ? "others_speak_against_it" : "overlap";
    if (!one.overlapped_by.empty()) passed["found"] = one.overlapped_by;
    out["passed_over"].push_back(std::move(passed));
  }
  return out;
}

std::string text_of_explanation(const Json& explained) {
  std::string out;
  for (const Json& one : explained["found"]) append_found(out, one);
  for (const Json& one : explained["passed_over"]) {
    out.append("passed over: ").append(head_line(one));
    if (!one.contains("found")) {
      out.append("  its detector alone finds it; what the others know speaks against it\n");
      continue;
    }
    out.append("  overlapped by:");
    for (const Json& number : one["found"]) {
      const Json& by = explained["found"][number.get<std::size_t>()];
      out.append(" " + by["type"].get<std::string>() + " at byte " + by["start"].dump());
    }
    out.append("\n");
  }
  return out;
}

}  // namespace menshen::cli
