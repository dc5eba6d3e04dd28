#include "proxy/pipeline/record_builder.h"

#include "audit/joined.h"
#include "proxy/pipeline/recordable.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace menshen::pipeline {
namespace {

// Nothing that a stranger wrote stands in a record.
std::string_view known_method(std::string_view method) {
  constexpr std::array<std::string_view, 7> known{"GET",   "HEAD",   "POST",   "PUT",
                                                  "PATCH", "DELETE", "OPTIONS"};
  const auto found = std::ranges::find(known, method);
  return found == known.end() ? "(unknown)" : *found;
}

void copy_rules(const Tally& tally, std::vector<audit::FiredRule>& rules) {
  for (const Tally::Fired& fired : tally.rules) {
    audit::FiredRule& rule =
        rules.emplace_back(audit::FiredRule{std::string(fired.rule),
                                            std::string(core::to_string(fired.action)),
                                            fired.enforced,
                                            fired.count,
                                            {}});
    for (const auto& [what, count] : fired.matched) rule.found.emplace(what, count);
  }
}

// `before`: rules that stand before those of this direction.
void copy_groups(const Tally& tally, std::size_t before, audit::FindingGroups& out) {
  for (const Tally::Group& found : tally.groups) {
    audit::FindingGroup& group =
        out.emplace_back(audit::FindingGroup{std::string(found.type->name), found.count});
    if (found.action != core::Action::allow) group.action = core::to_string(found.action);
    group.summed = found.summed;
    if (found.summed) continue;
    group.confidence = found.confidence;
    group.role = core::to_string(found.role);
    for (const std::uint32_t rule : found.rules)
      group.rules.push_back(static_cast<std::uint32_t>(before) + rule);
  }
  std::ranges::sort(out, {}, [](const audit::FindingGroup& group) {
    return std::tie(group.type, group.role, group.confidence, group.action, group.rules);
  });
}

void copy_kinds(const Tally& tally, std::map<std::string, std::uint32_t>& found) {
  for (const core::OpaqueKind kind : core::all_opaque_kinds) {
    const std::uint32_t n = tally.opaque[static_cast<std::size_t>(kind)];
    if (n > 0) found.emplace(to_string(kind), n);
  }
}

}  // namespace

void copy_scores(const core::Scores& scores, std::map<std::string, float>& out) {
  for (const core::Score& score : scores.all()) out.emplace(score.kind->name, score.value);
}

void RecordBuilder::arrived(std::string id, std::string client, std::string_view method,
                            std::int64_t opened_ns, std::int64_t wall_ns) {
  record_.wall_ns = wall_ns;
  record_.exchange = std::move(id);
  record_.client = std::move(client);
  record_.method = known_method(method);
  record_.path = "(unknown)";
  opened_ns_ = opened_ns;
}

void RecordBuilder::judged_by(const policies::PolicySet& policy) {
  record_.policy = policy.version().substr(0, audit::policy_digits);
}

void RecordBuilder::called(const protocol::Endpoint& endpoint) {
  record_.path = endpoint.path;
  record_.api = endpoint.name;
  record_.operation = core::to_string(endpoint.operation);
}

void RecordBuilder::identified(const core::Subject& subject) {
  record_.subject = subject.id;
  record_.subject_kind = core::to_string(subject.kind);
  record_.groups = subject.groups;
  record_.credential = subject.credential_id;
  record_.application = subject.application;
  record_.actor = subject.actor;
}

void RecordBuilder::withheld_model(const std::string& model) {
  record_.model = withheld;
  withheld_model_ = model;
}

void RecordBuilder::denied(const Target& target, std::string_view rule) {
  std::string line(target.name);
  line.append(": ").append(rule.empty() ? "(default)" : rule);
  auto& lines = record_.targets_denied;
  if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
}

audit::Record RecordBuilder::intend(const Target& target, const std::string* access_rule,
                                    std::string_view body_commitment, core::Action decision) {
  intended_.reset();
  RecordBuilder next(*this);
  next.attempted(target, access_rule, body_commitment);
  audit::Record intent = std::move(next.record_);
  intent.type = audit::RecordType::intent;
  intent.decision = core::to_string(decision);
  return intent;
}

void RecordBuilder::intended(std::uint64_t seq, audit::Record intent) {
  intended_.emplace(Intended{seq, std::move(intent)});
}

