#include "proxy/transport/upstream_pool.h"

#include <utility>

namespace menshen::transport {
namespace {

constexpr std::size_t idle_buffer_bytes = 4 * 1024;

}  // namespace

std::shared_ptr<Channel> UpstreamPool::take(Upstream& upstream) {
  const auto found = idle_.find(upstream.id);
  while (found != idle_.end() && !found->second.empty()) {
    auto channel = std::move(found->second.front().channel);
    found->second.pop_front();
    --upstream.idle_connections;
    channel->unwatch();
    channel->never_expires();
    if (channel->read_state() == Io::ok && channel->input().empty() && channel->is_open())
      return channel;
    channel->close();
  }
  return nullptr;
}

void UpstreamPool::give(const std::shared_ptr<Upstream>& upstream,
                        std::shared_ptr<Channel> channel) {
  auto& connections = idle_[upstream->id];
  const bool usable =
      channel->read_state() == Io::ok && channel->input().empty() && channel->is_open();
  if (closed_ || !usable || connections.size() >= per_upstream_max_) {
    channel->close();
    return;
  }
  channel->shrink(idle_buffer_bytes);
  connections.emplace_front(*this, upstream, std::move(channel));
  Idle& idle = connections.front();
  idle.place = connections.begin();
  ++upstream->idle_connections;
  idle.channel->expires_after(idle_max_);
  idle.channel->watch(&idle, idle_buffer_bytes);
}

void UpstreamPool::drop(Idle& idle) {
  const auto channel = std::move(idle.channel);
  --idle.upstream->idle_connections;
  const std::uint32_t id = idle.upstream->id;
  idle_[id].erase(idle.place);
  channel->close();
}

void UpstreamPool::close() {
  closed_ = true;
  for (auto& [id, connections] : idle_) {
    for (Idle& idle : connections) {
      --idle.upstream->idle_connections;
      idle.channel->unwatch();
      idle.channel->close();
    }
    connections.clear();
  }
}

}  // namespace menshen::transport
