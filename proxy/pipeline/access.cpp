#include "proxy/pipeline/access.h"

#include <algorithm>
#include <string>
#include <utility>

namespace menshen::pipeline {
namespace {

bool tells_more(const policies::AccessDecision& a, const policies::AccessDecision& b) {
  if (a.rule.empty() != b.rule.empty()) return b.rule.empty();
  return a.rule < b.rule;
}

// The access rules' answer for every model that the request lets answer it: where its model is
// allowed and a fallback is not, the fallback's.
policies::AccessDecision decide(const Exchange& ex, policies::Facts facts) {
  auto decision = ex.arrival->policy->access(facts);
  if (!ex.request->document) return decision;
  for (const std::string& fallback : ex.request->document->models().subspan(1)) {
    if (!decision.allowed) break;
    facts.model = fallback;
    if (auto other = ex.arrival->policy->access(facts); !other.allowed) decision = std::move(other);
  }
  return decision;
}

}  // namespace

AccessSplit split_by_access(Exchange& ex, std::vector<Target> candidates, policies::Facts facts,
                            std::vector<ZoneAccess>& zones) {
  AccessSplit out;
  for (Target& target : candidates) {
    auto known = std::ranges::find(zones, target.zone, &ZoneAccess::zone);
    if (known == zones.end()) {
      facts.zone = target.zone;
      zones.push_back({target.zone, decide(ex, facts)});
      known = zones.end() - 1;
    }
    if (known->decision.allowed) {
      out.allowed.push_back(std::move(target));
      continue;
    }
    ex.record.denied(target, known->decision.rule);
    if (!out.denied || tells_more(known->decision, *out.denied)) out.denied = known->decision;
  }
  return out;
}

core::Error refuse_access(RecordBuilder& record, const policies::AccessDecision& denied,
                          std::string_view by_default) {
  record.refused_by_access(denied.rule);
  return core::client_error(core::ErrorKind::forbidden, "access_denied",
                            denied.reason.empty() ? std::string(by_default) : denied.reason);
}

}  // namespace menshen::pipeline
