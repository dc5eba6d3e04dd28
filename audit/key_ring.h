// Which keys sign the heads of a log, and from which head on: one, or two while a new key overlaps
// the one that it is to replace. FORMAT.md says how a log records it.
//
//   KeyRing ring(first);                      // it signs from the head over 0 records on
//   ring.change(1235, {first, second});       // as record 1234 says: both, from there on
//   const auto head = ring.open(note);        // one that a key in force then has signed
//
// A head needs the signature of one key that is in force at its size. Signatures of keys that are
// not in force are passed over as unknown ones are, so that a key which was retired vouches for
// nothing that came later. Values; one thread at a time. Notes and texts are hostile.
#pragma once

#include "audit/checkpoint.h"
#include "audit/note.h"
#include "core/error.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::audit {

inline constexpr std::size_t keys_in_force_max = 2;
inline constexpr std::size_t key_changes_max = 4096;

// From the head over `from` records on, these sign, the newest last.
struct KeysInForce {
  std::uint64_t from = 0;
  std::vector<NoteVerifier> keys;
};

struct SignedHead {
  Checkpoint checkpoint;
  std::vector<NoteVerifier> signers;  // of the keys in force
};

// Keys that can sign one log together: one or two of one name, and not the same id twice. Errors:
// invalid_config, code "malformed_key".
[[nodiscard]] core::Result<std::vector<NoteVerifier>> parse_keys_in_force(
    std::span<const std::string> vkeys);
// The id as vkeys have it: eight hexadecimal digits.
[[nodiscard]] std::string key_id_of(const NoteVerifier& key);
[[nodiscard]] std::vector<std::string> vkeys_of(std::span<const NoteVerifier> keys);

class KeyRing {
 public:
  explicit KeyRing(NoteVerifier first);

  // What to_text() gives: a line "FROM VKEY [VKEY]" for each change, in ascending order. Errors:
  // invalid_config, code "malformed_key".
  [[nodiscard]] static core::Result<KeyRing> parse(std::string_view text);
  [[nodiscard]] std::string to_text() const;

  // What is in force already changes nothing. `from` does not descend. False: key_changes_max.
  bool change(std::uint64_t from, std::vector<NoteVerifier> keys);

  [[nodiscard]] const std::vector<KeysInForce>& changes() const noexcept { return changes_; }
  [[nodiscard]] const KeysInForce& at(std::uint64_t size) const;
  // What was known of it when there were so many records.
  [[nodiscard]] KeyRing up_to(std::uint64_t size) const;
  [[nodiscard]] const std::vector<NoteVerifier>& last() const { return changes_.back().keys; }
  // At any time.
  [[nodiscard]] bool knows(const NoteVerifier& key) const;

  // Errors: those of open_checkpoint().
  [[nodiscard]] core::Result<SignedHead> open(std::string_view note) const;

 private:
  KeyRing() = default;
  std::vector<KeysInForce> changes_;
};

}  // namespace menshen::audit
