#include "audit/reader.h"

#include "audit/files.h"
#include "audit/layout.h"
#include "audit/note.h"
#include "audit/segment.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>

namespace menshen::audit {
namespace {

constexpr const char* code = "evidence_unreadable";
constexpr std::uint64_t record_bytes_min = sizeof(Hash) + 2;
constexpr std::uint64_t file_bytes_max = 16 * segment_bytes_max;
constexpr int attempts = 5;
constexpr std::chrono::milliseconds pause{5};  // while a gateway writes over what is being read

StoredRecord stored(const RecordBatch::View& record) {
  return {record.seq, record.leaf, std::string(record.body), record.group};
}

}  // namespace

LogReader::LogReader(const std::filesystem::path& directory)
    : directory_(directory),
      tiles_(directory / layout::tiles),
      head_file_(directory / layout::heads) {}

core::Result<LogReader> LogReader::open(const std::filesystem::path& directory) {
  const auto remains = [&](std::string_view name) {
    return store::exists(directory / name, evidence_unavailable);
  };
  const auto segment = remains(layout::segments[0]);
  const auto tiles = remains(layout::tiles);
  const auto former = remains(layout::former_database);
  for (const auto& found : {segment, tiles, former}) {
    if (!found) return found.error();
  }
  if (*segment || (*tiles && !*former)) return LogReader(directory);
  if (!*former) {
    return core::gateway_error(core::ErrorKind::not_found, "no_audit_log",
                               "The directory holds no audit log.", directory.string());
  }
  return core::gateway_error(
      core::ErrorKind::invalid_config, "evidence_former",
      "The log is in the format of an earlier version. Run `menshen audit migrate`.",
      (directory / layout::former_database).string());
}

core::Result<LogExtent> LogReader::extent() {
  // A head is read before the records that it covers: a gateway may be writing.
  const auto last = head_file_.last();
  if (!last) return last.error();
  if (const auto read = refresh(); !read) return read.error();
  LogExtent out;
  out.records = tail_.empty() ? sealed_ : tail_.back().seq + 1;
  out.last_head = std::max(last->size, tail_heads_.empty() ? 0 : tail_heads_.back().size);
  out.records_max = sealed_ + segment_bytes_ / record_bytes_min;
  return out;
}

// Bundles are complete before segments are written over, so that a hole between the two shows that
// this reader was overtaken, as does a record that is not what its hash says.
core::Result<void> LogReader::refresh() {
  for (int attempt = 1;; ++attempt) {
    const auto sealed = tiles_.records();
    if (!sealed) return sealed.error();
    sealed_ = *sealed;
    const core::Digest before = content_;
    const auto sound = read_segments();
    if (!sound) return sound.error();
    // What stays as it is was not being written.
    if (*sound || attempt == attempts || content_ == before) return {};
    std::this_thread::sleep_for(attempt * pause);
  }
}

core::Result<bool> LogReader::read_segments() {
  tail_.clear();
  tail_heads_.clear();
  frames_.clear();
  segment_bytes_ = 0;
  core::Sha256 content;
  std::vector<std::string> segments;
  for (const auto name : layout::segments) {
    auto bytes = read_file(directory_ / name, file_bytes_max);
    if (!bytes) return bytes.error();
    if (!*bytes) continue;
    segment_bytes_ += (*bytes)->size();
    content.update(**bytes);
    segments.push_back(std::move(**bytes));
  }
  std::vector<StoredRecord> damaged;
  for (const std::string& segment : segments) take_frames(segment, damaged);
  // Of two records with one number that of the sound frame counts.
  std::ranges::move(damaged, std::back_inserter(tail_));
  drop_overtaken();
  content_ = content.finish();
  if (segments.empty()) {
    if (const auto read = read_partial(); !read) return read.error();
  }
  std::ranges::stable_sort(tail_, {}, &StoredRecord::seq);
  std::ranges::stable_sort(tail_heads_, {}, &StoredHead::size);
  const auto again = std::ranges::unique(tail_, {}, &StoredRecord::seq);
  tail_.erase(again.begin(), again.end());
  const bool sound = drop_torn();
  return sound && (tail_.empty() || tail_.back().seq + 1 - sealed_ == tail_.size());
}

// A frame that is not what was written, beside one that has the records from the same number on: a
// head alone, of which the counts are damaged.
void LogReader::drop_overtaken() {
  std::vector<std::uint64_t> held;
  for (const Taken& frame : frames_)
    if (frame.sound && frame.end > frame.first) held.push_back(frame.first);
  std::ranges::sort(held);
  std::erase_if(frames_, [&](const Taken& frame) {
    return !frame.sound && std::ranges::binary_search(held, frame.first);
  });
}

// What a crash cut off was never acknowledged, nor was its head: a frame that is not what was
// written, when nothing goes on behind it. False when another is not.
bool LogReader::drop_torn() {
  const auto place = [](const Taken& frame) { return std::pair(frame.first, frame.end); };
  const auto last = std::ranges::max_element(frames_, {}, place);
  if (last == frames_.end()) return true;
  const bool alone = std::ranges::count(frames_, place(*last), place) == 1;
  if (alone && (!last->sound || !has_root(*last))) {
    std::erase_if(tail_, [&](const StoredRecord& record) { return record.seq >= last->first; });
    std::erase_if(tail_heads_, [&](const StoredHead& head) { return head.size > last->first; });
    last->sound = true;
  }
  return std::ranges::all_of(frames_, &Taken::sound);
}

// The stored hashes up to the frame's end give the root in its header, or too little is there to
// tell.
bool LogReader::has_root(const Taken& frame) const {
  if (frame.end < sealed_) return true;
  auto tree =
      read_frontier(sealed_, [this](const Subtree& subtree) { return tiles_.node(subtree); });
  if (!tree) return true;
  for (const StoredRecord& record : tail_) {
    if (record.seq >= frame.end) break;
    if (record.seq != tree->size() || !record.leaf) return true;
    tree->append(*record.leaf);
  }
  return tree->size() != frame.end || tree->root() == frame.root;
}

void LogReader::take_frames(std::string_view segment, std::vector<StoredRecord>& damaged) {
  const std::uint64_t records_max = sealed_ + segment_bytes_ / record_bytes_min;
  std::uint64_t expected = 0;
  std::size_t at = 0;
  std::uint64_t damaged_bytes = 0;
  for (auto frame = next_frame(segment, at, expected); frame;
       frame = next_frame(segment, at, expected)) {
    at = frame->at + 1;
    if (frame->header.end() > records_max) continue;  // no number that could stand here
    const std::uint64_t end = frame->header.end();
    if (!frame->note.empty()) {
      std::string note(frame->note);
      tail_heads_.push_back({claimed_size(note, end), std::move(note)});
    }
    const Entries entries = split_entries(frame->entries);
    const std::size_t count = std::min<std::size_t>(entries.bodies.size(), frame->header.records);
    bool sound = entries.whole && entries.bodies.size() == frame->header.records;
    std::vector<StoredRecord> records;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t seq = frame->header.first + i;
      const auto leaf = frame->hashes.substr(i * sizeof(Hash), sizeof(Hash));
      sound = sound && core::as_text(leaf_hash(entries.bodies[i])) == leaf;
      if (seq >= sealed_)
        records.push_back({seq, parse_hash(leaf), std::string(entries.bodies[i]), std::nullopt});
    }
    if (!records.empty() && count == frame->header.records)
      records.back().group = {frame->header.first, frame->header.root};
    std::ranges::move(records, std::back_inserter(sound ? tail_ : damaged));
    // How far one that is not sound goes is not known, but those in each other are not read for
    // ever.
    damaged_bytes += sound ? 0 : frame->header.frame_bytes();
    if (sound || damaged_bytes > 4 * segment.size()) at = frame->read_to();
    expected = sound ? end : frame->header.first;
    frames_.push_back({frame->header.first, end, frame->header.root, sound});
  }
}

