// One request to a provider and the answer to it, on a connection of the pool.
#pragma once

#include "core/limits.h"
#include "proxy/pipeline/upstream.h"
#include "proxy/net/answer_body.h"
#include "proxy/net/channel.h"
#include "proxy/http/head.h"
#include "proxy/transport/upstream_pool.h"
#include "proxy/transport/upstream_set.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace menshen::transport {

namespace asio = boost::asio;

// The head of the request as it leaves: the caller's end-to-end fields, those that the upstream is
// given fixed, which win, and what transport adds.
// Credentials, cookies, framing and hop-by-hop fields among the caller's are left out. Empty: a
// field has characters that would break the head.
[[nodiscard]] std::string write_request_head(const Upstream& upstream,
                                             const protocol::Adapter& adapter,
                                             const pipeline::UpstreamRequest& request);

// When the exchange's own time is over.
[[nodiscard]] net::Channel::TimePoint deadline_of(
    const pipeline::UpstreamRequest& request) noexcept;
[[nodiscard]] core::Error exchange_timeout();

class UpstreamAnswer final : public pipeline::UpstreamCall {
 public:
  UpstreamAnswer(std::shared_ptr<UpstreamPool> pool, std::shared_ptr<Upstream> upstream,
                 std::shared_ptr<net::Channel> channel, const core::Limits& limits);
  // An answer that is whole by its API, though not by its framing, is read to the end by the pool;
  // one that is not is cut off.
  ~UpstreamAnswer() override;

  // What became of an attempt to get the head.
  enum class Begun : std::uint8_t {
    ok,
    error,
    unsent,  // the connection took not a byte of the request
    silent,  // closed before any byte of an answer came
  };
  // Writes the request and reads the head of the answer; `error` is set unless it is ok.
  asio::awaitable<Begun> begin(std::string_view head, const pipeline::UpstreamRequest& request,
                               core::Error& error);

  [[nodiscard]] unsigned status() const noexcept override { return head_.status; }
  [[nodiscard]] const http::Headers& headers() const noexcept override { return head_.headers; }
  // An exchange's, whose errors are counted.
  void count_errors() noexcept { counted_ = true; }
  // The answer's end, good or bad, is to be told to the breaker.
  void report_end(Breaker::Permit permit) noexcept { permit_ = permit; }
  // Cancelling a read loses nothing: the next one goes on where it would have.
  asio::awaitable<core::Result<std::string_view>> read() override;
  void conclude(bool whole) noexcept override;
  void misanswered(std::string_view code) noexcept override;

 private:
  asio::awaitable<Begun> read_head(std::string_view method, core::Error& error);
  void complete();
  void report(Breaker::Outcome outcome, std::string_view cause = {}) noexcept;
  void failed(std::string_view code) noexcept;
  [[nodiscard]] core::Error io_error(net::Io io, bool in_body) const;
  [[nodiscard]] bool is_overdue() const noexcept;

  std::shared_ptr<UpstreamPool> pool_;
  std::shared_ptr<Upstream> upstream_;
  net::AnswerBody body_;  // left once the answer is complete
  const core::Limits& limits_;
  http::ResponseHead head_;
  net::Channel::TimePoint until_ = net::Channel::TimePoint::max();  // the exchange's own deadline
  Breaker::Permit permit_ = Breaker::Permit::refused;               // refused: nothing to report
  bool is_stream_ = false;  // asked for one: its end is for conclude() to tell
  bool whole_ = false;      // by its API
  bool counted_ = false;    // an error is to be counted, once
};

}  // namespace menshen::transport
