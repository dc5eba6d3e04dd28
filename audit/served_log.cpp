#include "audit/served_log.h"

#include "audit/files.h"
#include "audit/head_file.h"
#include "audit/layout.h"
#include "audit/note.h"
#include "audit/tile_store.h"
#include "audit/tiles.h"

#include <cstdint>
#include <utility>

namespace menshen::audit {
namespace {

using Bytes = core::Result<std::optional<std::string>>;

// The first `width` hashes or records of a wider tile; absent when it has not so many.
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

// Of a log whose head is over `size` records.
Bytes read_tile(const TileStore& tiles, const TileName& name, std::uint64_t size) {
  const std::uint64_t there =
      size >> (tile_height * name.level);  // hashes of the level, or records
  const std::uint64_t full = there / tile_width;
  const bool covered =
      name.index < full || (name.index == full && name.width <= there % tile_width);
  if (!covered) return std::optional<std::string>{};
  auto bytes = tiles.read(path_of(name));
  if (!bytes || *bytes || name.width == tile_width) return bytes;
  // The one that the head needs, or the full one.
  for (const std::uint64_t width : {there % tile_width, tile_width}) {
    if (width < name.width) continue;
    TileName wider = name;
    wider.width = width;
    bytes = tiles.read(path_of(wider));
    if (!bytes) return bytes;
    if (*bytes) return cut(std::move(**bytes), name);
  }
  return bytes;
}

}  // namespace

core::Result<std::optional<ServedFile>> read_served(const std::filesystem::path& directory,
                                                    std::string_view path) {
  const auto name = parse_tile_path(path);
  const bool witnessed = path == "witnessed";
  const bool head = path == "checkpoint" || witnessed;
  if (!name && !head) return std::optional<ServedFile>{};
  auto note =
      read_file(directory / (witnessed ? layout::witnessed : layout::checkpoint), note_bytes_max);
  if (!note)
    return core::gateway_error(core::ErrorKind::unavailable, "evidence_unreadable",
                               note.error().message, note.error().where);
  if (!*note) return std::optional<ServedFile>{};
  if (head) return std::optional(ServedFile{std::move(**note), true});
  auto bytes = read_tile(TileStore(directory / layout::tiles), *name, claimed_size(**note, 0));
  if (!bytes) return bytes.error();
  if (!*bytes) return std::optional<ServedFile>{};
  return std::optional(ServedFile{std::move(**bytes), false});
}

}  // namespace menshen::audit
