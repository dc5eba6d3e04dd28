#include "audit/key_rotation.h"

#include "audit/files.h"
#include "audit/keys.h"
#include "audit/layout.h"

#include <string>
#include <utility>
#include <vector>

namespace menshen::audit {
namespace {

core::Error no_change(const char* code, const char* why, const std::filesystem::path& where) {
  return core::gateway_error(core::ErrorKind::invalid_config, code, why, where.string());
}

struct Held {
  DirectoryLock lock;
  LogKeys keys;
};

// The keys of a log that is there, as a start would take them.
core::Result<Held> hold(const std::filesystem::path& directory) {
  const auto path = directory / layout::signing_key;
  const auto there = load_signers(path);
  if (!there) return there.error();
  if (!*there) {
    return core::gateway_error(core::ErrorKind::not_found, "audit_key_missing",
                               "There is no log with a key of its own.", path.string());
  }
  if (const auto own = check_private(directory); !own) return own.error();
  auto lock = DirectoryLock::take(directory);
  if (!lock) return lock.error();
  const std::string origin = (*there)->front().verifier().name();
  auto keys = load_or_make_keys(directory, origin, true);
  if (!keys) return keys.error();
  return Held{std::move(*lock), std::move(*keys)};
}

core::Result<void> write_signers(const std::filesystem::path& directory,
                                 const std::vector<NoteSigner>& signers) {
  std::string text;
  for (const NoteSigner& signer : signers) text += signer.skey() + "\n";
  return write_durably(directory / layout::signing_key, text, 0600);
}

}  // namespace

core::Result<NoteVerifier> rotate_key(const std::filesystem::path& directory) {
  auto held = hold(directory);
  if (!held) return held.error();
  LogKeys& keys = held->keys;
  if (keys.signers.size() == keys_in_force_max) {
    return no_change("key_overlap",
                     "Two keys sign this log already. `menshen audit retire-key` ends that.",
                     directory);
  }
  if (keys.ring.changes().size() + 2 > key_changes_max)
    return no_change("key_overlap", "The keys of this log have changed too often.", directory);
  auto made = NoteSigner::generate(keys.signers.front().verifier().name());
  if (!made) return made.error();
  NoteVerifier verifier = made->verifier();
  keys.signers.push_back(std::move(*made));
  if (const auto written = write_signers(directory, keys.signers); !written) return written.error();
  return verifier;
}

core::Result<NoteVerifier> retire_key(const std::filesystem::path& directory) {
  auto held = hold(directory);
  if (!held) return held.error();
  LogKeys& keys = held->keys;
  if (keys.signers.size() < keys_in_force_max) {
    return no_change("no_key_overlap",
                     "One key signs this log. `menshen audit rotate-key` makes another.",
                     directory);
  }
  if (keys.verifiers() != keys.ring.last()) {
    return no_change(
        "key_not_in_force",
        "The newer key has not signed yet: start the gateway once, and give the key to "
        "those who verify.",
        directory);
  }
  NoteVerifier older = keys.signers.front().verifier();
  keys.signers.erase(keys.signers.begin());
  if (const auto written = write_signers(directory, keys.signers); !written) return written.error();
  return older;
}

}  // namespace menshen::audit
