#include "proxy/identity/key_store.h"

#include "proxy/identity/key_format.h"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

namespace menshen::identity {
namespace {

using core::ErrorKind;

constexpr int schema_version = 1;
constexpr const char* schema = R"sql(
  CREATE TABLE IF NOT EXISTS keys(
    id TEXT PRIMARY KEY, digest BLOB NOT NULL, subject TEXT NOT NULL, kind TEXT NOT NULL,
    groups TEXT NOT NULL, created_ns INTEGER NOT NULL, expires_ns INTEGER, retires_ns INTEGER,
    revoked_ns INTEGER, replaces TEXT NOT NULL) STRICT;
  PRAGMA user_version = 1;
)sql";
constexpr const char* select_all =
    "SELECT id, subject, kind, groups, created_ns, expires_ns, retires_ns, revoked_ns, replaces, "
    "digest FROM keys "
    "ORDER BY created_ns, id";

core::Error refuse(std::string code, std::string message) {
  return core::client_error(ErrorKind::invalid_request, std::move(code), std::move(message));
}

core::Error unknown_key() {
  return core::client_error(ErrorKind::not_found, "unknown_key", "There is no key with this id.");
}

std::size_t sequence_size(unsigned char lead) noexcept {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

// RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF.
bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::size_t size = sequence_size(byte(0));
    if (size == 0 || size > text.size()) return false;
    for (std::size_t i = 1; i < size; ++i) {
      if ((byte(i) & 0xc0) != 0x80) return false;
    }
    if (size > 2 || byte(0) == 0xed) {
      const unsigned lead = static_cast<unsigned>(byte(0)) << 8 | byte(1);
      const bool overlong = lead < 0xe0a0 || (lead >= 0xf000 && lead < 0xf090);
      const bool surrogate = lead >= 0xeda0 && lead <= 0xedbf;
      if (overlong || surrogate || lead > 0xf48f) return false;
    }
    text.remove_prefix(size);
  }
  return true;
}

bool is_name(std::string_view text, std::size_t bytes_max) noexcept {
  if (text.empty() || text.size() > bytes_max || text.front() == ' ' || text.back() == ' ')
    return false;
  const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f || c == ',';
  });
  return plain && is_utf8(text);
}

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

core::Result<KeyRequest> check(KeyRequest request, std::int64_t now_ns) {
  if (!is_name(request.subject, subject_bytes_max)) {
    return refuse("invalid_subject",
                  "A subject has 1 to 256 bytes of UTF-8 without commas and control characters.");
  }
  std::sort(request.groups.begin(), request.groups.end());
  request.groups.erase(std::unique(request.groups.begin(), request.groups.end()),
                       request.groups.end());
  const bool good =
      request.groups.size() <= groups_max &&
      std::all_of(request.groups.begin(), request.groups.end(),
                  [](const std::string& group) { return is_name(group, group_bytes_max); });
  if (!good) {
    return refuse("invalid_group",
                  "There are at most 64 groups, each of 1 to 128 bytes of UTF-8 without commas and "
                  "control characters.");
  }
  if (request.expires_ns && *request.expires_ns <= now_ns) {
    return refuse("invalid_expiry", "The key would have expired already.");
  }
  return request;
}

KeyInfo read_info(const Statement& row) {
  KeyInfo info;
  info.id = row.text(0);
  info.subject = row.text(1);
  info.kind = core::subject_kind_from(row.text(2)).value_or(core::SubjectKind::user);
  info.groups = split(row.text(3));
  info.created_ns = row.number(4);
  info.expires_ns = row.optional_number(5);
  info.retires_ns = row.optional_number(6);
  info.revoked_ns = row.optional_number(7);
  info.replaces = row.text(8);
  return info;
}

}  // namespace

core::Result<KeyStore> KeyStore::open(const std::filesystem::path& folder, int busy_timeout_ms) {
  std::error_code failed;
  if (std::filesystem::create_directories(folder, failed)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
  }
  auto database = Database::open(folder / file_name, busy_timeout_ms);
  if (!database) return database.error();
  KeyStore store(std::move(*database));
  if (auto prepared = store.prepare(); !prepared) return prepared.error();
  return store;
}

// The statement ends here: one that is still open keeps a lock, and two processes that go on from
// there to write would each wait for the other.
std::optional<std::int64_t> KeyStore::stored_version() {
  Statement version(database_, "PRAGMA user_version");
  if (version.step() != SQLITE_ROW) return std::nullopt;
  return version.number(0);
}

core::Result<void> KeyStore::prepare() {
  constexpr std::string_view what = "The key store cannot be prepared";
  if (database_.execute(
          "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF") !=
      SQLITE_OK) {
    return database_.error(what);
  }
  const auto found = stored_version();
  if (!found) return database_.error(what);
  if (*found > schema_version) {
    return core::gateway_error(ErrorKind::unavailable, "identity_unavailable",
                               "The key store was written by a later version of Menshen.");
  }
  if (*found == schema_version) return {};
  if (database_.execute("BEGIN IMMEDIATE") != SQLITE_OK) return database_.error(what);
  if (database_.execute(schema) == SQLITE_OK && database_.execute("COMMIT") == SQLITE_OK) return {};
  auto error = database_.error(what);
  database_.execute("ROLLBACK");
  return error;
}

