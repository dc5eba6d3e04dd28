#include "proxy/transport/deadlines.h"

#include <boost/system/error_code.hpp>

#include <algorithm>
#include <utility>

namespace menshen::transport {
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

Deadlines::Entry::Entry(Deadlines& owner) noexcept : owner_(owner), next_(owner.first_) {
  if (next_ != nullptr) next_->previous_ = this;
  owner.first_ = this;
}

Deadlines::Entry::~Entry() {
  if (owner_.cursor_ == this) owner_.cursor_ = next_;
  if (owner_.first_ == this) owner_.first_ = next_;
  if (previous_ != nullptr) previous_->next_ = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  if (owner_.first_ == nullptr) owner_.timer_.cancel();
}

void Deadlines::Entry::expires_after(std::chrono::milliseconds time) noexcept {
  at_ns_ = steady_ns() + std::chrono::nanoseconds(time).count();
  if (!owner_.ticking_) owner_.tick();
}

void Deadlines::Entry::expires_within(std::chrono::milliseconds time) noexcept {
  const auto at = steady_ns() + std::chrono::nanoseconds(time).count();
  if (at < at_ns_) expires_after(time);
}

Deadlines::Deadlines(const boost::asio::any_io_executor& executor, std::chrono::milliseconds tick)
    : timer_(executor), tick_(tick) {}

void Deadlines::tick() {
  ticking_ = true;
  timer_.expires_after(tick_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    ticking_ = false;
    if (!error) fire_due();
    if (first_ != nullptr && !ticking_) tick();
  });
}

void Deadlines::fire_due() {
  const auto now = steady_ns();
  for (cursor_ = first_; cursor_ != nullptr;) {
    Entry* entry = std::exchange(cursor_, cursor_->next_);
    if (entry->at_ns_ > now) continue;
    entry->at_ns_ = Entry::never;
    entry->on_deadline();
  }
}

}  // namespace menshen::transport
