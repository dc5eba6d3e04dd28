// Signed notes and their keys as C2SP signed-note v1.0.0 has them (c2sp.org/signed-note), with
// Ed25519.
//
//   auto signer = NoteSigner::generate("gateway.example/audit");
//   std::string note = sign_note("text\n", signer);
//   auto opened = open_note(note, {{signer.verifier()}});      // the text, once a known key has
//   signed it
//
// A verifier key is written `name+hex(key id)+base64(0x01 || public key)`, a signer key as Go's
// golang.org/x/mod/sumdb/note writes it: `PRIVATE+KEY+name+hex(key id)+base64(0x01 || seed)`. Keys
// of witnesses have 0x04 instead, and are taken where they are asked for alone (cosignature.h).
// Values; all functions may be called from any thread. Notes are hostile input: at most
// note_bytes_max bytes and note_signatures_max signatures are read. No error text carries a key.
#pragma once

#include "core/error.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace menshen::audit {

inline constexpr std::size_t note_bytes_max = 1024 * 1024;
inline constexpr std::size_t note_signatures_max = 100;

// What a key is for; the same Ed25519 key has another id for each.
enum class KeyType : std::uint8_t { note = 0x01, cosignature = 0x04 };

struct NoteSignature {
  std::string name;
  std::uint32_t key_id = 0;
  std::string signature;  // without the key id
};

struct Note {
  std::string text;  // ends with a newline
  std::vector<NoteSignature> signatures;
};

// Reads the form only: no signature is checked. Errors: invalid_request, code "malformed_note".
[[nodiscard]] core::Result<Note> parse_note(std::string_view note);

class NoteVerifier {
 public:
  // Errors: invalid_config, code "malformed_key", also for a key of another type.
  [[nodiscard]] static core::Result<NoteVerifier> parse(std::string_view vkey,
                                                        KeyType type = KeyType::note);
  NoteVerifier(std::string name, const std::array<std::uint8_t, 32>& public_key,
               KeyType type = KeyType::note);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::uint32_t key_id() const noexcept { return key_id_; }
  [[nodiscard]] std::string vkey() const;
  // Ed25519 over the text's bytes, whatever the type.
  [[nodiscard]] bool verify(std::string_view text, std::string_view signature) const;
  [[nodiscard]] bool made(const NoteSignature& signature) const noexcept {
    return key_id_ == signature.key_id && name_ == signature.name;
  }
  // The same key under the same name; ids alone can be made to agree.
  bool operator==(const NoteVerifier& other) const noexcept {
    return public_key_ == other.public_key_ && type_ == other.type_ && name_ == other.name_;
  }

 private:
  std::string name_;
  std::array<std::uint8_t, 32> public_key_{};
  KeyType type_ = KeyType::note;
  std::uint32_t key_id_ = 0;
  std::shared_ptr<evp_pkey_st> key_;
};

class NoteSigner {
 public:
  // A name is not empty and holds neither white space nor '+'. Errors: invalid_config,
  // "malformed_key".
  [[nodiscard]] static core::Result<NoteSigner> generate(std::string name,
                                                         KeyType type = KeyType::note);
  [[nodiscard]] static core::Result<NoteSigner> from_seed(std::string name,
                                                          const std::array<std::uint8_t, 32>& seed,
                                                          KeyType type = KeyType::note);
  [[nodiscard]] static core::Result<NoteSigner> parse(std::string_view skey,
                                                      KeyType type = KeyType::note);

  [[nodiscard]] const NoteVerifier& verifier() const noexcept { return verifier_; }
  [[nodiscard]] std::string skey() const;                       // secret
  [[nodiscard]] std::string sign(std::string_view text) const;  // the 64 bytes of RFC 8032

 private:
  NoteSigner(const std::array<std::uint8_t, 32>& seed, KeyType type,
             std::shared_ptr<evp_pkey_st> key, NoteVerifier verifier)
      : seed_(seed), type_(type), key_(std::move(key)), verifier_(std::move(verifier)) {}

  std::array<std::uint8_t, 32> seed_{};
  KeyType type_ = KeyType::note;
  std::shared_ptr<evp_pkey_st> key_;
  NoteVerifier verifier_;
};

// `text` is valid UTF-8 without control characters but newlines, and ends with a newline.
[[nodiscard]] std::string sign_note(std::string_view text, const NoteSigner& signer);

// The line that a key adds to a note: name, id and signature.
[[nodiscard]] std::string signature_line(const NoteVerifier& key, std::string_view signature);

// The note's text when at least one of the known keys has signed it. Unknown keys are passed over;
// a wrong signature from a known key refuses the note. Errors: invalid_request, codes
// "malformed_note", "wrong_signature", "unknown_signer".
[[nodiscard]] core::Result<std::string> open_note(std::string_view note,
                                                  std::span<const NoteVerifier> known);
// The same of a note that was parsed already.
[[nodiscard]] core::Result<void> check_signatures(const Note& note,
                                                  std::span<const NoteVerifier> known);

}  // namespace menshen::audit
