#include "proxy/transport/thread_upstreams.h"

#include "core/clock.h"
#include "core/wildcard.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace menshen::transport {
namespace {

using core::ErrorKind;

core::Error not_available() {
  return core::provider_error(ErrorKind::bad_upstream, "upstream_unavailable",
                              "The upstream is resting after failures; try again later.");
}

core::Error was_cancelled() {
  return core::provider_error(ErrorKind::cancelled, "cancelled", "The exchange was cancelled.");
}

bool is_overload(unsigned status) noexcept {
  return status == 502 || status == 503 || status == 504;
}

Breaker::Outcome judge(const core::Result<std::unique_ptr<UpstreamAnswer>>& answer) {
  if (answer) {
    return is_overload((*answer)->status()) ? Breaker::Outcome::failure : Breaker::Outcome::success;
  }
  const auto kind = answer.error().kind;
  const bool not_theirs = kind == ErrorKind::cancelled || kind == ErrorKind::internal ||
                          answer.error().code == "exchange_timeout";
  return not_theirs ? Breaker::Outcome::unknown : Breaker::Outcome::failure;
}

void count(const core::Result<std::unique_ptr<UpstreamAnswer>>& answer, std::int64_t ns,
           UpstreamCounts& counts) {
  if (!answer) return counts.error(answer.error().code);
  counts.answered_after(ns);
  counts.status((*answer)->status());
}

std::string cause_of(const core::Result<std::unique_ptr<UpstreamAnswer>>& answer,
                     const std::string& why) {
  if (answer) return "status " + std::to_string((*answer)->status());
  return why.empty() ? answer.error().code : answer.error().code + ": " + why;
}

std::string wrong_name_of(const net::Opened& opened) {
  if (opened.wrong_name.empty()) return {};
  return "the certificate is not for the name " + opened.wrong_name;
}

core::Error bad(std::string code, std::string message) {
  return core::provider_error(ErrorKind::bad_upstream, std::move(code), std::move(message));
}

core::Error connect_error(const net::Opened& opened, bool overdue) {
  using enum net::ConnectFault;
  switch (opened.fault) {
    case cancelled: return was_cancelled();
    case timed_out:
      return overdue ? exchange_timeout()
                     : core::provider_error(ErrorKind::upstream_timeout, "upstream_connect_timeout",
                                            "The upstream could not be reached in time.");
    case unresolved:
      return bad("upstream_unresolved", "The name of the upstream cannot be resolved.");
    case tls:
      return bad("upstream_tls",
                 opened.detail.empty()
                     ? "The TLS handshake with the upstream failed."
                     : "The upstream's certificate is refused: " + opened.detail + ".");
    case proxy: return bad("upstream_proxy", "The upstream's proxy " + opened.detail + ".");
    default: return bad("upstream_refused", "The upstream refuses connections.");
  }
}

// The tables of this room are the only routes that there are.
const UpstreamTable& table_of(const pipeline::RoutesPtr& routes) noexcept {
  return static_cast<const UpstreamTable&>(*routes);
}

std::int64_t now_ns() { return core::system_clock().monotonic_ns(); }

}  // namespace

ThreadUpstreams::ThreadUpstreams(asio::any_io_executor executor, const core::Limits& limits,
                                 net::Deadlines& deadlines)
    : limits_(limits),
      connector_(std::move(executor), deadlines),
      pool_(std::make_shared<UpstreamPool>(limits.upstream_idle_connections_max)) {}

bool ThreadUpstreams::route(const pipeline::RoutesPtr& routes, std::string_view model,
                            const protocol::Adapter& adapter,
                            std::vector<pipeline::Target>& targets) {
  const UpstreamTable& table = table_of(routes);
  const auto [name, route] = table.routes.match(model, adapter);
  if (route == nullptr) return false;
  // The balance knows routes by their address, which those of a former table may have had.
  if (table.generation > std::exchange(generation_, std::max(generation_, table.generation))) {
    balance_.clear();
  }
  const auto upstream_of = [&, at = &route->targets](std::uint32_t i) -> const Upstream& {
    return *table.upstreams[(*at)[i].upstream];
  };
  const auto now = now_ns();
  order_.clear();
  balance_.order(
      *route, [&](std::uint32_t i) { return upstream_of(i).available(now); }, order_);
  const std::size_t available = order_.size();
  for (std::uint32_t i = 0; i < route->targets.size(); ++i) {
    if (std::find(order_.begin(), order_.end(), i) == order_.end()) order_.push_back(i);
  }
  for (std::size_t place = 0; place < order_.size(); ++place) {
    const std::uint32_t i = order_[place];
    const Upstream& upstream = upstream_of(i);
    const std::string& renamed = route->targets[i].model;
    targets.push_back({.upstream = upstream.id,
                       .name = upstream.options.name,
                       .zone = upstream.options.zone,
                       .model = renamed.empty() ? std::string(model) : renamed,
                       .adapter = &adapter,
                       .secrets = upstream.secrets,
                       .routes = routes,
                       .retry_always = route->retry == config::Retry::always,
                       .available = place < available,
                       .route = name,
                       .account_headers = route->account_headers,
                       .answers_as_asked = route->answers_as_asked});
  }
  return true;
}

