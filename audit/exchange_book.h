// The rules that tie the records of one exchange together: intents first, each for a later attempt
// than the one before; at most one outcome; nothing forwarded without an intent; a correction after
// its outcome alone.
//
//   ExchangeBook book;
//   if (auto broken = book.add(seq, record)) report(*broken);
//   book.open_count();
//
// One thread. Memory: exchanges that are open, and the closed_remembered_max last closed ones: a
// second outcome that comes later than so many exchanges is seen as one without an intent.
#pragma once

#include "audit/record.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace menshen::audit {

inline constexpr std::size_t closed_remembered_max = 1'000'000;

class ExchangeBook {
 public:
  // What rule the record breaks, as a sentence.
  [[nodiscard]] std::optional<std::string> add(std::uint64_t seq, const Record& record);

  [[nodiscard]] std::size_t open_count() const noexcept { return open_.size(); }
  // Number of the first intent -> exchange, ascending.
  [[nodiscard]] std::map<std::uint64_t, std::string> open_exchanges() const;

 private:
  using Key = std::array<std::uint64_t, 2>;
  struct HashKey {
    std::size_t operator()(const Key& key) const noexcept { return key[0]; }
  };

  struct Open {
    std::uint64_t seq = 0;
    std::uint32_t attempt = 0;
  };

  void close(const Key& key);

  std::unordered_map<std::string, Open> open_;
  std::unordered_set<Key, HashKey> closed_;
  std::deque<Key> closing_order_;
};

}  // namespace menshen::audit
