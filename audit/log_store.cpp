#include "audit/log_store.h"

#include "audit/head_file.h"
#include "audit/layout.h"

#include <algorithm>

namespace menshen::audit {
namespace {

// The segment in use may grow so far while nothing can be sealed.
constexpr std::uint64_t unsealed_bytes_max = 4 * segment_bytes_max;

core::Error gone(const std::filesystem::path& path) {
  return core::gateway_error(
      core::ErrorKind::invalid_config, "evidence_gone",
      "The log that was here is gone or empty. Put it back; to begin a new log, give it another "
      "folder.",
      path.string());
}

// Nothing that a log was ever written to.
bool blank(const std::filesystem::path& path) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  return failed || size == 0;
}

// Frames of one segment, each beginning where the one before ends, from its start.
std::vector<Frame> chain_of(std::string_view segment) {
  std::vector<Frame> out;
  for (auto frame = frame_at(segment, 0); frame; frame = frame_at(segment, out.back().end_at())) {
    if (!out.empty() && frame->header.first != out.back().header.end()) break;
    out.push_back(*frame);
  }
  return out;
}

std::uint64_t first_of(const std::vector<Frame>& chain) {
  return chain.empty() ? std::uint64_t(-1) : chain.front().header.first;
}

std::uint64_t end_of(const std::vector<Frame>& chain) {
  return chain.empty() ? std::uint64_t(-1) : chain.back().header.end();
}

core::Error hole(std::uint64_t from, std::uint64_t to, std::string_view where) {
  return tampered_error(
      "Records " + std::to_string(from) + " to " + std::to_string(to - 1) + " are missing.", where);
}

}  // namespace

core::Error tampered_error(std::string what, std::string_view where) {
  what.append(
      " The gateway does not go on with evidence that was changed; run `menshen audit verify`.");
  return core::gateway_error(core::ErrorKind::invalid_config, "evidence_tampered", std::move(what),
                             std::string(where));
}

core::Result<void> check_beginning(const std::filesystem::path& directory, Begin begin) {
  const auto former = store::exists(directory / layout::former_database, evidence_unavailable);
  if (!former) return former.error();
  std::size_t blanks = 0;
  for (const auto name : layout::segments) blanks += blank(directory / name) ? 1 : 0;
  if (*former && blanks > 0) {
    return core::gateway_error(
        core::ErrorKind::invalid_config, "evidence_former",
        "The log is in the format of an earlier version. Run `menshen audit migrate`.",
        (directory / layout::former_database).string());
  }
  if (begin == Begin::refused && blanks > 0) return gone(directory / layout::segments[0]);
  return {};
}

core::Result<LogStore> LogStore::open(const std::filesystem::path& directory, Begin begin) {
  if (const auto may = check_beginning(directory, begin); !may) return may.error();
  auto first = Segment::open(directory / layout::segments[0]);
  if (!first) return first.error();
  auto second = Segment::open(directory / layout::segments[1]);
  if (!second) return second.error();
  LogStore store(directory, {std::move(*first), std::move(*second)});
  if (const auto recovered = store.recover(); !recovered) return recovered.error();
  return store;
}

LogStore::LogStore(const std::filesystem::path& directory, std::array<Segment, 2> segments)
    : directory_(directory), tiles_(directory / layout::tiles), segments_(std::move(segments)) {}

void LogStore::start(Sealer::Listener listener) {
  sealer_ = std::make_unique<Sealer>(tiles_, sealed_, std::move(levels_), std::move(listener));
  hand_over();
}

core::Result<void> LogStore::recover() {
  const auto made = store::make_directory(tiles_.directory(), evidence_unavailable);
  if (!made) return made;
  const auto sealed = tiles_.records();
  if (!sealed) return sealed.error();
  sealed_ = *sealed;
  handed_over_ = *sealed;
  if (sealed_ > 0) {
    const auto kept = tiles_.keep(tile_path(0, sealed_ / tile_width - 1));
    if (!kept) return kept;
  }
  auto levels = read_levels(tiles_, sealed_);
  if (!levels) return levels.error();
  levels_ = std::move(*levels);
  bundles_.push_back(std::make_shared<Bundle>(Bundle{.index = sealed_ / tile_width}));
  std::array<std::string, 2> contents;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    auto content = segments_[i].read();
    if (!content) return content.error();
    contents[i] = std::move(*content);
  }
  if (const auto read = read_frames(contents); !read) return read;
  if (const auto whole = check_rest(contents); !whole) return whole;
  if (last_head_) return rewrite(contents);
  auto last = HeadFile(directory_ / layout::heads).last();
  if (!last) return last.error();
  if (!last->note.empty()) last_head_ = std::move(last->note);
  return rewrite(contents);
}

