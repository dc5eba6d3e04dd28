// Connections to upstreams that wait for the next call. One per thread; bounded per upstream; each
// is watched, so that one which the provider closes leaves the pool at once.
//
//   std::shared_ptr<Channel> channel = pool->take(upstream);   // null: none is idle
//   ... pool->give(upstream, std::move(body));
#pragma once

#include "proxy/net/answer_body.h"
#include "proxy/net/channel.h"
#include "proxy/transport/upstream_set.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>

namespace menshen::transport {

namespace asio = boost::asio;

class UpstreamPool : public std::enable_shared_from_this<UpstreamPool> {
 public:
  explicit UpstreamPool(std::size_t per_upstream_max) : per_upstream_max_(per_upstream_max) {}
  ~UpstreamPool() { close(); }
  UpstreamPool(const UpstreamPool&) = delete;
  UpstreamPool& operator=(const UpstreamPool&) = delete;

  // The connection that was used last, tested: the provider has neither ended it nor sent anything.
  [[nodiscard]] std::shared_ptr<net::Channel> take(Upstream& upstream);
  // The connection of an answer that has ended: kept for less time than the provider lets it wait,
  // or closed when there are enough, or when it has bytes that nobody asked for.
  void give(const std::shared_ptr<Upstream>& upstream, net::AnswerBody body);
  // Reads on to the end of an answer that is whole by its API, within lingering_bytes_max and
  // lingering_timeout_ms, and keeps the connection; closes it when lingering_calls_max read on.
  void linger(const std::shared_ptr<Upstream>& upstream, net::AnswerBody body);
  // Closes all; what is given later is closed too.
  void close();

 private:
  struct Idle;
  using Connections = std::list<Idle>;
  using Lingering = std::list<std::shared_ptr<net::Channel>>;

  // Watches one connection at rest.
  struct Idle final : net::Channel::Watcher {
    Idle(UpstreamPool& owner, std::shared_ptr<Upstream> whose, std::shared_ptr<net::Channel> what)
        : pool(owner), upstream(std::move(whose)), channel(std::move(what)) {}
    void on_end(net::Io) noexcept override { pool.drop(*this); }
    UpstreamPool& pool;
    std::shared_ptr<Upstream> upstream;
    std::shared_ptr<net::Channel> channel;
    Connections::iterator place;
  };

  void drop(Idle& idle);
  static asio::awaitable<void> read_on(std::shared_ptr<UpstreamPool> pool,
                                       std::shared_ptr<Upstream> upstream, net::AnswerBody body,
                                       Lingering::iterator place);

  std::size_t per_upstream_max_;
  std::unordered_map<std::uint32_t, Connections> idle_;  // the latest in front
  Lingering lingering_;
  bool closed_ = false;
};

}  // namespace menshen::transport
