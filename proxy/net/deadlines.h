// Deadlines of many connections on one thread with one timer: arming one writes a number, no
// allocation and no timer operation. A deadline fires up to one tick late.
//
//   class Channel : Deadlines::Entry { void on_deadline() noexcept override { cancel(); } };
//   channel.expires_after(std::chrono::milliseconds(500));
//
// One thread. An entry may be destroyed, armed or disarmed inside any on_deadline(), and may
// outlive the Deadlines that it was made with: a connection whose read the kernel has not answered
// does.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>

namespace menshen::net {

// `patience`, or what is left until `until` if that is less; at least a millisecond.
[[nodiscard]] std::chrono::milliseconds no_longer_than(std::chrono::steady_clock::time_point until,
                                                       std::chrono::milliseconds patience) noexcept;

class Deadlines {
  struct State;

 public:
  class Entry {
   public:
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    void expires_after(std::chrono::milliseconds time) noexcept;
    // Brings the deadline forward, never back.
    void expires_within(std::chrono::milliseconds time) noexcept;
    void never_expires() noexcept { at_ns_ = never; }

   protected:
    explicit Entry(Deadlines& owner) noexcept;
    virtual ~Entry();
    // Called once per arming.
    virtual void on_deadline() noexcept = 0;

   private:
    friend struct Deadlines::State;
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
    std::shared_ptr<State> owner_;
    Entry* previous_ = nullptr;
    Entry* next_ = nullptr;
    std::int64_t at_ns_ = never;
  };

  Deadlines(const boost::asio::any_io_executor& executor, std::chrono::milliseconds tick);
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace menshen::net
