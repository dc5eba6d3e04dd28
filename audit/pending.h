// Records on their way to the disk, and those who wait for them: without an allocation of the
// journal's for any.
//
//   class Waits final : public Pending {
//     void written(core::Result<std::uint64_t> seq) noexcept override { ... }
//   };
//   Waits waits(canonicalise(record));
//   PendingList list;
//   list.push(waits);
//   journal.append(std::move(list));     // from here until written(), the journal's
//
// A list belongs to one thread at a time and owns nothing.
#pragma once

#include "audit/canonical.h"
#include "core/error.h"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace menshen::audit {

class Pending {
 public:
  explicit Pending(CanonicalRecord r) noexcept : record(std::move(r)) {}
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;

  // Called exactly once, on any thread, when the record is durable or could not be made so; it
  // must not block. From here on the object is its owner's again.
  virtual void written(core::Result<std::uint64_t> seq) noexcept = 0;

  CanonicalRecord record;

 protected:
  virtual ~Pending() = default;

 private:
  friend class PendingList;
  friend class CommitQueue;
  Pending* next_ = nullptr;
  std::uint64_t bytes_ = 0;  // in the commit queue
  std::int64_t since_ns_ = 0;
};

class PendingList {
 public:
  PendingList() = default;
  PendingList(PendingList&& other) noexcept { swap(other); }
  PendingList& operator=(PendingList&& other) noexcept {
    PendingList taken(std::move(other));
    swap(taken);
    return *this;
  }

  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  [[nodiscard]] Pending* front() const noexcept { return first_; }
  void push(Pending& pending) noexcept {
    pending.next_ = nullptr;
    (last_ == nullptr ? first_ : last_->next_) = &pending;
    last_ = &pending;
  }
  // Null: it is empty.
  [[nodiscard]] Pending* pop() noexcept {
    Pending* const out = first_;
    if (out == nullptr) return nullptr;
    first_ = std::exchange(out->next_, nullptr);
    if (first_ == nullptr) last_ = nullptr;
    return out;
  }

 private:
  void swap(PendingList& other) noexcept {
    std::swap(first_, other.first_);
    std::swap(last_, other.last_);
  }

  Pending* first_ = nullptr;
  Pending* last_ = nullptr;
};

}  // namespace menshen::audit