void RecordBuilder::goes_to(const Target& target, const std::string* access_rule,
                            std::string_view body_commitment) {
  record_.access_rule = access_rule == nullptr ? std::string_view() : *access_rule;
  record_.forwarded_commitment = body_commitment;
  record_.upstream = target.name;
  // A route's own name for it is the configuration's.
  const bool withhold = !withheld_model_.empty() && target.model == withheld_model_;
  record_.upstream_model = withhold ? withheld : std::string_view(target.model);
  record_.zone = target.zone;
}

void RecordBuilder::attempted(const Target& target, const std::string* access_rule,
                              std::string_view body_commitment) {
  ++record_.attempts;
  goes_to(target, access_rule, body_commitment);
  record_.upstream_status = 0;
}

void RecordBuilder::told(const Target& target, const std::string* access_rule,
                         std::string_view body_commitment, unsigned status) {
  goes_to(target, access_rule, body_commitment);
  record_.upstream_status = status;
}

bool RecordBuilder::asked_for(std::string_view model) const noexcept {
  const bool is_withheld = !withheld_model_.empty() && record_.upstream_model == withheld;
  return model == (is_withheld ? std::string_view(withheld_model_) : record_.upstream_model);
}

void RecordBuilder::told_of_answer(std::string_view id, std::string_view model,
                                   std::span<const std::string_view> finish) {
  record_.answer_id = id;
  record_.answer_model = model;
  record_.finish.assign(finish.begin(), finish.end());
}

void RecordBuilder::count(const Tally& request, const Tally& answer) {
  copy_rules(request, record_.rules);
  copy_rules(answer, record_.rules);
  copy_groups(request, 0, record_.findings_request);
  copy_groups(answer, request.rules.size(), record_.findings_response);
  copy_scores(request.scores, record_.scores_request);
  copy_scores(answer.scores, record_.scores_response);
  record_.scanned_bytes = request.scanned_bytes + answer.scanned_bytes;
  record_.scanned_segments = request.scanned_segments + answer.scanned_segments;
  record_.opaque_parts = request.opaque_parts + answer.opaque_parts;
  copy_kinds(request, record_.opaque_request);
  copy_kinds(answer, record_.opaque_response);
  for (const Tally::Count& count : request.counts) {
    if (count.pseudonyms > 0) record_.pseudonyms.emplace(count.type->name, count.pseudonyms);
  }
  for (const Tally::Count& count : answer.counts) {
    if (count.restored > 0) record_.restored.emplace(count.type->name, count.restored);
  }
}

const audit::Record& RecordBuilder::close(const End& end) {
  record_.type = audit::RecordType::outcome;
  count(*end.request, *end.answer);
  record_.input_tokens = usage_.input_tokens;
  record_.output_tokens = usage_.output_tokens;
  record_.duration_us = (end.now_ns - opened_ns_) / 1000;
  record_.upstream_wait_us = upstream_wait_ns_ / 1000;
  if (first_release_ns_ > 0) record_.first_byte_us = (first_release_ns_ - opened_ns_) / 1000;
  record_.response_bytes = released_bytes_ + (end.error != nullptr ? 0 : end.last_bytes);
  record_.complete = end.error == nullptr && provider_fault_.empty();
  record_.catalog = end.catalog;
  if (end.error != nullptr) {
    close_refused(end);
  } else {
    close_answered(end);
  }
  if (intended_) audit::refer(record_, intended_->seq, intended_->record);
  return record_;
}

void RecordBuilder::close_refused(const End& end) {
  const core::Error& error = *end.error;
  record_.decision = error.kind == core::ErrorKind::forbidden ? "deny" : "error";
  record_.error = error.code;
  record_.error_source = core::to_string(error.source);
  const auto status = static_cast<std::uint32_t>(core::http_status(error.kind));
  if (end.is_open || error.kind == core::ErrorKind::cancelled) {
    record_.status = end.is_open ? 200 : 0;
    record_.error_status = status;
  } else {
    record_.status = status;
  }
}

void RecordBuilder::close_answered(const End& end) {
  record_.decision = core::to_string(std::max(end.request->decision, end.answer->decision));
  record_.status = end.is_open ? 200 : end.status;
  if (end.is_open && end.status >= 400) record_.error_status = end.status;
  if (record_.released_commitment.empty()) record_.released_commitment = end.released_commitment;
  if (!provider_fault_.empty()) {
    record_.error = provider_fault_;
    record_.error_source = core::to_string(core::ErrorSource::provider);
  }
}

}  // namespace menshen::pipeline
