// The log as static files, as C2SP tlog-tiles v0.1.0 has them (c2sp.org/tlog-tiles): 256 records a
// bundle, 256 hashes a tile, and what is complete never changes.
//
//   tile_path(0, 1'234)              // "tile/0/x001/234"
//   tile_path(0, 1'234, 17)          // "tile/0/x001/234.p/17"
//   bundle_path(1'234)               // "tile/entries/x001/234"
//   append_entry(bytes, body);       // a 16-bit length, then the record
//   const auto entries = split_entries(bytes);
//   parse_tile_path("tile/0/x001/234.p/17")->width
//
// Pure functions for any thread. Input is hostile: lengths that lead past the end are told.
#pragma once

#include "audit/merkle.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::audit {

inline constexpr std::uint64_t tile_width = 256;
inline constexpr unsigned tile_height = 8;  // levels of the tree in one level of tiles

// `width` below tile_width: the partial tile that a head over fewer records needs.
[[nodiscard]] std::string tile_path(unsigned level, std::uint64_t index,
                                    std::uint64_t width = tile_width);
[[nodiscard]] std::string bundle_path(std::uint64_t index, std::uint64_t width = tile_width);

// What such a path names.
struct TileName {
  bool entries = false;  // a bundle
  unsigned level = 0;    // of a tile
  std::uint64_t index = 0;
  std::uint64_t width = tile_width;
  bool operator==(const TileName&) const = default;
};
[[nodiscard]] std::string path_of(const TileName& name);
// Absent for what tlog-tiles would not write so. Levels are those of trees below 2^64 records.
[[nodiscard]] std::optional<TileName> parse_tile_path(std::string_view path);

// `body` is at most 65,535 bytes.
void append_entry(std::string& out, std::string_view body);

struct Entries {
  std::vector<std::string_view> bodies;  // views of the bytes
  bool whole = true;                     // false: a length leads past the end
};
[[nodiscard]] Entries split_entries(std::string_view bytes);

[[nodiscard]] std::string join_hashes(std::span<const Hash> hashes);
// Absent unless whole hashes.
[[nodiscard]] std::optional<std::vector<Hash>> split_hashes(std::string_view bytes);

// The root of a perfect subtree over `leaves`, whose number is a power of two.
[[nodiscard]] Hash subtree_root(std::span<const Hash> leaves);

}  // namespace menshen::audit
