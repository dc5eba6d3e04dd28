// Issuing, ending and rotating API keys: the rules over a repository of them, which a command line
// and a running gateway share.
//
//   auto store = KeyStore::open(config.store);
//   auto issued = store->create({.subject = "alice", .groups = {"finance"}}, clock.wall_ns());
//   print(issued->key);   // the one time that it is seen
//
// One thread at a time; several processes at once. Changes are on disk when a call returns. Errors:
// those of key_repository.h, and what each function says.
#pragma once

#include "core/error.h"
#include "core/exchange.h"
#include "proxy/identity/key_repository.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::identity {

inline constexpr std::size_t subject_bytes_max = 256;
inline constexpr std::size_t group_bytes_max = 128;
inline constexpr std::size_t groups_max = 64;
inline constexpr std::size_t application_bytes_max = 128;

struct KeyRequest {
  std::string subject;
  core::SubjectKind kind = core::SubjectKind::user;
  std::vector<std::string> groups;
  std::optional<std::int64_t> expires_ns;
  bool may_set_user = false;     // of a service alone
  std::string application = {};  // that it is for; empty: not stated
};

struct IssuedKey {
  KeyInfo info;
  std::string key;
};

class KeyStore {
 public:
  explicit KeyStore(std::unique_ptr<KeyRepository> keys) : keys_(std::move(keys)) {}
  // Over open_key_file(folder).
  static core::Result<KeyStore> open(const std::filesystem::path& folder);
  // Every key there, as list() has them; none where there is no store, and none is made.
  static core::Result<std::vector<KeyInfo>> keys_in(const std::filesystem::path& folder);

  // Errors: invalid_request "invalid_subject", "invalid_group", "invalid_application": no name
  // (core/name.h);
  // "invalid_expiry": an expiry that is past; "invalid_kind": a user that may set the user.
  core::Result<IssuedKey> create(const KeyRequest& request, std::int64_t now_ns);

  // In order of creation.
  core::Result<std::vector<KeyInfo>> list();

  // Revoking twice is revoking once. Errors: not_found "unknown_key".
  core::Result<void> revoke(std::string_view id, std::int64_t now_ns);

  // A new key for the same subject with the same rights and lifetime; the old one works for
  // `overlap_ns` more, or until its own expiry if that is sooner. Doing it again, because the
  // answer was lost, revokes the former new key, issues another and leaves the old one's end as it
  // was. Errors: not_found "unknown_key"; invalid_request "revoked_key", "expired_key".
  core::Result<IssuedKey> rotate(std::string_view id, std::int64_t overlap_ns, std::int64_t now_ns);

 private:
  core::Result<KeyInfo> working(std::string_view id, std::int64_t now_ns);

  std::unique_ptr<KeyRepository> keys_;
};

}  // namespace menshen::identity
