// A growing tree of which some hashes may be unknown, because records or stored hashes are missing.
//
//   PartialTree computed, stored;
//   computed.append(leaf);            // nullopt for a record that is not there
//   stored.append_stored(hashes);     // takes the subtree that the record completes from what was
//   stored with it
//
// A hash that covers a missing record is unknown until a record after it brings the stored hash of
// a subtree around both. Values, one thread.
#pragma once

#include "audit/merkle.h"

#include <bit>
#include <optional>
#include <span>
#include <vector>

namespace menshen::audit {

class PartialTree {
 public:
  using Known = std::optional<Hash>;

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  // `completed`, when given, gets the hashes of the subtrees that the leaf completes, its own
  // first.
  void append(const Known& leaf, std::vector<Known>* completed = nullptr) {
    Known hash = leaf;
    if (completed != nullptr) completed->push_back(hash);
    for (std::uint64_t n = size_++; (n & 1) != 0; n >>= 1) {
      const Known& left = peaks_.back();
      hash = left && hash ? Known(node_hash(*left, *hash)) : std::nullopt;
      peaks_.pop_back();
      if (completed != nullptr) completed->push_back(hash);
    }
    peaks_.push_back(hash);
  }

  // `largest`: the stored hash of the largest subtree that the leaf completes.
  void append_stored(const Known& largest) {
    peaks_.resize(peaks_.size() - static_cast<std::size_t>(std::countr_one(size_++)));
    peaks_.push_back(largest);
  }

  [[nodiscard]] Known root() const {
    if (peaks_.empty()) return empty_root();
    Known hash = peaks_.back();
    for (std::size_t i = peaks_.size() - 1; i-- > 0;) {
      if (!hash || !peaks_[i]) return std::nullopt;
      hash = node_hash(*peaks_[i], *hash);
    }
    return hash;
  }

 private:
  std::uint64_t size_ = 0;
  std::vector<Known> peaks_;
};

}  // namespace menshen::audit
