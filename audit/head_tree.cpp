#include "audit/head_tree.h"

#include "audit/tiles.h"

#include <string>

namespace menshen::audit {
namespace {

core::Error no_tree(std::string message, const std::filesystem::path& where) {
  return core::gateway_error(core::ErrorKind::unavailable, "evidence_unreadable",
                             std::move(message), where.string());
}

}  // namespace

core::Result<HeadTree> HeadTree::open(TileStore tiles, const Checkpoint& head) {
  HeadTree tree(std::move(tiles), head.size);
  if (const auto loaded = tree.load_tail(); !loaded) return loaded.error();
  const auto root =
      head.size == 0 ? core::Result<Hash>(empty_root()) : read_root(head.size, tree.reader());
  if (!root) return root.error();
  if (*root != head.root)
    return no_tree("The tiles do not have the root of their head.", tree.tiles_.directory());
  return tree;
}

core::Result<std::vector<Hash>> HeadTree::proof_from(std::uint64_t older) const {
  if (older == 0 || older == size_) return std::vector<Hash>{};
  if (older > size_)
    return no_tree("There is no proof from more records to fewer.", tiles_.directory());
  return consistency_proof(older, size_, reader());
}

core::Result<void> HeadTree::load_tail() {
  const std::uint64_t width = size_ % tile_width;
  if (width == 0) return {};
  auto hashes = tiles_.first_hashes(0, size_ / tile_width, width);
  if (!hashes) return hashes.error();
  tail_ = std::move(*hashes);
  return {};
}

NodeReader HeadTree::reader() const {
  const std::uint64_t sealed = size_ - tail_.size();
  return [this, sealed](const Subtree& subtree) {
    return tiles_.node(subtree, sealed, [this, sealed](std::uint64_t leaf) -> core::Result<Hash> {
      return tail_.at(static_cast<std::size_t>(leaf - sealed));
    });
  };
}

}  // namespace menshen::audit
