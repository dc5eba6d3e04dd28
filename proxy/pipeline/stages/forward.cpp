// Calling the provider: retries and failover, which end where its answer begins.
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/stages.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace menshen::pipeline {
namespace {

bool worth_another(const core::Error& error) {
  return error.source == core::ErrorSource::provider &&
         (error.kind == core::ErrorKind::bad_upstream ||
          error.kind == core::ErrorKind::upstream_timeout);
}

// What a provider says when it has not done the work; otherwise the work might be done twice.
bool worth_failover(unsigned status, bool always) {
  return status == 429 || status == 503 || (always && (status == 502 || status == 504));
}

// A refusal that has been read. It is told when nobody else answers: what a provider said of when
// to come back is worth more to the caller than that another one could not be reached.
class Refusal final : public UpstreamCall {
 public:
  Refusal(const UpstreamCall& call, std::string body)
      : status_(call.status()), headers_(call.headers()), body_(std::move(body)) {}

  [[nodiscard]] unsigned status() const noexcept override { return status_; }
  [[nodiscard]] const Headers& headers() const noexcept override { return headers_; }
  asio::awaitable<core::Result<std::string_view>> read() override {
    if (std::exchange(is_read_, true)) co_return std::string_view();
    co_return std::string_view(body_);
  }
  void conclude(bool) noexcept override {}
  void misanswered(std::string_view) noexcept override {}  // counted by its status

 private:
  unsigned status_;
  Headers headers_;
  std::string body_;
  bool is_read_ = false;
};

// The body of a refusal; absent: it is too long to be kept.
asio::awaitable<core::Result<std::optional<std::string>>> read_refusal(UpstreamCall& call) {
  std::string body;
  while (body.size() <= core::discarded_answer_bytes_max) {
    const auto piece = co_await call.read();
    if (!piece) co_return piece.error();
    if (piece->empty()) co_return std::optional(std::move(body));
    body.append(*piece);
  }
  co_return std::optional<std::string>();
}

}  // namespace

class Forward : public Stage {
 public:
  explicit Forward(Lane& lane) : lane_(lane) {}

  Step before(Exchange& ex) override { return forward(ex); }

  // The provider is not kept at work for an exchange that has ended.
  Pending after(Exchange& ex, Ending&) override {
    ex.delivery.value_.call.reset();
    return std::nullopt;
  }

 private:
  asio::awaitable<core::Result<void>> forward(Exchange& ex) {
    auto answered = co_await try_targets(ex);
    if (answered || !refusal_ || answered.error().source != core::ErrorSource::provider) {
      co_return answered;
    }
    // The record is of the upstream whose answer is told; the others have their intents.
    if (auto prepared = co_await ex.plan.prepare(lane_, ex, *refused_by_); !prepared) {
      co_return prepared;
    }
    ex.record.told(*refused_by_, ex.admission->rule_at(refused_by_->zone), ex.plan.commitment(),
                   refusal_->status());
    take(ex, *refused_by_);
    ex.delivery.value_.call = std::move(refusal_);
    co_return core::Result<void>{};
  }

  asio::awaitable<core::Result<void>> try_targets(Exchange& ex) {
    const std::vector<Target>& targets = ex.plan.targets();
    const unsigned attempts = 1 + lane_.upstreams.retries(targets.front());
    std::optional<core::Error> last;
    for (unsigned i = 0; i < attempts; ++i) {
      const Target& target = targets[i % targets.size()];
      if (i > 0) {
        if (auto ready = co_await try_again(ex, target); !ready) co_return ready;
      }
      bool delivered = false;
      auto call = co_await attempt(ex, target, delivered);
      if (!call) {
        last = call.error();
        const bool again = !delivered || target.retry_always;
        if (!again || !worth_another(*last)) co_return std::move(*last);
        continue;
      }
      const unsigned status = (*call)->status();
      ex.record.answered(status);
      const bool more = i + 1 < attempts && targets.size() > 1;
      if (more && worth_failover(status, target.retry_always)) {
        // It is put aside only when it is whole: a provider that breaks off may be at work.
        auto body = co_await read_refusal(**call);
        if (!body && !target.retry_always) co_return body.error();
        const bool whole = body && *body;
        if (body) keep(target, **call, std::move(*body).value_or(""));
        if (whole || target.retry_always) continue;
        ex.delivery.value_.call = std::move(refusal_);  // its status, without its words
        co_return core::Result<void>{};
      }
      ex.delivery.value_.call = std::move(*call);
      co_return core::Result<void>{};
    }
    co_return last ? std::move(*last) : no_healthy_upstream();
  }

  void keep(const Target& target, const UpstreamCall& call, std::string body) {
    refusal_ = std::make_unique<Refusal>(call, std::move(body));
    refused_by_ = &target;
  }

  // What is answered from here on is this target's.
  void take(Exchange& ex, const Target& target) {
    Delivery& delivery = ex.delivery.value_;
    delivery.zone = target.zone;
    delivery.secrets = lane_.secrets_at(target);
    const std::string& asked = ex.request->document->model();
    const bool renames = target.answers_as_asked && target.model != asked;
    delivery.model = renames ? std::string_view(asked) : std::string_view();
  }

  // A target in another zone is judged by that zone's rules; each delivery has its intent.
  asio::awaitable<core::Result<void>> try_again(Exchange& ex, const Target& target) {
    if (ex.time->is_over(lane_.now_ns())) co_return exchange_timeout();
    if (auto prepared = co_await ex.plan.prepare(lane_, ex, target); !prepared) co_return prepared;
    co_return co_await write_intent(lane_, ex, target);
  }

  // `delivered` is set when the provider may have got a byte of the request.
  asio::awaitable<core::Result<std::unique_ptr<UpstreamCall>>> attempt(Exchange& ex,
                                                                       const Target& target,
                                                                       bool& delivered) {
    const Headers headers = provider_headers(ex, target, lane_.services.journal->commitment_key());
    const std::string path =
        ex.adapter().target(*ex.called->endpoint, target.model, ex.called->query);
    const UpstreamRequest request{.method = ex.called->endpoint->method,
                                  .target = path,
                                  .headers = &headers,
                                  .body = ex.plan.body(*ex.request->document),
                                  .stream = ex.request->stream,
                                  .deadline_ns = ex.time->end_ns,
                                  .delivered = &delivered,
                                  .again = ex.record.so_far().attempts > 0};
    ex.record.attempted(target, ex.admission->rule_at(target.zone), ex.plan.commitment());
    take(ex, target);
    const std::int64_t began = lane_.now_ns();
    auto call = co_await lane_.upstreams.call(target, request);
    ex.record.waited_for_upstream(lane_.now_ns() - began);
    if (!call && !delivered) ex.record.undelivered();
    co_return call;
  }

  Lane& lane_;
  std::unique_ptr<Refusal> refusal_;  // the last one
  const Target* refused_by_ = nullptr;
};

constinit const StageKind forward_stage = stage_kind<Forward>("forward");

}  // namespace menshen::pipeline
