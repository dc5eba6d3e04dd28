#include "audit/migrate.h"

#include "audit/files.h"
#include "audit/layout.h"
#include "audit/log_store.h"
#include "audit/note.h"
#include "audit/reader.h"
#include "audit/verify.h"
#include "store/sqlite.h"

#include <algorithm>
#include <optional>
#include <string>

namespace menshen::audit {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t group_bytes_max = 1024 * 1024;
constexpr std::string_view workplace = "migrating";

core::Error refused(std::string message, const fs::path& where) {
  return core::gateway_error(core::ErrorKind::invalid_config, "migration_refused",
                             std::move(message), where.string());
}

// The records of the database in their order, as it was written by versions before format 2.
class FormerLog {
 public:
  static core::Result<FormerLog> open(const fs::path& path) {
    auto db = store::Database::open(
        path, {.mode = store::OpenMode::read_write, .code = evidence_unavailable});
    if (!db) return db.error();
    auto records = db->prepare("SELECT seq, body FROM records ORDER BY seq");
    if (!records) return records.error();
    auto heads = db->prepare("SELECT note FROM checkpoints ORDER BY size");
    if (!heads) return heads.error();
    FormerLog log;
    log.db_ = std::move(*db);
    log.records_ = std::move(*records);
    log.heads_ = std::move(*heads);
    return log;
  }

  // The next record's text, valid until the next call; absent at the end.
  core::Result<std::optional<std::string_view>> next() {
    const auto row = records_.step();
    if (!row) return row.error();
    if (!*row) {
      records_.reset();
      next_ = 0;
      return std::optional<std::string_view>{};
    }
    if (records_.unsigned_integer(0) != next_++)
      return refused("The numbers of the records have a hole.", fs::path(layout::former_database));
    return std::optional(records_.text(1));
  }

  core::Result<std::vector<std::string>> heads() {
    std::vector<std::string> out;
    for (auto row = heads_.step();; row = heads_.step()) {
      if (!row) return row.error();
      if (!*row) return out;
      out.emplace_back(heads_.text(0));
    }
  }

 private:
  store::Database db_;
  store::Statement records_, heads_;
  std::uint64_t next_ = 0;
};

core::Result<void> write_group(LogStore& store, FormerLog& former, bool& more) {
  store.begin();
  for (std::uint64_t bytes = 0; bytes < group_bytes_max;) {
    const auto body = former.next();
    if (!body) return body.error();
    more = body->has_value();
    if (!more) break;
    bytes += (*body)->size();
    store.append_numbered(**body);
  }
  return store.commit();
}

core::Result<std::uint64_t> write_all(FormerLog& former, const fs::path& target) {
  auto store = LogStore::open(target, Begin::allowed);
  if (!store) return store.error();
  store->start({.publish = [](const std::string&, bool) {}, .failed = [](const core::Error&) {}});
  for (bool more = true; more;) {
    const auto written = write_group(*store, former, more);
    if (!written) return written.error();
  }
  store->publish({});
  return store->tree().size();
}

core::Result<void> compare(FormerLog& former, const fs::path& target, std::uint64_t records) {
  auto log = LogReader::open(target);
  if (!log) return log.error();
  std::uint64_t seq = 0;
  while (seq < records) {
    const auto batch = log->read(seq, tile_width);
    if (!batch) return batch.error();
    if (batch->empty()) break;
    for (const StoredRecord& record : *batch) {
      const auto body = former.next();
      if (!body) return body.error();
      if (record.seq != seq || !*body || **body != record.body)
        return refused("Record " + std::to_string(seq) + " did not arrive as it was.", target);
      ++seq;
    }
  }
  const auto rest = former.next();
  if (!rest) return rest.error();
  if (seq != records || *rest) return refused("Not every record arrived.", target);
  return {};
}

core::Result<std::uint64_t> write_heads(FormerLog& former, const fs::path& directory,
                                        const fs::path& target) {
  const auto notes = former.heads();
  if (!notes) return notes.error();
  std::string text;
  for (const std::string& note : *notes) text.append(note).append("\n");
  const auto heads = write_durably(target / layout::heads, text, 0644);
  if (!heads) return heads.error();
  const auto last = read_file(directory / "checkpoint", note_bytes_max);
  if (!last) return last.error();
  if (!*last) return refused("The signed head outside the database is missing.", directory);
  const auto written = write_durably(target / layout::checkpoint, **last, 0644);
  if (!written) return written.error();
  return std::uint64_t{notes->size()};
}

// Run by root, the log is the gateway's all the same.
core::Result<void> give_away(const fs::path& directory, const fs::path& target) {
  std::error_code failed;
  for (fs::recursive_directory_iterator each(target, failed), end; !failed && each != end;
       each.increment(failed)) {
    if (const auto given = give_to_owner(directory, each->path()); !given) return given;
  }
  return failed ? store::file_error(target, failed.value(), evidence_unavailable)
                : core::Result<void>{};
}

// The first segment last: until it stands, the log is the former one.
core::Result<void> take_places(const fs::path& directory, const fs::path& target) {
  for (const std::string_view name :
       {layout::tiles, layout::heads, layout::segments[1], layout::segments[0]}) {
    std::error_code failed;
    fs::rename(target / name, directory / name, failed);
    if (failed) return store::file_error(directory / name, failed.value(), evidence_unavailable);
    if (auto synced = store::sync_directory(directory, evidence_unavailable); !synced)
      return synced;
  }
  for (const char* name : {"audit.db", "audit.db-wal", "audit.db-shm", "checkpoint"}) {
    std::error_code ignored;
    fs::rename(directory / name, directory / (std::string(name) + ".migrated"), ignored);
  }
  fs::remove_all(target);
  return store::sync_directory(directory, evidence_unavailable);
}

core::Result<void> clear(const fs::path& directory, const fs::path& target) {
  std::error_code failed;
  for (const auto& path : {target, directory / layout::tiles, directory / layout::heads,
                           directory / layout::segments[1]}) {
    fs::remove_all(path, failed);
    if (failed) return store::file_error(path, failed.value(), evidence_unavailable);
  }
  return store::make_directory(target, evidence_unavailable);
}

}  // namespace

core::Result<Migrated> migrate(const fs::path& directory) {
  const auto former = store::exists(directory / layout::former_database, evidence_unavailable);
  const auto begun = store::exists(directory / layout::segments[0], evidence_unavailable);
  if (!former || !begun) return (!former ? former : begun).error();
  if (!*former || *begun) {
    return core::gateway_error(core::ErrorKind::not_found, "no_former_log",
                               "The directory holds no log of an earlier format.",
                               directory.string());
  }
  const auto lock = DirectoryLock::take(directory);
  if (!lock) return lock.error();
  const fs::path target = directory / workplace;
  if (const auto cleared = clear(directory, target); !cleared) return cleared.error();
  auto log = FormerLog::open(directory / layout::former_database);
  if (!log) return log.error();
  const auto records = write_all(*log, target);
  if (!records) return records.error();
  const auto heads = write_heads(*log, directory, target);
  if (!heads) return heads.error();
  if (const auto same = compare(*log, target, *records); !same) return same.error();
  const auto report = verify(target, {.vkey = directory / layout::verifier_key});
  if (!report) return report.error();
  if (!report->ok())
    return refused("The log is not intact. " + report->problems.front().what, directory);
  log = FormerLog{};  // closes the database before it is put aside
  if (const auto given = give_away(directory, target); !given) return given.error();
  if (const auto placed = take_places(directory, target); !placed) return placed.error();
  return Migrated{*records, *heads};
}

}  // namespace menshen::audit
