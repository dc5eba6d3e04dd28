#include "audit/tile_store.h"

#include "audit/files.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace menshen::audit {
namespace {

constexpr const char* unreadable_code = "evidence_unreadable";
constexpr std::uint64_t bundle_bytes_max = tile_width * (2 + 65'535);

core::Error unreadable(std::string message, const std::filesystem::path& path) {
  return core::gateway_error(core::ErrorKind::unavailable, unreadable_code, std::move(message),
                             path.string());
}

// The first `width` hashes or records of a wider one; absent when it has not so many.
std::optional<std::string> cut(std::string bytes, const TileName& name) {
  std::size_t end = name.width * sizeof(Hash);
  if (name.entries) {
    const Entries entries = split_entries(bytes);
    if (entries.bodies.size() < name.width) return std::nullopt;
    const std::string_view last = entries.bodies[name.width - 1];
    end = static_cast<std::size_t>(last.data() + last.size() - bytes.data());
  }
  if (bytes.size() < end) return std::nullopt;
  bytes.resize(end);
  return bytes;
}

}  // namespace

core::Result<std::uint64_t> TileStore::records() const {
  const auto there = [&](std::uint64_t index) {
    return store::exists(directory_ / tile_path(0, index), unreadable_code);
  };
  // The first that is not there lies in [low, high).
  std::uint64_t low = 0;
  std::uint64_t step = 1;
  for (;; step *= 2) {
    const auto found = there(low + step - 1);
    if (!found) return found.error();
    if (!*found) break;
    low += step;
  }
  for (; step > 1; step /= 2) {
    const auto found = there(low + step / 2 - 1);
    if (!found) return found.error();
    if (*found) low += step / 2;
  }
  return low * tile_width;
}

core::Result<std::optional<std::string>> TileStore::read(const std::string& path) const {
  auto bytes = read_file(directory_ / path, bundle_bytes_max);
  if (!bytes) return unreadable(bytes.error().message, directory_ / path);
  return bytes;
}

core::Result<std::optional<std::string>> TileStore::read_first(const TileName& name,
                                                               std::uint64_t head_width) const {
  auto bytes = read(path_of(name));
  if (!bytes || *bytes || name.width == tile_width) return bytes;
  for (const std::uint64_t width : {head_width, tile_width}) {
    if (width <= name.width) continue;
    TileName wider = name;
    wider.width = width;
    bytes = read(path_of(wider));
    if (!bytes) return bytes;
    if (*bytes) return cut(std::move(**bytes), name);
  }
  return bytes;
}

core::Result<std::vector<Hash>> TileStore::first_hashes(unsigned level, std::uint64_t index,
                                                        std::uint64_t width) const {
  const auto bytes = read_first({.level = level, .index = index, .width = width}, width);
  if (!bytes) return bytes.error();
  auto hashes = *bytes ? split_hashes(**bytes) : std::nullopt;
  if (hashes && hashes->size() == width) return std::move(*hashes);
  return unreadable("A tile of the log is missing or damaged.",
                    directory_ / tile_path(level, index, width));
}

core::Result<std::vector<Hash>> TileStore::tile(unsigned level, std::uint64_t index) const {
  return first_hashes(level, index, tile_width);
}

// A subtree's hash stands in a tile, or is made from what stands in one, of its own level or, while
// that tile is not complete, of the level below.
core::Result<Hash> TileStore::node(const Subtree& subtree) const {
  const unsigned level = subtree.level / tile_height;
  const unsigned above = subtree.level % tile_height;
  const std::uint64_t first = subtree.index << above;
  const auto complete =
      store::exists(directory_ / tile_path(level, first / tile_width), unreadable_code);
  if (!complete) return complete.error();
  if (*complete || level == 0) {
    const auto hashes = tile(level, first / tile_width);
    if (!hashes) return hashes.error();
    return subtree_root(std::span(*hashes).subspan(first % tile_width, std::size_t{1} << above));
  }
  if (above == 0) {
    const auto hashes = tile(level - 1, subtree.index);
    if (!hashes) return hashes.error();
    return subtree_root(*hashes);
  }
  const auto left = node({subtree.level - 1, 2 * subtree.index});
  const auto right = node({subtree.level - 1, 2 * subtree.index + 1});
  if (!left || !right) return (!left ? left : right).error();
  return node_hash(*left, *right);
}

core::Result<Hash> TileStore::node(const Subtree& subtree, std::uint64_t sealed,
                                   const LeafReader& leaf) const {
  const std::uint64_t first = subtree.index << subtree.level;
  if (first + (std::uint64_t{1} << subtree.level) <= sealed) return node(subtree);
  if (subtree.level == 0) return leaf(first);
  const auto left = node({subtree.level - 1, 2 * subtree.index}, sealed, leaf);
  const auto right = node({subtree.level - 1, 2 * subtree.index + 1}, sealed, leaf);
  if (!left || !right) return (!left ? left : right).error();
  return node_hash(*left, *right);
}

core::Result<void> TileStore::write(std::span<const TileFile> files) const {
  std::vector<FileBytes> written;
  std::filesystem::path folder;
  for (const TileFile& file : files) {
    written.push_back({directory_ / file.path, file.bytes});
    if (auto parent = std::filesystem::path(file.path).parent_path(); parent != folder) {
      if (const auto made = make_folder(parent); !made) return made;
      folder = std::move(parent);
    }
  }
  return write_durably(written, 0600);
}

// Level by level: a log that was taken away is not begun anew by its tiles.
core::Result<void> TileStore::make_folder(const std::filesystem::path& below) const {
  std::filesystem::path folder = directory_;
  for (const std::filesystem::path& name : below) {
    folder /= name;
    const auto made = store::make_child_directory(folder, evidence_unavailable);
    if (!made) return made;
  }
  return {};
}

core::Result<void> TileStore::keep(const std::string& path) const {
  for (auto folder = (directory_ / path).parent_path();; folder = folder.parent_path()) {
    const auto synced = store::sync_directory(folder, evidence_unavailable);
    if (!synced || folder == directory_) return synced;
  }
}

void TileStore::remove(const std::string& path) const {
  ::unlink((directory_ / path).c_str());
  ::rmdir((directory_ / path).parent_path().c_str());  // stays while it holds another
}

void TileStore::remove_partials(const std::string& full,
                                std::span<const std::string> needed) const {
  const std::string folder = full + ".p";
  std::error_code failed;
  std::vector<std::string> found;
  for (std::filesystem::directory_iterator each(directory_ / folder, failed), end;
       !failed && each != end; each.increment(failed))
    found.push_back(folder + "/" + each->path().filename().string());
  for (const std::string& path : found) {
    if (std::ranges::find(needed, path) == needed.end()) remove(path);
  }
}

}  // namespace menshen::audit
