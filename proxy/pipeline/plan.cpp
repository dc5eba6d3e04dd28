#include "proxy/pipeline/plan.h"

#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/numbering.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace menshen::pipeline {
namespace {

using core::ErrorKind;

// The enforced rule that refused; empty: it was the policy's default.
std::string_view refusing_rule(const Tally& tally) {
  const auto denied = std::ranges::find_if(tally.rules, [](const Tally::Fired& fired) {
    return fired.enforced && fired.action == core::Action::deny;
  });
  return denied == tally.rules.end() ? std::string_view() : denied->rule;
}

// Whether judging the request's findings, or writing its body, would hold the event loop.
bool is_long(const Exchange& ex, bool writes) {
  const protocol::Document& document = *ex.request->document;
  return ex.inspection->found.findings.size() > inline_findings_max ||
         (writes &&
          (document.bytes().size() > core::inline_scan_bytes_max || document.has_token_lists()));
}

core::Result<void> judge_opaque(const Exchange& ex, Judge& judge) {
  const Inspection& inspection = *ex.inspection;
  for (std::size_t i = 0; i < inspection.found.opaque.size(); ++i) {
    const protocol::Leaf& leaf = ex.request->document->leaves()[inspection.found.opaque[i]];
    const bool seen = i < inspection.seen.size() && inspection.seen[i];
    auto allowed = judge.judge_opaque(*ex.request->document, leaf, seen);
    if (allowed) continue;
    core::Error error = allowed.error();
    if (error.where.empty()) error.where = "path";  // the model that stands there
    return error;
  }
  return {};
}

}  // namespace

core::Error no_healthy_upstream() {
  return core::gateway_error(ErrorKind::unavailable, "no_healthy_upstream",
                             "No upstream that serves this model is available; try again later.");
}

// Judges the findings for one zone. The edits are those of a target there, but for the model's
// name.
core::Result<void> Plan::judge_for(Exchange& ex, Prepared& made, protocol::Edits& edits,
                                   const std::stop_token& stop) {
  Tally& tally = made.tally;
  tally = ex.inspection->tally;
  const protocol::Document& document = *ex.request->document;
  const Inspected& found = ex.inspection->found;
  Judge judge(ex.arrival->policy->content(ex.facts(made.zone), core::Direction::request),
              core::Direction::request, tally);
  if (auto allowed = judge.judge_path(ex.inspection->in_path, stop); !allowed) {
    core::Error error = allowed.error();
    error.where = "path";
    return error;
  }
  const bool numbers = judge.gives_pseudonyms();
  std::optional<Replacer> of_target;  // numbers are of the target's own
  Replacer& replacer = numbers ? of_target.emplace(ex.replacer) : ex.replacer;
  const auto redact_in_headers = [&]() -> core::Result<void> {
    auto headers = redact_headers(ex, judge, replacer);
    if (!headers) return headers.error();
    made.headers = std::move(*headers);
    return {};
  };
  if (!numbers) {
    if (auto done = redact_in_headers(); !done) return done;
  }
  if (auto allowed = judge_opaque(ex, judge); !allowed) return allowed;
  if (auto allowed = judge.judge(tally.scores); !allowed) return allowed;
  if (!numbers) {
    return redact(document, found, {judge, replacer}, core::Direction::request, edits, stop);
  }
  replacer.number_by(made.pseudonyms);
  core::Result<void> done = check_history(document, found.opaque);
  if (done) done = reserve_written(document, found, passed_headers(ex), made.pseudonyms, stop);
  if (done)
    done = redact(document, found, {judge, replacer}, core::Direction::request, edits, stop);
  // Headers are numbered last, for they may be others in each turn.
  if (done) done = redact_in_headers();
  for (const Pseudonym& given : made.pseudonyms.all()) tally.pseudonym_given(*given.type);
  return done;
}

