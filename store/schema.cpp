#include "store/schema.h"

namespace menshen::store {
namespace {

core::Error refuse(const Database& db, std::string message) {
  return core::gateway_error(core::ErrorKind::unavailable, db.origin().code, std::move(message),
                             db.origin().path);
}

// Tables without a version were not made here.
core::Result<void> check_blank(const Database& db) {
  const auto tables = db.query_integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  if (*tables == 0) return {};
  return refuse(db, "This is another program's database: put the right file back.");
}

core::Result<void> configure(const Database& db) {
  const auto mode = db.query_text("PRAGMA journal_mode=DELETE");
  if (!mode) return mode.error();
  if (*mode != "delete") return refuse(db, "The database cannot keep a rollback journal here.");
  return db.execute("PRAGMA synchronous=FULL;PRAGMA secure_delete=ON;PRAGMA trusted_schema=OFF");
}

}  // namespace

core::Result<int> read_version(const Database& db, int known) {
  const auto version = db.query_integer("PRAGMA user_version");
  if (!version) return version.error();
  if (*version >= 0 && *version <= known) return static_cast<int>(*version);
  return refuse(db, "The database has version " + std::to_string(*version) +
                        " of its tables, this program knows " + std::to_string(known) +
                        ": a later version of Menshen wrote it. Run that one, or put back a copy "
                        "from before it ran.");
}

core::Result<void> migrate(const Database& db, Steps steps) {
  const int last = static_cast<int>(steps.size());
  const auto seen = read_version(db, last);
  if (!seen) return seen.error();
  if (*seen == last) return {};
  auto transaction = Transaction::begin(db);
  if (!transaction) return transaction.error();
  // Another process may have done it meanwhile.
  const auto version = read_version(db, last);
  if (!version) return version.error();
  if (*version == 0) {
    if (const auto blank = check_blank(db); !blank) return blank;
  }
  for (const char* step : steps.subspan(static_cast<std::size_t>(*version))) {
    if (const auto taken = db.execute(step); !taken) return taken;
  }
  const std::string sql = "PRAGMA user_version=" + std::to_string(last);
  if (const auto noted = db.execute(sql.c_str()); !noted) return noted;
  return transaction->commit();
}

core::Result<Database> open_shared(const std::filesystem::path& path, Steps steps,
                                   const SharedOptions& options) {
  auto db = Database::open(path, {.mode = options.create ? OpenMode::create : OpenMode::read_write,
                                  .code = options.code,
                                  .busy_timeout_ms = options.busy_timeout_ms});
  if (!db) return db;
  const auto version = read_version(*db, static_cast<int>(steps.size()));
  if (!version) return version.error();
  if (const auto configured = configure(*db); !configured) return configured.error();
  if (const auto migrated = migrate(*db, steps); !migrated) return migrated.error();
  return db;
}

}  // namespace menshen::store
