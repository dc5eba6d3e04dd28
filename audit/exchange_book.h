// The rules that tie the records of one exchange together: intents first, each for a later attempt
// than the one before; at most one outcome, which refers to no other than the last of them; nothing
// forwarded without an intent; a correction after its outcome alone.
//
//   ExchangeBook book;
//   if (auto broken = book.add(seq, record)) report(*broken);
//   book.open_count();
//
// One thread. Memory: exchanges that are open, and the closed_remembered_max last closed ones, or
// up to twice as many: a second outcome that comes later is seen as one without an intent.
#pragma once

#include "audit/record.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace menshen::audit {

inline constexpr std::size_t closed_remembered_max = 1'000'000;

class ExchangeBook {
 public:
  // `from_start`: it is told of all records; else of no exchange that it does not know it can say
  // that something is missing.
  explicit ExchangeBook(std::size_t remembered = closed_remembered_max, bool from_start = true)
      : remembered_(remembered), from_start_(from_start) {}

  // What rule the record breaks, as a sentence.
  [[nodiscard]] std::optional<std::string> add(std::uint64_t seq, const Record& record);

  [[nodiscard]] std::size_t open_count() const noexcept { return open_.size(); }
  // Number of the first intent -> exchange, ascending.
  [[nodiscard]] std::map<std::uint64_t, std::string> open_exchanges() const;

 private:
  using Key = std::array<std::uint64_t, 2>;  // of a hash, so that its bits are spread; never zeros

  // Open addressing: nothing is ever taken out.
  class KeySet {
   public:
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool contains(const Key& key) const noexcept { return slots_[place(key)] == key; }
    void insert(const Key& key);

   private:
    [[nodiscard]] std::size_t place(const Key& key) const noexcept;

    std::size_t size_ = 0;
    std::vector<Key> slots_ = std::vector<Key>(1'024);  // a power of two, half of them free
  };

  struct Open {
    std::uint64_t seq = 0;
    std::uint32_t attempt = 0;
    std::uint64_t last = 0;  // number of the last intent
  };

  void close(const Key& key);

  const std::size_t remembered_;
  const bool from_start_;
  std::unordered_map<std::string, Open> open_;
  KeySet closed_;         // the last ones, and when they are so many,
  KeySet closed_before_;  // those before them
};

}  // namespace menshen::audit