core::Result<IssuedKey> KeyStore::create(const KeyRequest& request, std::int64_t now_ns) {
  auto checked = check(request, now_ns);
  if (!checked) return checked.error();
  return insert(*checked, {}, now_ns);
}

core::Result<IssuedKey> KeyStore::insert(const KeyRequest& request, std::string replaces,
                                         std::int64_t now_ns) {
  const GeneratedKey key = generate_key();
  const core::Digest digest = core::sha256(key.secret);
  const std::string groups = join(request.groups);
  Statement insert(
      database_,
      "INSERT INTO keys(id, digest, subject, kind, groups, created_ns, expires_ns, replaces) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  insert.bind(1, key.id).bind_blob(2, core::as_text(digest)).bind(3, request.subject);
  insert.bind(4, core::to_string(request.kind)).bind(5, groups).bind(6, now_ns);
  insert.bind(7, request.expires_ns).bind(8, replaces);
  if (insert.step() != SQLITE_DONE) return database_.error("The key cannot be written");
  KeyInfo info{
      key.id, request.subject,    request.kind, request.groups, now_ns, request.expires_ns, {},
      {},     std::move(replaces)};
  return IssuedKey{std::move(info), key.text};
}

core::Result<std::vector<StoredKey>> KeyStore::load() {
  Statement rows(database_, select_all);
  std::vector<StoredKey> keys;
  int outcome = rows.step();
  for (; outcome == SQLITE_ROW; outcome = rows.step()) {
    StoredKey key{read_info(rows), {}};
    const std::string digest = rows.text(9);
    if (digest.size() != key.digest.size()) return database_.error("The key store is damaged");
    std::copy(digest.begin(), digest.end(), key.digest.begin());
    keys.push_back(std::move(key));
  }
  if (outcome != SQLITE_DONE) return database_.error("The keys cannot be read");
  return keys;
}

core::Result<std::vector<KeyInfo>> KeyStore::list() {
  auto keys = load();
  if (!keys) return keys.error();
  std::vector<KeyInfo> infos;
  for (StoredKey& key : *keys) infos.push_back(std::move(key.info));
  return infos;
}

core::Result<std::optional<KeyInfo>> KeyStore::find(std::string_view id) {
  auto keys = list();
  if (!keys) return keys.error();
  for (KeyInfo& info : *keys) {
    if (info.id == id) return std::optional<KeyInfo>(std::move(info));
  }
  return std::optional<KeyInfo>();
}

core::Result<void> KeyStore::revoke(std::string_view id, std::int64_t now_ns) {
  Statement update(database_,
                   "UPDATE keys SET revoked_ns = coalesce(revoked_ns, ?2) WHERE id = ?1");
  update.bind(1, id).bind(2, now_ns);
  if (update.step() != SQLITE_DONE) return database_.error("The key cannot be revoked");
  if (sqlite3_changes(database_.handle()) == 0) return unknown_key();
  return {};
}

core::Result<IssuedKey> KeyStore::rotate(std::string_view id, std::int64_t overlap_ns,
                                         std::int64_t now_ns) {
  if (database_.execute("BEGIN IMMEDIATE") != SQLITE_OK)
    return database_.error("The key cannot be rotated");
  auto issued = rotate_locked(id, overlap_ns, now_ns);
  if (issued && database_.execute("COMMIT") == SQLITE_OK) return issued;
  auto error = issued ? database_.error("The key cannot be rotated") : issued.error();
  database_.execute("ROLLBACK");
  return error;
}

core::Result<IssuedKey> KeyStore::rotate_locked(std::string_view id, std::int64_t overlap_ns,
                                                std::int64_t now_ns) {
  const auto found = find(id);
  if (!found) return found.error();
  if (!*found) return unknown_key();
  const KeyInfo& old = **found;
  if (old.revoked_ns) return refuse("revoked_key", "The key is revoked; create a new one.");
  if (old.is_over(now_ns)) return refuse("expired_key", "The key has expired; create a new one.");

  Statement lost(database_,
                 "UPDATE keys SET revoked_ns = ?2 WHERE replaces = ?1 AND revoked_ns IS NULL");
  lost.bind(1, id).bind(2, now_ns);
  Statement end(database_, "UPDATE keys SET retires_ns = coalesce(retires_ns, ?2) WHERE id = ?1");
  end.bind(1, id).bind(2, now_ns + std::max<std::int64_t>(overlap_ns, 0));
  if (lost.step() != SQLITE_DONE || end.step() != SQLITE_DONE)
    return database_.error("The key cannot be rotated");
  std::optional<std::int64_t> expires;
  if (old.expires_ns) expires = now_ns + (*old.expires_ns - old.created_ns);
  return insert({old.subject, old.kind, old.groups, expires}, std::string(id), now_ns);
}

core::Result<std::int64_t> KeyStore::data_version() {
  Statement version(database_, "PRAGMA data_version");
  if (version.step() != SQLITE_ROW) return database_.error("The key store cannot be read");
  return version.number(0);
}

}  // namespace menshen::identity
