// API keys on disk: keys.db in the store folder, SQLite with a rollback journal and full
// synchronisation, so that a command line and a running gateway can share it. A key's secret is
// never stored, only its SHA-256.
//
//   auto store = KeyStore::open(config.store);
//   auto issued = store->create({.subject = "alice", .groups = {"finance"}}, clock.wall_ns());
//   print(issued->key);   // the one time that it is seen
//
// One thread at a time; several processes at once. Changes are on disk when a call returns.
#pragma once

#include "core/digest.h"
#include "core/error.h"
#include "core/exchange.h"
#include "proxy/identity/database.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::identity {

inline constexpr std::size_t subject_bytes_max = 256;
inline constexpr std::size_t group_bytes_max = 128;
inline constexpr std::size_t groups_max = 64;

// Times are nanoseconds since 1970, UTC.
struct KeyInfo {
  std::string id;
  std::string subject;
  core::SubjectKind kind = core::SubjectKind::user;
  std::vector<std::string> groups;  // sorted, unique
  std::int64_t created_ns = 0;
  std::optional<std::int64_t> expires_ns;
  std::optional<std::int64_t> retires_ns;  // rotated: until then it still works
  std::optional<std::int64_t> revoked_ns;
  std::string replaces;  // the key that this one was rotated from; empty: none

  [[nodiscard]] bool is_over(std::int64_t now_ns) const noexcept {
    return (expires_ns && *expires_ns <= now_ns) || (retires_ns && *retires_ns <= now_ns);
  }
};

struct KeyRequest {
  std::string subject;
  core::SubjectKind kind = core::SubjectKind::user;
  std::vector<std::string> groups;
  std::optional<std::int64_t> expires_ns;
};

struct IssuedKey {
  KeyInfo info;
  std::string key;
};

// A key as the gateway holds it.
struct StoredKey {
  KeyInfo info;
  core::Digest digest{};  // SHA-256 of the secret
};

class KeyStore {
 public:
  static constexpr const char* file_name = "keys.db";

  // Creates the folder, for its owner alone, and the file when they are missing. Errors:
  // unavailable "identity_unavailable" with the file.
  static core::Result<KeyStore> open(const std::filesystem::path& folder,
                                     int busy_timeout_ms = 5'000);

  // Errors: invalid_request "invalid_subject", "invalid_group", "invalid_expiry": a subject or
  // group that is empty, too long, not UTF-8, or has control characters, commas or blanks at its
  // ends; an expiry that is past.
  core::Result<IssuedKey> create(const KeyRequest& request, std::int64_t now_ns);

  // In order of creation.
  core::Result<std::vector<KeyInfo>> list();
  core::Result<std::vector<StoredKey>> load();

  // Revoking twice is revoking once. Errors: not_found "unknown_key".
  core::Result<void> revoke(std::string_view id, std::int64_t now_ns);

  // A new key for the same subject with the same lifetime; the old one works for `overlap_ns` more,
  // or until its own expiry if that is sooner. Doing it again, because the answer was lost, revokes
  // the former new key, issues another and leaves the old one's end as it was. Errors: not_found
  // "unknown_key"; invalid_request "revoked_key", "expired_key".
  core::Result<IssuedKey> rotate(std::string_view id, std::int64_t overlap_ns, std::int64_t now_ns);

  // Changes when another connection has changed the file.
  core::Result<std::int64_t> data_version();

 private:
  explicit KeyStore(Database database) : database_(std::move(database)) {}
  core::Result<void> prepare();
  std::optional<std::int64_t> stored_version();
  core::Result<std::optional<KeyInfo>> find(std::string_view id);
  core::Result<IssuedKey> insert(const KeyRequest& request, std::string replaces,
                                 std::int64_t now_ns);
  core::Result<IssuedKey> rotate_locked(std::string_view id, std::int64_t overlap_ns,
                                        std::int64_t now_ns);

  Database database_;
};

}  // namespace menshen::identity