// A copy without segments: what its head covers behind the last complete bundle.
core::Result<void> LogReader::read_partial() {
  const auto note = read_file(directory_ / layout::checkpoint, note_bytes_max);
  if (!note) return note.error();
  const std::uint64_t size = *note ? claimed_size(**note, 0) : 0;
  const std::uint64_t index = sealed_ / tile_width;
  const std::uint64_t width = size % tile_width;
  if (size <= sealed_ || size / tile_width != index || width == 0) return {};
  RecordBatch batch;
  if (const auto read = read_bundle(index, width, batch); !read) return read;
  std::ranges::transform(batch.records, std::back_inserter(tail_), stored);
  segment_bytes_ = tail_.size() * record_bytes_min;
  return {};
}

core::Result<void> LogReader::read_bundle(std::uint64_t index, std::uint64_t width,
                                          RecordBatch& out) const {
  out.records.clear();
  auto entries = tiles_.read(bundle_path(index, width));
  const auto leaves = tiles_.read(tile_path(0, index, width));
  if (!entries || !leaves) return (!entries ? entries : leaves).error();
  const std::string_view hashes = *leaves ? std::string_view(**leaves) : std::string_view{};
  out.bytes = std::move(*entries).value_or(std::string{});
  for (const std::string_view body : split_entries(out.bytes).bodies) {
    const std::size_t i = out.records.size();
    if (i == width) break;
    const auto leaf = hashes.substr(std::min(hashes.size(), i * sizeof(Hash)), sizeof(Hash));
    out.records.push_back({.seq = index * tile_width + i, .leaf = parse_hash(leaf), .body = body});
  }
  return {};
}

