#include "audit/recovery.h"

#include "audit/checkpoint.h"
#include "audit/files.h"
#include "audit/layout.h"

#include <algorithm>

namespace menshen::audit {
namespace {

// Gives the number of records that the head covers.
core::Result<std::uint64_t> check_head(LogStore& store, const std::string& note,
                                       const NoteVerifier& verifier, std::string_view where) {
  const auto head = open_checkpoint(note, verifier);
  if (!head)
    return tampered_error("The signed head cannot be trusted: " + head.error().message, where);
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

}  // namespace

Begin begin_in(const std::filesystem::path& directory) {
  const auto remains = [&](std::string_view name) {
    const auto there = store::exists(directory / name, evidence_unavailable);
    return !there || *there;
  };
  const bool was_here =
      remains(layout::signing_key) || remains(layout::checkpoint) || remains(layout::statistics);
  return was_here ? Begin::refused : Begin::allowed;
}

core::Result<std::optional<std::uint64_t>> check_log(LogStore& store, const NoteVerifier& verifier,
                                                     const std::filesystem::path& directory) {
  const auto& last = store.last_head();
  const auto outside = read_file(directory / layout::checkpoint, note_bytes_max);
  if (!outside) return outside.error();
  if (*outside) {
    const auto checked = check_head(store, **outside, verifier, layout::checkpoint);
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
    const auto checked = check_head(store, **witnessed, verifier, layout::witnessed);
    if (!checked) return checked.error();
  }
  std::optional<std::uint64_t> signed_size;
  if (last) {
    const auto checked = check_head(store, *last, verifier, layout::segments[0]);
    if (!checked) return checked.error();
    signed_size = *checked;
  }
  const auto records = check_last_records(store);
  if (!records) return records.error();
  return signed_size;
}

core::Result<std::optional<std::uint64_t>> check_published(LogStore& store,
                                                           const NoteVerifier& verifier,
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
    const auto checked = check_head(store, note, verifier, file.string());
    if (!checked) return checked.error();
  }
  return std::optional<std::uint64_t>(published.notes.size());
}

}  // namespace menshen::audit
