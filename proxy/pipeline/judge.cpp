// The policy's word on findings, scores and what cannot be read or told.
#include "detectors/catalog.h"
#include "detectors/literal.h"
#include "proxy/pipeline/inspection.h"

#include <boost/container/static_vector.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace menshen::pipeline {
namespace {

// Of what overlaps: a mask hides even the type, a pseudonym lets equal values of a conversation be
// told, a hash those of all, and what keeps characters hides least. What two masks keep of
// different spans is kept of neither.
core::RedactStyle stronger(const Redaction& a, const Redaction& b) {
  constexpr auto rank = [](core::RedactStyle style) {
    if (style.kept() > 0) return 0;
    switch (style.as) {
      case core::RedactAs::hash: return 1;
      case core::RedactAs::pseudonym: return 2;
      case core::RedactAs::tag: return 3;
      case core::RedactAs::mask: break;
    }
    return 4;
  };
  if (rank(a.as) != rank(b.as)) return rank(a.as) > rank(b.as) ? a.as : b.as;
  if (a.as.kept() == 0) return a.as;
  const bool same = a.finding.begin == b.finding.begin && a.finding.end == b.finding.end;
  if (!same) return core::RedactAs::mask;
  return {std::min(a.as.head, b.as.head), std::min(a.as.tail, b.as.tail)};
}

void merge_overlapping(std::vector<Redaction>& spans) {
  if (spans.empty()) return;
  std::ranges::stable_sort(spans, {}, [](const Redaction& r) { return r.finding.begin; });
  std::size_t merged = 1;
  for (std::size_t i = 1; i < spans.size(); ++i) {
    const Redaction next = spans[i];
    Redaction& last = spans[merged - 1];
    if (last.finding.end <= next.finding.begin) {
      spans[merged++] = next;
      continue;
    }
    const std::size_t begin = last.finding.begin;
    const std::size_t end = std::max(last.finding.end, next.finding.end);
    const core::RedactStyle as = stronger(last, next);
    const bool continued = last.finding.continued;
    const bool part = last.finding.part || next.finding.part;
    if (next.finding.confidence > last.finding.confidence) last.finding = next.finding;
    last.finding.begin = begin;
    last.finding.end = end;
    last.finding.continued = continued;
    last.finding.part = part;
    last.as = as;
  }
  spans.resize(merged);
}

// What was found in pieces has one pseudonym.
void join_pieces(std::vector<Redaction>& spans) {
  std::size_t joined = 1;
  for (std::size_t i = 1; i < spans.size(); ++i) {
    Redaction& last = spans[joined - 1];
    const core::Finding& next = spans[i].finding;
    const bool goes_on = next.continued && next.begin == last.finding.end &&
                         next.type == last.finding.type &&
                         spans[i].as == core::RedactAs::pseudonym && spans[i].as == last.as;
    if (goes_on) {
      last.finding.end = next.end;
    } else {
      spans[joined++] = spans[i];
    }
  }
  spans.resize(joined);
}

constexpr std::string_view not_seen =
    " No answer to you that this gateway remembers had it; it forgets at a restart and past its "
    "limits, and knows nothing of other gateways. Send the conversation without this value.";

using Kinds = boost::container::static_vector<std::string_view, core::all_opaque_kinds.size()>;

Kinds names_of(core::OpaqueKinds kinds) {
  Kinds names;
  for (const core::OpaqueKind kind : core::all_opaque_kinds) {
    if (kinds.has(kind)) names.push_back(to_string(kind));
  }
  return names;
}

}  // namespace

core::Result<void> could_not_tell(const policies::Defaults& defaults, const core::Error& error,
                                  Tally& tally) {
  if (defaults.on_error != core::Action::allow || !may_pass(error)) return error;
  ++tally.failed_open;
  return {};
}

core::Error Judge::refusal(const policies::Verdict& verdict, std::string_view what) const {
  std::string message =
      verdict.reason != nullptr ? *verdict.reason : "The policy refuses this content.";
  message.append(" Found: ").append(what);
  if (verdict.rule != nullptr) message.append("; rule: ").append(*verdict.rule);
  message.append(direction_ == core::Direction::request ? "; in the request." : "; in the answer.");
  const auto source = direction_ == core::Direction::request ? core::ErrorSource::client
                                                             : core::ErrorSource::provider;
  return {core::ErrorKind::forbidden, source, "content_refused", std::move(message), {}};
}

core::Result<void> Judge::judge(std::span<const core::Finding> findings, protocol::LeafKind kind,
                                core::Role role, const std::stop_token& stop) {
  switch (kind) {
    case protocol::LeafKind::key:
      return judge_at(findings, role, Fixed{true, "a key of an object, which names its value"},
                      stop);
    case protocol::LeafKind::json_text:
      return judge_at(findings, role, Fixed{false, "a key of an object, which names its value"},
                      stop);
    default: return judge_at(findings, role, Fixed{}, stop);
  }
}

core::Result<void> Judge::judge_path(std::span<const core::Finding> findings,
                                     const std::stop_token& stop) {
  return judge_at(findings, core::Role::metadata, Fixed{true, "the path"}, stop);
}

