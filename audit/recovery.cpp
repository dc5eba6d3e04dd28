#include "audit/recovery.h"

#include "audit/checkpoint.h"
#include "audit/files.h"
#include "audit/layout.h"

#include <algorithm>

namespace menshen::audit {
namespace {

core::Error tampered(std::string what, std::string_view where) {
  what.append(
      " The gateway does not go on with evidence that was changed; run `menshen audit verify`.");
  return core::gateway_error(core::ErrorKind::invalid_config, "evidence_tampered", std::move(what),
                             std::string(where));
}

core::Result<void> check_head(LogStore& store, const std::string& note,
                              const NoteVerifier& verifier, std::string_view where) {
  const auto head = open_checkpoint(note, verifier);
  if (!head) return tampered("The signed head cannot be trusted: " + head.error().message, where);
  if (head->size > store.tree().size()) {
    return tampered("The signed head covers " + std::to_string(head->size) +
                        " records, but the log holds " + std::to_string(store.tree().size()) +
                        ": records were cut off or an old copy was put back.",
                    where);
  }
  const auto root = store.root_at(head->size);
  if (!root) return root.error();
  if (*root != head->root)
    return tampered("The records do not have the root that was signed.", where);
  return {};
}

core::Result<void> check_last_records(LogStore& store) {
  const std::uint64_t size = store.tree().size();
  for (std::uint64_t seq = size - std::min(size, records_checked_max); seq < size; ++seq) {
    const auto record = store.record(seq);
    if (!record) return record.error();
    if (!*record || (*record)->first != leaf_hash((*record)->second)) {
      return tampered("Record " + std::to_string(seq) + " is missing or was changed.",
                      layout::database);
    }
  }
  return {};
}

}  // namespace

core::Result<std::optional<std::uint64_t>> check_log(LogStore& store, const NoteVerifier& verifier,
                                                     const std::filesystem::path& directory) {
  const auto last = store.last_checkpoint();
  if (!last) return last.error();
  const auto outside = read_file(directory / layout::checkpoint, note_bytes_max);
  if (!outside) return outside.error();
  if (*outside) {
    const auto checked = check_head(store, **outside, verifier, layout::checkpoint);
    if (!checked) return checked.error();
  }
  // Before the first record is taken, the head of the empty log is signed and written outside.
  const bool begun = store.tree().size() > 0;
  if (begun && !*last)
    return tampered("The log holds records but no signed head.", layout::database);
  if (begun && !*outside)
    return tampered("The signed head outside the database is missing.", layout::checkpoint);
  std::optional<std::uint64_t> signed_size;
  if (*last) {
    const auto checked = check_head(store, (*last)->note, verifier, layout::database);
    if (!checked) return checked.error();
    signed_size = (*last)->size;
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
    return tampered("The file of published heads holds no head of this log.", file.string());
  }
  for (const std::string& note : published.notes) {
    const auto checked = check_head(store, note, verifier, file.string());
    if (!checked) return checked.error();
  }
  return std::optional<std::uint64_t>(published.notes.size());
}

}  // namespace menshen::audit
