// A growing tree of which some hashes may be unknown, because records or stored hashes are missing.
//
//   PartialTree tree;
//   tree.append(leaf);            // nullopt for a record that is not there
//   tree.root();                  // nullopt when it depends on one
//
// Values, one thread.
#pragma once

#include "audit/merkle.h"

#include <optional>
#include <vector>

namespace menshen::audit {

class PartialTree {
 public:
  using Known = std::optional<Hash>;

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  void append(const Known& leaf) {
    Known hash = leaf;
    for (std::uint64_t n = size_++; (n & 1) != 0; n >>= 1) {
      const Known& left = peaks_.back();
      hash = left && hash ? Known(node_hash(*left, *hash)) : std::nullopt;
      peaks_.pop_back();
    }
    peaks_.push_back(hash);
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
