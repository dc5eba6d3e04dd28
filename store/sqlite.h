// SQLite as owned values that return Result: a connection and its prepared statements.
//
//   auto db = Database::open(path, {.mode = OpenMode::read_only, .code = "evidence_unreadable"});
//   auto query = db->prepare("SELECT body FROM records WHERE seq = ?1");
//   query->bind(1, seq);
//   if (const auto row = query->step(); row && *row) use(query->text(0));
//
// The one place of this program that speaks to SQLite. One thread at a time per connection; a
// Statement must not outlive its Database. Errors: unavailable, with the code given to open(); the
// message holds SQLite's words for its result code and what to do about it, never data nor a path;
// `where` is the file.
#pragma once

#include "core/error.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace menshen::store {

// Whom an error is about.
struct Origin {
  std::string code;
  std::string path;
  std::string damaged_code{};
};

class Statement {
 public:
  Statement() = default;

  // Texts and blobs are not copied: they must live until the next reset().
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, std::uint64_t value) {
    return bind(index, static_cast<std::int64_t>(value));
  }
  Statement& bind_text(int index, std::string_view text);
  Statement& bind_blob(int index, std::string_view bytes);
  Statement& bind_null(int index);

  // True: a row is there, whose columns can be read until the next step() or reset().
  [[nodiscard]] core::Result<bool> step();
  // For statements that give no rows: one step, then reset.
  [[nodiscard]] core::Result<void> run();
  void reset() noexcept;

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::uint64_t unsigned_integer(int column) const {
    return static_cast<std::uint64_t>(integer(column));
  }
  [[nodiscard]] std::string_view text(int column) const;  // of texts and blobs; empty for NULL
  [[nodiscard]] bool is_null(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::shared_ptr<const Origin> origin_;
};

// immutable: a read-only medium that nobody writes to. create: the file is made when it is missing,
// for its owner alone.
enum class OpenMode { read_only, immutable, read_write, create };

struct DatabaseOptions {
  OpenMode mode = OpenMode::read_only;
  std::string code;  // of every error
  int busy_timeout_ms = 5'000;
  // Of those that no waiting mends: the file is damaged, or has not the tables that it should have.
  // Empty: they have `code` too.
  std::string damaged_code{};
};

class Database {
 public:
  [[nodiscard]] static core::Result<Database> open(const std::filesystem::path& path,
                                                   const DatabaseOptions& options);

  [[nodiscard]] core::Result<void> execute(const char* sql) const;
  [[nodiscard]] core::Result<Statement> prepare(std::string_view sql) const;
  // The first column of the first row; 0 when there is none.
  [[nodiscard]] core::Result<std::int64_t> query_integer(std::string_view sql) const;
  [[nodiscard]] core::Result<std::string> query_text(std::string_view sql) const;
  // Rows that the last INSERT, UPDATE or DELETE has changed.
  [[nodiscard]] std::int64_t changes() const noexcept;

  [[nodiscard]] const Origin& origin() const noexcept { return *origin_; }

  // Leaves the write-ahead log as it is when this connection closes.
  void keep_log_on_close() const noexcept;

 private:
  struct Close {
    void operator()(sqlite3* db) const noexcept;
  };
  std::unique_ptr<sqlite3, Close> db_;
  std::shared_ptr<const Origin> origin_;
};

// A prepared statement with its arguments: integers, texts, and blobs as Blob{...}.
struct Blob {
  std::string_view bytes;
};

namespace sqlite_detail {
inline void bind_one(Statement& statement, int index, std::string_view text) {
  statement.bind_text(index, text);
}
inline void bind_one(Statement& statement, int index, const Blob& blob) {
  statement.bind_blob(index, blob.bytes);
}
template <class Integer>
  requires std::is_integral_v<Integer>
void bind_one(Statement& statement, int index, Integer value) {
  statement.bind(index, static_cast<std::int64_t>(value));
}
inline void bind_one(Statement& statement, int index, std::optional<std::int64_t> value) {
  value ? statement.bind(index, *value) : statement.bind_null(index);
}
}  // namespace sqlite_detail

template <class... Arguments>
[[nodiscard]] core::Result<Statement> query(const Database& db, std::string_view sql,
                                            const Arguments&... arguments) {
  auto statement = db.prepare(sql);
  if (!statement) return statement;
  int index = 0;
  (sqlite_detail::bind_one(*statement, ++index, arguments), ...);
  return statement;
}

// For statements that give no rows.
template <class... Arguments>
[[nodiscard]] core::Result<void> run(const Database& db, std::string_view sql,
                                     const Arguments&... arguments) {
  auto statement = query(db, sql, arguments...);
  if (!statement) return statement.error();
  return statement->run();
}

// BEGIN IMMEDIATE now; ROLLBACK unless commit() was called and succeeded.
class Transaction {
 public:
  [[nodiscard]] static core::Result<Transaction> begin(const Database& db);
  Transaction(Transaction&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  [[nodiscard]] core::Result<void> commit();

 private:
  explicit Transaction(const Database& db) : db_(&db) {}
  const Database* db_;
};

}  // namespace menshen::store
