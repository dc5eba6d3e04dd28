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

// Of a log whose head is over `size` records.
Bytes read_tile(const TileStore& tiles, const TileName& name, std::uint64_t size) {
  const std::uint64_t there =
      size >> (tile_height * name.level);  // hashes of the level, or records
  const std::uint64_t full = there / tile_width;
  const bool covered =
      name.index < full || (name.index == full && name.width <= there % tile_width);
  if (!covered) return std::optional<std::string>{};
  return tiles.read_first(name, there % tile_width);
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
