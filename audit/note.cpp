#include "audit/note.h"

#include "core/digest.h"
#include "core/unicode.h"
#include "core/utf8.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace menshen::audit {
namespace {

using Bytes32 = std::array<std::uint8_t, 32>;
constexpr std::string_view dash = "\u2014 ";
constexpr std::string_view skey_prefix = "PRIVATE+KEY+";

core::Error malformed_note(const char* why) {
  return core::client_error(core::ErrorKind::invalid_request, "malformed_note", why);
}

core::Error malformed_key(const char* why) {
  return core::gateway_error(core::ErrorKind::invalid_config, "malformed_key", why);
}

[[noreturn]] void die() {
  std::fputs("menshen: OpenSSL failed: Ed25519\n", stderr);
  std::abort();
}

std::shared_ptr<EVP_PKEY> own(EVP_PKEY* key) {
  if (key == nullptr) die();
  return {key, [](EVP_PKEY* k) { EVP_PKEY_free(k); }};
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool is_space(char32_t c) { return c <= 0x20 || core::has_any(c, core::fact::blank); }

bool valid_name(std::string_view name) {
  if (name.empty() || !core::valid_utf8(name)) return false;
  for (std::size_t i = 0; i < name.size();) {
    const core::Utf8Character c = core::utf8_at(name, i);
    if (is_space(c.point) || c.point == '+') return false;
    i += c.bytes;
  }
  return true;
}

std::uint32_t big_endian(std::string_view four) {
  std::uint32_t value = 0;
  for (const char c : four.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::string big_endian(std::uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(value >> shift & 0xff));
  return out;
}

std::string typed(KeyType type, const Bytes32& key) {
  return std::string(1, static_cast<char>(type))
      .append(reinterpret_cast<const char*>(key.data()), key.size());
}

std::uint32_t key_id_of(std::string_view name, KeyType type, const Bytes32& public_key) {
  const core::Digest digest =
      core::sha256(std::string(name).append("\n").append(typed(type, public_key)));
  return big_endian(core::as_text(digest));
}

struct KeyParts {
  std::string name;
  std::uint32_t id = 0;
  Bytes32 key{};
};

// name+hex id+base64(type || 32 bytes)
core::Result<KeyParts> parse_key(std::string_view text, KeyType type) {
  const std::size_t first = text.find('+');
  const std::size_t second = first == text.npos ? first : text.find('+', first + 1);
  if (second == text.npos) return malformed_key("A key has the form name+id+base64.");
  KeyParts parts;
  parts.name = text.substr(0, first);
  const auto id = core::from_hex(text.substr(first + 1, second - first - 1));
  const auto bytes = core::from_base64(text.substr(second + 1));
  if (!valid_name(parts.name))
    return malformed_key("The name of a key may hold no space and no '+'.");
  if (!id || id->size() != 4) return malformed_key("The id of a key is 8 hexadecimal digits.");
  if (!bytes || bytes->size() != 1 + parts.key.size())
    return malformed_key("The key is not an Ed25519 key in base64.");
  if ((*bytes)[0] != static_cast<char>(type)) {
    return malformed_key(type == KeyType::note ? "The key is not one that signs notes."
                                               : "The key is not a witness's.");
  }
  parts.id = big_endian(*id);
  std::memcpy(parts.key.data(), bytes->data() + 1, parts.key.size());
  return parts;
}

core::Result<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(dash))
    return malformed_note("A signature line does not begin with a dash.");
  line.remove_prefix(dash.size());
  const std::size_t space = line.find(' ');
  if (space == line.npos) return malformed_note("A signature line has no signature.");
  NoteSignature out;
  out.name = line.substr(0, space);
  const auto bytes = core::from_base64(line.substr(space + 1));
  if (!valid_name(out.name) || !bytes || bytes->size() < 5)
    return malformed_note("A signature is malformed.");
  out.key_id = big_endian(*bytes);
  out.signature = bytes->substr(4);
  return out;
}

bool printable(std::string_view text) {
  return core::valid_utf8(text) &&
         std::ranges::none_of(text, [](char c) { return c >= 0 && c < 0x20 && c != '\n'; });
}

}  // namespace

core::Result<Note> parse_note(std::string_view note) {
  if (note.size() > note_bytes_max) return malformed_note("The note is too long.");
  if (!printable(note)) return malformed_note("The note is not text.");
  const std::size_t split = note.rfind("\n\n");
  if (split == note.npos) return malformed_note("The note has no signature.");
  Note out;
  out.text = note.substr(0, split + 1);
  std::string_view lines = note.substr(split + 2);
  if (lines.empty() || !lines.ends_with('\n'))
    return malformed_note("The note's last line is cut off.");
  while (!lines.empty()) {
    if (out.signatures.size() == note_signatures_max) return malformed_note("Too many signatures.");
    const std::size_t end = lines.find('\n');
    auto signature = parse_signature(lines.substr(0, end));
    if (!signature) return signature.error();
    out.signatures.push_back(std::move(*signature));
    lines.remove_prefix(end + 1);
  }
  return out;
}

