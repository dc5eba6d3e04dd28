// Access rules over the targets of a request. A target that a rule denies drops out, and the record
// says so; so the answer does not depend on which target the balancer picked first. Private to the
// pipeline.
#pragma once

#include "proxy/pipeline/exchange.h"

#include <optional>
#include <string_view>
#include <vector>

namespace menshen::pipeline {

struct AccessSplit {
  std::vector<Target> allowed;
  // Of the refusals the one that is told: a rule's before the default's, then the first by id.
  std::optional<policies::AccessDecision> denied;
};

// Access rules see the zone of a target and nothing else of it; `zones` are those that they were
// asked about so far, in this exchange and for these facts.
AccessSplit split_by_access(Exchange& ex, std::vector<Target> candidates, policies::Facts facts,
                            std::vector<ZoneAccess>& zones);

core::Error refuse_access(RecordBuilder& record, const policies::AccessDecision& denied,
                          std::string_view by_default);

}  // namespace menshen::pipeline
