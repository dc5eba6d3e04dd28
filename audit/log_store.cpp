#include "audit/log_store.h"

#include "audit/layout.h"
#include "store/schema.h"

namespace menshen::audit {
namespace {

// Written this much, the log is copied into the database: rarely enough to be cheap, often enough
// that a start after a crash reads little.
constexpr std::uint64_t tidy_bytes = 512 * 1024;
constexpr int writer_busy_timeout_ms = 2'000;

core::Error tampered(std::string message) {
  return core::gateway_error(core::ErrorKind::invalid_config, "evidence_tampered",
                             std::move(message), std::string(layout::database));
}

core::Error gone(const std::filesystem::path& path) {
  return core::gateway_error(
      core::ErrorKind::invalid_config, "evidence_gone",
      "The log that was here is gone or empty. Put it back; to begin a new log, give it another "
      "folder.",
      path.string());
}

// Nothing that a log was ever written to.
bool blank(const std::filesystem::path& path) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  return failed || size == 0;
}

std::string_view bytes_of(const std::vector<Hash>& hashes) {
  return {reinterpret_cast<const char*>(hashes.data()), hashes.size() * sizeof(Hash)};
}

core::Result<void> check_identity(const store::Database& db) {
  const auto id = db.query_integer("PRAGMA application_id");
  const auto tables = db.query_integer("SELECT count(*) FROM sqlite_schema");
  if (!id || !tables) return (!id ? id : tables).error();
  if (*tables == 0) return {};
  if (*id != layout::application_id) return tampered("The file is not an audit log.");
  const auto version = store::read_version(db, layout::format_version);
  if (!version) return version.error();
  if (*version != layout::format_version)
    return tampered("The audit log has another format version.");
  return {};
}

core::Result<void> configure(const store::Database& db) {
  const auto mode = db.query_text("PRAGMA journal_mode=WAL");
  if (!mode) return mode.error();
  if (*mode != "wal") return tampered("The database cannot keep a write-ahead log here.");
  return db.execute(
      "PRAGMA synchronous=FULL;PRAGMA wal_autocheckpoint=0;PRAGMA journal_size_limit=67108864;"
      "PRAGMA trusted_schema=OFF;PRAGMA cell_size_check=ON;PRAGMA mmap_size=0");
}

core::Result<void> create_schema(const store::Database& db) {
  auto transaction = store::Transaction::begin(db);
  if (!transaction) return transaction.error();
  const std::string sql = std::string(layout::schema) +
                          "PRAGMA application_id=" + std::to_string(layout::application_id) +
                          ";PRAGMA user_version=" + std::to_string(layout::format_version);
  const auto made = db.execute(sql.c_str());
  return made ? transaction->commit() : made;
}

}  // namespace

core::Result<void> check_not_gone(const std::filesystem::path& log) {
  return blank(log) ? core::Result<void>(gone(log)) : core::Result<void>{};
}

core::Result<LogStore> LogStore::open(const std::filesystem::path& directory, Begin begin) {
  const auto path = directory / layout::database;
  if (begin == Begin::refused) {
    if (const auto here = check_not_gone(path); !here) return here.error();
  }
  auto db = store::Database::open(path, {.mode = store::OpenMode::create,
                                         .code = evidence_unavailable,
                                         .busy_timeout_ms = writer_busy_timeout_ms});
  if (!db) return db.error();
  LogStore store;
  store.db_ = std::move(*db);
  const auto page = store.db_.execute("PRAGMA page_size=8192");
  if (!page) return page.error();
  if (const auto own = check_identity(store.db_); !own) return own.error();
  if (const auto configured = configure(store.db_); !configured) return configured.error();
  if (const auto created = create_schema(store.db_); !created) return created.error();
  if (const auto prepared = store.prepare(); !prepared) return prepared.error();
  if (const auto recovered = store.recover(); !recovered) return recovered.error();
  for (const auto& file : {path, std::filesystem::path(path.string() + "-wal")}) {
    const auto anchor = store::Anchor::at(file, evidence_unavailable);
    if (!anchor) return anchor.error();
    store.anchors_.push_back(*anchor);
  }
  return store;
}

