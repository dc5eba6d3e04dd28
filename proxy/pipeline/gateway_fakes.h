// What the tests of the gateway put in the place of its neighbours: journal, client, provider,
// detector, clock.
#pragma once

#include "core/clock.h"
#include "detectors/detector.h"
#include "audit/joined.h"
#include "proxy/pipeline/gateway.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::pipeline::testing {

namespace asio = boost::asio;

using Log = std::vector<std::string>;

class MovingClock final : public core::Clock {
 public:
  std::int64_t now = 1'000'000'000'000;
  [[nodiscard]] std::int64_t wall_ns() const noexcept override { return now; }
  [[nodiscard]] std::int64_t monotonic_ns() const noexcept override { return now; }
};

// Completes appends at once, or fails those it is told to fail.
class FakeJournal : public audit::Journal {
 public:
  explicit FakeJournal(Log& log) : log_(log) {}

  void append(audit::PendingList list) noexcept override {
    while (audit::Pending* const pending = list.pop()) pending->written(keep(pending->record));
  }
  void publish_cosigned(std::string) override {}
  void refuse(const core::Error&) override {}
  [[nodiscard]] audit::JournalStats stats() const override { return {}; }
  [[nodiscard]] const std::string& commitment_key() const noexcept override { return key_; }

  bool fail_intents = false;
  bool fail_outcomes = false;
  std::vector<audit::Record> records;

 private:
  core::Result<std::uint64_t> keep(const audit::CanonicalRecord& made) {
    std::string body;
    made.append_to(body, records.size());
    audit::Record record = audit::parse_record(body).value().record;
    if (record.intent > 0) audit::join(record, records.at(record.intent - 1));
    const bool intent = record.type == audit::RecordType::intent;
    if (intent ? fail_intents : fail_outcomes) {
      return core::gateway_error(core::ErrorKind::unavailable, "evidence_unavailable",
                                 "The disk is full.");
    }
    log_.push_back(intent ? "intent" : "outcome");
    records.push_back(std::move(record));
    return records.size();
  }

  Log& log_;
  std::string key_ = "commitment key";
};

class FakeClient : public Client {
 public:
  FakeClient(Log& log, RequestHead head, std::string body)
      : log_(log), head_(std::move(head)), body_(std::move(body)) {}

  [[nodiscard]] const RequestHead& head() const noexcept override { return head_; }
  asio::awaitable<core::Result<std::string>> read_body() override { co_return body_; }
  asio::awaitable<core::Result<void>> send(ResponseHead head, std::string body) override {
    if (exhausted) throw std::bad_alloc();
    log_.push_back("send");
    sent_head = std::move(head);
    received = std::move(body);
    co_return core::Result<void>{};
  }
  asio::awaitable<core::Result<void>> start(ResponseHead head) override {
    log_.push_back("start");
    sent_head = std::move(head);
    co_return core::Result<void>{};
  }
  asio::awaitable<core::Result<void>> write(std::string_view bytes) override {
    if (gone_after_writes && writes_++ >= *gone_after_writes) {
      co_return core::client_error(core::ErrorKind::cancelled, "client_gone",
                                   "The client went away.");
    }
    log_.push_back(bytes.find("[DONE]") != std::string_view::npos ? "write last" : "write");
    received.append(bytes);
    co_return core::Result<void>{};
  }
  asio::awaitable<core::Result<void>> finish() override {
    log_.push_back("finish");
    co_return core::Result<void>{};
  }
  void abort() noexcept override { aborted = true; }
  [[nodiscard]] bool cut_off() const noexcept override { return is_cut_off; }

  [[nodiscard]] std::string header(std::string_view name) const {
    return std::string(find_header(sent_head.headers, name).value_or(""));
  }

  std::optional<int> gone_after_writes;
  ResponseHead sent_head;
  std::string received;
  bool aborted = false;
  bool is_cut_off = false;
  bool exhausted = false;  // no memory is left for an answer

 private:
  Log& log_;
  RequestHead head_;
  std::string body_;
  int writes_ = 0;
};

struct ScriptedAnswer {
  unsigned status = 200;
  std::string type = "application/json";
  std::vector<std::string> pieces = {};
  std::optional<core::Error> refuses = std::nullopt;  // instead of an answer
  std::optional<core::Error> breaks = std::nullopt;   // after the pieces
  bool delivered = true;                              // though it refuses
  std::optional<bool>* concluded = nullptr;           // what the gateway says of the answer's end
  std::string* misanswered = nullptr;                 // what the gateway calls it instead
  Headers more_headers = {};
  std::function<bool()> waits_until = {};  // before it comes
};

