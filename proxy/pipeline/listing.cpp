#include "proxy/pipeline/listing.h"

#include "proxy/pipeline/own_secrets.h"
#include "proxy/protocol/adapter.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <exception>

namespace menshen::pipeline {
namespace {

constexpr std::int64_t ms = 1'000'000;

core::Error not_listed() {
  return core::provider_error(core::ErrorKind::bad_upstream, "bad_model_list",
                              "The provider's list of models cannot be read.");
}

}  // namespace

// What the workers of one collect() share. They are done when `open` is 0; `settled` wakes who
// waits for that.
struct ModelListings::Round {
  explicit Round(const asio::any_io_executor& executor) : settled(executor) {}

  std::vector<Target> targets;
  Headers headers;
  std::size_t next = 0;
  std::size_t open = 0;
  bool stopped = false;
  std::deque<asio::cancellation_signal> stops;
  asio::steady_timer settled;
};

bool ModelListings::is_due(const Target& target, std::int64_t now_ns) const {
  const auto known = entries_.find({target.upstream, target.adapter});
  if (known == entries_.end()) return true;
  const Entry& entry = known->second;
  const bool failed = entry.asked_ns != entry.listed_ns;
  return now_ns - entry.asked_ns >= ms * (failed ? bounds_.retry_ms : bounds_.fresh_ms);
}

void ModelListings::forget(std::int64_t now_ns) {
  std::erase_if(entries_, [&](const auto& known) {
    return now_ns - std::max(known.second.listed_ns, known.second.asked_ns) >=
           ms * bounds_.stale_max_ms;
  });
  for (auto& [key, entry] : entries_) {
    if (now_ns - entry.listed_ns >= ms * bounds_.stale_max_ms) entry.names.clear();
  }
}

asio::awaitable<core::Result<std::uint32_t>> ModelListings::collect(
    std::vector<Target> targets, Headers headers, ScannerPool& scanners,
    std::vector<std::string>& names) {
  const std::int64_t now = clock_.monotonic_ns();
  forget(now);
  const auto executor = co_await asio::this_coro::executor;
  const auto round = std::make_shared<Round>(executor);
  round->headers = std::move(headers);
  std::ranges::copy_if(targets, std::back_inserter(round->targets),
                       [&](const Target& target) { return is_due(target, now); });
  if (!round->targets.empty()) {
    if (auto asked = co_await run(round); !asked) co_return asked.error();
  }
  for (const Target& target : targets) {
    const auto known = entries_.find({target.upstream, target.adapter});
    if (known == entries_.end()) continue;
    std::ranges::copy_if(known->second.names, std::back_inserter(names),
                         [&](const std::string& name) { return scanners.is_clean(name); });
  }
  co_return static_cast<std::uint32_t>(round->next);
}

// The workers use this object, so they are waited for, whatever becomes of the client.
asio::awaitable<core::Result<void>> ModelListings::run(std::shared_ptr<Round> round) {
  const std::size_t workers = std::min<std::size_t>(round->targets.size(), bounds_.at_once_max);
  round->settled.expires_after(std::chrono::milliseconds(bounds_.timeout_ms));
  for (std::size_t i = 0; i < workers; ++i) {
    ++round->open;
    asio::co_spawn(round->settled.get_executor(), work(round),
                   asio::bind_cancellation_slot(round->stops.emplace_back().slot(),
                                                [round](const std::exception_ptr&) {
                                                  if (--round->open == 0) round->settled.cancel();
                                                }));
  }
  boost::system::error_code ignored;
  if (round->open > 0) {
    co_await round->settled.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  const auto state = co_await asio::this_coro::cancellation_state;
  const bool cancelled = state.cancelled() != asio::cancellation_type::none;
  if (round->open > 0) {
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    round->stopped = true;
    for (auto& stop : round->stops) stop.emit(asio::cancellation_type::terminal);
    while (round->open > 0) {
      round->settled.expires_at(asio::steady_timer::time_point::max());
      co_await round->settled.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
  }
  if (cancelled) {
    co_return core::client_error(core::ErrorKind::cancelled, "client_gone",
                                 "The client went away.");
  }
  co_return core::Result<void>{};
}

asio::awaitable<void> ModelListings::work(std::shared_ptr<Round> round) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
  while (!round->stopped && round->next < round->targets.size()) {
    const Target& target = round->targets[round->next++];
    auto listed = co_await ask(target, round->headers);
    Entry& entry = entries_[{target.upstream, target.adapter}];
    entry.asked_ns = clock_.monotonic_ns();
    if (!listed) continue;
    entry.names = std::move(*listed);
    entry.listed_ns = entry.asked_ns;
  }
}

asio::awaitable<core::Result<std::vector<std::string>>> ModelListings::ask(const Target& target,
                                                                           const Headers& headers) {
  const UpstreamRequest request{.method = "GET",
                                .target = target.adapter->facts().listing_path,
                                .headers = &headers,
                                .body = {}};
  auto call = co_await upstreams_.call(target, request);
  if (!call) co_return call.error();
  if ((*call)->status() != 200) co_return not_listed();
  const auto body = co_await read(**call);
  if (!body) co_return body.error();
  auto names = target.adapter->parse_model_list(*body);
  if (!names) co_return names.error();
  if (names->size() > bounds_.names_max) co_return not_listed();
  std::erase_if(*names, [&](const std::string& name) {
    return std::ranges::any_of(target.secrets, [&](const std::string& secret) {
      return is_told(secret) && name.find(secret) != std::string::npos;
    });
  });
  co_return names;
}

asio::awaitable<core::Result<std::string>> ModelListings::read(UpstreamCall& call) {
  std::string body;
  while (true) {
    const auto piece = co_await call.read();
    if (!piece) co_return piece.error();
    if (piece->empty()) co_return body;
    if (body.size() + piece->size() > bounds_.bytes_max) co_return not_listed();
    body.append(*piece);
  }
}

}  // namespace menshen::pipeline
