// Which keys of a log a walk over its records may believe: those that lead from the given one.
//
//   KeyAudit keys(given, first);
//   keys.take(seq, record);                    // each record of type `key`, in order
//   const auto head = keys.ring().open(note);
//   if (!keys.believe(*head, holds)) show(keys.doubt(*head));
//
// The given key is believed from the start. A key that a record brings in is believed once a key
// that is believed has signed a head over that record: with an overlap, both do. Heads of keys
// before the given one are compared with the records like all others; that these keys were the
// log's is what the records say, over which the given key has signed its heads. One thread. Records
// are hostile; memory: key_changes_max changes.
#pragma once

#include "audit/key_ring.h"
#include "audit/record.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace menshen::audit {

class KeyAudit {
 public:
  // `first`: the key that signed the log's first heads, as the directory says.
  KeyAudit(const NoteVerifier& given, const NoteVerifier& first);
  // For the one who signs the log: all keys of `all` are believed. Records are taken from `begin`
  // on.
  KeyAudit(const KeyRing& all, std::uint64_t begin);

  [[nodiscard]] const KeyRing& ring() const noexcept { return ring_; }
  // Gives what is wrong with it, as the end of a sentence.
  [[nodiscard]] std::optional<std::string> take(std::uint64_t seq, const Record& record);

  // A head that ring() has opened. `holds`: its root is that of the records.
  [[nodiscard]] bool believe(const SignedHead& head, bool holds);
  // Why one is not believed; said once of the keys that are in force.
  [[nodiscard]] std::optional<std::string> doubt(const SignedHead& head);
  // At the end: the given key has signed no head of the log.
  [[nodiscard]] bool given_is_missing() const noexcept { return !given_signed_; }

 private:
  [[nodiscard]] bool believed(const NoteVerifier& key) const;

  KeyRing ring_;
  std::vector<NoteVerifier> believed_;
  bool given_came_;  // it is in force, or was
  bool given_signed_;
  std::optional<std::uint64_t> doubted_from_;  // the keys in force that were named last
};

}  // namespace menshen::audit
