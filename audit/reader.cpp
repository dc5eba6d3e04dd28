#include "audit/reader.h"

#include "audit/files.h"
#include "audit/layout.h"
#include "audit/note.h"
#include "audit/segment.h"
#include "audit/segment_tail.h"

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
  content_ = content.finish();
  if (segments.empty()) {
    if (const auto read = read_partial(); !read) return read.error();
    return true;
  }
  auto tree =
      read_frontier(sealed_, [this](const Subtree& subtree) { return tiles_.node(subtree); });
  SegmentTail tail =
      read_tail(segments, sealed_, tree ? std::optional<Frontier>(std::move(*tree)) : std::nullopt,
                sealed_ + segment_bytes_ / record_bytes_min);
  tail_ = std::move(tail.records);
  tail_heads_ = std::move(tail.heads);
  return tail.sound;
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
