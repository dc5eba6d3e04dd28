// Connections to upstreams that wait for the next call. One per thread; bounded per upstream; each
// is watched, so that one which the provider closes leaves the pool at once.
//
//   std::shared_ptr<Channel> channel = pool.take(upstream);   // null: none is idle
//   ... pool.give(upstream, std::move(channel));
#pragma once

#include "proxy/transport/channel.h"
#include "proxy/transport/upstream_set.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>

namespace menshen::transport {

class UpstreamPool {
 public:
  UpstreamPool(std::size_t per_upstream_max, std::chrono::milliseconds idle_max)
      : per_upstream_max_(per_upstream_max), idle_max_(idle_max) {}
  ~UpstreamPool() { close(); }
  UpstreamPool(const UpstreamPool&) = delete;
  UpstreamPool& operator=(const UpstreamPool&) = delete;

  // The connection that was used last, still open as far as is known.
  [[nodiscard]] std::shared_ptr<Channel> take(Upstream& upstream);
  // Keeps it for later, or closes it when there are enough, or when it has bytes that nobody asked
  // for.
  void give(const std::shared_ptr<Upstream>& upstream, std::shared_ptr<Channel> channel);
  // Closes all; what is given later is closed too.
  void close();

 private:
  struct Idle;
  using Connections = std::list<Idle>;

  // Watches one connection at rest.
  struct Idle final : Channel::Watcher {
    Idle(UpstreamPool& owner, std::shared_ptr<Upstream> whose, std::shared_ptr<Channel> what)
        : pool(owner), upstream(std::move(whose)), channel(std::move(what)) {}
    void on_end(Io) noexcept override { pool.drop(*this); }
    UpstreamPool& pool;
    std::shared_ptr<Upstream> upstream;
    std::shared_ptr<Channel> channel;
    Connections::iterator place;
  };

  void drop(Idle& idle);

  std::size_t per_upstream_max_;
  std::chrono::milliseconds idle_max_;
  std::unordered_map<std::uint32_t, Connections> idle_;  // the latest in front
  bool closed_ = false;
};

}  // namespace menshen::transport
