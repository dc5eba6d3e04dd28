// Which endpoint is called.
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/stages.h"

#include <utility>

namespace menshen::pipeline {
class RoutePath : public Stage {
 public:
  explicit RoutePath(Lane&) {}

  Step before(Exchange& ex) override {
    Called& called = ex.called.value_;
    const protocol::Head head = head_of(ex.client.head());
    called.query = head.query;
    auto found = protocol::find_call(head);
    if (!found) return found.error();
    called.endpoint = found->endpoint;
    called.path_model = std::move(found->model);
    ex.record.called(*called.endpoint);
    if (!called.query.empty() && !ex.adapter().takes_query(*called.endpoint, called.query)) {
      return core::client_error(core::ErrorKind::invalid_request, "unknown_query",
                                "This endpoint takes no such query parameters.");
    }
    return {};
  }
};

constinit const StageKind route_path_stage = stage_kind<RoutePath>("route_path");

}  // namespace menshen::pipeline
