#include "proxy/identity/key_store.h"

#include "proxy/identity/key_format.h"

#include <algorithm>
#include <string_view>
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
  out.text = std::move(key.text);
  return out;
}

}  // namespace

core::Result<KeyStore> KeyStore::open(const std::filesystem::path& folder) {
  auto keys = open_key_file(folder);
  if (!keys) return keys.error();
  return KeyStore(std::move(*keys));
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
      make_key({old->subject, old->kind, old->groups, expires}, std::string(id), now_ns);
  const auto replaced =
      keys_->replace(key.stored, now_ns + std::max<std::int64_t>(overlap_ns, 0), now_ns);
  if (!replaced) return replaced.error();
  if (!*replaced) return refuse("revoked_key", "The key was ended meanwhile; create a new one.");
  return IssuedKey{key.stored.info, key.text};
}

}  // namespace menshen::identity
