// The listing of models: what routes and upstreams name, as far as the caller may list and use it.
#include "core/version.h"
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/stages.h"

#include <algorithm>
#include <array>
#include <utility>

namespace menshen::pipeline {
namespace {

constexpr std::array uses{core::Operation::chat, core::Operation::completion,
                          core::Operation::embeddings};

// What one client sends along must not decide what is kept for all.
Headers listing_headers(const protocol::Adapter& adapter) {
  Headers headers;
  headers.reserve(8);  // the transport adds its own
  for (const auto& [name, value] : adapter.facts().listing_headers)
    headers.emplace_back(name, value);
  headers.emplace_back("accept", "application/json");
  headers.emplace_back("user-agent", core::user_agent());
  return headers;
}

}  // namespace

class List : public Stage {
 public:
  explicit List(Lane& lane) : lane_(lane) {}

  Step before(Exchange& ex) override { return list(ex); }

 private:
  asio::awaitable<core::Result<void>> list(Exchange& ex) {
    if (auto intent = co_await write_intent(ex); !intent) co_return intent;
    const protocol::Adapter& adapter = ex.adapter();
    std::vector<std::string> names;
    lane_.upstreams.named_models(ex.arrival->routes, adapter, names);
    std::erase_if(names, [&](const std::string& name) { return !ex.scanners->is_clean(name); });
    const std::int64_t began = lane_.now_ns();
    const auto asked = co_await lane_.listings.collect(
        ex.listing->targets, listing_headers(adapter), *ex.scanners, names);
    ex.record.waited_for_upstream(lane_.now_ns() - began);
    if (!asked) co_return asked.error();
    ex.record.asked(*asked);
    std::ranges::sort(names);
    const auto repeated = std::ranges::unique(names);
    names.erase(repeated.begin(), repeated.end());
    std::erase_if(names, [&](const std::string& name) { return !is_listed(ex, name); });
    co_return reply(ex, names);
  }

  asio::awaitable<core::Result<void>> write_intent(Exchange& ex) {
    const Target listing{0, "(listing)", "", ""};  // named: gcc 12 destroys a temporary twice
    audit::Record intent = ex.record.intend(listing, nullptr, {}, ex.decision());
    co_return co_await append_intent(lane_, ex, std::move(intent));
  }

  // At one of its targets, listing and at least one use are allowed.
  [[nodiscard]] bool is_listed(const Exchange& ex, const std::string& model) {
    std::vector<Target> targets;
    if (!lane_.upstreams.route(ex.arrival->routes, model, ex.adapter(), targets)) return false;
    const policies::PolicySet& policy = *ex.arrival->policy;
    return std::ranges::any_of(targets, [&](const Target& target) {
      if (!target.available) return false;
      policies::Facts facts{&ex.identity.subject(), model, core::Operation::models, target.zone,
                            ex.arrival->wall_ns};
      if (!policy.access(facts).allowed) return false;
      return std::ranges::any_of(uses, [&](core::Operation use) {
        facts.operation = use;
        return policy.access(facts).allowed;
      });
    });
  }

  static core::Result<void> reply(Exchange& ex, const std::vector<std::string>& names) {
    const std::string& model = ex.called->path_model;
    ResponseHead head{200, reply_headers(ex, "application/json")};
    if (!ex.called->endpoint->has_model()) {
      ex.last.keep(std::move(head), ex.adapter().model_list(names));
      return {};
    }
    if (std::ranges::find(names, model) == names.end()) {
      return core::client_error(core::ErrorKind::not_found, "model_not_found",
                                "There is no such model that you may use.");
    }
    ex.last.keep(std::move(head), ex.adapter().model_object(model));
    return {};
  }

  Lane& lane_;
};

constinit const StageKind list_stage = stage_kind<List>("list");

}  // namespace menshen::pipeline
