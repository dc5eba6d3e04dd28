#include "proxy/transport/health.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace menshen::transport {
namespace {

using std::chrono::milliseconds;

constexpr auto as_outcome = asio::as_tuple(asio::use_awaitable);
constexpr milliseconds table_interval{1'000};  // how soon a reload is noticed
constexpr std::size_t body_bytes_max = 64 * 1024;

// Why the upstream does not answer 2xx, body included, so that the connection can be used again;
// empty: it does.
asio::awaitable<std::string> ask(ThreadUpstreams& upstreams, std::shared_ptr<Upstream> upstream) {
  const protocol::Head head{"GET", upstream->options.health->path, {}, {}};
  const auto& adapter = **std::ranges::max_element(
      upstream->options.apis, {},
      [&](const protocol::Adapter* speaks) { return speaks->claim(head); });
  const pipeline::UpstreamRequest request{
      "GET", upstream->options.health->path, nullptr, {}, false};
  std::string why;
  auto answer = co_await upstreams.attempt(upstream, adapter, request, why);
  if (!answer) co_return why.empty() ? answer.error().code : answer.error().code + ": " + why;
  const unsigned status = (*answer)->status();
  if (status < 200 || status > 299) co_return "status " + std::to_string(status);
  for (std::size_t bytes = 0; bytes <= body_bytes_max;) {
    const auto piece = co_await (*answer)->read();
    if (!piece) co_return piece.error().code;
    if (piece->empty()) co_return std::string();
    bytes += piece->size();
  }
  co_return "a body of more than " + std::to_string(body_bytes_max) + " bytes";
}

asio::awaitable<std::string> ask_in_time(ThreadUpstreams& upstreams,
                                         std::shared_ptr<Upstream> upstream) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer timer(co_await asio::this_coro::executor,
                           milliseconds(upstream->options.health->timeout_ms));
  const auto outcome = co_await (ask(upstreams, upstream) || timer.async_wait(as_outcome));
  const std::string* fault = std::get_if<0>(&outcome);
  co_return fault != nullptr ? *fault : "no answer within timeout_ms";
}

}  // namespace

struct HealthChecks::State {
  State(asio::any_io_executor where, std::shared_ptr<UpstreamSet> what, ThreadUpstreams& how)
      : executor(std::move(where)), set(std::move(what)), upstreams(how), table_timer(executor) {}

  [[nodiscard]] bool is_active(const Upstream& upstream) const {
    const auto table = set->table();
    return table->find(upstream.id) != nullptr;
  }

  asio::any_io_executor executor;
  std::shared_ptr<UpstreamSet> set;
  ThreadUpstreams& upstreams;
  asio::steady_timer table_timer;
  std::unordered_map<std::uint32_t, asio::cancellation_signal> running;  // by upstream
  bool stopped = false;

  // Posted: a coroutine is bound to its signal until it has ended entirely.
  static auto forget(const std::shared_ptr<State>& state, std::uint32_t id) {
    return [state, id](const std::exception_ptr&) {
      asio::post(state->executor, [state, id] { state->running.erase(id); });
    };
  }
};

HealthChecks::HealthChecks(asio::any_io_executor executor, std::shared_ptr<UpstreamSet> set,
                           ThreadUpstreams& upstreams)
    : state_(std::make_shared<State>(executor, std::move(set), upstreams)) {
  // Ended by its timer, not by a signal: the loop may not run yet, and asio (1.81) lets an
  // exception out of a coroutine that is cancelled before it has begun.
  asio::co_spawn(executor, watch_table(state_), asio::detached);
}

void HealthChecks::stop() {
  if (std::exchange(state_->stopped, true)) return;
  state_->table_timer.cancel();
  for (auto& [id, signal] : state_->running) signal.emit(asio::cancellation_type::all);
}

asio::awaitable<void> HealthChecks::watch_table(std::shared_ptr<State> state) {
  while (!state->stopped) {
    const auto table = state->set->table();
    for (const auto& upstream : table->upstreams) {
      const std::uint32_t id = upstream->id;
      if (!upstream->options.health || state->running.contains(id)) continue;
      asio::co_spawn(
          state->executor, check(state, upstream),
          asio::bind_cancellation_slot(state->running[id].slot(), State::forget(state, id)));
    }
    state->table_timer.expires_after(table_interval);
    std::ignore = co_await state->table_timer.async_wait(as_outcome);
  }
}

asio::awaitable<void> HealthChecks::check(std::shared_ptr<State> state,
                                          std::shared_ptr<Upstream> upstream) {
  co_await asio::this_coro::throw_if_cancelled(false);
  asio::steady_timer timer(state->executor);
  unsigned failures = 0;
  while (!state->stopped && state->is_active(*upstream)) {
    const std::string fault = co_await ask_in_time(state->upstreams, upstream);
    if (state->stopped) break;
    failures = fault.empty() ? 0 : failures + 1;
    if (failures == 0 || failures >= failures_max) upstream->checked(failures == 0, fault);
    timer.expires_after(milliseconds(upstream->options.health->interval_ms));
    std::ignore = co_await timer.async_wait(as_outcome);
  }
}

}  // namespace menshen::transport
