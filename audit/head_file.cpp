#include "audit/head_file.h"

#include "audit/checkpoint.h"
#include "audit/files.h"
#include "audit/publisher.h"

#include <algorithm>
#include <utility>

namespace menshen::audit {
namespace {

constexpr std::size_t piece_bytes = 256 * 1024;

// Past the end of the last whole note, each of which is followed by an empty line; all of a piece
// that holds none.
std::size_t whole_notes(std::string_view piece) {
  for (std::size_t end = piece.rfind("\n\n"); end != piece.npos && end > 0;
       end = piece.rfind("\n\n", end - 1)) {
    const std::size_t line = piece.rfind('\n', end - 1);
    const auto last_line = piece.substr(line == piece.npos ? 0 : line + 1);
    if (last_line.starts_with("\u2014 ")) return end + 2;
  }
  return piece.size();
}

}  // namespace

std::uint64_t claimed_size(const std::string& note, std::uint64_t otherwise) {
  const auto parsed = parse_note(note);
  const auto head =
      parsed ? parse_checkpoint(parsed->text) : core::Result<Checkpoint>(parsed.error());
  return head ? head->size : otherwise;
}

core::Result<std::vector<StoredHead>> HeadFile::from(std::uint64_t size, std::size_t count) {
  std::vector<StoredHead> out;
  while (out.size() < count) {
    if (loaded_.empty()) {
      const auto more = load();
      if (!more) return more.error();
      if (!*more) break;
      continue;
    }
    StoredHead head = std::move(loaded_.front());
    loaded_.pop_front();
    if (head.size >= size) out.push_back(std::move(head));
  }
  return out;
}

core::Result<void> HeadFile::end_note() const {
  const auto end = read_tail(path_, 2);
  if (!end) return end.error();
  if (!*end) return {};
  const bool whole = (*end)->empty() || **end == "\n\n";
  return append_durably(path_, whole ? "" : "\n\n");
}

core::Result<void> HeadFile::end_with(const std::string& head, std::uint64_t size) const {
  const auto standing = last();
  if (!standing) return standing.error();
  if (standing->note.empty()) return write_durably(path_, head + "\n", 0644);
  return standing->size == size ? core::Result<void>{} : append_durably(path_, head + "\n");
}

core::Result<StoredHead> HeadFile::last() const {
  const auto tail = read_tail(path_, piece_bytes);
  if (!tail) return tail.error();
  auto notes = *tail ? split_published(**tail).notes : std::vector<std::string>{};
  if (notes.empty()) return StoredHead{};
  return StoredHead{claimed_size(notes.back(), 0), std::move(notes.back())};
}

core::Result<bool> HeadFile::load() {
  auto read = read_part(path_, at_, piece_bytes);
  if (!read) return read.error();
  if (!*read || (*read)->empty()) return false;
  std::string& piece = **read;
  if (piece.size() == piece_bytes) piece.resize(whole_notes(piece));
  at_ += piece.size();
  for (std::string& note : split_published(piece).notes) take(std::move(note));
  return true;
}

void HeadFile::take(std::string note) {
  const std::uint64_t size = claimed_size(note, last_size_);
  const bool again = size <= last_size_ && std::ranges::find(recent_, note) != recent_.end();
  if (again) return;
  last_size_ = size;
  recent_.push_back(note);
  if (recent_.size() > pending_heads_max) recent_.pop_front();
  loaded_.push_back({size, std::move(note)});
}

}  // namespace menshen::audit
