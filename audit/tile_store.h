// The folder of bundles and tiles (tiles.h), on disk.
//
//   const TileStore tiles("var/log");
//   tiles.records();                          // covered by complete bundles and tiles
//   tiles.read(bundle_path(3));               // absent when it is not there
//
// Reading: any thread, also beside a gateway that writes; what is complete never changes, so
// nothing is locked. A damaged tile is an error of whoever reads hashes from it, and verify() names
// it. write() is the sealer's alone. Errors: unavailable, code "evidence_unreadable" for reading
// and "evidence_unavailable" for writing.
#pragma once

#include "audit/merkle.h"
#include "audit/tiles.h"
#include "core/error.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::audit {

struct TileFile {
  std::string path;
  std::string_view bytes;
};

class TileStore {
 public:
  // A folder that is not there holds nothing.
  explicit TileStore(std::filesystem::path directory) : directory_(std::move(directory)) {}

  [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }

  // Records whose bundle and tile of leaf hashes are complete: looks at the folder.
  [[nodiscard]] core::Result<std::uint64_t> records() const;

  // The bytes of a file, by the paths of tiles.h; absent when there is none.
  [[nodiscard]] core::Result<std::optional<std::string>> read(const std::string& path) const;
  // The bytes of what a head needs: of its own file or, where that is gone, the first of the one
  // that has `head_width`, or of the full one.
  [[nodiscard]] core::Result<std::optional<std::string>> read_first(const TileName& name,
                                                                    std::uint64_t head_width) const;
  // So many hashes, of the partial tile or the full one.
  [[nodiscard]] core::Result<std::vector<Hash>> first_hashes(unsigned level, std::uint64_t index,
                                                             std::uint64_t width) const;
  // The hashes of a complete tile.
  [[nodiscard]] core::Result<std::vector<Hash>> tile(unsigned level, std::uint64_t index) const;
  // Of subtrees over records below records().
  [[nodiscard]] core::Result<Hash> node(const Subtree& subtree) const;
  // Of any subtree: from `sealed` on, where no tiles are complete, from the leaves.
  using LeafReader = std::function<core::Result<Hash>(std::uint64_t seq)>;
  [[nodiscard]] core::Result<Hash> node(const Subtree& subtree, std::uint64_t sealed,
                                        const LeafReader& leaf) const;

  // Durable when it returns: the files, and the folders on their paths; made in this order.
  [[nodiscard]] core::Result<void> write(std::span<const TileFile> files) const;
  // What stands at `path` may be of a gateway that ended before its entry was durable: it is then.
  [[nodiscard]] core::Result<void> keep(const std::string& path) const;
  // Takes a partial tile away that no head needs any more.
  void remove(const std::string& path) const;
  // Takes those away that lead up to a full one, but for those that are needed.
  void remove_partials(const std::string& full, std::span<const std::string> needed) const;

 private:
  [[nodiscard]] core::Result<void> make_folder(const std::filesystem::path& below) const;
  std::filesystem::path directory_;
};

}  // namespace menshen::audit