// Frames that hold sealed records alone are passed over. What cannot be read is torn when nothing
// stands behind it.
core::Result<void> LogStore::read_frames(const std::array<std::string, 2>& contents) {
  const std::array chains{chain_of(contents[0]), chain_of(contents[1])};
  const auto age = [&](std::size_t i) { return std::pair(first_of(chains[i]), end_of(chains[i])); };
  const std::size_t older = age(1) < age(0) ? 1 : 0;
  std::uint64_t due = 0;
  for (const std::size_t i : {older, 1 - older}) {
    for (const Frame& frame : chains[i]) {
      const bool sealed = !begun_ && frame.header.end() <= sealed_;
      const auto taken = sealed ? core::Result<bool>(true) : take(frame);
      if (!taken) return taken.error();
      if (!*taken) {
        torn_at_ = std::pair(i, frame.at);
        break;
      }
      due = frame.header.end();
      current_ = i;
      at_ = frame.end_at();
      // The lengths of one that was passed over are not known to be its own.
      read_to_[i] = sealed ? frame.at + 1 : frame.read_to();
      ends_[i] = due;
      if (!frame.note.empty()) last_head_ = std::string(frame.note);
    }
  }
  if (due < sealed_) return hole(due, sealed_, layout::segments[current_]);
  return begun_ ? core::Result<void>{} : begin_tree(sealed_);
}

core::Result<void> LogStore::begin_tree(std::uint64_t size) {
  auto tree = read_frontier(size, [this](const Subtree& subtree) { return node(subtree); });
  if (!tree) return tree.error();
  tree_ = std::move(*tree);
  begun_ = true;
  return {};
}

// False when the frame's records are not those that were written.
core::Result<bool> LogStore::take(const Frame& frame) {
  const std::uint64_t first = frame.header.first;
  if (!begun_ && first > sealed_) return hole(sealed_, first, layout::segments[current_]);
  if (const auto begun = begun_ ? core::Result<void>{} : begin_tree(first); !begun)
    return begun.error();
  if (first > tree_.size()) return hole(tree_.size(), first, layout::segments[current_]);
  if (!join(tree_, frame)) return false;
  std::uint64_t seq = first;
  for (const std::string_view body : split_entries(frame.entries).bodies) {
    if (seq >= sealed_)
      keep(body, *parse_hash(frame.hashes.substr((seq - first) * sizeof(Hash), sizeof(Hash))));
    ++seq;
  }
  return true;
}

// A torn frame is the last that was written: none that goes on behind it may stand anywhere.
core::Result<void> LogStore::check_rest(const std::array<std::string, 2>& contents) {
  for (std::size_t i = 0; i < contents.size(); ++i) {
    std::size_t from = read_to_[i];
    if (torn_at_ && torn_at_->first == i) from = torn_at_->second + 1;
    if (next_frame(contents[i], from, tree_.size())) {
      return tampered_error("The log cannot be read from record " + std::to_string(tree_.size()) +
                                " on, and there are later ones.",
                            layout::segments[i]);
    }
  }
  return {};
}

core::Result<void> LogStore::rewrite(const std::array<std::string, 2>& contents) {
  for (std::size_t i = 0; i < contents.size(); ++i) {
    if (ends_[i] == 0) continue;
    const std::uint64_t end = i == current_ ? at_ : contents[i].size();
    const auto written = segments_[i].write(0, {std::string_view(contents[i]).substr(0, end)});
    if (!written) return written;
  }
  // The torn frame loses its beginning, so that it is never met again.
  if (!torn_at_) return {};
  return segments_[torn_at_->first].write(torn_at_->second, {std::string_view("\0", 1)});
}

void LogStore::begin() {
  header_ = {.first = tree_.size()};
  hashes_.clear();
  entries_.clear();
  note_.clear();
}

std::uint64_t LogStore::append(const CanonicalRecord& record) {
  const std::uint64_t seq = tree_.size();
  body_.clear();
  record.append_to(body_, seq);
  append_numbered(body_);
  return seq;
}

void LogStore::append_numbered(std::string_view body) {
  const Hash leaf = leaf_hash(body);
  tree_.append(leaf);
  hashes_.append(core::as_text(leaf));
  append_entry(entries_, body);
  keep(body, leaf);
  ++header_.records;
}

