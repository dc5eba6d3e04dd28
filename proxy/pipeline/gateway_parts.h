// What a gateway between fakes is made of, for tests and benchmarks: one wiring of its services.
#pragma once

#include "proxy/pipeline/gateway_fakes.h"
#include "proxy/pipeline/testing.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <string_view>

namespace menshen::pipeline::testing {

class GatewayParts {
 protected:
  GatewayParts(std::string_view policy, unsigned long_work_threads)
      : pool_(long_work_threads, 256), policy_(policy_from(policy)) {
    services_.journal = &journal_;
    services_.redactor = &redactor_;
    services_.clock = &core::system_clock();
    services_.long_work = &pool_;
    services_.observer = &observer_;
    services_.strangers = strangers_.get();
    services_.in_force = [this] { return InForce{policy_, std::make_shared<Routes>()}; };
  }

  Log log_;
  FakeJournal journal_{log_};
  FakeUpstreams upstreams_{log_};
  CountingObserver observer_;
  std::unique_ptr<Strangers> strangers_ = std::make_unique<Strangers>(
      journal_, core::system_clock(), Strangers::Options{.interval = std::chrono::hours(1)});
  Redactor redactor_{"redaction key"};
  asio::io_context context_;  // outlives the pool, which may still be in the midst of waking it
  WorkerPool pool_;
  std::shared_ptr<const policies::PolicySet> policy_;
  Services services_;
};

}  // namespace menshen::pipeline::testing
