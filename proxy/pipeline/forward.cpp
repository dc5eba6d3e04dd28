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

// What a provider says when it has not done the work; otherwise the work might be done twice.
bool worth_failover(unsigned status, bool always) {
  return status == 429 || status == 503 || (always && (status == 502 || status == 504));
}

std::int64_t deadline_of(const Exchange& ex, const core::Limits& limits) noexcept {
  return ex.opened_ns + std::int64_t{1'000'000} * limits.exchange_timeout_ms;
}

}  // namespace

core::Result<void> Stages::still_time(const Exchange& ex) const {
  if (services.clock->monotonic_ns() < deadline_of(ex, services.limits)) return {};
  return core::provider_error(core::ErrorKind::upstream_timeout, "exchange_timeout",
                              "The exchange took longer than exchange_timeout_ms.");
}

const std::shared_ptr<const detectors::Literal>& Stages::credential_at(const Target& target) {
  auto& known = credentials_[target.upstream];
  if (!known && !target.credential.empty()) {
    known = std::make_shared<const detectors::Literal>(target.credential);
  }
  return known;
}

asio::awaitable<core::Result<std::unique_ptr<UpstreamCall>>> Stages::attempt(Exchange& ex,
                                                                             const Target& target,
                                                                             bool& delivered) {
  const Headers headers = provider_headers(ex, *ex.scanners);
  std::string path(ex.endpoint->path);
  if (ex.query == "beta=true") path.append("?beta=true");
  const UpstreamRequest request{
      .method = ex.endpoint->method,
      .target = path,
      .headers = &headers,
      .body = ex.forwarded.empty() ? ex.request->bytes() : std::string_view(ex.forwarded),
      .stream = ex.record.stream,
      .deadline_ns = deadline_of(ex, services.limits),
      .delivered = &delivered};
  ++ex.record.attempts;
  ex.record.upstream = target.name;
  ex.record.upstream_model = target.model;
  ex.record.zone = target.zone;
  ex.credential = credential_at(target);
  const std::int64_t began = services.clock->monotonic_ns();
  auto call = co_await upstreams.call(target, request);
  ex.upstream_wait_ns += services.clock->monotonic_ns() - began;
  co_return call;
}

void Stages::open_stream(Exchange& ex, asio::any_io_executor executor) {
  ex.writer = std::make_unique<StreamWriter>(
      std::move(executor), ex.client, protocol::ping(ex.endpoint->api),
      std::chrono::milliseconds(services.limits.ping_interval_ms), [&ex] {
        ResponseHead head{200, reply_headers(ex, "text/event-stream; charset=utf-8")};
        if (ex.call) {
          for (auto& header : client_headers(ex, *ex.scanners)) {
            head.headers.push_back(std::move(header));
          }
        }
        head.headers.emplace_back("cache-control", "no-cache");
        head.headers.emplace_back("x-accel-buffering", "no");
        return head;
      });
  ex.writer->start_pings();
}

// An answer is thrown away only when it is whole: a provider that breaks off may be at work.
asio::awaitable<core::Result<void>> Stages::read_refusal(UpstreamCall& call) {
  std::size_t bytes = 0;
  while (bytes <= core::discarded_answer_bytes_max) {
    const auto piece = co_await call.read();
    if (!piece) co_return piece.error();
    if (piece->empty()) co_return core::Result<void>{};
    bytes += piece->size();
  }
  co_return core::provider_error(core::ErrorKind::bad_upstream, "answer_too_large",
                                 "The provider refused with an answer that is too large.");
}

asio::awaitable<core::Result<void>> Stages::forward(Exchange& ex) {
  if (!ex.request) co_return co_await list_models(ex);
  if (ex.record.stream) open_stream(ex, co_await asio::this_coro::executor);
  const unsigned attempts = 1 + upstreams.retries(ex.targets.front());
  core::Error last = no_healthy_upstream();
  for (unsigned i = 0; i < attempts; ++i) {
    const Target& target = ex.targets[i % ex.targets.size()];
    if (i > 0) {
      if (auto time = still_time(ex); !time) co_return time.error();
      // A target in another zone is judged by that zone's rules; each delivery has its intent.
      if (auto prepared = co_await prepare_target(ex, target); !prepared)
        co_return prepared.error();
      if (auto intent = co_await write_intent(ex, target); !intent) co_return intent.error();
    }
    bool delivered = false;
    auto call = co_await attempt(ex, target, delivered);
    if (!call) {
      last = call.error();
      const bool again = !delivered || target.retry_always;
      if (!again || !worth_another(last)) co_return last;
      continue;
    }
    const unsigned status = (*call)->status();
    ex.record.upstream_status = status;
    const bool more = i + 1 < attempts && ex.targets.size() > 1;
    if (more && worth_failover(status, target.retry_always)) {
      auto whole = co_await read_refusal(**call);
      if (!whole && !target.retry_always) co_return whole.error();
      continue;
    }
    ex.call = std::move(*call);
    co_return core::Result<void>{};
  }
  co_return last;
}

}  // namespace menshen::pipeline
