#include "proxy/net/deadlines.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <utility>

namespace menshen::net {
namespace {

std::int64_t steady_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

std::chrono::milliseconds no_longer_than(std::chrono::steady_clock::time_point until,
                                         std::chrono::milliseconds patience) noexcept {
  if (until == std::chrono::steady_clock::time_point::max()) return patience;
  // Rounded up: what fires is not told from another timeout when it fires too early.
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  return std::max(std::chrono::milliseconds(1), std::min(left, patience));
}

// Kept alive by its entries and by the timer's handler, which the last entry cancels.
struct Deadlines::State : std::enable_shared_from_this<State> {
  State(const boost::asio::any_io_executor& executor, std::chrono::milliseconds every)
      : timer(executor), interval(every) {}

  void tick();
  void fire_due();
  void enlist(Entry& entry) noexcept;
  void remove(Entry& entry) noexcept;

  boost::asio::steady_timer timer;
  std::chrono::milliseconds interval;
  Entry* first = nullptr;
  Entry* cursor = nullptr;  // the entry that fire_due() looks at next
  bool ticking = false;
};

void Deadlines::State::enlist(Entry& entry) noexcept {
  entry.next_ = first;
  if (first != nullptr) first->previous_ = &entry;
  first = &entry;
}

void Deadlines::State::remove(Entry& entry) noexcept {
  if (cursor == &entry) cursor = entry.next_;
  if (first == &entry) first = entry.next_;
  if (entry.previous_ != nullptr) entry.previous_->next_ = entry.next_;
  if (entry.next_ != nullptr) entry.next_->previous_ = entry.previous_;
  if (first == nullptr) timer.cancel();
}

void Deadlines::State::tick() {
  ticking = true;
  timer.expires_after(interval);
  timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    self->ticking = false;
    if (!error) self->fire_due();
    if (self->first != nullptr && !self->ticking) self->tick();
  });
}

void Deadlines::State::fire_due() {
  const auto now = steady_ns();
  for (cursor = first; cursor != nullptr;) {
    Entry* entry = std::exchange(cursor, cursor->next_);
    if (entry->at_ns_ > now) continue;
    entry->at_ns_ = Entry::never;
    entry->on_deadline();
  }
}

Deadlines::Entry::Entry(Deadlines& owner) noexcept : owner_(owner.state_) { owner_->enlist(*this); }
Deadlines::Entry::~Entry() { owner_->remove(*this); }

void Deadlines::Entry::expires_after(std::chrono::milliseconds time) noexcept {
  at_ns_ = steady_ns() + std::chrono::nanoseconds(time).count();
  if (!owner_->ticking) owner_->tick();
}

void Deadlines::Entry::expires_within(std::chrono::milliseconds time) noexcept {
  const auto at = steady_ns() + std::chrono::nanoseconds(time).count();
  if (at < at_ns_) expires_after(time);
}

Deadlines::Deadlines(const boost::asio::any_io_executor& executor, std::chrono::milliseconds tick)
    : state_(std::make_shared<State>(executor, tick)) {}

}  // namespace menshen::net