void ThreadUpstreams::listing_targets(const pipeline::RoutesPtr& routes,
                                      const protocol::Adapter& adapter,
                                      std::vector<pipeline::Target>& targets) {
  const UpstreamTable& table = table_of(routes);
  const auto now = now_ns();
  std::vector<std::uint32_t> listed;
  for (const auto& route : table.routes.routes(adapter)) {
    if (std::none_of(route.models.begin(), route.models.end(), core::has_wildcard)) continue;
    for (const auto& target : route.targets) {
      const Upstream& upstream = *table.upstreams[target.upstream];
      if (std::find(listed.begin(), listed.end(), upstream.id) != listed.end()) continue;
      listed.push_back(upstream.id);
      pipeline::Target& asked = targets.emplace_back();
      asked.upstream = upstream.id;
      asked.name = upstream.options.name;
      asked.zone = upstream.options.zone;
      asked.adapter = &adapter;
      asked.secrets = upstream.secrets;
      asked.routes = routes;
      asked.available = upstream.available(now);
    }
  }
}

void ThreadUpstreams::named_models(const pipeline::RoutesPtr& routes,
                                   const protocol::Adapter& adapter,
                                   std::vector<std::string>& names) {
  for (const auto& route : table_of(routes).routes.routes(adapter)) {
    std::copy_if(route.models.begin(), route.models.end(), std::back_inserter(names),
                 [](const std::string& name) { return !core::has_wildcard(name); });
  }
}

unsigned ThreadUpstreams::retries(const pipeline::Target& target) const noexcept {
  const auto upstream = table_of(target.routes).find(target.upstream);
  return upstream == nullptr ? 0 : upstream->options.retries;
}

asio::awaitable<core::Result<std::unique_ptr<pipeline::UpstreamCall>>> ThreadUpstreams::call(
    const pipeline::Target& target, const pipeline::UpstreamRequest& request) {
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) co_return was_cancelled();
  const std::shared_ptr<Upstream> upstream = table_of(target.routes).find(target.upstream);
  if (upstream == nullptr) co_return not_available();
  const std::int64_t began = now_ns();
  const auto permit = upstream->breaker.admit(began);
  if (permit == Breaker::Permit::refused) co_return not_available();
  UpstreamCounts& counts = *upstream->counts;
  ++counts.calls;
  if (request.again) ++counts.retries;

  std::string why;
  auto answer = co_await attempt(upstream, *target.adapter, request, why);
  count(answer, now_ns() - began, counts);
  const auto outcome = judge(answer);
  if (outcome == Breaker::Outcome::failure) ++counts.failures;
  if (answer && outcome == Breaker::Outcome::success && permit == Breaker::Permit::normal) {
    (*answer)->report_end(permit);  // success is known when the answer is whole
  } else {
    upstream->report(permit, outcome, cause_of(answer, why));
  }
  if (!answer) co_return answer.error();
  (*answer)->count_errors();
  co_return std::unique_ptr<pipeline::UpstreamCall>(std::move(*answer));
}

asio::awaitable<core::Result<std::unique_ptr<UpstreamAnswer>>> ThreadUpstreams::attempt(
    const std::shared_ptr<Upstream>& upstream, const protocol::Adapter& adapter,
    const pipeline::UpstreamRequest& request, std::string& why) {
  const std::string head = write_request_head(*upstream, adapter, request);
  if (head.empty()) {
    co_return core::gateway_error(
        ErrorKind::internal, "bad_request_header",
        "A header for the upstream has characters that headers may not have.");
  }
  auto channel = pool_->take(*upstream);
  while (true) {
    const bool reused = channel != nullptr;
    if (!reused) {
      const auto patience = std::chrono::milliseconds(upstream->options.timeouts.connect_ms);
      const auto now = std::chrono::steady_clock::now();
      net::Opened opened = co_await connector_.open(upstream->target,
                                                    std::min(deadline_of(request), now + patience));
      if (opened.channel == nullptr) {
        // A timeout is the exchange's own when its time is over.
        why = wrong_name_of(opened);
        const bool overdue = std::chrono::steady_clock::now() >= deadline_of(request);
        co_return connect_error(opened, overdue);
      }
      ++upstream->counts->connects;
      channel = std::move(opened.channel);
    }
    auto answer = std::make_unique<UpstreamAnswer>(pool_, upstream, std::move(channel), limits_);
    channel = nullptr;
    core::Error error;
    const auto begun = co_await answer->begin(head, request, error);
    if (begun == UpstreamAnswer::Begun::ok) co_return answer;
    // A connection that was kept may be gone; what may have reached the provider is not sent again.
    const bool harmless = begun == UpstreamAnswer::Begun::unsent ||
                          (begun == UpstreamAnswer::Begun::silent && request.method == "GET");
    if (!reused || !harmless) co_return error;
    ++upstream->counts->stale_connections;
  }
}

}  // namespace menshen::transport
