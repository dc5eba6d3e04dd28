// A thin RAII layer over SQLite for the key store. One thread at a time. No exceptions.
//
//   Statement insert(database, "INSERT INTO t VALUES(?1, ?2)");
//   insert.bind(1, text).bind(2, number);
//   if (insert.step() != SQLITE_DONE) return database.error("cannot write");
#pragma once

#include "core/error.h"

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace menshen::identity {

class Database {
 public:
  // Creates the file, readable by its owner alone, when it is missing.
  static core::Result<Database> open(const std::filesystem::path& file, int busy_timeout_ms);

  // Runs statements without results; SQLITE_OK or why not.
  int execute(const char* sql);
  // The last failure as an error of kind unavailable, code "identity_unavailable". Never holds
  // bound values.
  [[nodiscard]] core::Error error(std::string_view what) const;
  [[nodiscard]] sqlite3* handle() const noexcept { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
  };
  std::unique_ptr<sqlite3, Close> handle_;
  std::string file_;
};

class Statement {
 public:
  // A statement that does not compile steps to SQLITE_MISUSE.
  Statement(const Database& database, const char* sql);

  Statement& bind(int place, std::string_view text);
  Statement& bind_blob(int place, std::string_view bytes);
  Statement& bind(int place, std::int64_t number);
  Statement& bind(int place, std::optional<std::int64_t> number);  // absent: NULL

  int step();
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::int64_t number(int column) const;
  [[nodiscard]] std::optional<std::int64_t> optional_number(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace menshen::identity
