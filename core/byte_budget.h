// A bound on bytes that many hold together, and the share that one of them holds.
//
//   ByteBudget bodies(limits.bodies_bytes_max);
//   ByteBudget::Share share(&bodies);
//   if (!share.grow_to(body.capacity())) return full();   // the share is as it was
//   ...                                                   // given back when `share` is destroyed
//
// The budget is for all threads and outlives its shares; a share belongs to one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace menshen::core {

class ByteBudget {
 public:
  explicit ByteBudget(std::uint64_t bytes_max) noexcept : bytes_max_(bytes_max) {}

  [[nodiscard]] std::uint64_t used() const noexcept {
    return used_.load(std::memory_order_relaxed);
  }

  class Share {
   public:
    Share() = default;
    explicit Share(ByteBudget* budget) noexcept : budget_(budget) {}  // null: no bound
    Share(Share&& other) noexcept
        : budget_(other.budget_), bytes_(std::exchange(other.bytes_, 0)) {}
    Share& operator=(Share&& other) noexcept {
      clear();
      budget_ = other.budget_;
      bytes_ = std::exchange(other.bytes_, 0);
      return *this;
    }
    ~Share() { clear(); }

    // Holds `bytes` in all, if it did not hold more already. False: the budget has not so many.
    [[nodiscard]] bool grow_to(std::uint64_t bytes) noexcept {
      if (budget_ == nullptr || bytes <= bytes_) return true;
      if (!budget_->take(bytes - bytes_)) return false;
      bytes_ = bytes;
      return true;
    }
    void clear() noexcept {
      if (budget_ != nullptr && bytes_ > 0) budget_->used_.fetch_sub(bytes_);
      bytes_ = 0;
    }

   private:
    ByteBudget* budget_ = nullptr;
    std::uint64_t bytes_ = 0;
  };

 private:
  bool take(std::uint64_t bytes) noexcept {
    std::uint64_t used = used_.load(std::memory_order_relaxed);
    do {
      if (bytes > bytes_max_ - used) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes));
    return true;
  }

  const std::uint64_t bytes_max_;
  std::atomic<std::uint64_t> used_{0};
};

}  // namespace menshen::core
