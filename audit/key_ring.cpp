#include "audit/key_ring.h"

#include "audit/lines.h"

#include <algorithm>
#include <utility>

namespace menshen::audit {
namespace {

core::Error no_keys(const char* why) {
  return core::gateway_error(core::ErrorKind::invalid_config, "malformed_key", why);
}

// Why none of the keys in force has signed: a key of another time may have.
core::Error not_in_force(core::Error error, const Note& note, std::uint64_t size,
                         const std::vector<KeysInForce>& changes) {
  for (const KeysInForce& change : changes) {
    for (const NoteVerifier& key : change.keys) {
      const bool made = std::ranges::any_of(
          note.signatures, [&](const NoteSignature& each) { return key.made(each); });
      if (!made) continue;
      const char* when = change.from > size ? " did not sign yet" : " had been retired";
      error.message = "The key " + key_id_of(key) + when + " when the log had " +
                      std::to_string(size) + " records, and no other has signed the head.";
    }
  }
  return error;
}

}  // namespace

core::Result<std::vector<NoteVerifier>> parse_keys_in_force(std::span<const std::string> vkeys) {
  std::vector<NoteVerifier> keys;
  if (vkeys.empty() || vkeys.size() > keys_in_force_max)
    return no_keys("A log is signed by one key or by two.");
  for (const std::string& vkey : vkeys) {
    auto key = NoteVerifier::parse(vkey);
    if (!key) return key.error();
    if (!keys.empty() && keys[0].name() != key->name())
      return no_keys("The keys are of different logs.");
    if (!keys.empty() && keys[0].key_id() == key->key_id()) return no_keys("The two keys are one.");
    keys.push_back(std::move(*key));
  }
  return keys;
}

std::string key_id_of(const NoteVerifier& key) {
  const std::string vkey = key.vkey();
  const std::size_t begin = vkey.find('+') + 1;
  return vkey.substr(begin, vkey.find('+', begin) - begin);
}

std::vector<std::string> vkeys_of(std::span<const NoteVerifier> keys) {
  std::vector<std::string> out;
  for (const NoteVerifier& key : keys) out.push_back(key.vkey());
  return out;
}

KeyRing::KeyRing(NoteVerifier first) { changes_.push_back({0, {std::move(first)}}); }

core::Result<KeyRing> KeyRing::parse(std::string_view text) {
  KeyRing ring;
  while (!text.empty()) {
    auto line = take_line(text);
    if (!line) return no_keys("The last line is cut off.");
    const std::string_view number = line->substr(0, line->find(' '));
    const auto from = parse_number(number);
    std::vector<std::string> vkeys;
    for (line->remove_prefix(number.size()); line->starts_with(' ');) {
      line->remove_prefix(1);
      vkeys.emplace_back(line->substr(0, line->find(' ')));
      line->remove_prefix(vkeys.back().size());
    }
    auto keys = parse_keys_in_force(vkeys);
    if (!keys) return keys.error();
    const bool first = ring.changes_.empty();
    if (!from || (first ? *from != 0 : *from <= ring.changes_.back().from))
      return no_keys("The numbers of records do not ascend from 0.");
    if (!first && keys->front().name() != ring.last().front().name())
      return no_keys("The keys are of different logs.");
    if (ring.changes_.size() > key_changes_max) return no_keys("The keys changed too often.");
    ring.changes_.push_back({*from, std::move(*keys)});
  }
  if (ring.changes_.empty()) return no_keys("There is no key.");
  return ring;
}

std::string KeyRing::to_text() const {
  std::string out;
  for (const KeysInForce& change : changes_) {
    out += std::to_string(change.from);
    for (const NoteVerifier& key : change.keys) out.append(" ").append(key.vkey());
    out += "\n";
  }
  return out;
}

bool KeyRing::change(std::uint64_t from, std::vector<NoteVerifier> keys) {
  if (keys == last()) return true;
  if (changes_.size() > key_changes_max) return false;
  changes_.push_back({from, std::move(keys)});
  return true;
}

const KeysInForce& KeyRing::at(std::uint64_t size) const {
  const auto next = std::ranges::upper_bound(changes_, size, {}, &KeysInForce::from);
  return *std::prev(next);
}

KeyRing KeyRing::up_to(std::uint64_t size) const {
  KeyRing out;
  for (const KeysInForce& change : changes_) {
    if (change.from <= size) out.changes_.push_back(change);
  }
  return out;
}

bool KeyRing::knows(const NoteVerifier& key) const {
  return std::ranges::any_of(changes_, [&](const KeysInForce& change) {
    return std::ranges::find(change.keys, key) != change.keys.end();
  });
}

core::Result<SignedHead> KeyRing::open(std::string_view text) const {
  const auto note = parse_note(text);
  if (!note) return note.error();
  const auto claimed = parse_checkpoint(note->text);
  const std::uint64_t size = claimed ? claimed->size : 0;
  const std::vector<NoteVerifier>& keys = at(size).keys;
  auto checkpoint = open_checkpoint(*note, keys);
  if (!checkpoint) {
    return checkpoint.error().code == "unknown_signer"
               ? not_in_force(checkpoint.error(), *note, size, changes_)
               : checkpoint.error();
  }
  SignedHead out{std::move(*checkpoint), {}};
  for (const NoteVerifier& key : keys) {
    if (std::ranges::any_of(note->signatures,
                            [&](const NoteSignature& each) { return key.made(each); }))
      out.signers.push_back(key);
  }
  return out;
}

}  // namespace menshen::audit
