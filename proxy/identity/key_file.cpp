// API keys in an SQLite file.
#include "proxy/identity/key_repository.h"
#include "store/files.h"
#include "store/schema.h"

#include <algorithm>
#include <utility>

namespace menshen::identity {
namespace {

constexpr const char* identity_unavailable = "identity_unavailable";

// Groups: each with a line feed behind it, which no name holds.
constexpr const char* steps[] = {
    R"sql(CREATE TABLE keys(
      id TEXT PRIMARY KEY, digest BLOB NOT NULL, subject TEXT NOT NULL, kind TEXT NOT NULL,
      groups TEXT NOT NULL, created_ns INTEGER NOT NULL, expires_ns INTEGER, retires_ns INTEGER,
      revoked_ns INTEGER, replaces TEXT NOT NULL) STRICT)sql",
    "ALTER TABLE keys ADD COLUMN may_set_user INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE keys ADD COLUMN application TEXT NOT NULL DEFAULT ''"};

std::string join(const std::vector<std::string>& groups) {
  std::string out;
  for (const auto& group : groups) out.append(group).append("\n");
  return out;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return out;
}

std::optional<std::int64_t> optional_integer(const store::Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return row.integer(column);
}

// Absent: no key that was written here.
std::optional<StoredKey> read_key(const store::Statement& row) {
  StoredKey key;
  const auto kind = core::subject_kind_from(row.text(2));
  const std::string_view digest = row.text(9);
  const std::int64_t may_set_user = row.integer(10);
  if (!kind || digest.size() != key.digest.size()) return std::nullopt;
  if (may_set_user != 0 && may_set_user != 1) return std::nullopt;
  key.info = {std::string(row.text(0)), std::string(row.text(1)), *kind,
              split(row.text(3)),       row.integer(4),           optional_integer(row, 5),
              optional_integer(row, 6), optional_integer(row, 7), std::string(row.text(8)),
              may_set_user == 1,        std::string(row.text(11))};
  std::copy(digest.begin(), digest.end(), key.digest.begin());
  return key;
}

core::Result<void> insert(const store::Database& db, const StoredKey& key) {
  const KeyInfo& info = key.info;
  const std::string groups = join(info.groups);
  return store::run(db,
                    "INSERT INTO keys(id, digest, subject, kind, groups, created_ns, expires_ns,"
                    " retires_ns, revoked_ns, replaces, may_set_user, application)"
                    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                    std::string_view(info.id), store::Blob{core::as_text(key.digest)},
                    std::string_view(info.subject), core::to_string(info.kind),
                    std::string_view(groups), info.created_ns, info.expires_ns, info.retires_ns,
                    info.revoked_ns, std::string_view(info.replaces),
                    std::int64_t{info.may_set_user}, std::string_view(info.application));
}

class KeyFile final : public KeyRepository {
 public:
  KeyFile(std::filesystem::path path, int busy_timeout_ms)
      : path_(std::move(path)), busy_timeout_ms_(busy_timeout_ms) {}

  // Looks whether the file that is open is still the one that others find, and opens that.
  core::Result<void> ready() {
    if (db_ && anchor_.in_place()) return {};
    forget();
    // In this order: a file that is replaced in between is noticed by the next call.
    auto anchor = store::Anchor::at(path_, identity_unavailable);
    if (!anchor) return anchor.error();
    auto db = store::open_shared(
        path_, steps,
        {.code = identity_unavailable, .busy_timeout_ms = busy_timeout_ms_, .create = false});
    if (!db) return db.error();
    anchor_ = std::move(*anchor);
    db_ = std::move(*db);
    return {};
  }

  core::Result<std::vector<StoredKey>> load() override {
    if (const auto opened = ready(); !opened) return opened.error();
    auto keys = read();
    if (!keys) forget();
    return keys;
  }

  core::Result<bool> changed() override {
    if (const auto opened = ready(); !opened) return opened.error();
    const auto version = db_->query_integer("PRAGMA data_version");
    if (!version) {
      forget();
      return version.error();
    }
    return seen_ != *version;
  }

  core::Result<void> add(const StoredKey& key) override {
    if (const auto opened = ready(); !opened) return opened;
    seen_.reset();
    return insert(*db_, key);
  }

  core::Result<bool> revoke(std::string_view id, std::int64_t now_ns) override {
    if (const auto opened = ready(); !opened) return opened.error();
    seen_.reset();
    const auto revoked = store::run(
        *db_, "UPDATE keys SET revoked_ns = coalesce(revoked_ns, ?2) WHERE id = ?1", id, now_ns);
    if (!revoked) return revoked.error();
    return db_->changes() > 0;
  }

  core::Result<bool> replace(const StoredKey& successor, std::int64_t retires_ns,
                             std::int64_t now_ns) override {
    if (const auto opened = ready(); !opened) return opened.error();
    seen_.reset();
    const std::string_view old = successor.info.replaces;
    auto transaction = store::Transaction::begin(*db_);
    if (!transaction) return transaction.error();
    const auto retired = store::run(
        *db_,
        "UPDATE keys SET retires_ns = coalesce(retires_ns, ?2) WHERE id = ?1"
        " AND revoked_ns IS NULL AND ifnull(expires_ns > ?3, 1) AND ifnull(retires_ns > ?3, 1)",
        old, retires_ns, now_ns);
    if (!retired) return retired.error();
    if (db_->changes() == 0) return false;
    const auto revoked = store::run(
        *db_, "UPDATE keys SET revoked_ns = ?2 WHERE replaces = ?1 AND revoked_ns IS NULL", old,
        now_ns);
    if (!revoked) return revoked.error();
    if (const auto added = insert(*db_, successor); !added) return added.error();
    if (const auto committed = transaction->commit(); !committed) return committed.error();
    return true;
  }

 private:
  void forget() {
    db_.reset();
    seen_.reset();
  }

  core::Result<std::vector<StoredKey>> read() {
    // Before the rows: what is written in between is then a change.
    const auto version = db_->query_integer("PRAGMA data_version");
    if (!version) return version.error();
    auto rows = db_->prepare(
        "SELECT id, subject, kind, groups, created_ns, expires_ns, retires_ns, revoked_ns,"
        " replaces, digest, may_set_user, application FROM keys ORDER BY created_ns, id");
    if (!rows) return rows.error();
    std::vector<StoredKey> keys;
    for (;;) {
      const auto there = rows->step();
      if (!there) return there.error();
      if (!*there) break;
      auto key = read_key(*rows);
      if (!key) {
        return core::gateway_error(core::ErrorKind::unavailable, identity_unavailable,
                                   "The key store is damaged: put back a copy of it.",
                                   path_.string());
      }
      keys.push_back(std::move(*key));
    }
    seen_ = *version;
    return keys;
  }

  const std::filesystem::path path_;
  const int busy_timeout_ms_;
  store::Anchor anchor_;
  std::optional<store::Database> db_;  // absent after a failure, until it is opened again
  std::optional<std::int64_t> seen_;   // the file's version that load() gave; absent: none
};

}  // namespace

core::Result<std::unique_ptr<KeyRepository>> open_key_file(const std::filesystem::path& folder,
                                                           int busy_timeout_ms) {
  const auto path = folder / key_file_name;
  if (const auto made = store::make_directory(folder, identity_unavailable); !made)
    return made.error();
  if (const auto made = store::make_private_file(path, identity_unavailable); !made)
    return made.error();
  auto keys = std::make_unique<KeyFile>(path, busy_timeout_ms);
  if (const auto opened = keys->ready(); !opened) return opened.error();
  return std::unique_ptr<KeyRepository>(std::move(keys));
}

}  // namespace menshen::identity