void LogStore::put_checkpoint(std::string note) { note_ = std::move(note); }

core::Result<void> LogStore::commit() {
  header_.entries_bytes = static_cast<std::uint32_t>(entries_.size());
  header_.note_bytes = static_cast<std::uint32_t>(note_.size());
  header_.note_check = note_check_of(note_);
  header_.root = tree_.root();
  const std::uint64_t bytes = header_.frame_bytes();
  if (const auto chosen = choose_segment(bytes); !chosen) return chosen;
  const auto header = encode(header_);
  const auto written = segments_[current_].write(
      at_, {std::string_view(header.data(), header.size()), hashes_, entries_, note_});
  if (!written) return written;
  at_ += bytes;
  ends_[current_] = header_.end();
  if (!note_.empty()) last_head_ = note_;
  hand_over();
  return {};
}

// The segment in use while there is room, then the other one once all of it is sealed: the writer
// waits for a sealer that is behind, and goes on in a longer segment where it cannot seal.
core::Result<void> LogStore::choose_segment(std::uint64_t bytes) {
  if (at_ + bytes <= segments_[current_].size()) return {};
  const std::size_t other = 1 - current_;
  const std::uint64_t needed = ends_[other];
  const bool sealed =
      sealer_ ? needed <= handed_over_ && sealer_->reaches(needed) : needed <= sealed_;
  if (sealed) {
    if (const auto held = segments_[other].in_place(); !held) return held;
    if (const auto grown = segments_[other].grow(); !grown) return grown;
    current_ = other;
    at_ = 0;
    return {};
  }
  if (at_ + bytes <= unsealed_bytes_max) return {};
  return core::gateway_error(core::ErrorKind::unavailable, evidence_unavailable,
                             "The bundles of the log cannot be written.",
                             tiles_.directory().string());
}

void LogStore::keep(std::string_view body, const Hash& leaf) {
  Bundle& growing = *bundles_.back();
  append_entry(growing.entries, body);
  growing.leaves.push_back(leaf);
  if (growing.complete())
    bundles_.push_back(std::make_shared<Bundle>(Bundle{.index = growing.index + 1}));
}

// Complete bundles whose records are durable go to the sealer; those that it has sealed go.
void LogStore::hand_over() {
  if (!sealer_) return;
  for (const auto& bundle : bundles_) {
    if (!bundle->complete() || bundle->first() < handed_over_) continue;
    sealer_->take(bundle);
    handed_over_ = bundle->end();
  }
  while (bundles_.size() > 1 && bundles_.front()->end() <= sealer_->sealed()) bundles_.pop_front();
}

void LogStore::publish(const std::string& note) { sealer_->offer(note, *bundles_.back()); }

core::Result<Hash> LogStore::node(const Subtree& subtree) const {
  const std::uint64_t in_memory = bundles_.front()->first();
  return tiles_.node(subtree, in_memory, [&](std::uint64_t seq) -> core::Result<Hash> {
    return bundles_[(seq - in_memory) / tile_width]->leaves[seq % tile_width];
  });
}

core::Result<Hash> LogStore::root_at(std::uint64_t size) {
  return read_root(size, [this](const Subtree& subtree) { return node(subtree); });
}

core::Result<std::optional<std::pair<Hash, std::string>>> LogStore::record(std::uint64_t seq) {
  std::optional<std::pair<Hash, std::string>> out;
  const auto bundle = bundle_of(seq);
  if (!bundle) return bundle.error();
  const auto bodies = split_entries((*bundle)->entries).bodies;
  const std::size_t at = seq % tile_width;
  if (at < bodies.size() && at < (*bundle)->leaves.size())
    out.emplace((*bundle)->leaves[at], std::string(bodies[at]));
  return out;
}

core::Result<const Bundle*> LogStore::bundle_of(std::uint64_t seq) {
  const std::uint64_t in_memory = bundles_.front()->first();
  if (seq >= tree_.size()) return &read_;
  if (seq >= in_memory) return bundles_[(seq - in_memory) / tile_width].get();
  const std::uint64_t index = seq / tile_width;
  if (read_.index == index && !read_.leaves.empty()) return &read_;
  auto entries = tiles_.read(bundle_path(index));
  if (!entries) return entries.error();
  auto leaves = tiles_.tile(0, index);
  if (!leaves) return leaves.error();
  read_ = {index, std::move(*entries).value_or(std::string{}), std::move(*leaves)};
  return &read_;
}

}  // namespace menshen::audit
