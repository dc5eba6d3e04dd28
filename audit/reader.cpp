#include "audit/reader.h"

#include "audit/files.h"
#include "audit/layout.h"
#include "store/schema.h"

namespace menshen::audit {
namespace {

constexpr const char* code = "evidence_unreadable";
constexpr std::uint64_t row_bytes_min = 32 + 2;  // a hash and a body that is an object

// Numbers ascend from `due` on: whoever walks over the rows always gets further.
bool in_order(std::int64_t number, std::uint64_t due) {
  return number >= 0 && static_cast<std::uint64_t>(number) >= due;
}

core::Error disorder() {
  return core::gateway_error(core::ErrorKind::unavailable, code,
                             "The database is damaged: its rows are out of order.");
}

core::Result<store::Database> open_database(const std::filesystem::path& path,
                                            store::OpenMode mode) {
  auto db = store::Database::open(path, {.mode = mode, .code = code});
  if (!db) return db;
  const auto id = db->query_integer("PRAGMA application_id");
  if (!id) return id.error();
  if (*id != layout::application_id) {
    return core::gateway_error(core::ErrorKind::unavailable, code, "The file is not an audit log.",
                               path.string());
  }
  const auto version = store::read_version(*db, layout::format_version);
  if (!version) return version.error();
  return db;
}

}  // namespace

core::Result<LogReader> LogReader::open(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / layout::database;
  const auto there = store::exists(path, evidence_unavailable);
  if (!there) return there.error();
  if (!*there) {
    return core::gateway_error(core::ErrorKind::not_found, "no_audit_log",
                               "The directory holds no audit log.", directory.string());
  }
  auto db = open_database(path, store::OpenMode::read_only);
  // A copy on a read-only medium has no room for SQLite's shared memory, and needs none.
  const auto wal = store::exists(path.string() + "-wal", evidence_unavailable);
  if (!db && wal && !*wal) db = open_database(path, store::OpenMode::immutable);
  if (!db) return db.error();
  LogReader reader;
  reader.db_ = std::move(*db);
  const std::pair<store::Statement*, std::string_view> statements[] = {
      {&reader.extent_,
       "SELECT ifnull((SELECT max(seq) + 1 FROM records), 0), ifnull((SELECT max(size) FROM "
       "checkpoints), 0),"
       " ifnull((SELECT min(seq) < 0 FROM records), 0),"
       " (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size)"},
      {&reader.read_,
       "SELECT seq, hashes, body FROM records WHERE seq >= ?1 ORDER BY seq LIMIT ?2"},
      {&reader.heads_,
       "SELECT size, note FROM checkpoints WHERE size >= ?1 ORDER BY size LIMIT ?2"}};
  for (const auto& [statement, sql] : statements) {
    auto prepared = reader.db_.prepare(sql);
    if (!prepared) return prepared.error();
    *statement = std::move(*prepared);
  }
  return reader;
}

core::Result<LogExtent> LogReader::extent() {
  const auto row = extent_.step();
  if (!row) {
    extent_.reset();
    return row.error();
  }
  const LogExtent out{extent_.unsigned_integer(0), extent_.unsigned_integer(1),
                      extent_.integer(2) != 0, extent_.unsigned_integer(3) / row_bytes_min};
  extent_.reset();
  return out;
}

core::Result<std::vector<StoredRecord>> LogReader::read(std::uint64_t first, std::size_t count) {
  std::vector<StoredRecord> out;
  read_.bind(1, first).bind(2, std::uint64_t{count});
  for (std::uint64_t due = first;; due = out.back().seq + 1) {
    auto row = read_.step();
    if (row && *row && !in_order(read_.integer(0), due)) row = disorder();
    if (!row || !*row) {
      read_.reset();
      // What was read before a damaged page is still worth having; the next call meets the damage.
      if (!row && out.empty()) return row.error();
      return out;
    }
    out.push_back(
        {read_.unsigned_integer(0), std::string(read_.text(1)), std::string(read_.text(2))});
  }
}

core::Result<std::vector<StoredHead>> LogReader::heads(std::uint64_t first, std::size_t count) {
  std::vector<StoredHead> out;
  heads_.bind(1, first).bind(2, std::uint64_t{count});
  for (std::uint64_t due = first;; due = out.back().size + 1) {
    auto row = heads_.step();
    if (row && *row && !in_order(heads_.integer(0), due)) row = disorder();
    if (!row || !*row) {
      heads_.reset();
      if (!row) return row.error();
      return out;
    }
    out.push_back({heads_.unsigned_integer(0), std::string(heads_.text(1))});
  }
}

}  // namespace menshen::audit
