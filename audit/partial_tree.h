// A growing tree of which some hashes may be unknown, because records or stored hashes are missing.
//
//   PartialTree tree;
//   tree.append(leaf);            // nullopt for a record that is not there
//   tree.root();                  // nullopt when it depends on one
//
// Values, one thread.
#pragma once

#include "audit/merkle.h"
#include "audit/tiles.h"

#include <optional>
#include <vector>

namespace menshen::audit {

class PartialTree {
 public:
  using Known = std::optional<Hash>;

  PartialTree() = default;
  explicit PartialTree(const Frontier& begin)
      : size_(begin.size()), peaks_(begin.peaks().begin(), begin.peaks().end()) {}

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  void append(const Known& leaf) {
    Known hash = leaf;
    unsigned level = 0;
    for (std::uint64_t n = size_++; (n & 1) != 0; n >>= 1) {
      const Known& left = peaks_.back();
      hash = left && hash ? Known(node_hash(*left, *hash)) : std::nullopt;
      peaks_.pop_back();
      if (++level == tile_height) tile_ = hash;
    }
    peaks_.push_back(hash);
  }

  // Of the last complete tile of leaf hashes.
  [[nodiscard]] const Known& tile_root() const noexcept { return tile_; }

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
  Known tile_;
};

// The same records twice: hashed anew, and as their hashes were stored. One tree while the two
// agree.
//
//   TreePair trees;
//   trees.append(leaf_hash(body), stored);
//   trees.trust_stored();            // a head says that the stored hashes are right
class TreePair {
 public:
  using Known = PartialTree::Known;

  TreePair() = default;
  explicit TreePair(const Frontier& begin) : computed_(begin) {}

  [[nodiscard]] std::uint64_t size() const noexcept { return computed_.size(); }
  [[nodiscard]] Known computed_root() const { return computed_.root(); }
  [[nodiscard]] Known stored_root() const { return stored_ ? stored_->root() : computed_.root(); }

  [[nodiscard]] const Known& stored_tile_root() const noexcept {
    return stored_ ? stored_->tile_root() : computed_.tile_root();
  }

  void append(const Known& computed, const Known& stored) {
    if (!stored_ && computed != stored) stored_ = computed_;
    computed_.append(computed);
    if (stored_) stored_->append(stored);
  }

  void trust_stored() {
    if (!stored_) return;
    computed_ = std::move(*stored_);
    stored_.reset();
  }

 private:
  PartialTree computed_;
  std::optional<PartialTree> stored_;
};

}  // namespace menshen::audit
