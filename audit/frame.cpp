#include "audit/frame.h"

#include "audit/note.h"
#include "audit/tiles.h"

#include <cstring>
#include <utility>
#include <vector>

namespace menshen::audit {
namespace {

// No text of a record or a head holds its first byte; the last is the version of the format.
constexpr std::string_view magic = "\xF7menshe\x01";
static_assert(magic.size() == 8);

template <typename Number>
void put(char*& out, Number number) {
  for (std::size_t i = sizeof number; i-- > 0;) *out++ = static_cast<char>(number >> (8 * i));
}

template <typename Number>
Number take(std::string_view bytes, std::size_t at) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i)
    number = static_cast<Number>(number << 8U | static_cast<unsigned char>(bytes[at + i]));
  return number;
}

}  // namespace

std::array<char, frame_header_bytes> encode(const FrameHeader& header) {
  std::array<char, frame_header_bytes> bytes{};
  char* out = bytes.data();
  std::memcpy(out, magic.data(), magic.size());
  out += magic.size();
  put(out, header.first);
  put(out, header.records);
  put(out, header.entries_bytes);
  put(out, header.note_bytes);
  put(out, header.note_check);
  std::memcpy(out, header.root.data(), header.root.size());
  return bytes;
}

std::uint32_t note_check_of(std::string_view note) {
  return note.empty() ? 0 : take<std::uint32_t>(core::as_text(core::sha256(note)), 0);
}

std::optional<Frame> frame_at(std::string_view segment, std::size_t at) {
  if (at > segment.size() || segment.size() - at < frame_header_bytes) return std::nullopt;
  std::string_view rest = segment.substr(at);
  if (!rest.starts_with(magic)) return std::nullopt;
  Frame frame;
  frame.at = at;
  FrameHeader& header = frame.header;
  header.first = take<std::uint64_t>(rest, 8);
  header.records = take<std::uint32_t>(rest, 16);
  header.entries_bytes = take<std::uint32_t>(rest, 20);
  header.note_bytes = take<std::uint32_t>(rest, 24);
  header.note_check = take<std::uint32_t>(rest, 28);
  std::memcpy(header.root.data(), rest.data() + 32, header.root.size());
  if (header.end() < header.first || header.frame_bytes() > rest.size()) return std::nullopt;
  rest.remove_prefix(frame_header_bytes);
  frame.hashes = rest.substr(0, header.records * sizeof(Hash));
  frame.entries = rest.substr(frame.hashes.size(), header.entries_bytes);
  const auto note = rest.substr(frame.hashes.size() + frame.entries.size(), header.note_bytes);
  if (note.size() <= note_bytes_max && note_check_of(note) == header.note_check) frame.note = note;
  return frame;
}

std::optional<Frame> next_frame(std::string_view segment, std::size_t at, std::uint64_t expected) {
  for (at = segment.find(magic, at); at != segment.npos; at = segment.find(magic, at + 1)) {
    auto frame = frame_at(segment, at);
    if (frame && frame->header.first >= expected) return frame;
  }
  return std::nullopt;
}

bool join(Frontier& tree, const Frame& frame) {
  if (frame.header.first != tree.size()) return false;
  const Entries entries = split_entries(frame.entries);
  if (!entries.whole || entries.bodies.size() != frame.header.records) return false;
  Frontier grown = tree;
  for (std::size_t i = 0; i < entries.bodies.size(); ++i) {
    const Hash leaf = leaf_hash(entries.bodies[i]);
    if (core::as_text(leaf) != frame.hashes.substr(i * sizeof(Hash), sizeof(Hash))) return false;
    grown.append(leaf);
  }
  if (grown.root() != frame.header.root) return false;
  tree = std::move(grown);
  return true;
}

}  // namespace menshen::audit
