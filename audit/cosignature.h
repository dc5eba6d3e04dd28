// Cosignatures by witnesses on a log's heads, as C2SP tlog-cosignature v1.0.1 has them
// (c2sp.org/tlog-cosignature): Ed25519, with the time at which the witness had seen no longer
// log.
//
//   const auto witness = WitnessSigner::generate("witness.example/w1");
//   note += witness->cosign(text, 1'700'000'000);                 // one more signature line
//
//   const std::vector<Witness> known{{key, "auditor"}};
//   const auto found = cosignatures_of(note, known);
//   if (found && operators_of(*found, known) >= quorum) ...
//
// Times are seconds since 1970. Values; all functions may be called from any thread. Notes are
// hostile input, bounded as those of note.h are.
#pragma once

#include "audit/note.h"
#include "core/error.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::audit {

class WitnessVerifier {
 public:
  // Of `name+hex(key id)+base64(0x04 || public key)`. Errors: invalid_config, "malformed_key".
  [[nodiscard]] static core::Result<WitnessVerifier> parse(std::string_view vkey);
  explicit WitnessVerifier(NoteVerifier key) : key_(std::move(key)) {}

  [[nodiscard]] const NoteVerifier& key() const noexcept { return key_; }
  // When the witness signed the text; absent: this is no cosignature of its.
  [[nodiscard]] std::optional<std::uint64_t> time_of(std::string_view text,
                                                     std::string_view signature) const;

 private:
  NoteVerifier key_;
};

class WitnessSigner {
 public:
  // Errors: invalid_config, "malformed_key".
  [[nodiscard]] static core::Result<WitnessSigner> generate(std::string name);
  [[nodiscard]] static core::Result<WitnessSigner> parse(std::string_view skey);
  explicit WitnessSigner(NoteSigner key) : key_(std::move(key)) {}

  [[nodiscard]] WitnessVerifier verifier() const { return WitnessVerifier(key_.verifier()); }
  [[nodiscard]] std::string skey() const { return key_.skey(); }  // secret
  // The line to add to the note.
  [[nodiscard]] std::string cosign(std::string_view text, std::uint64_t time) const;

 private:
  NoteSigner key_;
};

// A witness that somebody trusts, and who runs it: two of one operator are one voice.
struct Witness {
  WitnessVerifier verifier;
  std::string operator_name;
};

// A line for each: its verifier key, and behind a blank who runs it; by default its name. Blanks at
// the ends do not count, empty lines and those that begin with `#` are none. A key stands there
// once, under whatever names. Errors: invalid_config, "malformed_key" and "malformed_witnesses".
[[nodiscard]] core::Result<std::vector<Witness>> parse_witnesses(std::string_view text);

struct Cosignature {
  std::size_t witness = 0;  // among those known
  std::uint64_t time = 0;   // the last, where it signed several times
};

// One for each known witness that has signed the note, in their order; what others signed is passed
// over. Errors: invalid_request, codes "malformed_note", and "wrong_signature" for a line in a
// known witness's name that does not hold.
[[nodiscard]] core::Result<std::vector<Cosignature>> cosignatures_of(
    std::string_view note, std::span<const Witness> known);

// How many different operators they are of.
[[nodiscard]] std::size_t operators_of(std::span<const Cosignature> cosignatures,
                                       std::span<const Witness> known);
// Of all that are known.
[[nodiscard]] std::size_t operators_of(std::span<const Witness> known);

}  // namespace menshen::audit
