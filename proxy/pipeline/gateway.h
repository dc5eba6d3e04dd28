// The life of an exchange: one list of stages, one exit.
//
//   Gateway gateway(services, upstreams);          // one per I/O thread
//   co_await gateway.handle(client);               // one exchange, to its end
//
// handle() never throws and never leaves a client without an answer while it is connected. Laws 2,
// 3, 8 and 9 are kept here: see docs/LIFE_OF_A_REQUEST.md.
#pragma once

#include "audit/journal.h"
#include "core/byte_budget.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/exchange.h"
#include "core/limits.h"
#include "detectors/catalog.h"
#include "policies/policy_set.h"
#include "proxy/pipeline/client.h"
#include "proxy/pipeline/listing_bounds.h"
#include "proxy/pipeline/redaction.h"
#include "proxy/pipeline/seen_values.h"
#include "proxy/pipeline/strangers.h"
#include "proxy/pipeline/upstream.h"
#include "proxy/pipeline/worker_pool.h"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace menshen::pipeline {

// What is told of an exchange that has ended. Views of the exchange.
struct Closed {
  const audit::Record& record;    // as it was written, or would have been
  std::string_view route{};       // the name or pattern that serves the model; empty: none known
  std::uint32_t failed_open = 0;  // checks that failed and that the policy let pass
  // How long a stream was held from its first byte on, until its scores were known.
  std::int64_t held_us = 0;
  bool recorded = false;  // false: the evidence could not be written
};

// Told of every exchange; counts, never content. Called on I/O threads: thread-safe and quick.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void opened() noexcept = 0;
  virtual void closed(const Closed& exchange) noexcept = 0;
};

// What an exchange finds in force when it begins, and keeps.
struct InForce {
  std::shared_ptr<const policies::PolicySet> policy;  // null: none
  RoutesPtr routes;
};

class ScoreSampler;

// What all threads share. Everything outlives the gateways.
struct Services {
  audit::Journal* journal = nullptr;
  const Redactor* redactor = nullptr;
  const core::Clock* clock = nullptr;
  WorkerPool* long_work = nullptr;
  Observer* observer = nullptr;
  Strangers* strangers = nullptr;
  SeenValues* seen = nullptr;       // null: nothing is known of former answers
  ScoreSampler* sampler = nullptr;  // null: no exchange is of the sample
  core::Limits limits;
  ListingBounds listing;
  core::ByteBudget* bodies = nullptr;  // of answers that are buffered; null: no bound
  // Who sent this request; the head lives until the answer is there.
  std::function<boost::asio::awaitable<core::Result<core::Subject>>(const RequestHead&)> identify;
  std::function<InForce()> in_force;
};

struct StageRow;  // stage.h

class Gateway {
 public:
  // Tests put stages of their own into the order; it outlives the gateway.
  Gateway(const Services& services, Upstreams& upstreams,
          std::span<const StageRow> order = stages());
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  boost::asio::awaitable<void> handle(Client& client);

  // The order of the stages, as data: a test asserts it.
  [[nodiscard]] static std::span<const StageRow> stages() noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace menshen::pipeline
