// Segments from whoever. Bytes as they are: opening never crashes, and what it takes for records
// has the hashes and the root that it gives. And a log that a writer could have left, of which a
// part is damaged: opening says what FORMAT.md says, and reader and store agree.
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/fuzz_canary.h"
#include "audit/layout.h"
#include "audit/log_store.h"
#include "audit/note.h"
#include "audit/reader.h"
#include "audit/verify.h"

// Whether it is on the disk nobody asks here.
extern "C" int fsync(int) { return 0; }
extern "C" int fdatasync(int) { return 0; }

namespace {

using namespace menshen::audit;
namespace fs = std::filesystem;

using Contents = std::array<std::string, 2>;

void expect(bool condition) {
  if (!condition) std::abort();
}

// Emptied for each input.
class Directory {
 public:
  Directory()
      : path_(fs::temp_directory_path() / ("menshen-segment-fuzz-" + std::to_string(::getpid()))) {}
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() { fs::remove_all(path_); }

  const fs::path& hold(const Contents& contents) const {
    fs::remove_all(path_);
    fs::create_directory(path_);
    for (std::size_t i = 0; i < contents.size(); ++i)
      std::ofstream(path_ / layout::segments[i], std::ios::binary) << contents[i];
    return path_;
  }

 private:
  const fs::path path_;
};

const NoteSigner& signer() {
  static const NoteSigner made = NoteSigner::from_seed("log", {1, 2, 3}).value();
  return made;
}

class Choices {
 public:
  explicit Choices(std::string_view bytes) : rest_(bytes) {}
  std::uint8_t next() {
    if (rest_.empty()) return 0;
    const auto out = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return out;
  }
  std::size_t below(std::size_t end) {
    const std::size_t wide = static_cast<std::size_t>(next()) << 8U;
    return (wide | next()) % end;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// What a store says is in order in itself; opened again it says the same, and goes on.
void check_store(LogStore store, const fs::path& directory) {
  const std::uint64_t size = store.tree().size();
  Frontier tree;
  for (std::uint64_t seq = 0; seq < size; ++seq) {
    const auto record = store.record(seq).value();
    expect(record.has_value() && record->first == leaf_hash(record->second));
    tree.append(record->first);
  }
  expect(tree.root() == store.tree().root());
  auto again = LogStore::open(directory, Begin::refused);
  expect(again && again->tree().root() == tree.root() && !again->was_torn());
  again->begin();
  again->append_numbered("one more");
  expect(again->commit().has_value());
  const auto longer = LogStore::open(directory, Begin::refused);
  expect(longer && longer->tree().size() == size + 1);
}

std::vector<std::string> bodies_of(const fs::path& directory) {
  std::vector<std::string> out;
  auto reader = LogReader::open(directory);
  if (!reader) return out;
  for (std::uint64_t next = 0;;) {
    const auto batch = reader->read(next, 16);
    if (!batch || batch->empty()) return out;
    expect(batch->front().seq >= next);
    for (const StoredRecord& record : *batch) out.push_back(record.body);
    next = batch->back().seq + 1;
  }
}

void check_bytes(Choices choices, const Directory& directory) {
  const std::size_t first = choices.below(choices.rest().size() + 1);
  const std::string_view bytes = choices.rest();
  const std::size_t split = std::min(first, bytes.size());
  const fs::path& path =
      directory.hold({std::string(bytes.substr(0, split)), std::string(bytes.substr(split))});
  std::size_t at = 0;
  while (const auto frame = next_frame(bytes, at, 0)) {
    const auto header = encode(frame->header);
    expect(bytes.substr(frame->at).starts_with({header.data(), header.size()}));
    expect(frame->end_at() <= bytes.size() && frame->at >= at);
    Frontier tree;
    expect(!join(tree, *frame) || tree.root() == frame->header.root);
    at = frame->end_at();
  }
  (void)bodies_of(path);
  std::ofstream(path / layout::verifier_key) << signer().verifier().vkey();
  (void)verify(path);
  auto store = LogStore::open(path, Begin::allowed);
  if (store) check_store(std::move(*store), path);
}

// A log of a few groups, as one writer leaves it.
struct Log {
  struct Group {
    std::size_t segment = 0;
    std::size_t at = 0;
    std::size_t bytes = 0;
    std::size_t note_at = 0;  // in the group
    std::uint64_t first = 0;
    std::uint64_t end = 0;
  };
  Contents contents;
  std::vector<Group> groups;
  std::vector<std::string> bodies;
};

Log make_log(Choices& choices) {
  Log log;
  Frontier tree;
  const std::size_t count = 1 + choices.below(6);
  const std::size_t turn = choices.below(count + 1);  // the first group in the other segment
  const std::size_t begin = choices.below(2);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t form = choices.next();
    FrameHeader header{.first = tree.size(), .records = static_cast<std::uint32_t>(form % 4)};
    if (menshen::core::fuzz_canary) expect(header.records < 3);  // planted: groups are small
    std::string hashes;
    std::string entries;
    for (std::uint32_t j = 0; j < header.records; ++j) {
      log.bodies.push_back(std::to_string(tree.size()) + std::string(choices.next(), 'x'));
      const Hash leaf = leaf_hash(log.bodies.back());
      tree.append(leaf);
      hashes.append(menshen::core::as_text(leaf));
      append_entry(entries, log.bodies.back());
    }
    const std::string note = form % 8 < 4 ? "" : "a head of " + std::to_string(tree.size());
    header.entries_bytes = static_cast<std::uint32_t>(entries.size());
    header.note_bytes = static_cast<std::uint32_t>(note.size());
    header.note_check = note_check_of(note);
    header.root = tree.root();
    const std::size_t segment = i < turn ? begin : 1 - begin;
    std::string& bytes = log.contents[segment];
    const auto head = encode(header);
    const std::size_t frame = static_cast<std::size_t>(header.frame_bytes());
    log.groups.push_back(
        {segment, bytes.size(), frame, frame - note.size(), header.first, header.end()});
    bytes.append(head.data(), head.size()).append(hashes).append(entries).append(note);
  }
  return log;
}

// What stands behind the newest frame is the rest of older ones.
void leave_rest(Log& log) {
  const Log::Group& last = log.groups.back();
  const Log::Group& old = log.groups.front();
  if (old.end >= last.end || old.end == old.first) return;
  const std::string rest = log.contents[old.segment].substr(old.at, old.bytes);
  log.contents[last.segment].append(rest);
}

struct Damage {
  std::size_t group = 0;
  bool head_alone = false;   // the records of the group stand
  bool head_length = false;  // they stand, where bytes enough follow
  bool number = false;       // of the group's first record
  bool any = false;
};

// A write that a crash cut off, or a byte that was changed.
Damage damage(Log& log, Choices& choices) {
  const std::size_t kind = choices.below(3);
  Damage out{.group = kind == 1 ? log.groups.size() - 1 : choices.below(log.groups.size())};
  const Log::Group& group = log.groups[out.group];
  const std::size_t at = choices.below(group.bytes);
  std::string& bytes = log.contents[group.segment];
  const std::string before = bytes;
  if (kind == 1)
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(group.at + at), group.bytes - at, '\0');
  if (kind == 2)
    bytes[group.at + at] = static_cast<char>(bytes[group.at + at] ^ (choices.next() | 1));
  out.any = bytes != before;
  out.head_alone = at >= group.note_at || (kind == 2 && at >= 28 && at < 32);
  out.head_length = kind == 2 && at >= 24 && at < 28;
  // The disk writes a segment's first header whole: it lies in one sector.
  out.number = at >= 8 && at < 16;
  return out;
}

void check_log(Choices choices, const Directory& directory) {
  Log log = make_log(choices);
  if (choices.below(2) == 1) leave_rest(log);
  for (std::string& segment : log.contents) segment.resize(segment_bytes_min);
  const Damage damaged = damage(log, choices);
  const Log::Group& group = log.groups[damaged.group];
  const bool whole = !damaged.any || damaged.head_alone;
  const bool last = damaged.group + 1 == log.groups.size();
  const std::uint64_t all = log.bodies.size();

  const fs::path& path = directory.hold(log.contents);
  const auto read = bodies_of(path);
  auto store = LogStore::open(path, Begin::allowed);
  if (!store) {
    expect(!whole && (!last || damaged.number));
    return;
  }
  const std::uint64_t size = store->tree().size();
  // Of a group in the middle, a head alone may be gone.
  const bool stands = whole || !last || (damaged.head_length && size == all);
  expect(size == (stands ? all : group.first));
  expect(whole || last || damaged.head_length || group.end == group.first);
  log.bodies.resize(size);
  expect(read == log.bodies);
  for (std::uint64_t seq = 0; seq < size; ++seq)
    expect(store->record(seq).value()->second == log.bodies[seq]);
  check_store(std::move(*store), path);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Directory directory;
  Choices choices({reinterpret_cast<const char*>(data), size});
  if (choices.next() % 2 == 0) {
    check_bytes(choices, directory);
  } else {
    check_log(choices, directory);
  }
  return 0;
}