core::Result<void> Judge::judge_at(std::span<const core::Finding> findings, core::Role role,
                                   Fixed fixed, const std::stop_token& stop) {
  redactions_.clear();
  std::size_t done = 0;
  for (const core::Finding& finding : findings) {
    if (++done % stop_findings == 0 && stop.stop_requested()) return work_stopped();
    shadow_.clear();
    policies::Verdict verdict = plan_.decide(finding, finding.continued ? nullptr : &shadow_);
    if (!finding.continued) tally_->found(*finding.type);
    // The gateway's own secrets never leave, whatever the policy says.
    if (finding.type == &detectors::provider_credential && verdict.action < core::Action::redact) {
      verdict.action = core::Action::redact;
      verdict.redact_as = core::RedactAs::tag;
    }
    const bool is_fixed =
        !fixed.what.empty() && (fixed.all || finding.place == core::Place::json_key);
    const bool for_its_place = is_fixed && deny_instead_of_redacting(verdict);
    if (!finding.continued) {
      tally_->begin_finding();
      tally_->fired(shadow_, false);
      tally_->fired(verdict, finding.type->name);
      tally_->settle(finding, role, verdict.action);
    }
    if (verdict.action == core::Action::deny) {
      refuse_at(finding.begin);
      refused_type_ = finding.type;
      core::Error error = refusal(verdict, finding.type->name);
      if (for_its_place)
        error.message.append(" It stands in ")
            .append(fixed.what)
            .append(", and cannot be redacted there.");
      return error;
    }
    if (verdict.action != core::Action::redact) continue;
    if (!finding.continued) tally_->redacted(*finding.type);
    redactions_.push_back({finding, verdict.redact_as});
  }
  if (redactions_.size() > 1) {
    merge_overlapping(redactions_);
    join_pieces(redactions_);
  }
  return {};
}

bool Judge::deny_instead_of_redacting(policies::Verdict& verdict) {
  for (policies::Match& match : shadow_) {
    if (match.action == core::Action::redact) match.action = core::Action::deny;
  }
  if (verdict.action != core::Action::redact) return false;
  verdict.action = core::Action::deny;
  return true;
}

// A redaction that reaches into the refused value is part of what is refused.
void Judge::refuse_at(std::size_t begin) {
  merge_overlapping(redactions_);
  refused_at_ = begin;
  while (!redactions_.empty() && redactions_.back().finding.end > refused_at_) {
    refused_at_ = std::min(refused_at_, redactions_.back().finding.begin);
    redactions_.pop_back();
  }
}

core::Result<void> Judge::judge(const core::Scores& scores) {
  tally_->scores = scores;
  shadow_.clear();
  policies::Matches enforced;
  const policies::Verdict verdict = plan_.decide(scores, &shadow_, &enforced);
  tally_->fired(shadow_, false);
  if (verdict.action != core::Action::deny) {
    tally_->strongest(verdict.action);
    tally_->fired(enforced, true);
    return {};
  }
  tally_->fired(verdict, "");
  return refusal(verdict, "a score past its bound");
}

core::Error Judge::opaque_refusal(const policies::Verdict& verdict, core::OpaqueKinds kinds) const {
  std::string message = verdict.reason != nullptr
                            ? *verdict.reason
                            : "Content that cannot be read is refused by the policy.";
  std::string_view before = " Found: ";
  for (const std::string_view name : names_of(kinds)) {
    message.append(before).append(name);
    before = ", ";
  }
  // At its field and within its length the default lets it pass.
  if (kinds == core::OpaqueKind::encrypted_reasoning && verdict.rule == nullptr)
    message.append(" that is not at its field or passes encrypted_reasoning_bytes_max");
  if (verdict.rule != nullptr)
    message.append("; rule: ").append(*verdict.rule);
  else if (verdict.reason == nullptr)
    message.append("; rule: defaults.opaque_content");
  message.append(direction_ == core::Direction::request ? "; in the request." : "; in the answer.");
  if (verdict.unseen) {
    message.append(not_seen);
    return {core::ErrorKind::forbidden,
            core::ErrorSource::client,
            "unseen_reasoning",
            std::move(message),
            {}};
  }
  const auto source = direction_ == core::Direction::request ? core::ErrorSource::client
                                                             : core::ErrorSource::provider;
  return {core::ErrorKind::forbidden, source, "opaque_content", std::move(message), {}};
}

core::Result<void> Judge::judge_opaque(const protocol::Document& document,
                                       const protocol::Leaf& leaf, bool seen) {
  const policies::Stands stands = seen            ? policies::Stands::seen
                                  : leaf.returned ? policies::Stands::returned
                                                  : policies::Stands::anywhere;
  ++tally_->opaque_parts;
  shadow_.clear();
  std::optional<policies::Verdict> strongest;
  core::OpaqueKinds of;
  for (const core::OpaqueKind kind : core::all_opaque_kinds) {
    if (!leaf.kinds().has(kind)) continue;
    tally_->found(kind);
    const policies::Verdict verdict = plan_.decide(kind, stands, &shadow_);
    if (strongest && verdict.action == strongest->action && verdict.rule == strongest->rule)
      of |= kind;
    if (strongest && verdict.action <= strongest->action) continue;
    strongest = verdict;
    of = kind;
  }
  tally_->fired(shadow_, false);
  if (!strongest) return {};
  tally_->fired(*strongest, names_of(of));
  if (strongest->action != core::Action::deny) return {};
  core::Error error = opaque_refusal(*strongest, of);
  if (direction_ == core::Direction::request) error.where = document.pointer(leaf);
  return error;
}

}  // namespace menshen::pipeline
