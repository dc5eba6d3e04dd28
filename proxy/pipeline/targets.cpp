// Which targets may answer: access rules and content rules are judged for each one's zone. A target
// that a rule denies drops out, and the record says so; the exchange is refused when none is left.
// So the answer does not depend on which target the balancer picked first.
#include "proxy/pipeline/stages.h"

#include <algorithm>

namespace menshen::pipeline {
namespace {

using core::ErrorKind;

void note_denied(Exchange& ex, const Target& target, std::string_view rule) {
  std::string line(target.name);
  line.append(": ").append(rule.empty() ? "(default)" : rule);
  auto& lines = ex.record.targets_denied;
  if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
}

struct Split {
  std::vector<Target> allowed;
  // Of the refusals the one that is told: a rule's before the default's, then the first by id.
  std::optional<policies::AccessDecision> denied;
};

bool tells_more(const policies::AccessDecision& a, const policies::AccessDecision& b) {
  if (a.rule.empty() != b.rule.empty()) return b.rule.empty();
  return a.rule < b.rule;
}

// Access rules see the zone of a target and nothing else of it.
Split split_by_access(Exchange& ex, std::vector<Target> candidates, policies::Facts facts) {
  Split out;
  for (Target& target : candidates) {
    auto known = std::ranges::find(ex.zone_access, target.zone, &ZoneAccess::zone);
    if (known == ex.zone_access.end()) {
      facts.zone = target.zone;
      ex.zone_access.push_back({target.zone, ex.access(facts)});
      known = ex.zone_access.end() - 1;
    }
    if (known->decision.allowed) {
      out.allowed.push_back(std::move(target));
      continue;
    }
    note_denied(ex, target, known->decision.rule);
    if (!out.denied || tells_more(known->decision, *out.denied)) out.denied = known->decision;
  }
  return out;
}

core::Error refuse_access(Exchange& ex, const policies::AccessDecision& denied,
                          std::string_view by_default) {
  ex.request_tally.strongest(core::Action::deny);
  ex.record.access_rule = denied.rule;
  return core::client_error(ErrorKind::forbidden, "access_denied",
                            denied.reason.empty() ? std::string(by_default) : denied.reason);
}

// The enforced rule that refused; empty: it was the policy's default.
std::string_view refusing_rule(const Tally& tally) {
  const auto denied = std::ranges::find_if(tally.rules, [](const Tally::Fired& fired) {
    return fired.enforced && fired.action == core::Action::deny;
  });
  return denied == tally.rules.end() ? std::string_view() : denied->rule;
}

// Whether judging the request's findings, or writing its body, would hold the event loop.
bool is_long(const Exchange& ex, bool writes) {
  return ex.inspected.findings.size() > inline_findings_max ||
         (writes && ex.request->bytes().size() > core::inline_scan_bytes_max);
}

}  // namespace

core::Error no_healthy_upstream() {
  return core::gateway_error(ErrorKind::unavailable, "no_healthy_upstream",
                             "No upstream that serves this model is available; try again later.");
}

asio::awaitable<core::Result<void>> Stages::admit(Exchange& ex) {
  if (ex.endpoint->operation == core::Operation::models) co_return admit_listing(ex);
  const std::string& model = ex.request->model();
  std::vector<Target> candidates;
  if (!upstreams.route(ex.routes, model, ex.family, candidates)) {
    ex.record.model = "(unlisted)";
    co_return core::client_error(
        ErrorKind::not_found, "model_not_found",
        "No route serves this model through this API; GET /v1/models lists what you may use.",
        "/model");
  }
  ex.record.model = ex.scanners->is_clean(model) ? model : "(withheld)";
  Split split = split_by_access(ex, std::move(candidates), ex.facts({}, ex.record.wall_ns));
  ex.targets = std::move(split.allowed);
  if (!ex.targets.empty()) co_return core::Result<void>{};
  if (!split.denied) co_return no_healthy_upstream();
  co_return refuse_access(ex, *split.denied,
                          "No access rule allows you to use this model for this operation.");
}

// Whether anything may be listed at all, and which upstreams may be asked. Which models are listed
// is judged for each, when they are known.
core::Result<void> Stages::admit_listing(Exchange& ex) {
  std::vector<Target> listing;
  upstreams.listing_targets(ex.routes, ex.family, listing);
  std::vector<std::string> names;
  upstreams.named_models(ex.routes, ex.family, names);
  std::vector<Target> naming;
  for (const std::string& name : names) upstreams.route(ex.routes, name, ex.family, naming);
  policies::Facts facts = ex.facts({}, ex.record.wall_ns);
  facts.any_model = true;
  Split asked = split_by_access(ex, std::move(listing), facts);
  const Split named = split_by_access(ex, std::move(naming), facts);
  ex.targets = std::move(asked.allowed);
  const bool any = !ex.targets.empty() || !named.allowed.empty();
  std::erase_if(ex.targets, [](const Target& target) { return !target.available; });
  if (any) return {};
  auto denied = asked.denied ? asked.denied : named.denied;
  if (!denied) {
    // Nothing is up, so nothing will be listed; a rule that denies in every zone is told all the
    // same.
    denied = ex.policy->access(facts);
    if (denied->allowed || denied->rule.empty()) return {};
  }
  return refuse_access(ex, *denied, "No access rule allows you to list models.");
}

// Judges the findings for one zone. The edits are those of a target there, but for the model's
// name.
core::Result<void> Stages::judge_for(Exchange& ex, std::string_view zone, Tally& tally,
                                     protocol::Edits& edits, const std::stop_token& stop) {
  tally.scanned_bytes = ex.request_tally.scanned_bytes;
  tally.scanned_segments = ex.request_tally.scanned_segments;
  tally.scores = ex.request_tally.scores;
  tally.failed_open = ex.request_tally.failed_open;
  Judge judge(ex.policy->content(ex.facts(zone, ex.record.wall_ns), core::Direction::request),
              core::Direction::request, tally);
  core::Result<void> judged;
  for (const std::uint32_t leaf : ex.inspected.opaque) {
    if (!judged) break;
    judged = judge.judge_opaque(ex.policy->defaults(), *ex.request, ex.request->leaves()[leaf]);
  }
  if (judged) judged = judge.judge(tally.scores);
  if (judged) {
    judged = redact(*ex.request, ex.inspected, judge, *services.redactor, core::Direction::request,
                    edits, stop);
  }
  return judged;
}

// Makes the body that goes to the target.
core::Result<void> Stages::prepare_for(Exchange& ex, const Target& target,
                                       const std::stop_token& stop) {
  if (ex.prepared && ex.prepared_zone == target.zone && ex.prepared_model == target.model)
    return {};
  Tally tally;
  protocol::Edits edits;
  const auto judged = judge_for(ex, target.zone, tally, edits, stop);
  ex.request_tally = std::move(tally);
  if (!judged) return judged.error();
  if (target.model != ex.request->model()) ex.request->rename_model(edits, target.model);
  ex.forwarded = edits.empty() ? std::string() : ex.request->apply(edits);
  ex.forwarded_commitment =
      edits.empty() ? ex.record.request_commitment : ex.commitment(ex.forwarded);
  ex.prepared = true;
  ex.prepared_zone = target.zone;
  ex.prepared_model = target.model;
  return {};
}

// Takes out the targets for whose zone a content rule refuses the request.
core::Result<void> Stages::drop_refused(Exchange& ex, const std::stop_token& stop) {
  struct Judged {
    std::string_view zone;
    bool refused;
    std::string rule;
  };
  std::vector<Judged> zones;
  std::optional<core::Error> refusal;  // of the zone whose name sorts first
  std::string_view refusing_zone;
  Tally of_refusal;
  std::vector<Target> kept;
  for (Target& target : ex.targets) {
    auto known = std::ranges::find(zones, target.zone, &Judged::zone);
    if (known == zones.end()) {
      Tally tally;
      protocol::Edits edits;
      const auto judged = judge_for(ex, target.zone, tally, edits, stop);
      if (!judged && judged.error().kind != ErrorKind::forbidden) return judged.error();
      zones.push_back({target.zone, !judged, std::string(refusing_rule(tally))});
      known = zones.end() - 1;
      if (!judged && (!refusal || target.zone < refusing_zone)) {
        refusal = judged.error();
        refusing_zone = target.zone;
        of_refusal = std::move(tally);
      }
    }
    if (known->refused) {
      note_denied(ex, target, known->rule);
    } else {
      kept.push_back(std::move(target));
    }
  }
  ex.targets = std::move(kept);
  if (!ex.targets.empty()) return {};
  ex.request_tally = std::move(of_refusal);
  return *refusal;
}

// Without findings and under the same name there is nothing to write.
asio::awaitable<core::Result<void>> Stages::prepare_target(Exchange& ex, const Target& target) {
  const bool writes = !ex.inspected.findings.empty() || target.model != ex.request->model();
  if (!is_long(ex, writes)) co_return prepare_for(ex, target, {});
  core::Result<void> prepared;
  const WorkerPool::Work work = [&](const std::stop_token& stop) {
    prepared = prepare_for(ex, target, stop);
  };
  if (auto ran = co_await run_long(ex, work); !ran) co_return ran.error();
  co_return prepared;
}

asio::awaitable<core::Result<void>> Stages::prepare(Exchange& ex) {
  if (!ex.request) co_return core::Result<void>{};
  const bool one_zone = std::ranges::all_of(
      ex.targets, [&](const Target& target) { return target.zone == ex.targets.front().zone; });
  core::Result<void> left;
  if (!one_zone && is_long(ex, !ex.inspected.findings.empty())) {
    const WorkerPool::Work work = [&](const std::stop_token& stop) {
      left = drop_refused(ex, stop);
    };
    if (auto ran = co_await run_long(ex, work); !ran) co_return ran.error();
  } else if (!one_zone) {
    left = drop_refused(ex, {});
  }
  if (!left) co_return left.error();
  if (auto prepared = co_await prepare_target(ex, ex.targets.front()); !prepared) {
    co_return prepared.error();
  }
  std::erase_if(ex.targets, [](const Target& target) { return !target.available; });
  if (ex.targets.empty()) co_return no_healthy_upstream();
  co_return core::Result<void>{};
}

}  // namespace menshen::pipeline