NoteVerifier::NoteVerifier(std::string name, const Bytes32& public_key, KeyType type)
    : name_(std::move(name)),
      public_key_(public_key),
      type_(type),
      key_id_(key_id_of(name_, type_, public_key_)),
      key_(own(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, public_key_.data(),
                                           public_key_.size()))) {}

core::Result<NoteVerifier> NoteVerifier::parse(std::string_view vkey, KeyType type) {
  const auto parts = parse_key(vkey, type);
  if (!parts) return parts.error();
  NoteVerifier verifier(parts->name, parts->key, type);
  if (verifier.key_id() != parts->id)
    return malformed_key("The key's id does not belong to the key.");
  return verifier;
}

std::string NoteVerifier::vkey() const {
  return name_ + "+" + core::to_hex(big_endian(key_id_)) + "+" +
         core::to_base64(typed(type_, public_key_));
}

bool NoteVerifier::verify(std::string_view text, std::string_view signature) const {
  const Context context(EVP_MD_CTX_new());
  if (!context || EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1)
    die();
  return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                          text.size()) == 1;
}

core::Result<NoteSigner> NoteSigner::from_seed(std::string name, const Bytes32& seed,
                                               KeyType type) {
  if (!valid_name(name)) return malformed_key("The name of a key may hold no space and no '+'.");
  auto key = own(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  Bytes32 public_key{};
  std::size_t size = public_key.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), public_key.data(), &size) != 1 ||
      size != public_key.size()) {
    die();
  }
  return NoteSigner(seed, type, std::move(key), NoteVerifier(std::move(name), public_key, type));
}

core::Result<NoteSigner> NoteSigner::generate(std::string name, KeyType type) {
  Bytes32 seed{};
  core::fill_random(seed);
  return from_seed(std::move(name), seed, type);
}

core::Result<NoteSigner> NoteSigner::parse(std::string_view skey, KeyType type) {
  if (!skey.starts_with(skey_prefix))
    return malformed_key("A private key begins with PRIVATE+KEY+.");
  const auto parts = parse_key(skey.substr(skey_prefix.size()), type);
  if (!parts) return parts.error();
  auto signer = from_seed(parts->name, parts->key, type);
  if (signer && signer->verifier().key_id() != parts->id) {
    return malformed_key("The key's id does not belong to the key.");
  }
  return signer;
}

std::string NoteSigner::skey() const {
  return std::string(skey_prefix) + verifier_.name() + "+" +
         core::to_hex(big_endian(verifier_.key_id())) + "+" + core::to_base64(typed(type_, seed_));
}

std::string NoteSigner::sign(std::string_view text) const {
  const Context context(EVP_MD_CTX_new());
  std::string out(64, '\0');
  std::size_t size = out.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                     bytes_of(text), text.size()) != 1 ||
      size != out.size()) {
    die();
  }
  return out;
}

std::string signature_line(const NoteVerifier& key, std::string_view signature) {
  std::string line(dash);
  line.append(key.name()).append(" ");
  line.append(core::to_base64(big_endian(key.key_id()).append(signature))).append("\n");
  return line;
}

std::string sign_note(std::string_view text, const NoteSigner& signer) {
  return std::string(text).append("\n").append(
      signature_line(signer.verifier(), signer.sign(text)));
}

core::Result<std::string> open_note(std::string_view note, std::span<const NoteVerifier> known) {
  auto parsed = parse_note(note);
  if (!parsed) return parsed.error();
  if (const auto checked = check_signatures(*parsed, known); !checked) return checked.error();
  return std::move(parsed->text);
}

core::Result<void> check_signatures(const Note& note, std::span<const NoteVerifier> known) {
  bool verified = false;
  for (const NoteSignature& signature : note.signatures) {
    const auto key = std::ranges::find_if(
        known, [&](const NoteVerifier& verifier) { return verifier.made(signature); });
    if (key == known.end()) continue;
    if (!key->verify(note.text, signature.signature)) {
      return core::client_error(core::ErrorKind::invalid_request, "wrong_signature",
                                "The signature by " + signature.name + " is wrong.");
    }
    verified = true;
  }
  if (!verified) {
    return core::client_error(core::ErrorKind::invalid_request, "unknown_signer",
                              "No known key has signed the note.");
  }
  return {};
}

}  // namespace menshen::audit
