#include "audit/tiles.h"

#include "audit/lines.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <system_error>

namespace menshen::audit {
namespace {

constexpr char tile_level_max = '7';
constexpr std::uint64_t tile_index_max = std::uint64_t{1} << 53;  // before its last three digits

// "x001/x234/067": groups of three digits, all but the last marked.
std::string index_path(std::uint64_t index) {
  char group[8];
  std::snprintf(group, sizeof group, "%03u", static_cast<unsigned>(index % 1000));
  std::string out = group;
  for (index /= 1000; index > 0; index /= 1000) {
    std::snprintf(group, sizeof group, "x%03u/", static_cast<unsigned>(index % 1000));
    out.insert(0, group);
  }
  return out;
}

std::string with_width(std::string path, std::uint64_t width) {
  if (width != tile_width) path.append(".p/").append(std::to_string(width));
  return path;
}

}  // namespace

std::string tile_path(unsigned level, std::uint64_t index, std::uint64_t width) {
  return with_width("tile/" + std::to_string(level) + "/" + index_path(index), width);
}

std::string bundle_path(std::uint64_t index, std::uint64_t width) {
  return with_width("tile/entries/" + index_path(index), width);
}

std::string path_of(const TileName& name) {
  return name.entries ? bundle_path(name.index, name.width)
                      : tile_path(name.level, name.index, name.width);
}

// What is read leniently must be written the same.
std::optional<TileName> parse_tile_path(std::string_view path) {
  constexpr std::size_t longest = 64;
  if (path.size() > longest || !path.starts_with("tile/")) return std::nullopt;
  std::string_view rest = path.substr(5);
  TileName name;
  const auto part = [&] {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    const std::string_view out = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return out;
  };
  const std::string_view level = part();
  name.entries = level == "entries";
  if (!name.entries) {
    if (level.size() != 1 || level[0] < '0' || level[0] > tile_level_max) return std::nullopt;
    name.level = static_cast<unsigned>(level[0] - '0');
  }
  while (!rest.empty()) {
    std::string_view group = part();
    if (group.starts_with('x')) group.remove_prefix(1);
    const bool partial = group.ends_with(".p");
    if (partial) group.remove_suffix(2);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(group.data(), group.data() + group.size(), number);
    if (error != std::errc{} || end != group.data() + group.size() || group.size() != 3)
      return std::nullopt;
    if (name.index > tile_index_max) return std::nullopt;
    name.index = name.index * 1'000 + number;
    if (!partial) continue;
    const auto width = parse_number(part());
    if (!width || *width == 0 || *width >= tile_width) return std::nullopt;
    name.width = *width;
    break;
  }
  if (path_of(name) != path) return std::nullopt;
  return name;
}

void append_entry(std::string& out, std::string_view body) {
  out.push_back(static_cast<char>(body.size() >> 8U));
  out.push_back(static_cast<char>(body.size() & 0xFFU));
  out.append(body);
}

Entries split_entries(std::string_view bytes) {
  Entries out;
  while (!bytes.empty()) {
    const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const std::size_t length = bytes.size() < 2 ? 0 : std::size_t{octet(0)} << 8U | octet(1);
    if (bytes.size() < 2 + length) {
      out.whole = false;
      break;
    }
    out.bodies.push_back(bytes.substr(2, length));
    bytes.remove_prefix(2 + length);
  }
  return out;
}

std::string join_hashes(std::span<const Hash> hashes) {
  std::string out;
  out.reserve(hashes.size() * sizeof(Hash));
  for (const Hash& hash : hashes) out.append(core::as_text(hash));
  return out;
}

std::optional<std::vector<Hash>> split_hashes(std::string_view bytes) {
  if (bytes.size() % sizeof(Hash) != 0) return std::nullopt;
  std::vector<Hash> out;
  out.reserve(bytes.size() / sizeof(Hash));
  for (; !bytes.empty(); bytes.remove_prefix(sizeof(Hash))) {
    out.push_back(*parse_hash(bytes.substr(0, sizeof(Hash))));
  }
  return out;
}

Hash subtree_root(std::span<const Hash> leaves) {
  std::vector<Hash> row(leaves.begin(), leaves.end());
  for (std::size_t size = row.size(); size > 1; size /= 2) {
    for (std::size_t i = 0; i < size / 2; ++i) row[i] = node_hash(row[2 * i], row[2 * i + 1]);
  }
  return row.front();
}

}  // namespace menshen::audit
