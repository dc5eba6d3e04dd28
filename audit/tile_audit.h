// Compares the tiles above those of leaf hashes, and the partial tiles of the last head, with what
// the stored leaf hashes and the records give.
//
//   TileAudit audit(reader.tiles(), sealed, checkpoint.size);
//   audit.add(leaf, tile_root);            // each record from 0, or from `begin`, up
//   for (const auto& wrong : audit.take()) ...
//   audit.wrong_partials();
//
// One thread. Memory: a tile of each level. What cannot be read counts as wrong; a partial tile
// that is not there does not: a mirror alone needs it.
#pragma once

#include "audit/reader.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace menshen::audit {

struct WrongTile {
  std::uint64_t first = 0;  // the records that it is wrong about
  std::uint64_t last = 0;
  std::string path;
};

class TileAudit {
 public:
  // `sealed`: records in complete bundles; `head_size`: what the partial tiles are for.
  // `begin`: the first record that is added, which begins a bundle.
  TileAudit(const TileStore& tiles, std::uint64_t sealed, std::uint64_t head_size,
            std::uint64_t begin = 0);

  // The leaf hash as stored; absent for a record that is not there. `tile_root`: of the last
  // complete tile of such hashes, this one included.
  void add(const std::optional<Hash>& leaf, const std::optional<Hash>& tile_root);
  [[nodiscard]] std::vector<WrongTile> take();
  [[nodiscard]] const std::vector<std::string>& wrong_partials() const noexcept {
    return wrong_partials_;
  }

 private:
  using Row = std::vector<std::optional<Hash>>;

  void complete(std::size_t level, const std::optional<Hash>& root);
  void check_partials();
  void check_partial_bundle();
  void compare(std::size_t level, const std::string& path);

  const TileStore& tiles_;
  const std::uint64_t sealed_;
  const std::uint64_t head_size_;
  std::uint64_t size_ = 0;
  std::vector<Row> rows_{1};  // [0]: leaf hashes as stored; above, the roots of full rows
  std::vector<WrongTile> wrong_;
  std::vector<std::string> wrong_partials_;
};

}  // namespace menshen::audit
