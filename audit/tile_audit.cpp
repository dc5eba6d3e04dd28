#include "audit/tile_audit.h"

#include <algorithm>
#include <utility>

namespace menshen::audit {
namespace {

std::optional<Hash> root_of(const std::vector<std::optional<Hash>>& row) {
  std::vector<Hash> known;
  for (const auto& hash : row) {
    if (hash) known.push_back(*hash);
  }
  return known.size() == row.size() ? std::optional(subtree_root(known)) : std::nullopt;
}

// As far as the row is known.
bool agrees(const std::vector<Hash>& hashes, const std::vector<std::optional<Hash>>& row) {
  return std::ranges::equal(hashes, row, [](const Hash& hash, const std::optional<Hash>& known) {
    return !known || *known == hash;
  });
}

}  // namespace

// Of tiles that begin before, the hashes up to there are not known.
TileAudit::TileAudit(const TileStore& tiles, std::uint64_t sealed, std::uint64_t head_size,
                     std::uint64_t begin)
    : tiles_(tiles), sealed_(sealed), head_size_(head_size), size_(begin) {
  for (std::uint64_t above = begin / tile_width; above > 0; above /= tile_width)
    rows_.emplace_back(above % tile_width);
}

void TileAudit::add(const std::optional<Hash>& leaf, const std::optional<Hash>& tile_root) {
  rows_[0].push_back(leaf);
  ++size_;
  if (rows_[0].size() == tile_width) complete(0, tile_root);
  if (size_ == head_size_) check_partials();
}

std::vector<WrongTile> TileAudit::take() { return std::exchange(wrong_, {}); }

// A full row: its tile is what it is, and its root goes into the row above.
void TileAudit::complete(std::size_t level, const std::optional<Hash>& root) {
  if (level > 0 && size_ <= sealed_) {
    const auto tile = static_cast<unsigned>(level);
    compare(level, tile_path(tile, (size_ - 1) >> (tile_height * (tile + 1))));
  }
  rows_[level].clear();
  if (rows_.size() == level + 1) rows_.emplace_back();
  rows_[level + 1].push_back(root);
  if (rows_[level + 1].size() == tile_width) complete(level + 1, root_of(rows_[level + 1]));
}

void TileAudit::compare(std::size_t level, const std::string& path) {
  const Row& row = rows_[level];
  const std::uint64_t each = std::uint64_t{1} << (tile_height * level);  // records of a hash
  const std::uint64_t first = size_ - row.size() * each;
  const auto bytes = tiles_.read(path);
  const auto hashes = bytes && *bytes ? split_hashes(**bytes) : std::nullopt;
  if (!hashes || hashes->size() != row.size()) {
    wrong_.push_back({first, size_ - 1, path});
    return;
  }
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] && row[i] != (*hashes)[i])
      wrong_.push_back({first + i * each, first + (i + 1) * each - 1, path});
  }
}

void TileAudit::check_partials() {
  check_partial_bundle();
  for (std::size_t level = 0; level < rows_.size(); ++level) {
    const Row& row = rows_[level];
    if (row.empty()) continue;
    const auto tile = static_cast<unsigned>(level);
    const std::string path = tile_path(tile, size_ >> (tile_height * (tile + 1)), row.size());
    const auto bytes = tiles_.read(path);
    if (bytes && !*bytes) continue;
    const auto hashes = bytes ? split_hashes(**bytes) : std::nullopt;
    if (!hashes || !agrees(*hashes, row)) wrong_partials_.push_back(path);
  }
}

void TileAudit::check_partial_bundle() {
  const Row& row = rows_[0];
  if (row.empty()) return;
  const std::string path = bundle_path(size_ / tile_width, row.size());
  const auto bytes = tiles_.read(path);
  if (bytes && !*bytes) return;
  const Entries entries = split_entries(bytes ? std::string_view(**bytes) : std::string_view{});
  const bool right =
      entries.whole && std::ranges::equal(entries.bodies, row, {}, [](std::string_view body) {
        return std::optional(leaf_hash(body));
      });
  if (!right) wrong_partials_.push_back(path);
}

}  // namespace menshen::audit
