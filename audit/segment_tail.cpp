#include "audit/segment_tail.h"

#include "audit/frame.h"
#include "audit/head_file.h"
#include "audit/tiles.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace menshen::audit {
namespace {

enum class Standing : std::uint8_t {
  joined,   // the log's
  unknown,  // what stands before it is not known
  other,    // not what was written where it stands
};

struct Taken {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
  Hash root{};
  bool sound = true;  // its records have the hashes that stand with them
  Standing standing = Standing::unknown;
  std::vector<StoredRecord> records{};  // those that are not sealed
  std::optional<StoredHead> head{};
};

class Tail {
 public:
  Tail(std::uint64_t sealed, std::optional<Frontier> tree, std::uint64_t records_max)
      : sealed_(sealed), tree_(std::move(tree)), records_max_(records_max) {}

  void take(std::string_view segment);
  [[nodiscard]] SegmentTail finish();

 private:
  [[nodiscard]] Taken taken(const Frame& frame) const;
  void join();
  [[nodiscard]] bool joins(const Taken& frame);
  void drop_torn();

  const std::uint64_t sealed_;
  std::optional<Frontier> tree_;
  const std::uint64_t records_max_;
  std::vector<Taken> frames_;
  std::vector<StoredHead> heads_;  // of frames that are gone
};

void Tail::take(std::string_view segment) {
  std::uint64_t expected = 0;
  std::size_t at = 0;
  std::uint64_t damaged_bytes = 0;
  for (auto frame = next_frame(segment, at, expected); frame;
       frame = next_frame(segment, at, expected)) {
    at = frame->at + 1;
    if (frame->header.end() > records_max_) continue;  // no number that could stand here
    frames_.push_back(taken(*frame));
    const bool sound = frames_.back().sound;
    // How far one that is not sound goes is not known, but those in each other are not read for
    // ever.
    damaged_bytes += sound ? 0 : frame->header.frame_bytes();
    if (sound || damaged_bytes > 4 * segment.size()) at = frame->read_to();
    expected = sound ? frame->header.end() : frame->header.first;
  }
}

Taken Tail::taken(const Frame& frame) const {
  Taken out{.first = frame.header.first, .end = frame.header.end(), .root = frame.header.root};
  if (!frame.note.empty()) {
    std::string note(frame.note);
    const std::uint64_t size = claimed_size(note, out.end);
    out.head = {size, std::move(note)};
  }
  const Entries entries = split_entries(frame.entries);
  const std::size_t count = std::min<std::size_t>(entries.bodies.size(), frame.header.records);
  out.sound = entries.whole && entries.bodies.size() == frame.header.records;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t seq = out.first + i;
    const auto leaf = frame.hashes.substr(i * sizeof(Hash), sizeof(Hash));
    out.sound = out.sound && core::as_text(leaf_hash(entries.bodies[i])) == leaf;
    if (seq >= sealed_)
      out.records.push_back({seq, parse_hash(leaf), std::string(entries.bodies[i]), std::nullopt});
  }
  if (!out.records.empty() && count == frame.header.records)
    out.records.back().group = {out.first, out.root};
  return out;
}

// In the order of their numbers, each tried once: the tree is then that of the records before it,
// or one that other frames have led past it.
void Tail::join() {
  std::ranges::stable_sort(frames_, {}, &Taken::first);
  if (!tree_) return;
  for (Taken& frame : frames_) {
    if (frame.end < sealed_) continue;
    if (joins(frame)) {
      frame.standing = Standing::joined;
    } else if (!frame.sound || frame.first <= tree_->size()) {
      frame.standing = Standing::other;
    }
  }
}

bool Tail::joins(const Taken& frame) {
  const std::uint64_t size = tree_->size();
  const bool goes_on = frame.first == size || (frame.first < sealed_ && size == sealed_);
  if (!frame.sound || !goes_on) return false;
  Frontier grown = *tree_;
  for (const StoredRecord& record : frame.records) {
    if (!record.leaf) return false;
    grown.append(*record.leaf);
  }
  if (grown.size() != frame.end || grown.root() != frame.root) return false;
  tree_ = std::move(grown);
  return true;
}

// The last frame, when it is not the log's and nothing goes on behind it; and those in the place of
// one that is the log's.
void Tail::drop_torn() {
  const auto is_other = [](const Taken& frame) {
    return !frame.sound || frame.standing == Standing::other;
  };
  const std::uint64_t known = tree_ ? tree_->size() : sealed_;
  const auto drop = [&](Taken& frame) {
    if (frame.head && frame.head->size <= frame.first) heads_.push_back(std::move(*frame.head));
    frame.records.clear();
  };
  std::erase_if(frames_, [&](Taken& frame) {
    const bool overtaken = is_other(frame) && frame.first < known;
    if (overtaken) drop(frame);
    return overtaken;
  });
  const auto place = [](const Taken& frame) { return std::pair(frame.first, frame.end); };
  const auto last = std::ranges::max_element(frames_, {}, place);
  if (last == frames_.end() || !is_other(*last)) return;
  drop(*last);
  frames_.erase(last);
}

SegmentTail Tail::finish() {
  join();
  drop_torn();
  SegmentTail out{.heads = std::move(heads_)};
  // Of two records with one number that of the better frame counts.
  std::ranges::stable_sort(
      frames_, {}, [](const Taken& frame) { return std::pair(frame.standing, !frame.sound); });
  for (Taken& frame : frames_) {
    std::ranges::move(frame.records, std::back_inserter(out.records));
    if (frame.head) out.heads.push_back(std::move(*frame.head));
    out.sound = out.sound && frame.sound;
  }
  std::ranges::stable_sort(out.records, {}, &StoredRecord::seq);
  const auto again = std::ranges::unique(out.records, {}, &StoredRecord::seq);
  out.records.erase(again.begin(), again.end());
  std::ranges::stable_sort(out.heads, {}, &StoredHead::size);
  out.sound = out.sound &&
              (out.records.empty() || out.records.back().seq + 1 - sealed_ == out.records.size());
  return out;
}

}  // namespace

SegmentTail read_tail(std::span<const std::string> segments, std::uint64_t sealed,
                      std::optional<Frontier> tree, std::uint64_t records_max) {
  Tail tail(sealed, std::move(tree), records_max);
  for (const std::string& segment : segments) tail.take(segment);
  return tail.finish();
}

}  // namespace menshen::audit
