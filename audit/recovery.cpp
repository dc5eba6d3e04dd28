#include "audit/recovery.h"

#include "audit/canonical.h"
#include "audit/checkpoint.h"
#include "audit/files.h"
#include "audit/layout.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace menshen::audit {
namespace {

// Gives the number of records that the head covers.
core::Result<std::uint64_t> check_head(LogStore& store, const std::string& note,
                                       const KeyRing& ring, std::string_view where) {
  const auto opened = ring.open(note);
  if (!opened)
    return tampered_error("The signed head cannot be trusted: " + opened.error().message, where);
  const Checkpoint* head = &opened->checkpoint;
  if (head->size > store.tree().size()) {
    return tampered_error("The signed head covers " + std::to_string(head->size) +
                              " records, but the log holds " + std::to_string(store.tree().size()) +
                              ": records were cut off or an old copy was put back.",
                          where);
  }
  const auto root = store.root_at(head->size);
  if (!root) return root.error();
  if (*root != head->root)
    return tampered_error("The records do not have the root that was signed.", where);
  return head->size;
}

core::Result<void> check_last_records(LogStore& store) {
  const std::uint64_t size = store.tree().size();
  for (std::uint64_t seq = size - std::min(size, records_checked_max); seq < size; ++seq) {
    const auto record = store.record(seq);
    if (!record) return record.error();
    if (!*record || (*record)->first != leaf_hash((*record)->second)) {
      return tampered_error("Record " + std::to_string(seq) + " is missing or was changed.",
                            layout::tiles);
    }
  }
  return {};
}

// Each change of keys is what the record before its first head says.
core::Result<void> check_keys(LogStore& store, const KeyRing& ring) {
  for (const KeysInForce& change : ring.changes()) {
    if (change.from == 0) continue;
    const std::uint64_t seq = change.from - 1;
    const auto record = store.record(seq);
    if (!record) return record.error();
    const bool stands = *record && (*record)->first == leaf_hash((*record)->second);
    const auto parsed = stands ? parse_record((*record)->second) : ParsedRecord{};
    if (parsed && parsed->record.type == RecordType::key &&
        parsed->record.keys == vkeys_of(change.keys))
      continue;
    return tampered_error("Record " + std::to_string(seq) + " is not of the keys that follow it.",
                          layout::verifier_keys);
  }
  return {};
}

}  // namespace

core::Result<std::optional<std::uint64_t>> check_log(LogStore& store, const KeyRing& ring,
                                                     const std::filesystem::path& directory) {
  if (const auto keys = check_keys(store, ring); !keys) return keys.error();
  const auto& last = store.last_head();
  const auto outside = read_file(directory / layout::checkpoint, note_bytes_max);
  if (!outside) return outside.error();
  if (*outside) {
    const auto checked = check_head(store, **outside, ring, layout::checkpoint);
    if (!checked) return checked.error();
  }
  // Before the first record is taken, the head of the empty log is signed and written outside.
  const bool begun = store.tree().size() > 0;
  if (begun && !last)
    return tampered_error("The log holds records but no signed head.", layout::heads);
  if (begun && !*outside)
    return tampered_error("The signed head outside the segments is missing.", layout::checkpoint);
  const auto heads = store::exists(directory / layout::heads, evidence_unavailable);
  if (!heads) return heads.error();
  if (begun && !*heads)
    return tampered_error("The heads that were published are missing.", layout::heads);
  const auto witnessed = read_file(directory / layout::witnessed, note_bytes_max);
  if (!witnessed) return witnessed.error();
  if (*witnessed) {
    const auto checked = check_head(store, **witnessed, ring, layout::witnessed);
    if (!checked) return checked.error();
  }
  std::optional<std::uint64_t> signed_size;
  if (last) {
    const auto checked = check_head(store, *last, ring, layout::segments[0]);
    if (!checked) return checked.error();
    signed_size = *checked;
  }
  const auto records = check_last_records(store);
  if (!records) return records.error();
  return signed_size;
}

core::Result<std::optional<std::uint64_t>> check_published(LogStore& store, const KeyRing& ring,
                                                           const std::filesystem::path& file) {
  const auto tail = read_tail(file, published_bytes_checked);
  if (!tail) return tail.error();
  if (!*tail) return std::optional<std::uint64_t>{};
  const PublishedNotes published = split_published(**tail);
  const bool untouched = (*tail)->empty() && store.tree().size() == 0;
  if (published.notes.empty() && !untouched) {
    return tampered_error("The file of published heads holds no head of this log.", file.string());
  }
  for (const std::string& note : published.notes) {
    const auto checked = check_head(store, note, ring, file.string());
    if (!checked) return checked.error();
  }
  return std::optional<std::uint64_t>(published.notes.size());
}

Begin begin_in(const std::filesystem::path& directory) {
  const auto remains = [&](std::string_view name) {
    const auto there = store::exists(directory / name, evidence_unavailable);
    return !there || *there;
  };
  // Where the key is in a token there is no file of it.
  constexpr std::array all{layout::signing_key, layout::verifier_key, layout::verifier_keys,
                           layout::checkpoint,  layout::heads,        layout::statistics};
  return std::ranges::any_of(all, remains) ? Begin::refused : Begin::allowed;
}

core::Result<void> check_directory(const std::filesystem::path& directory) {
  std::filesystem::path there = directory;
  while (::access(there.c_str(), F_OK) != 0 && errno == ENOENT && there.has_relative_path()) {
    there = there.parent_path();
  }
  if (::access(there.c_str(), R_OK | W_OK | X_OK) != 0) {
    return store::file_error(there, errno, evidence_unavailable);
  }
  if (there != directory) return {};
  if (const auto own = check_private(directory); !own) return own;
  return check_beginning(directory, begin_in(directory));
}

}  // namespace menshen::audit
