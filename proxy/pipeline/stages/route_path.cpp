// Which endpoint is called.
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/stages.h"

#include <algorithm>

namespace menshen::pipeline {
namespace {

// Queries that the SDKs send; anything else would be text that nobody inspects.
bool query_allowed(const protocol::Endpoint& endpoint, std::string_view query) {
  if (query.empty()) return true;
  if (endpoint.family == protocol::Family::anthropic && query == "beta=true") return true;
  if (endpoint.api != protocol::Api::models) return false;
  return query.size() <= 64 && std::ranges::all_of(query, [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '=' || c == '&' || c == '_' || c == '-';
         });
}

}  // namespace

class RoutePath : public Stage {
 public:
  explicit RoutePath(Lane&) {}

  asio::awaitable<core::Result<void>> before(Exchange& ex) override {
    Called& called = ex.called.value_;
    const std::string_view target = ex.client.head().target;
    const std::size_t mark = target.find('?');
    const std::string_view path = target.substr(0, mark);
    if (mark != std::string_view::npos) called.query = target.substr(mark + 1);
    const auto found = protocol::find_endpoint(ex.client.head().method, path);
    if (!found) co_return found.error();
    const protocol::Endpoint& endpoint = **found;
    called.endpoint = &endpoint;
    const bool is_listing = endpoint.operation == core::Operation::models;
    called.family = is_listing ? ex.arrival->family : endpoint.family;
    ex.record.called(endpoint);
    if (endpoint.api == protocol::Api::model) {
      called.listed_model = protocol::listed_model(endpoint, path);
    }
    if (!query_allowed(endpoint, called.query)) {
      co_return core::client_error(core::ErrorKind::invalid_request, "unknown_query",
                                   "This endpoint takes no such query parameters.");
    }
    co_return core::Result<void>{};
  }
};

constinit const StageKind route_path_stage = stage_kind<RoutePath>("route_path");

}  // namespace menshen::pipeline
