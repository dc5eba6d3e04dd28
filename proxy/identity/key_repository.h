// Where API keys are kept: what every engine must do. The rules of issuing are key_store.h's; what
// a running gateway remembers is key_cache.h's. key_contract_test.cpp holds each sentence below to
// every implementation; open_key_file() is the one that is embedded.
//
//   auto keys = open_key_file(config.store);
//   (*keys)->add({info, core::sha256(secret)});
//   if (const auto changed = (*keys)->changed(); changed && *changed) use((*keys)->load());
//
// One thread at a time per object; several processes at once. Changes are durable when a call
// returns, and whole: a call that gives an error has changed nothing. Errors: unavailable
// "identity_unavailable".
#pragma once

#include "core/digest.h"
#include "core/error.h"
#include "core/exchange.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::identity {

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
  std::string replaces;          // the key that this one was rotated from; empty: none
  bool may_set_user = false;     // whoever has it may say for which person he calls
  std::string application = {};  // that it was made for, as its maker said; empty: he did not

  [[nodiscard]] bool is_over(std::int64_t now_ns) const noexcept {
    return (expires_ns && *expires_ns <= now_ns) || (retires_ns && *retires_ns <= now_ns);
  }
  bool operator==(const KeyInfo&) const = default;
};

// A secret is never kept, only its SHA-256.
struct StoredKey {
  KeyInfo info;
  core::Digest digest{};
  bool operator==(const StoredKey&) const = default;
};

enum class KeyAction : std::uint8_t { created, rotated, revoked };
[[nodiscard]] std::string_view to_string(KeyAction action) noexcept;

// What happened to one key, numbered from 1 in the order in which it happened, without a gap.
struct KeyChange {
  std::uint64_t number = 0;
  KeyAction action = KeyAction::created;
  std::int64_t at_ns = 0;
  KeyInfo key;  // as it is now
  // rotated: until when the key that it replaces works.
  std::optional<std::int64_t> former_retires_ns;
  bool operator==(const KeyChange&) const = default;
};

class KeyRepository {
 public:
  virtual ~KeyRepository() = default;

  // Every key, revoked and expired ones included, in order of creation, then of id.
  [[nodiscard]] virtual core::Result<std::vector<StoredKey>> load() = 0;
  // False: load() would give what it gave last on this object. Cheap.
  [[nodiscard]] virtual core::Result<bool> changed() = 0;
  // What add(), revoke() and replace() did, each change with them or not at all: up to `max`,
  // ascending, from number `first` on.
  [[nodiscard]] virtual core::Result<std::vector<KeyChange>> changes(std::uint64_t first,
                                                                     std::size_t max) = 0;

  // It is a key that was created. Error too: there is a key with this id.
  [[nodiscard]] virtual core::Result<void> add(const StoredKey& key) = 0;
  // The first time stands, and is the only change. False: there is no such key.
  [[nodiscard]] virtual core::Result<bool> revoke(std::string_view id, std::int64_t now_ns) = 0;
  // Adds a successor, which names the key that it replaces. That key ends at `retires_ns`, unless
  // an end was set before; its former successors are revoked, which are changes of their own before
  // this one. False, and nothing is changed: there is no such key, or it is revoked or over at
  // `now_ns`.
  [[nodiscard]] virtual core::Result<bool> replace(const StoredKey& successor,
                                                   std::int64_t retires_ns,
                                                   std::int64_t now_ns) = 0;
};

// keys.db in the store folder.
inline constexpr const char* key_file_name = "keys.db";

// Makes the folder and the file, for their owner alone, when they are missing: now, but not later.
// A file that goes away afterwards is an error until there is one again. A lock that another
// process holds is waited for as long as `busy_timeout_ms`.
[[nodiscard]] core::Result<std::unique_ptr<KeyRepository>> open_key_file(
    const std::filesystem::path& folder, int busy_timeout_ms = 5'000);

}  // namespace menshen::identity