std::unique_ptr<Plan::Prepared> Plan::prepared_for(const core::Limits& limits, Exchange& ex,
                                                   const Target& target,
                                                   const std::stop_token& stop) const {
  auto made = std::make_unique<Prepared>(limits);
  made->zone = target.zone;
  made->model = target.model;
  const protocol::Document& document = *ex.request->document;
  protocol::Edits edits;
  made->judged = judge_for(ex, *made, edits, stop);
  if (!made->judged) return made;
  if (target.model != document.model()) document.rename_model(edits, target.model);
  if (!edits.empty()) made->body = document.apply(edits);
  made->commitment = edits.empty() ? ex.request->commitment : ex.arrival->commitment(made->body);
  return made;
}

// Takes out the targets for whose zone a content rule refuses the request.
core::Result<void> Plan::drop_refused(const core::Limits& limits, Exchange& ex,
                                      const std::stop_token& stop) {
  struct Judged {
    std::string_view zone;
    bool refused;
    std::string rule;
  };
  std::vector<Judged> zones;
  std::unique_ptr<Prepared> refusal;  // of the zone whose name sorts first
  std::vector<Target> kept;
  for (Target& target : targets_) {
    auto known = std::ranges::find(zones, target.zone, &Judged::zone);
    if (known == zones.end()) {
      auto judged = std::make_unique<Prepared>(limits);
      protocol::Edits edits;
      judged->zone = target.zone;
      judged->judged = judge_for(ex, *judged, edits, stop);
      if (!judged->judged && judged->judged.error().kind != ErrorKind::forbidden) {
        return judged->judged;
      }
      zones.push_back({target.zone, !judged->judged, std::string(refusing_rule(judged->tally))});
      known = zones.end() - 1;
      if (!judged->judged && (!refusal || judged->zone < refusal->zone)) {
        refusal = std::move(judged);
      }
    }
    if (known->refused) {
      ex.record.denied(target, known->rule);
    } else {
      kept.push_back(std::move(target));
    }
  }
  targets_ = std::move(kept);
  if (!targets_.empty()) return {};
  prepared_ = known_.emplace_back(std::move(refusal)).get();
  return prepared_->judged;
}

asio::awaitable<core::Result<void>> Plan::choose(Lane& lane, Exchange& ex) {
  targets_ = ex.admission->targets;
  const bool one_zone = std::ranges::all_of(
      targets_, [&](const Target& target) { return target.zone == targets_.front().zone; });
  if (one_zone) co_return core::Result<void>{};
  if (!is_long(ex, !ex.inspection->found.findings.empty())) {
    co_return drop_refused(lane.services.limits, ex, {});
  }
  core::Result<void> left;
  const WorkerPool::Work work = [&](const std::stop_token& stop) {
    left = drop_refused(lane.services.limits, ex, stop);
  };
  if (auto ran = co_await run_long(lane, ex, work); !ran) co_return ran.error();
  co_return left;
}

asio::awaitable<core::Result<void>> Plan::prepare(Lane& lane, Exchange& ex, const Target& target) {
  const auto known = std::ranges::find_if(known_, [&](const auto& made) {
    return made->zone == target.zone && made->model == target.model;
  });
  if (known != known_.end()) {
    prepared_ = known->get();
    co_return prepared_->judged;
  }
  // Without findings and under the same name there is nothing to write.
  const bool writes =
      !ex.inspection->found.findings.empty() || target.model != ex.request->document->model();
  std::unique_ptr<Prepared> made;
  if (is_long(ex, writes)) {
    const WorkerPool::Work work = [&](const std::stop_token& stop) {
      made = prepared_for(lane.services.limits, ex, target, stop);
    };
    if (auto ran = co_await run_long(lane, ex, work); !ran) co_return ran.error();
  } else {
    made = prepared_for(lane.services.limits, ex, target, {});
  }
  prepared_ = known_.emplace_back(std::move(made)).get();
  co_return prepared_->judged;
}

core::Result<void> Plan::keep_available() {
  std::erase_if(targets_, [](const Target& target) { return !target.available; });
  if (targets_.empty()) return no_healthy_upstream();
  return {};
}

}  // namespace menshen::pipeline