// What is not known may have been written since; segments are long, so bundles are looked at first.
core::Result<void> LogReader::reach(std::uint64_t seq) {
  if (seq < sealed_ || (!tail_.empty() && seq <= tail_.back().seq)) return {};
  const auto sealed = tiles_.records();
  if (!sealed) return sealed.error();
  if (seq >= *sealed) return refresh();
  sealed_ = *sealed;
  return {};
}

core::Result<void> LogReader::read(std::uint64_t first, RecordBatch& out) {
  out.records.clear();
  if (const auto reached = reach(first); !reached) return reached;
  for (; first < sealed_; first = (first / tile_width + 1) * tile_width) {
    if (const auto read = read_bundle(first / tile_width, tile_width, out); !read) return read;
    std::erase_if(out.records, [&](const auto& record) { return record.seq < first; });
    if (!out.records.empty()) return {};
  }
  const auto from = std::ranges::lower_bound(tail_, first, {}, &StoredRecord::seq);
  out.bytes.clear();
  for (auto next = from; next != tail_.end(); ++next) out.bytes.append(next->body);
  std::string_view bytes = out.bytes;
  for (auto next = from; next != tail_.end(); ++next) {
    out.records.push_back({next->seq, next->leaf, bytes.substr(0, next->body.size()), next->group});
    bytes.remove_prefix(next->body.size());
  }
  return {};
}

core::Result<std::vector<StoredRecord>> LogReader::read(std::uint64_t first, std::size_t count) {
  std::vector<StoredRecord> out;
  // Behind the bundles stands what has to be reached in its turn.
  for (; out.size() < count; first = (first / tile_width + 1) * tile_width) {
    if (const auto reached = reach(first); !reached) return reached.error();
    if (first >= sealed_) break;
    if (const auto loaded = load_bundle(first / tile_width); !loaded) {
      if (out.empty()) return loaded.error();
      return out;
    }
    for (const RecordBatch::View& record : bundle_.records) {
      if (record.seq >= first && out.size() < count) out.push_back(stored(record));
    }
  }
  auto next = std::ranges::lower_bound(tail_, first, {}, &StoredRecord::seq);
  for (; next != tail_.end() && out.size() < count; ++next) out.push_back(*next);
  return out;
}

core::Result<std::string> LogReader::body(std::uint64_t seq) {
  auto found = read(seq, 1);
  if (!found) return found.error();
  if (found->size() == 1 && found->front().seq == seq) return std::move(found->front().body);
  return core::gateway_error(
      core::ErrorKind::unavailable, "evidence_unreadable",
      "Record " + std::to_string(seq) + " cannot be read: run `menshen audit verify`.");
}

core::Result<void> LogReader::load_bundle(std::uint64_t index) {
  if (bundle_index_ == index) return {};
  bundle_index_.reset();
  if (const auto read = read_bundle(index, tile_width, bundle_); !read) return read;
  bundle_index_ = index;
  return {};
}

core::Result<std::vector<StoredHead>> LogReader::heads(std::uint64_t first, std::size_t count) {
  auto out = head_file_.from(first, count);
  if (!out || out->size() == count) return out;
  const std::uint64_t from = std::max(first, out->empty() ? 0 : out->back().size + 1);
  for (const StoredHead& head : tail_heads_) {
    if (head.size >= from && out->size() < count) out->push_back(head);
  }
  return out;
}

}  // namespace menshen::audit
