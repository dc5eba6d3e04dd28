#include "audit/tiles.h"

#include <algorithm>
#include <cstdio>

namespace menshen::audit {
namespace {

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
