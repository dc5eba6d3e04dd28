// The listing of models: what routes and upstreams name, as far as the caller may list and use it.
#include "proxy/pipeline/stages.h"

#include <algorithm>

namespace menshen::pipeline {
namespace {

constexpr std::array uses{core::Operation::chat, core::Operation::completion,
                          core::Operation::embeddings};

// What one client sends along must not decide what is kept for all.
Headers listing_headers(protocol::Family family) {
  Headers headers;
  headers.reserve(8);  // the transport adds its own
  if (family == protocol::Family::anthropic) {
    headers.emplace_back("anthropic-version", "2023-06-01");
  }
  headers.emplace_back("accept", "application/json");
  headers.emplace_back("user-agent", "menshen/" MENSHEN_VERSION);
  return headers;
}

}  // namespace

// At one of its targets, listing and at least one use are allowed.
bool Stages::is_listed(const Exchange& ex, const std::string& model) {
  std::vector<Target> targets;
  if (!upstreams.route(ex.routes, model, ex.family, targets)) return false;
  return std::ranges::any_of(targets, [&](const Target& target) {
    if (!target.available) return false;
    policies::Facts facts{&ex.subject, model, core::Operation::models, target.zone,
                          ex.record.wall_ns};
    if (!ex.policy->access(facts).allowed) return false;
    return std::ranges::any_of(uses, [&](core::Operation use) {
      facts.operation = use;
      return ex.policy->access(facts).allowed;
    });
  });
}

asio::awaitable<core::Result<void>> Stages::list_models(Exchange& ex) {
  std::vector<std::string> names;
  upstreams.named_models(ex.routes, ex.family, names);
  std::erase_if(names, [&](const std::string& name) { return !ex.scanners->is_clean(name); });
  const std::int64_t began = services.clock->monotonic_ns();
  const auto asked = co_await listings.collect(std::move(ex.targets), listing_headers(ex.family),
                                               *ex.scanners, names);
  ex.upstream_wait_ns += services.clock->monotonic_ns() - began;
  if (!asked) co_return asked.error();
  ex.record.attempts += *asked;
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  std::erase_if(names, [&](const std::string& name) { return !is_listed(ex, name); });
  ex.reply_head = {200, reply_headers(ex, "application/json")};
  if (ex.endpoint->api == protocol::Api::models) {
    ex.reply = protocol::model_list(ex.family, names);
    co_return core::Result<void>{};
  }
  if (std::ranges::find(names, ex.listed_model) == names.end()) {
    co_return core::client_error(core::ErrorKind::not_found, "model_not_found",
                                 "There is no such model that you may use.");
  }
  ex.reply = protocol::model_object(ex.family, ex.listed_model);
  co_return core::Result<void>{};
}

}  // namespace menshen::pipeline
