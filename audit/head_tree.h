// The tree under a head whose tiles stand: proofs of what it continues.
//
//   const auto tree = HeadTree::open(TileStore("var/log"), head);
//   const auto proof = tree->proof_from(100);                       // leads to head.size
//
// Held: the hashes of the records behind the last full tile, so that later heads may take theirs
// away. The tiles give the head's own root, or there is no tree: what they prove is about the head.
// One thread at a time; also beside a gateway that writes. Errors: unavailable, code
// "evidence_unreadable".
#pragma once

#include "audit/checkpoint.h"
#include "audit/merkle.h"
#include "audit/tile_store.h"
#include "core/error.h"

#include <cstdint>
#include <vector>

namespace menshen::audit {

class HeadTree {
 public:
  [[nodiscard]] static core::Result<HeadTree> open(TileStore tiles, const Checkpoint& head);

  // Of the first `older` records, at most as many as the head has. Empty for none.
  [[nodiscard]] core::Result<std::vector<Hash>> proof_from(std::uint64_t older) const;

 private:
  HeadTree(TileStore tiles, std::uint64_t size) : tiles_(std::move(tiles)), size_(size) {}
  [[nodiscard]] core::Result<void> load_tail();
  [[nodiscard]] NodeReader reader() const;

  TileStore tiles_;
  std::uint64_t size_ = 0;
  std::vector<Hash> tail_;  // leaves behind the last full tile
};

}  // namespace menshen::audit
