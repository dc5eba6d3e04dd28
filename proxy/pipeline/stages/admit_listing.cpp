// Whether anything may be listed at all, and which upstreams may be asked. Which models are listed
// is judged for each, when they are known.
#include "proxy/pipeline/access.h"
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/stages.h"

#include <utility>

namespace menshen::pipeline {

class AdmitListing : public Stage {
 public:
  explicit AdmitListing(Lane& lane) : lane_(lane) {}

  Step before(Exchange& ex) override { return admit(ex); }

 private:
  core::Result<void> admit(Exchange& ex) {
    const RoutesPtr& routes = ex.arrival->routes;
    const protocol::Adapter& adapter = ex.adapter();
    std::vector<Target> listing;
    lane_.upstreams.listing_targets(routes, adapter, listing);
    std::vector<std::string> names;
    lane_.upstreams.named_models(routes, adapter, names);
    std::vector<Target> naming;
    for (const std::string& name : names) lane_.upstreams.route(routes, name, adapter, naming);
    policies::Facts facts = ex.facts({});
    facts.any_model = true;
    std::vector<ZoneAccess> zones;
    AccessSplit asked = split_by_access(ex, std::move(listing), facts, zones);
    const AccessSplit named = split_by_access(ex, std::move(naming), facts, zones);
    std::vector<Target>& targets = ex.listing.value_.targets;
    targets = std::move(asked.allowed);
    const bool any = !targets.empty() || !named.allowed.empty();
    std::erase_if(targets, [](const Target& target) { return !target.available; });
    if (any) return {};
    auto denied = asked.denied ? asked.denied : named.denied;
    if (!denied) {
      // Nothing is up, so nothing will be listed; a rule that denies in every zone is told all the
      // same.
      denied = ex.arrival->policy->access(facts);
      if (denied->allowed || denied->rule.empty()) return {};
    }
    return refuse_access(ex.record, *denied, "No access rule allows you to list models.");
  }

  Lane& lane_;
};

constinit const StageKind admit_listing_stage = stage_kind<AdmitListing>("admit_listing");

}  // namespace menshen::pipeline
