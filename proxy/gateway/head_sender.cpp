#include "proxy/gateway/head_sender.h"

#include "audit/head_tree.h"
#include "audit/layout.h"
#include "proxy/gateway/head_receivers.h"
#include "proxy/net/client.h"
#include "proxy/net/event.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace menshen::gateway {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

// Of one witness in one round, which may refuse what it has cosigned, and then as often as counts.
constexpr int tries_max = 2 * audit::WitnessSession::refusals_min + 1;
constexpr seconds round_pause{1};
constexpr seconds doubt_pause{1};
constexpr seconds retry_pause_max{60};
constexpr seconds call_time{5};  // of all calls to one witness in one round
constexpr seconds finish_time{4};
constexpr net::Bounds call_bounds{
    .time = call_time, .head_bytes_max = 16 * 1024, .body_bytes_max = 64 * 1024};

core::Error failed_call(std::string what) {
  return core::gateway_error(core::ErrorKind::unavailable, "publishing_failed", std::move(what));
}

}  // namespace

class HeadSender::Impl {
 public:
  explicit Impl(const std::filesystem::path& store)
      : store_(store), tiles_(store / audit::layout::tiles) {}
  ~Impl() { stop(); }

  core::Result<void> configure(const config::Audit& audit) {
    auto known = witnesses_of(audit);
    if (!known) return known.error();
    auto witnesses = make_witness_peers(audit, *known);
    if (!witnesses) return witnesses.error();
    auto url = make_url_peer(audit);
    if (!url) return url.error();
    known_ = std::move(*known);
    quorum_ = audit.quorum;
    witnesses_ = std::move(*witnesses);
    url_ = std::move(*url);
    return {};
  }

  [[nodiscard]] bool is_empty() const { return witnesses_.empty() && !url_; }

  void offer(const std::string& note) {
    {
      const std::lock_guard lock(mutex_);
      newest_ = note;
    }
    asio::post(io_, [this] { wake(); });
  }

  void start(Listener listener) {
    listener_ = std::move(listener);
    recall();
    asio::co_spawn(io_, run(), [](const std::exception_ptr& thrown) {
      if (thrown) std::rethrow_exception(thrown);  // a bug: nobody would be shown anything
    });
    thread_ = std::thread([this] { io_.run(); });
  }

  core::Result<void> first_round() {
    std::unique_lock lock(mutex_);
    told_.wait_for(lock, call_time, [this] { return asked_ || contradiction_; });
    if (contradiction_) return *contradiction_;
    return {};
  }

  void finish(std::uint64_t records) {
    asio::post(io_, [this] {
      hurried_ = true;
      wake();
    });
    std::unique_lock lock(mutex_);
    told_.wait_for(lock, finish_time,
                   [&] { return contradiction_ || (rounds_ > 0 && shown_ >= records); });
  }

