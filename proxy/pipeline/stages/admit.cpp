// Which targets the access rules allow for the model that the request names.
#include "proxy/pipeline/access.h"
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/stages.h"

#include <utility>

namespace menshen::pipeline {

class Admit : public Stage {
 public:
  explicit Admit(Lane& lane) : lane_(lane) {}

  Step before(Exchange& ex) override {
    const std::string& model = ex.request->document->model();
    std::vector<Target> candidates;
    if (!lane_.upstreams.route(ex.arrival->routes, model, ex.adapter(), candidates)) {
      ex.record.named_model("(unlisted)");
      return core::client_error(
          core::ErrorKind::not_found, "model_not_found",
          "No route serves this model through this API; GET /v1/models lists what you may use.",
          "/model");
    }
    if (ex.scanners->is_clean(model)) {
      ex.record.named_model(model);
    } else {
      ex.record.withheld_model(model);
    }
    Admission& admission = ex.admission.value_;
    if (!candidates.empty()) admission.route = candidates.front().route;
    AccessSplit split = split_by_access(ex, std::move(candidates), ex.facts({}), admission.zones);
    admission.targets = std::move(split.allowed);
    if (!admission.targets.empty()) {
      if (!ex.request->document->has_token_lists()) return {};
      return read_tokens(lane_, ex);
    }
    if (!split.denied) return no_healthy_upstream();
    return refuse_access(ex.record, *split.denied,
                         "No access rule allows you to use this model for this operation.");
  }

 private:
  Lane& lane_;
};

constinit const StageKind admit_stage = stage_kind<Admit>("admit");

}  // namespace menshen::pipeline
