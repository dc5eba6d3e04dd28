// Calling the provider: retries and failover, which end where its answer begins; and the model
// listing.
#include "proxy/pipeline/stages.h"

#include <algorithm>

namespace menshen::pipeline {
namespace {

bool worth_another(const core::Error& error) {
  return error.source == core::ErrorSource::provider &&
         (error.kind == core::ErrorKind::bad_upstream ||
          error.kind == core::ErrorKind::upstream_timeout);
}

bool worth_failover(unsigned status) { return status == 502 || status == 503 || status == 504; }

core::Error no_upstream() {
  return core::gateway_error(core::ErrorKind::unavailable, "no_healthy_upstream",
                             "No upstream that serves this model is available; try again later.");
}

}  // namespace

asio::awaitable<core::Result<std::unique_ptr<UpstreamCall>>> Stages::attempt(Exchange& ex,
                                                                             const Target& target) {
  const Headers headers = provider_headers(ex, scanners);
  std::string path(ex.endpoint->path);
  if (ex.query == "beta=true") path.append("?beta=true");
  const UpstreamRequest request{
      .method = ex.endpoint->method,
      .target = path,
      .headers = &headers,
      .body = ex.forwarded.empty() ? ex.request->bytes() : std::string_view(ex.forwarded),
      .stream = ex.record.stream};
  ++ex.record.attempts;
  ex.record.upstream = target.name;
  ex.record.upstream_model = target.model;
  ex.record.zone = target.zone;
  const std::int64_t began = services.clock->monotonic_ns();
  auto call = co_await upstreams.call(target, request);
  ex.upstream_wait_ns += services.clock->monotonic_ns() - began;
  co_return call;
}

asio::awaitable<core::Result<void>> Stages::forward(Exchange& ex) {
  if (!ex.request) co_return co_await list_models(ex);
  if (ex.record.stream) {
    ex.writer = std::make_unique<StreamWriter>(
        co_await asio::this_coro::executor, ex.client, protocol::ping(ex.endpoint->api),
        std::chrono::milliseconds(services.limits.ping_interval_ms), [this, &ex] {
          ResponseHead head{200, reply_headers(ex, "text/event-stream; charset=utf-8")};
          if (ex.call) {
            for (auto& header : client_headers(ex.call->headers(), scanners)) {
              head.headers.push_back(std::move(header));
            }
          }
          head.headers.emplace_back("cache-control", "no-cache");
          head.headers.emplace_back("x-accel-buffering", "no");
          return head;
        });
    ex.writer->start_pings();
  }
  const unsigned attempts = 1 + upstreams.retries(ex.targets.front());
  core::Error last = no_upstream();
  for (unsigned i = 0; i < attempts; ++i) {
    const Target& target = ex.targets[i % ex.targets.size()];
    if (i > 0 && ex.targets.size() > 1) {
      // A target in another zone is judged by that zone's rules, and has an intent of its own.
      if (auto prepared = co_await prepare_target(ex, target); !prepared)
        co_return prepared.error();
      if (auto intent = co_await write_intent(ex, target); !intent) co_return intent.error();
    }
    auto call = co_await attempt(ex, target);
    if (!call) {
      last = call.error();
      if (!worth_another(last)) co_return last;
      continue;
    }
    ex.record.upstream_status = (*call)->status();
    const bool more = i + 1 < attempts && ex.targets.size() > 1;
    if (more && worth_failover((*call)->status())) continue;
    ex.call = std::move(*call);
    co_return core::Result<void>{};
  }
  co_return last;
}

asio::awaitable<core::Result<void>> Stages::list_models(Exchange& ex) {
  std::vector<std::string> names;
  upstreams.named_models(ex.family, names);
  std::vector<Target> listings;
  upstreams.listing_targets(ex.family, listings);
  for (const Target& target : listings) {
    const Headers headers = provider_headers(ex, scanners);
    const UpstreamRequest request{"GET", "/v1/models", &headers, {}, false};
    ++ex.record.attempts;
    ex.call.reset();
    auto call = co_await upstreams.call(target, request);
    if (!call) {
      if (call.error().kind == core::ErrorKind::cancelled) co_return call.error();
      continue;  // what another upstream can list is still listed
    }
    ex.call = std::move(*call);
    const bool listed = ex.call->status() == 200;
    auto body = co_await read_answer(ex);
    if (!listed || !body) continue;
    auto ids = protocol::parse_model_list(*body);
    if (!ids) continue;
    for (std::string& id : *ids) names.push_back(std::move(id));
  }
  ex.call.reset();
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  std::erase_if(names, [&](const std::string& name) {
    std::vector<Target> targets;
    if (!upstreams.route(name, ex.family, targets)) return true;
    if (!scanners.is_clean(name)) return true;
    return std::ranges::none_of(targets, [&](const Target& target) {
      policies::Facts facts{&ex.subject, name, core::Operation::chat, target.zone,
                            ex.record.wall_ns};
      for (const auto operation :
           {core::Operation::chat, core::Operation::completion, core::Operation::embeddings}) {
        facts.operation = operation;
        if (ex.policy->access(facts).allowed) return true;
      }
      return false;
    });
  });
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
