// The providers, as an exchange sees them: candidates in order of preference, and calls.
#pragma once

#include "core/error.h"
#include "proxy/pipeline/client.h"
#include "proxy/protocol/adapter.h"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::pipeline {

// The routes and providers of one configuration, made by the transport, which alone looks inside.
// Immutable. An exchange keeps those that it began with: they may have been replaced since.
class Routes {
 public:
  Routes() = default;
  virtual ~Routes() = default;
  Routes(const Routes&) = delete;
  Routes& operator=(const Routes&) = delete;
};
using RoutesPtr = std::shared_ptr<const Routes>;

// A place that may answer. `model` is the name there; equal to the client's unless the route
// renames it.
struct Target {
  std::uint32_t upstream = 0;  // no other upstream of the process ever has this number
  std::string_view name;       // of `routes`, as the views below
  std::string_view zone;
  std::string model;
  const protocol::Adapter* adapter = nullptr;  // whose credential header the call carries
  // The gateway's own there, for taking their echo out of answers; none is empty. Never logged.
  std::span<const std::string> secrets = {};
  RoutesPtr routes = {};
  bool retry_always = false;    // a request may be delivered again although it may have been served
  bool available = true;        // false: its breaker is open or a health check failed; not called
  std::string_view route = {};  // the name or pattern by which `routes` know the model
  // Headers of the client's that choose whose account pays and that its route lets pass.
  std::span<const std::string> account_headers = {};
  bool answers_as_asked = false;  // where it renames the model, answers have the client's name
};

struct UpstreamRequest {
  std::string_view method;
  std::string_view target;  // path and query
  const Headers*
      headers;  // end to end headers; transport adds host, framing, credential, accept-encoding
  std::string_view body;  // must live until the call has its response head
  bool stream = false;
  std::int64_t deadline_ns = 0;  // monotonic: the end of the exchange's time; 0: none
  bool* delivered = nullptr;     // set once the provider may have got a byte of the request
  bool again = false;            // not the exchange's first attempt
};

// An answer being read. Destroying it before the end closes its connection, which cancels the
// provider's work, unless conclude() said that it is whole.
class UpstreamCall {
 public:
  virtual ~UpstreamCall() = default;
  [[nodiscard]] virtual unsigned status() const noexcept = 0;
  [[nodiscard]] virtual const Headers& headers() const noexcept = 0;
  // The next bytes of the body as they come; empty: the body is complete. Valid until the next
  // call. Errors: bad_upstream (reset, bad framing, cut off), upstream_timeout (idle, or the
  // exchange's deadline), cancelled.
  virtual asio::awaitable<core::Result<std::string_view>> read() = 0;
  // What the API says of the answer's end: whole, whatever its framing still holds, or broken off.
  // Breaker and passive health learn of a stream's end here and nowhere else.
  virtual void conclude(bool whole) noexcept = 0;
  // A success without a stream that is no answer of its API, or too long: counted by this code.
  virtual void misanswered(std::string_view code) noexcept = 0;
};

// One per I/O thread; used on that thread.
class Upstreams {
 public:
  virtual ~Upstreams() = default;

  // Every upstream that serves the model through this API, the balancer's pick first, then the
  // others as failover, at last those that are not available: rules are judged for them too, so
  // that a refusal does not depend on who is ill. False: no route knows the model.
  virtual bool route(const RoutesPtr& routes, std::string_view model,
                     const protocol::Adapter& adapter, std::vector<Target>& targets) = 0;

  // Upstreams whose model listing to ask, for a listing; those that are not available too.
  virtual void listing_targets(const RoutesPtr& routes, const protocol::Adapter& adapter,
                               std::vector<Target>& targets) = 0;
  // Model names that routes spell out without wildcards.
  virtual void named_models(const RoutesPtr& routes, const protocol::Adapter& adapter,
                            std::vector<std::string>& names) = 0;

  // One attempt, until the response head. A reused connection that took no byte of the request is
  // replaced silently (with GET, one that gave no byte of an answer too); nothing else is delivered
  // twice. The outcome feeds breaker and passive health. Errors: bad_upstream (refused, reset, no
  // HTTP), upstream_timeout, cancelled; `Error::source` is provider.
  virtual asio::awaitable<core::Result<std::unique_ptr<UpstreamCall>>> call(
      const Target& target, const UpstreamRequest& request) = 0;

  // Attempts after the first that an exchange may make for this target list.
  [[nodiscard]] virtual unsigned retries(const Target& target) const noexcept = 0;
};

}  // namespace menshen::pipeline