core::Result<void> LogStore::in_place() const {
  for (const store::Anchor& anchor : anchors_) {
    if (const auto held = anchor.in_place(); !held) return held;
  }
  return {};
}

core::Result<void> LogStore::prepare() {
  const std::pair<store::Statement*, std::string_view> statements[] = {
      {&begin_, "BEGIN IMMEDIATE"},
      {&commit_, "COMMIT"},
      {&insert_, "INSERT INTO records(seq, hashes, body) VALUES(?1, ?2, ?3)"},
      {&insert_checkpoint_, "INSERT OR REPLACE INTO checkpoints(size, note) VALUES(?1, ?2)"},
      {&select_, "SELECT hashes, body FROM records WHERE seq = ?1"}};
  for (const auto& [statement, sql] : statements) {
    auto prepared = db_.prepare(sql);
    if (!prepared) return prepared.error();
    *statement = std::move(*prepared);
  }
  return {};
}

core::Result<void> LogStore::recover() {
  const auto size = db_.query_integer("SELECT ifnull(max(seq) + 1, 0) FROM records");
  if (!size) return size.error();
  auto tree = read_frontier(static_cast<std::uint64_t>(*size), node_reader());
  if (!tree) return tree.error();
  tree_ = std::move(*tree);
  return {};
}

NodeReader LogStore::node_reader() {
  return [this](const Subtree& node) -> core::Result<Hash> {
    const std::uint64_t seq = ((node.index + 1) << node.level) - 1;
    const auto row = select_.bind(1, seq).step();
    if (!row) return row.error();
    const std::string_view hashes = *row ? select_.text(0) : std::string_view{};
    std::optional<Hash> hash;
    if (hashes.size() >= sizeof(Hash) * (node.level + 1)) {
      hash = parse_hash(hashes.substr(sizeof(Hash) * node.level, sizeof(Hash)));
    }
    select_.reset();
    if (!hash) return tampered("The hashes of record " + std::to_string(seq) + " are missing.");
    return *hash;
  };
}

core::Result<void> LogStore::begin() { return begin_.run(); }

core::Result<std::uint64_t> LogStore::append(const CanonicalRecord& record) {
  const std::uint64_t seq = tree_.size();
  body_.clear();
  record.append_to(body_, seq);
  stored_.clear();
  tree_.append(leaf_hash(body_), stored_);
  bytes_since_tidy_ += body_.size();
  const auto written =
      insert_.bind(1, seq).bind_blob(2, bytes_of(stored_)).bind_text(3, body_).run();
  if (!written) return written.error();
  return seq;
}

core::Result<void> LogStore::put_checkpoint(std::uint64_t size, const std::string& note) {
  return insert_checkpoint_.bind(1, size).bind_text(2, note).run();
}

core::Result<void> LogStore::commit() { return commit_.run(); }

core::Result<std::optional<StoredCheckpoint>> LogStore::last_checkpoint() {
  auto query = db_.prepare("SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1");
  if (!query) return query.error();
  const auto row = query->step();
  if (!row) return row.error();
  std::optional<StoredCheckpoint> out;
  if (*row) out = {query->unsigned_integer(0), std::string(query->text(1))};
  return out;
}

core::Result<Hash> LogStore::root_at(std::uint64_t size) { return read_root(size, node_reader()); }

core::Result<std::optional<std::pair<Hash, std::string>>> LogStore::record(std::uint64_t seq) {
  std::optional<std::pair<Hash, std::string>> out;
  const auto row = select_.bind(1, seq).step();
  if (!row) return row.error();
  if (*row) {
    const auto hash = parse_hash(select_.text(0).substr(0, sizeof(Hash)));
    if (hash) out.emplace(*hash, std::string(select_.text(1)));
  }
  select_.reset();
  return out;
}

core::Result<void> LogStore::tidy() {
  if (bytes_since_tidy_ < tidy_bytes) return {};
  bytes_since_tidy_ = 0;
  const auto left = db_.checkpoint(false);
  if (!left) return left.error();
  return {};
}

core::Result<bool> LogStore::settle() {
  const auto left = db_.checkpoint(true);
  if (!left) return left.error();
  return *left == 0;
}

}  // namespace menshen::audit
