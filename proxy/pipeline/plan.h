// Where a request may go, and what of it goes there: content rules are judged for each zone, and
// each target has a body prepared for its zone and for its name of the model. Private to the
// pipeline.
//
//   co_await ex.plan.choose(lane, ex);             // drops the targets that content rules refuse
//   for (const Target& target : ex.plan.targets()) {
//     if (auto ready = co_await ex.plan.prepare(lane, ex, target); !ready) ...
//     send(ex.plan.body(*ex.request));             // of the target prepared last
//   }
#pragma once

#include "core/error.h"
#include "core/limits.h"
#include "proxy/pipeline/pseudonyms.h"
#include "proxy/pipeline/tally.h"
#include "proxy/pipeline/upstream.h"
#include "proxy/protocol/document.h"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::pipeline {

struct Exchange;
struct Lane;

// A header of the client's with what stands in for findings in its value.
struct RedactedHeader {
  std::size_t index = 0;  // in the request's head
  std::string value;
};

class Plan {
 public:
  // Of the targets that access rules allow, those that content rules do too. Errors: the refusal,
  // when none is left; those of run_long().
  asio::awaitable<core::Result<void>> choose(Lane& lane, Exchange& ex);

  // Makes the body that goes to the target, once for each zone and name. Errors: the refusal of the
  // zone's rules; those of run_long().
  asio::awaitable<core::Result<void>> prepare(Lane& lane, Exchange& ex, const Target& target);

  // Targets that cannot be called now go, after rules have been judged for them: so a refusal does
  // not depend on who is ill. Error: "no_healthy_upstream", when none is left.
  core::Result<void> keep_available();

  [[nodiscard]] const std::vector<Target>& targets() const noexcept { return targets_; }

  // Of the target prepared last.
  [[nodiscard]] std::string_view body(const protocol::Document& request) const noexcept {
    return prepared_->body.empty() ? request.bytes() : std::string_view(prepared_->body);
  }
  [[nodiscard]] const std::string& commitment() const noexcept { return prepared_->commitment; }
  [[nodiscard]] const std::vector<RedactedHeader>& redacted_headers() const noexcept {
    return prepared_->headers;
  }
  // What was found and done for that target; of a refusal, for the zone that refused. null: nothing
  // was judged.
  [[nodiscard]] const Tally* tally() const noexcept {
    return prepared_ == nullptr ? nullptr : &prepared_->tally;
  }
  // By which the body of that target calls values. As long as the plan.
  [[nodiscard]] const Pseudonyms& pseudonyms() const noexcept { return prepared_->pseudonyms; }

 private:
  struct Prepared {
    explicit Prepared(const core::Limits& limits) : pseudonyms(limits.pseudonyms_max) {}

    std::string zone;
    std::string model;
    std::string body;        // empty: the request's own bytes
    std::string commitment;  // of what goes to the provider
    std::vector<RedactedHeader> headers;
    Tally tally;
    Pseudonyms pseudonyms;
    core::Result<void> judged;
  };

  static core::Result<void> judge_for(Exchange& ex, Prepared& made, protocol::Edits& edits,
                                      const std::stop_token& stop);
  core::Result<void> drop_refused(const core::Limits& limits, Exchange& ex,
                                  const std::stop_token& stop);
  std::unique_ptr<Prepared> prepared_for(const core::Limits& limits, Exchange& ex,
                                         const Target& target, const std::stop_token& stop) const;

  std::vector<Target> targets_;
  std::vector<std::unique_ptr<Prepared>> known_;
  const Prepared* prepared_ = nullptr;  // in known_
};

[[nodiscard]] core::Error no_healthy_upstream();

}  // namespace menshen::pipeline
