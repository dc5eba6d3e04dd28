#include "audit/key_rotation.h"

#include "audit/files.h"
#include "audit/keys.h"
#include "audit/layout.h"
#include "store/files.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
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
  std::vector<NoteSigner> in_file;  // keys in tokens are not opened here
  KeyRing ring;

  [[nodiscard]] bool has(const NoteVerifier& key) const {
    return std::ranges::find(in_file, key, &NoteSigner::verifier) != in_file.end();
  }
  // Of those that sign, and those that will.
  [[nodiscard]] std::size_t keys() const {
    return in_file.size() + static_cast<std::size_t>(std::ranges::count_if(
                                ring.last(), [this](const auto& key) { return !has(key); }));
  }
};

core::Result<Held> hold(const std::filesystem::path& directory) {
  auto in_file = load_signers(directory / layout::signing_key);
  if (!in_file) return in_file.error();
  auto ring = recorded_ring(directory);
  if (!ring) return ring.error();
  if (!*in_file && !*ring) {
    return core::gateway_error(core::ErrorKind::not_found, "audit_key_missing",
                               "There is no log with a key.", directory.string());
  }
  if (const auto own = check_private(directory); !own) return own.error();
  auto lock = DirectoryLock::take(directory);
  if (!lock) return lock.error();
  std::vector<NoteSigner> signers = std::move(*in_file).value_or(std::vector<NoteSigner>{});
  KeyRing known = *ring ? std::move(**ring) : KeyRing(signers.front().verifier());
  return Held{std::move(*lock), std::move(signers), std::move(known)};
}

core::Result<void> write_signers(const std::filesystem::path& directory,
                                 const std::vector<NoteSigner>& signers) {
  const auto path = directory / layout::signing_key;
  std::string text;
  for (const NoteSigner& signer : signers) text += signer.skey() + "\n";
  if (!text.empty()) return write_durably(path, text, 0600, Owned::by_folder);
  if (::unlink(path.c_str()) != 0) return store::file_error(path, errno, evidence_unavailable);
  return store::sync_directory(directory, evidence_unavailable);
}

}  // namespace

core::Result<NoteVerifier> rotate_key(const std::filesystem::path& directory) {
  auto held = hold(directory);
  if (!held) return held.error();
  if (held->keys() >= keys_in_force_max) {
    return no_change("key_overlap",
                     "Two keys sign this log already. `menshen audit retire-key` and then a start "
                     "of the gateway end that.",
                     directory);
  }
  if (held->ring.changes().size() + 2 > key_changes_max)
    return no_change("key_overlap", "The keys of this log have changed too often.", directory);
  auto made = NoteSigner::generate(held->ring.last().front().name());
  if (!made) return made.error();
  NoteVerifier verifier = made->verifier();
  held->in_file.push_back(std::move(*made));
  if (const auto written = write_signers(directory, held->in_file); !written)
    return written.error();
  return verifier;
}

core::Result<NoteVerifier> retire_key(const std::filesystem::path& directory) {
  auto held = hold(directory);
  if (!held) return held.error();
  if (held->keys() < keys_in_force_max) {
    return no_change("no_key_overlap",
                     "One key signs this log. `menshen audit rotate-key` makes another.",
                     directory);
  }
  const std::vector<NoteVerifier>& last = held->ring.last();
  if (last.size() < keys_in_force_max) {
    return no_change(
        "key_not_in_force",
        "The newer key has not signed yet: start the gateway once, and give the key to "
        "those who verify.",
        directory);
  }
  NoteVerifier older = last.front();
  if (!held->has(older)) {
    return no_change(
        "key_in_token",
        "audit.key does not hold the older key. It was retired already, which the next "
        "start records; or it is in a token: then take audit.token out of the "
        "configuration.",
        directory);
  }
  std::erase_if(held->in_file,
                [&](const NoteSigner& signer) { return signer.verifier() == older; });
  if (const auto written = write_signers(directory, held->in_file); !written)
    return written.error();
  return older;
}

}  // namespace menshen::audit