  void stop() {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] {
      stopping_ = true;
      for (auto& witness : witnesses_) witness->stop.emit(asio::cancellation_type::terminal);
      if (url_) url_->stop.emit(asio::cancellation_type::terminal);
      timer_.cancel();
    });
    thread_.join();
  }

  admin::HeadsState state() const {
    const std::lock_guard lock(mutex_);
    admin::HeadsState out{.quorum = quorum_, .witnessed_records = witnessed_};
    out.contradicted = contradiction_.has_value();
    for (const auto& witness : witnesses_) {
      const Receiver& to = witness->to;
      out.witnesses.push_back(
          {witness->name, witness->records, to.successes, to.failures, to.problem});
    }
    if (url_) out.url = admin::UrlState{url_->to.failures, url_->to.problem};
    return out;
  }

 private:
  // What waits for the next head is woken; a pause between rounds is kept unless there is a hurry.
  void wake() {
    woken_ = true;
    if (idle_ || hurried_) timer_.cancel();
  }

  asio::awaitable<void> wait_until(Clock::time_point until) {
    boost::system::error_code ignored;
    timer_.expires_at(until);
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  // What was cosigned before this start.
  void recall() {
    const WitnessedHead last = read_witnessed(store_, known_);
    const std::lock_guard lock(mutex_);
    for (const audit::Cosignature& by : last.cosignatures)
      witnesses_[by.witness]->records = last.records;
    if (quorum_ > 0 && audit::operators_of(last.cosignatures, known_) >= quorum_)
      witnessed_ = last.records;
  }

  asio::awaitable<void> pause(seconds time) {
    boost::system::error_code ignored;
    asio::steady_timer timer(io_, time);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  asio::awaitable<void> run() {
    while (!stopping_) {
      woken_ = false;
      const std::string note = newest();
      if (!note.empty() && !ended()) {
        const bool is_new = note != round_note_;
        if (is_new || is_due()) co_await round(note);
        if (stopping_) break;
        if (!hurried_) co_await wait_until(Clock::now() + round_pause);
      }
      if (stopping_) break;
      idle_ = true;
      if (!woken_) co_await wait_until(next_retry());
      idle_ = false;
    }
  }

  std::string newest() const {
    const std::lock_guard lock(mutex_);
    return newest_;
  }
  bool ended() const {
    const std::lock_guard lock(mutex_);
    return contradiction_.has_value();
  }

  template <class Visit>
  void each(Visit visit) {
    for (auto& witness : witnesses_) visit(witness->to);
    if (url_) visit(url_->to);
  }

  static bool is_due(const Receiver& to) { return to.done.empty() && to.retry_at <= Clock::now(); }
  bool is_due() {
    bool due = false;
    each([&](const Receiver& to) { due = due || is_due(to); });
    return due;
  }
  Clock::time_point next_retry() {
    Clock::time_point next = Clock::time_point::max();
    if (ended() || round_note_.empty()) return next;
    each([&](const Receiver& to) {
      if (to.done.empty()) next = std::min(next, to.retry_at);
    });
    return next;
  }

  asio::awaitable<void> round(std::string note) {
    if (note != round_note_) {
      round_note_ = note;
      each([](Receiver& to) { to.done.clear(); });
    }
    const auto parsed = audit::parse_note(note);
    const auto head = parsed ? audit::parse_checkpoint(parsed->text)
                             : core::Result<audit::Checkpoint>(parsed.error());
    if (!head) co_return;
    if (!witnesses_.empty()) co_await ask_all(note, *head);
    tell([this] { asked_ = true; });
    std::string cosigned = note;
    for (const auto& witness : witnesses_) cosigned += witness->to.done;
    judge_quorum(cosigned, head->size);
    const bool sends = url_ && url_->to.done != cosigned && url_->to.retry_at <= Clock::now();
    if (sends && !ended()) co_await send(cosigned);
    tell([&] {
      ++rounds_;
      shown_ = head->size;
    });
  }

  template <class Change>
  void tell(Change change) {
    const std::lock_guard lock(mutex_);
    change();
    told_.notify_all();
  }

  // Everybody at once; a head that later ones have overtaken may have lost its tiles.
  asio::awaitable<void> ask_all(const std::string& note, const audit::Checkpoint& head) {
    const auto tree = audit::HeadTree::open(tiles_, head);
    if (!tree) {
      if (newest() == note) {
        for (auto& witness : witnesses_) report(witness->name, witness->to, tree.error());
      }
      co_return;
    }
    std::size_t open = 0;
    net::Event ended_all;
    for (auto& witness : witnesses_) {
      if (!is_due(witness->to)) continue;
      ++open;
      asio::co_spawn(
          io_, ask(*witness, note, head, *tree),
          asio::bind_cancellation_slot(witness->stop.slot(),
                                       [&, peer = witness.get()](std::exception_ptr thrown) {
                                         if (thrown)
                                           report(peer->name, peer->to, core::out_of_memory());
                                         if (--open == 0) ended_all.notify();
                                       }));
    }
    while (open > 0) co_await ended_all.wait();
  }

  asio::awaitable<void> ask(WitnessPeer& peer, const std::string& note,
                            const audit::Checkpoint& head, const audit::HeadTree& tree) {
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto until = Clock::now() + call_time;
    net::Bounds bounds = call_bounds;
    for (int tries = 0; tries < tries_max && bounds.time.count() > 0; ++tries) {
      auto body = peer.session.request(note, tree);
      if (!body) co_return report(peer.name, peer.to, body.error());
      const net::Request request{.method = "POST",
                                 .target = peer.to.path,
                                 .headers = {{"content-type", "text/plain; charset=utf-8"}},
                                 .body = std::move(*body)};
      const auto reply = co_await net::fetch(peer.to.target, request, bounds);
      if (!reply) co_return report(peer.name, peer.to, reply.error());
      const auto type = http::find_header(reply->head.headers, "content-type").value_or("");
      const audit::WitnessReading reading = peer.session.take(
          note, head, {reply->head.status, type, reply->body}, listener_.records());
      if (reading.outcome == audit::WitnessOutcome::doubted) {
        co_await pause(doubt_pause);
        if (stopping_) co_return;
      }
      bounds.time = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
      if (reading.outcome == audit::WitnessOutcome::again ||
          reading.outcome == audit::WitnessOutcome::doubted)
        continue;
      if (reading.outcome == audit::WitnessOutcome::contradicted) contradict(reading.error);
      if (reading.outcome != audit::WitnessOutcome::cosigned)
        co_return report(peer.name, peer.to, reading.error);
      peer.to.done = reading.line;
      tell([&] { peer.records = head.size; });
      co_return report(peer.name, peer.to, {});
    }
    report(peer.name, peer.to,
           failed_call("The witness " + peer.name +
                       " comes to no end: it names other sizes, refuses them, or is slow."));
  }

  void judge_quorum(const std::string& cosigned, std::uint64_t size) {
    if (quorum_ == 0 || ended()) return;
    const auto found = audit::cosignatures_of(cosigned, known_);
    if (!found || audit::operators_of(*found, known_) < quorum_) return;
    {
      const std::lock_guard lock(mutex_);
      witnessed_ = size;
    }
    if (cosigned == told_cosigned_) return;
    told_cosigned_ = cosigned;
    listener_.cosigned(cosigned);
  }

  asio::awaitable<void> send(const std::string& note) {
    url_->to.done.clear();  // so that it is tried again
    const net::Request request{
        .method = url_->method, .target = url_->to.path, .headers = url_->headers, .body = note};
    std::optional<core::Result<http::Reply>> reply;
    net::Event ended_call;
    asio::co_spawn(
        io_, net::fetch(url_->to.target, request, call_bounds),
        asio::bind_cancellation_slot(
            url_->stop.slot(), [&](std::exception_ptr thrown, core::Result<http::Reply> got) {
              reply = thrown ? core::Result<http::Reply>(core::out_of_memory()) : std::move(got);
              ended_call.notify();
            }));
    while (!reply) co_await ended_call.wait();
    if (!*reply) co_return report({}, url_->to, reply->error());
    const unsigned status = (*reply)->head.status;
    if (status < 200 || status >= 300) {
      co_return report({}, url_->to,
                       failed_call(url_->to.target.host + " answers " + std::to_string(status) +
                                   " where heads are published."));
    }
    url_->to.done = note;
    report({}, url_->to, {});
  }

  // How a call ended.
  void report(std::string_view witness, Receiver& to, const core::Result<void>& how) {
    if (!how && how.error().kind == core::ErrorKind::cancelled) return;
    bool changed = false;
    {
      const std::lock_guard lock(mutex_);
      changed = to.problem.empty() != how.has_value();
      to.problem = how ? std::string{} : how.error().message;
      ++(how ? to.successes : to.failures);
    }
    to.pause = how ? seconds{0} : std::clamp(to.pause * 2, seconds{1}, retry_pause_max);
    to.retry_at = Clock::now() + to.pause;
    if (changed && !stopping_) listener_.changed(witness, how);
  }

  void contradict(const core::Error& error) {
    if (ended()) return;
    listener_.contradicted(error);  // before whoever waits goes on
    tell([&] { contradiction_ = error; });
  }

  const std::filesystem::path store_;
  const audit::TileStore tiles_;
  std::vector<audit::Witness> known_;
  std::size_t quorum_ = 0;
  Listener listener_;

  // The sender's thread alone; what state() tells of receivers is written under the mutex.
  asio::io_context io_{1};
  asio::steady_timer timer_{io_};
  std::vector<std::unique_ptr<WitnessPeer>> witnesses_;
  std::unique_ptr<UrlPeer> url_;
  std::string round_note_;
  std::string told_cosigned_;
  bool woken_ = false;
  bool idle_ = false;
  bool hurried_ = false;
  bool stopping_ = false;

  mutable std::mutex mutex_;
  std::condition_variable told_;
  std::string newest_;
  std::optional<std::uint64_t> witnessed_;
  bool asked_ = false;  // every witness, once
  std::uint64_t rounds_ = 0;
  std::uint64_t shown_ = 0;
  std::optional<core::Error> contradiction_;
  std::thread thread_;
};

core::Result<std::unique_ptr<HeadSender>> HeadSender::make(const config::Audit& audit,
                                                           const std::filesystem::path& store) {
  auto impl = std::make_unique<Impl>(store);
  if (const auto configured = impl->configure(audit); !configured) return configured.error();
  if (impl->is_empty()) return std::unique_ptr<HeadSender>{};
  return std::unique_ptr<HeadSender>(new HeadSender(std::move(impl)));
}

HeadSender::HeadSender(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HeadSender::~HeadSender() = default;
void HeadSender::offer(const std::string& note) { impl_->offer(note); }
void HeadSender::start(Listener listener) { impl_->start(std::move(listener)); }
core::Result<void> HeadSender::first_round() { return impl_->first_round(); }
void HeadSender::finish(std::uint64_t records) { impl_->finish(records); }
void HeadSender::stop() { impl_->stop(); }
admin::HeadsState HeadSender::state() const { return impl_->state(); }

}  // namespace menshen::gateway
