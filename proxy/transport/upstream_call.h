// One request to a provider and the answer to it, on a connection of the pool.
#pragma once

#include "core/limits.h"
#include "proxy/pipeline/upstream.h"
#include "proxy/transport/channel.h"
#include "proxy/transport/chunk.h"
#include "proxy/transport/head.h"
#include "proxy/transport/upstream_pool.h"
#include "proxy/transport/upstream_set.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace menshen::transport {

// The head of the request as it leaves: the caller's end-to-end fields, and what transport adds.
// Credentials, cookies, framing and hop-by-hop fields among the caller's are left out. Empty: a
// field has characters that would break the head.
[[nodiscard]] std::string write_request_head(const Upstream& upstream, protocol::Family family,
                                             const pipeline::UpstreamRequest& request);

class UpstreamAnswer final : public pipeline::UpstreamCall {
 public:
  UpstreamAnswer(std::shared_ptr<UpstreamPool> pool, std::shared_ptr<Upstream> upstream,
                 std::shared_ptr<Channel> channel, const core::Limits& limits);
  ~UpstreamAnswer() override;

  // What became of an attempt to get the head.
  enum class Begun : std::uint8_t { ok, error, stale };  // stale: closed before any byte came
  // Writes the request and reads the head of the answer; `error` is set when it says so.
  asio::awaitable<Begun> begin(std::string_view head, const pipeline::UpstreamRequest& request,
                               core::Error& error);

  [[nodiscard]] unsigned status() const noexcept override { return head_.status; }
  [[nodiscard]] const pipeline::Headers& headers() const noexcept override { return head_.headers; }
  // The answer's end, good or bad, is to be told to the breaker.
  void report_end(Breaker::Permit permit) noexcept { permit_ = permit; }
  // Cancelling a read loses nothing: the next one goes on where it would have.
  asio::awaitable<core::Result<std::string_view>> read() override;

 private:
  asio::awaitable<Begun> read_head(std::string_view method, core::Error& error);
  asio::awaitable<Io> next_head(std::string_view method, Fault& fault);
  std::string_view take_piece();
  std::string_view take_chunks();
  void complete();
  void report(Breaker::Outcome outcome) noexcept;
  core::Error io_error(Io io, bool in_body) const;

  std::shared_ptr<UpstreamPool> pool_;
  std::shared_ptr<Upstream> upstream_;
  std::shared_ptr<Channel> channel_;  // null once the answer is complete
  const core::Limits& limits_;
  pipeline::ResponseHead head_;
  ResponseFraming framing_;
  ChunkDecoder chunks_;
  std::size_t shown_ = 0;  // bytes of the input behind the piece that the caller looks at
  std::uint64_t remaining_ = 0;
  Fault fault_ = Fault::none;
  Breaker::Permit permit_ = Breaker::Permit::refused;  // refused: nothing to report
  bool ended_ = false;  // the body is complete; the caller has not heard yet
};

}  // namespace menshen::transport
