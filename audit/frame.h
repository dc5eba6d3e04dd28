// A group of records as the writer puts it into a segment, in one write: FORMAT.md gives the bytes.
//
//   FrameHeader header{.first = 40, .records = 2, .entries_bytes = ..., .root = tree.root()};
//   write(encode(header), join_hashes(leaves), entries, note);
//
//   const auto frame = next_frame(segment, at, expected);   // the first at or after `at`
//
// A segment is written over again and again, so what stands behind the last frame is the rest of
// older ones: a frame belongs to the log only when it begins with the record that is due. Pure
// functions; input is hostile, and nothing is verified here but the form.
#pragma once

#include "audit/merkle.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace menshen::audit {

inline constexpr std::size_t frame_header_bytes = 64;

struct FrameHeader {
  std::uint64_t first = 0;    // number of the first record; of the next one, when there is none
  std::uint32_t records = 0;  // 0: a head alone
  std::uint32_t entries_bytes = 0;
  std::uint32_t note_bytes = 0;  // of a signed head over all records up to the frame's end
  std::uint32_t note_check = 0;  // note_check_of() the head
  Hash root{};                   // over the same

  [[nodiscard]] std::uint64_t end() const noexcept { return first + records; }
  [[nodiscard]] std::uint64_t frame_bytes() const noexcept {
    return frame_header_bytes + std::uint64_t{records} * sizeof(Hash) + entries_bytes + note_bytes;
  }
};

[[nodiscard]] std::array<char, frame_header_bytes> encode(const FrameHeader& header);
// The first four bytes of the SHA-256 of a head: it tells one that a crash cut off from one that
// was signed wrongly.
[[nodiscard]] std::uint32_t note_check_of(std::string_view note);

struct Frame {
  FrameHeader header;
  std::size_t at = 0;        // where it stands in the segment
  std::string_view hashes;   // of the records, as stored
  std::string_view entries;  // as in a bundle
  std::string_view note;     // empty when it is cut off
  [[nodiscard]] std::size_t end_at() const noexcept {
    return at + static_cast<std::size_t>(header.frame_bytes());
  }
  // Up to where it was read: where a head is cut off, its length may be wrong too.
  [[nodiscard]] std::size_t read_to() const noexcept {
    return note.empty() ? end_at() - header.note_bytes : end_at();
  }
};

// The frame that stands at `at`, if one does that is whole.
[[nodiscard]] std::optional<Frame> frame_at(std::string_view segment, std::size_t at);

// The first frame at or after `at` that begins with record `expected` or a later one.
[[nodiscard]] std::optional<Frame> next_frame(std::string_view segment, std::size_t at,
                                              std::uint64_t expected);

// The records of the frame have the hashes stored with them, and added to `tree` they have its
// root; `tree` is then theirs too.
[[nodiscard]] bool join(Frontier& tree, const Frame& frame);

}  // namespace menshen::audit
