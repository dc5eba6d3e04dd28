// Calling the provider: retries and failover, which end where its answer begins.
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
      if (auto prepared = prepare_for(ex, target); !prepared) co_return prepared.error();
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

}  // namespace menshen::pipeline
