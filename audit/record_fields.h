// The fields of a record in the order of the canonical form: one list for writing and for reading.
//
//   visit_fields(record, [](std::string_view name, auto&& field) { ... });
//
// `record` may be const. Five further names stand between them and belong to the form itself:
// "seq", "time", "truncated", "type" and "v"; the visitor gets them as an OwnField. Names are in
// ascending order (RFC 8785 section 3.2.3), which a test asserts.
#pragma once

#include "audit/record.h"

#include <concepts>
#include <string_view>
#include <type_traits>

namespace menshen::audit {

enum class OwnField { seq, time, truncated, type, version };

namespace fields {

template <class R, class Visitor>
void visit_a_to_m(R& r, Visitor& visit) {
  visit("access_rule", r.access_rule);
  visit("actor", r.actor);
  visit("answer_id", r.answer_id);
  visit("answer_model", r.answer_model);
  visit("api", r.api);
  visit("application", r.application);
  visit("attempts", r.attempts);
  visit("catalog", r.catalog);
  visit("change", r.change);
  visit("client", r.client);
  visit("complete", r.complete);
  visit("configuration", r.configuration);
  visit("credential", r.credential);
  visit("decision", r.decision);
  visit("detectors", r.detectors);
  visit("duration_us", r.duration_us);
  visit("error", r.error);
  visit("error_source", r.error_source);
  visit("error_status", r.error_status);
  visit("exchange", r.exchange);
  visit("findings_request", r.findings_request);
  visit("findings_response", r.findings_response);
  visit("finish", r.finish);
  visit("first_byte_us", r.first_byte_us);
  visit("forwarded_commitment", r.forwarded_commitment);
  visit("gateway", r.gateway);
  visit("groups", r.groups);
  visit("input_tokens", r.input_tokens);
  visit("intent", r.intent);
  visit("keys", r.keys);
  visit("keys_former", r.keys_former);
  visit("method", r.method);
  visit("model", r.model);
}

template <class R, class Visitor>
void visit_n_to_z(R& r, Visitor& visit) {
  visit("note", r.note);
  visit("opaque_parts", r.opaque_parts);
  visit("opaque_request", r.opaque_request);
  visit("opaque_response", r.opaque_response);
  visit("operation", r.operation);
  visit("output_tokens", r.output_tokens);
  visit("path", r.path);
  visit("policy", r.policy);
  visit("privacy", r.privacy);
  visit("pseudonyms", r.pseudonyms);
  visit("refusals", r.refusals);
  visit("released_commitment", r.released_commitment);
  visit("request_bytes", r.request_bytes);
  visit("request_commitment", r.request_commitment);
  visit("response_bytes", r.response_bytes);
  visit("response_commitment", r.response_commitment);
  visit("restored", r.restored);
  visit("rules", r.rules);
  visit("sampled_per_million", r.sampled_per_million);
  visit("scanned_bytes", r.scanned_bytes);
  visit("scanned_segments", r.scanned_segments);
  visit("scores_request", r.scores_request);
  visit("scores_response", r.scores_response);
  visit("seq", OwnField::seq);
  visit("status", r.status);
  visit("stream", r.stream);
  visit("subject", r.subject);
  visit("subject_kind", r.subject_kind);
  visit("targets_denied", r.targets_denied);
  visit("time", OwnField::time);
  visit("truncated", OwnField::truncated);
  visit("type", OwnField::type);
  visit("upstream", r.upstream);
  visit("upstream_model", r.upstream_model);
  visit("upstream_status", r.upstream_status);
  visit("upstream_wait_us", r.upstream_wait_us);
  visit("v", OwnField::version);
  visit("zone", r.zone);
}

}  // namespace fields

template <class R, class Visitor>
void visit_fields(R& r, Visitor&& visit) {
  fields::visit_a_to_m(r, visit);
  fields::visit_n_to_z(r, visit);
}

// Four fields are left out where they repeat another one of the same record. A record of which
// they were left out says the same: no other one has the others and not them.

// An intent: the body goes on as it was received. That of a listing has no body.
[[nodiscard]] inline bool may_forward_what_came(const Record& r) {
  return r.type == RecordType::intent && !r.request_commitment.empty();
}
[[nodiscard]] inline bool forwards_what_came(const Record& r) {
  return may_forward_what_came(r) && r.forwarded_commitment == r.request_commitment;
}
// An outcome: the answer was let go as it came.
[[nodiscard]] inline bool may_release_what_came(const Record& r) {
  return r.type == RecordType::outcome && r.response_bytes > 0 && !r.response_commitment.empty();
}
[[nodiscard]] inline bool releases_what_came(const Record& r) {
  return may_release_what_came(r) && r.released_commitment == r.response_commitment;
}
// An outcome with a whole answer, which a listing of no upstream is none of: the client is sent the
// status that the upstream gave.
[[nodiscard]] inline bool may_pass_the_status(const Record& r) {
  return r.type == RecordType::outcome && r.complete && r.status != 0 &&
         (r.intent > 0 || (r.attempts > 0 && !r.upstream.empty()));
}
[[nodiscard]] inline bool passes_the_status(const Record& r) {
  return may_pass_the_status(r) && r.upstream_status == r.status;
}
// The upstream is told the model's name as the client has it.
[[nodiscard]] inline bool may_keep_the_model(const Record& r) {
  return r.intent == 0 && !r.upstream.empty() && !r.model.empty();
}
[[nodiscard]] inline bool keeps_the_model(const Record& r) {
  return may_keep_the_model(r) && r.upstream_model == r.model;
}

// Of whom most findings of a direction are: that role is absent in its groups.
[[nodiscard]] inline std::string_view usual_role(const Record& r,
                                                 const FindingGroups& groups) noexcept {
  return &groups == &r.findings_response ? "assistant" : "user";
}

// Those of `change` and of `privacy`, in the same manner.
template <class E, class Visitor>
  requires std::same_as<std::remove_const_t<E>, KeyChangeEntry>
void visit_members(E& e, Visitor&& visit) {
  visit("action", e.action);
  visit("expires", e.expires);
  visit("may_set_user", e.may_set_user);
  visit("number", e.number);
  visit("replaces", e.replaces);
  visit("retires", e.retires);
}

template <class E, class Visitor>
  requires std::same_as<std::remove_const_t<E>, PrivacyEntry>
void visit_members(E& e, Visitor&& visit) {
  visit("carried", e.carried);
  visit("counted", e.counted);
  visit("day", e.day);
  visit("figures", e.figures);
  visit("final", e.final);
  visit("part", e.part);
  visit("parts", e.parts);
  visit("refused", e.refused);
  visit("requests_cap", e.requests_cap);
  visit("rho_micro", e.rho_micro);
  visit("rho_spent_micro", e.rho_spent_micro);
  visit("rho_total_micro", e.rho_total_micro);
  visit("sigma2", e.sigma2);
  visit("window", e.window);
}

}  // namespace menshen::audit
