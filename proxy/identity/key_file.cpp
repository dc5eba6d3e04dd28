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
    "ALTER TABLE keys ADD COLUMN application TEXT NOT NULL DEFAULT ''",
    // Of keys that are there already, what they say of themselves.
    R"sql(CREATE TABLE changes(
      number INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, action TEXT NOT NULL, id TEXT NOT NULL
      ) STRICT;
    INSERT INTO changes(at_ns, action, id) SELECT at_ns, action, id FROM (
      SELECT created_ns AS at_ns, iif(replaces = '', 'created', 'rotated') AS action, id,
        0 AS late FROM keys
      UNION ALL SELECT revoked_ns, 'revoked', id, 1 FROM keys WHERE revoked_ns IS NOT NULL)
      ORDER BY at_ns, late, id)sql"};

// Of a row that read_info() reads.
constexpr const char* info_columns =
    "k.id, k.subject, k.kind, k.groups, k.created_ns, k.expires_ns, k.retires_ns, k.revoked_ns,"
    " k.replaces, k.may_set_user, k.application";

constexpr KeyAction actions[] = {KeyAction::created, KeyAction::rotated, KeyAction::revoked};

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
std::optional<KeyInfo> read_info(const store::Statement& row) {
  const auto kind = core::subject_kind_from(row.text(2));
  const std::int64_t may_set_user = row.integer(9);
  if (!kind || (may_set_user != 0 && may_set_user != 1)) return std::nullopt;
  return KeyInfo{std::string(row.text(0)), std::string(row.text(1)), *kind,
                 split(row.text(3)),       row.integer(4),           optional_integer(row, 5),
                 optional_integer(row, 6), optional_integer(row, 7), std::string(row.text(8)),
                 may_set_user == 1,        std::string(row.text(10))};
}

std::optional<StoredKey> read_key(const store::Statement& row) {
  auto info = read_info(row);
  StoredKey key;
  const std::string_view digest = row.text(11);
  if (!info || digest.size() != key.digest.size()) return std::nullopt;
  key.info = std::move(*info);
  std::copy(digest.begin(), digest.end(), key.digest.begin());
  return key;
}

std::optional<KeyChange> read_change(const store::Statement& row) {
  auto info = read_info(row);
  const auto action =
      std::ranges::find(actions, row.text(13), [](KeyAction each) { return to_string(each); });
  if (!info || action == std::end(actions)) return std::nullopt;
  return KeyChange{row.unsigned_integer(11), *action, row.integer(12), std::move(*info),
                   *action == KeyAction::rotated ? optional_integer(row, 14) : std::nullopt};
}

core::Result<void> note(const store::Database& db, KeyAction action, std::string_view id,
                        std::int64_t at_ns) {
  return store::run(db, "INSERT INTO changes(at_ns, action, id) VALUES(?1, ?2, ?3)", at_ns,
                    to_string(action), id);
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

  core::Result<std::vector<KeyChange>> changes(std::uint64_t first, std::size_t max) override {
    if (const auto opened = ready(); !opened) return opened.error();
    const std::string sql = std::string("SELECT ") + info_columns +
                            ", c.number, c.at_ns, c.action, former.retires_ns FROM changes AS c"
                            " LEFT JOIN keys AS k ON k.id = c.id"
                            " LEFT JOIN keys AS former ON former.id = k.replaces"
                            " WHERE c.number >= ?1 ORDER BY c.number LIMIT ?2";
    auto rows = store::query(*db_, sql, first, max);
    if (!rows) return rows.error();
    auto out = read_all<KeyChange>(*rows, read_change);
    if (!out) forget();
    return out;
  }

  core::Result<void> add(const StoredKey& key) override {
    if (const auto opened = ready(); !opened) return opened;
    seen_.reset();
    auto transaction = store::Transaction::begin(*db_);
    if (!transaction) return transaction.error();
    if (const auto added = insert(*db_, key); !added) return added;
    const auto noted = note(*db_, KeyAction::created, key.info.id, key.info.created_ns);
    return noted ? transaction->commit() : noted;
  }

  core::Result<bool> revoke(std::string_view id, std::int64_t now_ns) override {
    if (const auto opened = ready(); !opened) return opened.error();
    seen_.reset();
    auto transaction = store::Transaction::begin(*db_);
    if (!transaction) return transaction.error();
    const auto revoked = store::run(
        *db_, "UPDATE keys SET revoked_ns = ?2 WHERE id = ?1 AND revoked_ns IS NULL", id, now_ns);
    if (!revoked) return revoked.error();
    if (db_->changes() == 0) return has(id);
    if (const auto noted = note(*db_, KeyAction::revoked, id, now_ns); !noted) return noted.error();
    if (const auto committed = transaction->commit(); !committed) return committed.error();
    return true;
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
    if (const auto revoked = revoke_successors(old, now_ns); !revoked) return revoked.error();
    if (const auto added = insert(*db_, successor); !added) return added.error();
    const auto noted = note(*db_, KeyAction::rotated, successor.info.id, successor.info.created_ns);
    if (!noted) return noted.error();
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
    auto rows = db_->prepare(std::string("SELECT ") + info_columns +
                             ", k.digest FROM keys AS k ORDER BY k.created_ns, k.id");
    if (!rows) return rows.error();
    auto keys = read_all<StoredKey>(*rows, read_key);
    if (keys) seen_ = *version;
    return keys;
  }

  template <class Row, class Read>
  core::Result<std::vector<Row>> read_all(store::Statement& rows, const Read& read_row) {
    std::vector<Row> out;
    for (;;) {
      const auto there = rows.step();
      if (!there) return there.error();
      if (!*there) return out;
      auto row = read_row(rows);
      if (!row) {
        return core::gateway_error(core::ErrorKind::unavailable, identity_unavailable,
                                   "The key store is damaged: put back a copy of it.",
                                   path_.string());
      }
      out.push_back(std::move(*row));
    }
  }

  core::Result<bool> has(std::string_view id) {
    auto rows = store::query(*db_, "SELECT 1 FROM keys WHERE id = ?1", id);
    return rows ? rows->step() : rows.error();
  }

  core::Result<void> revoke_successors(std::string_view of, std::int64_t now_ns) {
    const auto noted =
        store::run(*db_,
                   "INSERT INTO changes(at_ns, action, id) SELECT ?2, ?3, id FROM keys"
                   " WHERE replaces = ?1 AND revoked_ns IS NULL ORDER BY created_ns, id",
                   of, now_ns, to_string(KeyAction::revoked));
    if (!noted) return noted;
    return store::run(*db_,
                      "UPDATE keys SET revoked_ns = ?2 WHERE replaces = ?1 AND revoked_ns IS NULL",
                      of, now_ns);
  }

  const std::filesystem::path path_;
  const int busy_timeout_ms_;
  store::Anchor anchor_;
  std::optional<store::Database> db_;  // absent after a failure, until it is opened again
  std::optional<std::int64_t> seen_;   // the file's version that load() gave; absent: none
};

}  // namespace

std::string_view to_string(KeyAction action) noexcept {
  switch (action) {
    case KeyAction::created: return "created";
    case KeyAction::rotated: return "rotated";
    case KeyAction::revoked: return "revoked";
  }
  return "created";
}

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
