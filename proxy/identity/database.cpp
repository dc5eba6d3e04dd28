#include "proxy/identity/database.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace menshen::identity {
namespace {

core::Error unavailable(std::string what, const std::string& file) {
  return core::gateway_error(core::ErrorKind::unavailable, "identity_unavailable", std::move(what),
                             file);
}

// What SQLITE_TRANSIENT is in C: SQLite makes a copy.
sqlite3_destructor_type copied() {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): SQLite compares with this value, it calls nothing
  return reinterpret_cast<sqlite3_destructor_type>(-1);
}

}  // namespace

core::Result<Database> Database::open(const std::filesystem::path& file, int busy_timeout_ms) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    const std::string why = std::generic_category().message(errno);
    return unavailable("The key store cannot be opened: " + why + ".", file.string());
  }
  ::close(descriptor);
  Database database;
  database.file_ = file.string();
  sqlite3* handle = nullptr;
  const int outcome = sqlite3_open_v2(file.c_str(), &handle,
                                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, nullptr);
  database.handle_.reset(handle);
  if (outcome != SQLITE_OK) return database.error("The key store cannot be opened");
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  return database;
}

int Database::execute(const char* sql) {
  return sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
}

core::Error Database::error(std::string_view what) const {
  return unavailable(std::string(what) + ": " + sqlite3_errmsg(handle_.get()) + ".", file_);
}

Statement::Statement(const Database& database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database.handle(), sql, -1, &statement, nullptr);
  statement_.reset(statement);
}

Statement& Statement::bind(int place, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), place, text.data(), text.size(), copied(), SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_blob(int place, std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), place, bytes.data(), bytes.size(), copied());
  return *this;
}

Statement& Statement::bind(int place, std::int64_t number) {
  sqlite3_bind_int64(statement_.get(), place, number);
  return *this;
}

Statement& Statement::bind(int place, std::optional<std::int64_t> number) {
  if (number) return bind(place, *number);
  sqlite3_bind_null(statement_.get(), place);
  return *this;
}

int Statement::step() {
  return statement_ == nullptr ? SQLITE_MISUSE : sqlite3_step(statement_.get());
}

std::string Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::optional<std::int64_t> Statement::optional_number(int column) const {
  if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
  return number(column);
}

}  // namespace menshen::identity
