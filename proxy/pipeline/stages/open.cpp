// The begin of every exchange, and its outcome.
#include "core/digest.h"
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/stages.h"

#include <tuple>
#include <utility>

namespace menshen::pipeline {

class Open : public Stage {
 public:
  explicit Open(Lane& lane) : lane_(lane) {}

  Step before(Exchange& ex) override {
    lane_.services.observer->opened();
    const RequestHead& head = ex.client.head();
    Arrival& arrival = ex.arrival.value_;
    arrival.opened_ns = head.received_ns;
    arrival.wall_ns = lane_.services.clock->wall_ns();
    arrival.id = core::uuid_v7(arrival.wall_ns);
    const std::string& key = lane_.services.journal->commitment_key();
    arrival.salt = std::string(core::as_text(core::hmac_sha256(key, arrival.id)));
    ex.record.arrived(
        arrival.id,
        core::to_hex(
            core::as_text(core::hmac_sha256(key, "client\n" + head.client_address)).substr(0, 8)),
        head.method, arrival.opened_ns, arrival.wall_ns);
    InForce now = lane_.services.in_force();
    arrival.policy = std::move(now.policy);
    arrival.routes = std::move(now.routes);
    if (!arrival.policy) {
      return core::gateway_error(core::ErrorKind::unavailable, "no_policy",
                                 "No policy set is in force.");
    }
    ex.scanners.emplace(lane_.scanners, arrival.policy->catalog());
    const ScoreSampler* const sampler = lane_.services.sampler;
    if (sampler != nullptr && sampler->takes(arrival.salt))
      ex.sample = std::make_unique<ScoreSample>();
    ex.record.judged_by(*arrival.policy);
    return {};
  }

  Pending after(Exchange& ex, Ending& ending) override { return end(ex, ending); }

 private:
  asio::awaitable<void> end(Exchange& ex, Ending& ending) {
    Told told(*lane_.services.observer, ex);
    // Who asks for a path that does not exist may have a key; his refusals have records.
    if (!ex.identity.asked()) {
      std::ignore = co_await ex.identity.learn(lane_.services, ex.client.head(), ex.record);
    }
    if (ending.error) tell_who_left(ex.client, *ending.error);
    const audit::Record& outcome = close(ex, ending);
    const auto written = co_await write(ex, outcome);
    ending.recorded = written.has_value() && ex.identity.known();
    told.is(written.has_value(), ex.request_tally().failed_open + ex.answer_tally->failed_open);
    const bool gone = ending.error && ending.error->kind == core::ErrorKind::cancelled;
    if (!written && !gone) ending.error = written.error();
  }

  // Whoever notices first that nobody waits any more says so in words of its own.
  static void tell_who_left(const Client& client, core::Error& error) {
    if (error.kind != core::ErrorKind::cancelled) return;
    if (client.cut_off()) {
      error = core::gateway_error(core::ErrorKind::cancelled, "gateway_stopping",
                                  "The gateway stopped before the answer's end.");
    } else if (error.source != core::ErrorSource::client) {
      error =
          core::client_error(core::ErrorKind::cancelled, "client_gone", "The client went away.");
    }
  }

  // The observer hears of every end, also of one that failed.
  class Told {
   public:
    Told(Observer& observer, const Exchange& ex) : observer_(observer), ex_(ex) {}
    Told(const Told&) = delete;
    Told& operator=(const Told&) = delete;
    ~Told() {
      observer_.closed({.record = ex_.record.so_far(),
                        .route = ex_.admission->route,
                        .failed_open = failed_open_,
                        .held_us = *ex_.held_ns / 1000,
                        .recorded = recorded_});
    }
    void is(bool recorded, std::uint32_t failed_open) noexcept {
      recorded_ = recorded;
      failed_open_ = failed_open;
    }

   private:
    Observer& observer_;
    const Exchange& ex_;
    bool recorded_ = false;
    std::uint32_t failed_open_ = 0;
  };

  const audit::Record& close(Exchange& ex, const Ending& ending) {
    RecordBuilder::End end;
    end.error = ending.error ? &*ending.error : nullptr;
    end.request = &ex.request_tally();
    end.answer = &*ex.answer_tally;
    end.status = ex.last.ends_stream() ? 200 : ex.last.head().status;
    end.is_open = ex.writer->get() != nullptr && (*ex.writer)->started();
    if (ex.arrival->policy) end.catalog = ex.arrival->policy->catalog()->digest();
    end.now_ns = lane_.now_ns();
    std::string made;
    const bool has_body = ex.client.head().method != "HEAD";
    if (has_body) end.last_bytes = ex.last.bytes().size();
    if (end.error == nullptr && has_body && !ex.last.ends_stream()) {
      if (ex.last.commitment().empty()) made = ex.arrival->commitment(ex.last.bytes());
      end.released_commitment = made.empty() ? std::string_view(ex.last.commitment()) : made;
    }
    return ex.record.close(end);
  }

  // What was refused to a caller whom nobody identified is a part of a sum: a stranger causes no
  // write of his own. Nothing of it has left, so there is nothing to wait for.
  asio::awaitable<core::Result<void>> write(Exchange& ex, const audit::Record& outcome) {
    if (!ex.identity.known()) {
      lane_.services.strangers->refused(outcome);
      co_return core::Result<void>{};
    }
    const auto seq = co_await lane_.journal.append(outcome);
    if (!seq) co_return seq.error();
    co_return core::Result<void>{};
  }

  Lane& lane_;
};

constinit const StageKind open_stage = stage_kind<Open>("open");

}  // namespace menshen::pipeline
