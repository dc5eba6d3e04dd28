#include "store/sqlite.h"

#include "core/digest.h"
#include "store/files.h"

#include <sqlite3.h>

#include <utility>

namespace menshen::store {
namespace {

// For whoever runs the gateway; a result is SQLite's extended code.
std::string_view advice_on(int result) {
  switch (result & 0xff) {
    case SQLITE_FULL: return "Make room on its disk.";
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "Another process is writing to it; try again.";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
      return "The gateway's user must be able to write the file and its folder.";
    case SQLITE_IOERR: return "Check its disk.";
    case SQLITE_CORRUPT: return "The file is damaged: put back a copy of it.";
    case SQLITE_NOTADB: return "The file is something else: put back the right one.";
    case SQLITE_ERROR: return "The file may be another database: put back the right one.";
    default: return "See sqlite.org/rescode.html.";
  }
}

bool is_damage(int result) {
  switch (result & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH: return true;
    default: return false;
  }
}

core::Error database_error(const Origin& origin, int result) {
  std::string message = "The database answered: ";
  message.append(sqlite3_errstr(result)).append(". ").append(advice_on(result));
  const bool damaged = is_damage(result) && !origin.damaged_code.empty();
  const std::string& code = damaged ? origin.damaged_code : origin.code;
  return core::gateway_error(core::ErrorKind::unavailable, code, std::move(message), origin.path);
}

int flags_of(OpenMode mode) {
  switch (mode) {
    case OpenMode::read_only: return SQLITE_OPEN_READONLY;
    case OpenMode::immutable: return SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
    case OpenMode::read_write: return SQLITE_OPEN_READWRITE;
    case OpenMode::create: return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  }
  return SQLITE_OPEN_READONLY;
}

std::string name_of(const std::filesystem::path& path, OpenMode mode) {
  if (mode != OpenMode::immutable) return path.string();
  std::string uri = "file:";
  for (const char c : path.string()) {
    if (c == '%' || c == '?' || c == '#') {
      uri.append("%").append(core::to_hex({&c, 1}));
    } else {
      uri.push_back(c);
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

Statement& Statement::bind(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);
  return *this;
}

Statement& Statement::bind_text(int index, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), index, text.data(), text.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_blob(int index, std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), index, bytes.data(), bytes.size(), SQLITE_STATIC);
  return *this;
}

Statement& Statement::bind_null(int index) {
  sqlite3_bind_null(statement_.get(), index);
  return *this;
}

core::Result<bool> Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return database_error(*origin_, result);
}

core::Result<void> Statement::run() {
  const auto row = step();
  reset();
  if (!row) return row.error();
  return {};
}

void Statement::reset() noexcept { sqlite3_reset(statement_.get()); }

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Database::Close::operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }

core::Result<Database> Database::open(const std::filesystem::path& path,
                                      const DatabaseOptions& options) {
  Database out;
  out.origin_ =
      std::make_shared<const Origin>(Origin{options.code, path.string(), options.damaged_code});
  if (options.mode == OpenMode::create) {
    if (const auto made = make_private_file(path, options.code); !made) return made.error();
  }
  sqlite3* db = nullptr;
  const int flags = flags_of(options.mode) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int result = sqlite3_open_v2(name_of(path, options.mode).c_str(), &db, flags, nullptr);
  out.db_.reset(db);
  if (result != SQLITE_OK) return database_error(*out.origin_, result);
  sqlite3_busy_timeout(db, options.busy_timeout_ms);
  // A reader must never write the database file: SQLite before 3.51.3 can lose rows when two
  // connections checkpoint at once (sqlite.org/wal.html, "The WAL-reset bug").
  if (options.mode == OpenMode::read_only) out.keep_log_on_close();
  return out;
}

core::Result<void> Database::execute(const char* sql) const {
  const int result = sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return database_error(*origin_, result);
  return {};
}

core::Result<Statement> Database::prepare(std::string_view sql) const {
  Statement out;
  out.origin_ = origin_;
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK) return database_error(*origin_, result);
  out.statement_.reset(statement);
  return out;
}

core::Result<std::int64_t> Database::query_integer(std::string_view sql) const {
  auto statement = prepare(sql);
  if (!statement) return statement.error();
  const auto row = statement->step();
  if (!row) return row.error();
  return *row ? statement->integer(0) : 0;
}

core::Result<std::string> Database::query_text(std::string_view sql) const {
  auto statement = prepare(sql);
  if (!statement) return statement.error();
  const auto row = statement->step();
  if (!row) return row.error();
  return *row ? std::string(statement->text(0)) : std::string{};
}

std::int64_t Database::changes() const noexcept { return sqlite3_changes64(db_.get()); }

void Database::keep_log_on_close() const noexcept {
  sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

core::Result<Transaction> Transaction::begin(const Database& db) {
  const auto begun = db.execute("BEGIN IMMEDIATE");
  if (!begun) return begun.error();
  return Transaction(db);
}

Transaction::~Transaction() {
  if (db_ != nullptr) (void)db_->execute("ROLLBACK");
}

core::Result<void> Transaction::commit() {
  const auto committed = db_->execute("COMMIT");
  if (committed) db_ = nullptr;
  return committed;
}

}  // namespace menshen::store