class FakeCall : public UpstreamCall {
 public:
  explicit FakeCall(ScriptedAnswer answer) : answer_(std::move(answer)) {
    headers_ = {{"content-type", answer_.type}, {"x-request-id", "req_1"}, {"set-cookie", "a=b"}};
    headers_.insert(headers_.end(), answer_.more_headers.begin(), answer_.more_headers.end());
  }
  [[nodiscard]] unsigned status() const noexcept override { return answer_.status; }
  [[nodiscard]] const Headers& headers() const noexcept override { return headers_; }
  asio::awaitable<core::Result<std::string_view>> read() override {
    if (next_ < answer_.pieces.size()) co_return std::string_view(answer_.pieces[next_++]);
    if (answer_.breaks) co_return *answer_.breaks;
    co_return std::string_view{};
  }
  void conclude(bool whole) noexcept override {
    if (answer_.concluded != nullptr) *answer_.concluded = whole;
  }
  void misanswered(std::string_view code) noexcept override {
    if (answer_.misanswered != nullptr) *answer_.misanswered = code;
  }

 private:
  ScriptedAnswer answer_;
  Headers headers_;
  std::size_t next_ = 0;
};

class FakeUpstreams : public Upstreams {
 public:
  explicit FakeUpstreams(Log& log) : log_(log) {}

  bool route(const RoutesPtr&, std::string_view model, const protocol::Adapter&,
             std::vector<Target>& out) override {
    if (model == "nobody") return false;
    for (const Target& target : targets) {
      out.push_back(target);
      if (out.back().model.empty()) out.back().model = std::string(model);
    }
    return true;
  }
  void listing_targets(const RoutesPtr&, const protocol::Adapter& adapter,
                       std::vector<Target>& out) override {
    out = targets;
    for (Target& target : out) target.adapter = &adapter;
  }
  void named_models(const RoutesPtr&, const protocol::Adapter&,
                    std::vector<std::string>& names) override {
    names = {"named"};
  }
  asio::awaitable<core::Result<std::unique_ptr<UpstreamCall>>> call(
      const Target& target, const UpstreamRequest& request) override {
    log_.push_back("call " + std::string(target.name));
    if (during_call) during_call();
    seen_body = std::string(request.body);
    seen_headers = *request.headers;
    seen_deadline_ns = request.deadline_ns;
    if (request.again) ++retried;
    ScriptedAnswer answer = answers.at(std::min(calls++, answers.size() - 1));
    while (answer.waits_until && !answer.waits_until()) {
      co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    }
    if (request.delivered != nullptr) *request.delivered = answer.delivered;
    if (answer.delivered) ++deliveries;
    if (answer.refuses) co_return *answer.refuses;
    co_return std::unique_ptr<UpstreamCall>(std::make_unique<FakeCall>(std::move(answer)));
  }
  [[nodiscard]] unsigned retries(const Target&) const noexcept override { return retry_count; }

  std::vector<Target> targets{{0, "core", "internal", ""}};
  std::vector<ScriptedAnswer> answers;
  std::function<void()> during_call;
  std::size_t calls = 0;
  std::size_t deliveries = 0;
  std::size_t retried = 0;
  std::int64_t seen_deadline_ns = 0;
  unsigned retry_count = 0;
  std::string seen_body;
  Headers seen_headers;

 private:
  Log& log_;
};

class CountingObserver : public Observer {
 public:
  void opened() noexcept override { ++open; }
  void closed(const Closed& exchange) noexcept override {
    ++done;
    failed_open += exchange.failed_open;
    seen += audit::canonical(exchange.record, 0);
    route = exchange.route;
    held_us = exchange.held_us;
  }
  std::string route;  // of the last
  std::int64_t held_us = 0;
  std::uint32_t failed_open = 0;
  std::string seen;  // every record
  int open = 0;
  int done = 0;
};

// A detector that can tell nothing of a text with "BOOM" in it, and has no memory for "GASP".
class Failing final : public detectors::Detector {
 public:
  [[nodiscard]] std::string_view name() const noexcept override { return "failing"; }
  [[nodiscard]] unsigned version() const noexcept override { return 1; }
  [[nodiscard]] std::span<const core::FindingType* const> types() const noexcept override {
    return {};
  }
  [[nodiscard]] std::span<const detectors::Trigger> triggers() const noexcept override {
    return triggers_;
  }
  core::Result<void> scan(const detectors::Window& window, detectors::Matches&) const override {
    if (window.text.find("GASP") != std::string_view::npos) throw std::bad_alloc();
    return core::gateway_error(core::ErrorKind::internal, "detector_failed", "It gave up.");
  }

 private:
  static constexpr std::array<std::string_view, 2> literals_{"BOOM", "GASP"};
  static constexpr std::array<detectors::Trigger, 1> triggers_{
      detectors::Trigger{.literals = literals_}};
};

}  // namespace menshen::pipeline::testing
