#include "proxy/transport/upstream_pool.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

namespace menshen::transport {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t idle_buffer_bytes = 4 * 1024;

// Less than the provider lets a connection wait: its clock began before ours.
milliseconds time_at_rest(const Upstream& upstream, const http::ResponseFraming& framing) {
  const milliseconds configured(upstream.options.timeouts.keep_alive_ms);
  if (!framing.keep_alive_s) return configured;
  const milliseconds announced = std::chrono::seconds(*framing.keep_alive_s);
  return std::min(configured, announced - std::min(announced / 2, milliseconds(1'000)));
}

}  // namespace

std::shared_ptr<net::Channel> UpstreamPool::take(Upstream& upstream) {
  const auto found = idle_.find(upstream.id);
  while (found != idle_.end() && !found->second.empty()) {
    auto channel = std::move(found->second.front().channel);
    found->second.pop_front();
    --upstream.counts->idle_connections;
    channel->unwatch();
    channel->never_expires();
    if (channel->is_quiet()) return channel;
    ++upstream.counts->stale_connections;
    channel->close();
  }
  return nullptr;
}

void UpstreamPool::give(const std::shared_ptr<Upstream>& upstream, net::AnswerBody body) {
  const http::ResponseFraming framing = body.framing();
  auto channel = body.leave();
  auto& connections = idle_[upstream->id];
  const milliseconds rest = time_at_rest(*upstream, framing);
  const bool usable = framing.keep_alive && rest.count() > 0 &&
                      channel->read_state() == net::Io::ok && channel->input().empty() &&
                      channel->is_open();
  if (closed_ || !usable || connections.size() >= per_upstream_max_) {
    channel->close();
    return;
  }
  channel->shrink(idle_buffer_bytes);
  connections.emplace_front(*this, upstream, std::move(channel));
  Idle& idle = connections.front();
  idle.place = connections.begin();
  ++upstream->counts->idle_connections;
  idle.channel->expires_after(rest);
  idle.channel->watch(&idle, idle_buffer_bytes);
}

void UpstreamPool::linger(const std::shared_ptr<Upstream>& upstream, net::AnswerBody body) {
  // Nearly always the end of the framing came with the end of the answer.
  std::ignore = body.take();
  if (body.ended()) return give(upstream, std::move(body));
  net::Channel& channel = body.channel();
  const bool worth_it = body.fault() == http::Fault::none && body.framing().keep_alive &&
                        !closed_ && lingering_.size() < core::lingering_calls_max;
  if (!worth_it) return channel.close();
  lingering_.push_back(channel.shared_from_this());
  channel.expires_after(milliseconds(core::lingering_timeout_ms));
  asio::co_spawn(channel.executor(),
                 read_on(shared_from_this(), upstream, std::move(body), --lingering_.end()),
                 asio::detached);
}

asio::awaitable<void> UpstreamPool::read_on(std::shared_ptr<UpstreamPool> pool,
                                            std::shared_ptr<Upstream> upstream,
                                            net::AnswerBody body, Lingering::iterator place) {
  std::size_t bytes = 0;
  while (!body.ended() && body.fault() == http::Fault::none && bytes <= core::lingering_bytes_max) {
    if (co_await body.fill() != net::Io::ok) break;
    bytes += body.take().size();
  }
  pool->lingering_.erase(place);
  body.channel().never_expires();
  if (body.ended() && !pool->closed_) {
    pool->give(upstream, std::move(body));
  } else {
    body.channel().close();
  }
}

void UpstreamPool::drop(Idle& idle) {
  const auto channel = std::move(idle.channel);
  --idle.upstream->counts->idle_connections;
  const std::uint32_t id = idle.upstream->id;
  idle_[id].erase(idle.place);
  channel->close();
}

void UpstreamPool::close() {
  closed_ = true;
  for (auto& [id, connections] : idle_) {
    for (Idle& idle : connections) {
      --idle.upstream->counts->idle_connections;
      idle.channel->unwatch();
      idle.channel->close();
    }
    connections.clear();
  }
  for (const auto& channel : lingering_) channel->close();
}

}  // namespace menshen::transport
