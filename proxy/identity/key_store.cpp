#include "proxy/identity/key_store.h"

#include "core/name.h"
#include "proxy/identity/key_format.h"
#include "store/files.h"

#include <algorithm>
#include <utility>

namespace menshen::identity {
namespace {

using core::ErrorKind;

core::Error refuse(std::string code, std::string message) {
  return core::client_error(ErrorKind::invalid_request, std::move(code), std::move(message));
}

core::Error unknown_key() {
  return core::client_error(ErrorKind::not_found, "unknown_key", "There is no key with this id.");
}

core::Result<KeyRequest> check(KeyRequest request, std::int64_t now_ns) {
  if (!core::is_name(request.subject, subject_bytes_max)) {
    return refuse("invalid_subject",
                  "A subject has 1 to 256 bytes of UTF-8 without commas and control characters.");
  }
  std::sort(request.groups.begin(), request.groups.end());
  request.groups.erase(std::unique(request.groups.begin(), request.groups.end()),
                       request.groups.end());
  const bool good =
      request.groups.size() <= groups_max &&
      std::all_of(request.groups.begin(), request.groups.end(),
                  [](const std::string& group) { return core::is_name(group, group_bytes_max); });
  if (!good) {
    return refuse("invalid_group",
                  "There are at most 64 groups, each of 1 to 128 bytes of UTF-8 without commas and "
                  "control characters.");
  }
  if (!request.application.empty() && !core::is_name(request.application, application_bytes_max)) {
    return refuse("invalid_application",
                  "An application has 1 to 128 bytes of UTF-8 without commas and control "
                  "characters.");
  }
  if (request.expires_ns && *request.expires_ns <= now_ns) {
    return refuse("invalid_expiry", "The key would have expired already.");
  }
  if (request.may_set_user && request.kind != core::SubjectKind::service) {
    return refuse("invalid_kind", "Only the key of a service may say for which user it calls.");
  }
  return request;
}

struct NewKey {
  StoredKey stored;
  std::string text;
};

NewKey make_key(const KeyRequest& request, std::string replaces, std::int64_t now_ns) {
  GeneratedKey key = generate_key();
  NewKey out;
  out.stored.digest = core::sha256(key.secret);
  KeyInfo& info = out.stored.info;
  info.id = std::move(key.id);
  info.subject = request.subject;
  info.kind = request.kind;
  info.groups = request.groups;
  info.created_ns = now_ns;
  info.expires_ns = request.expires_ns;
  info.replaces = std::move(replaces);
  info.may_set_user = request.may_set_user;
  info.application = request.application;
  out.text = std::move(key.text);
  return out;
}

}  // namespace

core::Result<KeyStore> KeyStore::open(const std::filesystem::path& folder) {
  auto keys = open_key_file(folder);
  if (!keys) return keys.error();
  return KeyStore(std::move(*keys));
}

core::Result<std::vector<KeyInfo>> KeyStore::keys_in(const std::filesystem::path& folder) {
  const auto there = store::exists(folder / key_file_name, "identity_unavailable");
  if (!there) return there.error();
  if (!*there) return std::vector<KeyInfo>{};
  auto store = open(folder);
  if (!store) return store.error();
  return store->list();
}

core::Result<IssuedKey> KeyStore::create(const KeyRequest& request, std::int64_t now_ns) {
  const auto checked = check(request, now_ns);
  if (!checked) return checked.error();
  const NewKey key = make_key(*checked, {}, now_ns);
  if (const auto added = keys_->add(key.stored); !added) return added.error();
  return IssuedKey{key.stored.info, key.text};
}

core::Result<std::vector<KeyInfo>> KeyStore::list() {
  auto keys = keys_->load();
  if (!keys) return keys.error();
  std::vector<KeyInfo> infos;
  for (StoredKey& key : *keys) infos.push_back(std::move(key.info));
  return infos;
}

core::Result<void> KeyStore::revoke(std::string_view id, std::int64_t now_ns) {
  const auto revoked = keys_->revoke(id, now_ns);
  if (!revoked) return revoked.error();
  if (!*revoked) return unknown_key();
  return {};
}

core::Result<KeyInfo> KeyStore::working(std::string_view id, std::int64_t now_ns) {
  const auto keys = list();
  if (!keys) return keys.error();
  for (const KeyInfo& key : *keys) {
    if (key.id != id) continue;
    if (key.revoked_ns) return refuse("revoked_key", "The key is revoked; create a new one.");
    if (key.is_over(now_ns)) return refuse("expired_key", "The key has expired; create a new one.");
    return key;
  }
  return unknown_key();
}

core::Result<IssuedKey> KeyStore::rotate(std::string_view id, std::int64_t overlap_ns,
                                         std::int64_t now_ns) {
  const auto old = working(id, now_ns);
  if (!old) return old.error();
  std::optional<std::int64_t> expires;
  if (old->expires_ns) expires = now_ns + (*old->expires_ns - old->created_ns);
  const NewKey key =
      make_key({old->subject, old->kind, old->groups, expires, old->may_set_user, old->application},
               std::string(id), now_ns);
  const auto replaced =
      keys_->replace(key.stored, now_ns + std::max<std::int64_t>(overlap_ns, 0), now_ns);
  if (!replaced) return replaced.error();
  if (!*replaced) return refuse("revoked_key", "The key was ended meanwhile; create a new one.");
  return IssuedKey{key.stored.info, key.text};
}

}  // namespace menshen::identity
