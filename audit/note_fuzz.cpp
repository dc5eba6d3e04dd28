// Notes, checkpoints, keys, submissions to witnesses and published files from whoever: what is
// accepted must be written back byte for byte, and a note must not open under a key that did not
// sign it.
#include <cstdint>
#include <cstdlib>

#include "core/fuzz_canary.h"
#include "audit/checkpoint.h"
#include "audit/cosignature.h"
#include "audit/note.h"
#include "audit/submission.h"
#include "core/digest.h"

namespace {

using namespace menshen;
using namespace menshen::audit;

void expect(bool condition) {
  if (!condition) std::abort();
}

const NoteSigner& signer() {
  static const NoteSigner made = NoteSigner::from_seed("log", {1, 2, 3}).value();
  return made;
}

std::string written(const Note& note) {
  std::string out = note.text + "\n";
  for (const NoteSignature& signature : note.signatures) {
    std::string blob;
    for (int shift = 24; shift >= 0; shift -= 8) {
      blob.push_back(static_cast<char>(signature.key_id >> shift & 0xff));
    }
    out += "\u2014 " + signature.name + " " + core::to_base64(blob + signature.signature) + "\n";
  }
  return out;
}

void check_note(std::string_view input) {
  const auto note = parse_note(input);
  if (!note) return;
  expect(!note->signatures.empty() && note->signatures.size() <= note_signatures_max);
  expect(written(*note) == input);
  const auto opened = open_note(input, {&signer().verifier(), 1});
  if (core::fuzz_canary) {
    expect(note->signatures.size() < 2);  // planted: says that no note has two signatures
  }
  // The fuzzer cannot sign: only the seeds that the key signed open, and their text is what was
  // signed.
  if (opened) expect(sign_note(*opened, signer()).starts_with(*opened + "\n"));
}

void check_checkpoint(std::string_view input) {
  const auto checkpoint = parse_checkpoint(input);
  if (!checkpoint) return;
  expect(input.starts_with(checkpoint_text(*checkpoint)));
  const std::string note = sign_note(input, signer());
  const auto opened = open_checkpoint(note, signer().verifier());
  expect(!opened || *opened == *checkpoint);
}

void check_keys(std::string_view input) {
  if (const auto key = NoteVerifier::parse(input)) {
    expect(NoteVerifier::parse(key->vkey())->key_id() == key->key_id());
  }
  if (const auto key = NoteSigner::parse(input)) {
    expect(NoteSigner::parse(key->skey())->verifier().vkey() == key->verifier().vkey());
  }
}

void check_published(std::string_view input) {
  const PublishedNotes published = split_published(input);
  std::size_t bytes = 0;
  for (const std::string& note : published.notes) {
    expect(note.find("\n\n") != note.npos);
    bytes += note.size();
  }
  expect(bytes <= input.size());
}

void check_submission(std::string_view input) {
  const auto submission = parse_submission(input);
  if (submission) expect(to_text(*submission) == input);
}

void check_cosigned(std::string_view input) {
  static const WitnessSigner witness(
      NoteSigner::from_seed("log", {1, 2, 3}, KeyType::cosignature).value());
  static const std::vector<Witness> known{{witness.verifier(), "operator"}};
  const auto note = parse_note(input);
  if (!note || note->signatures.size() == note_signatures_max) return;
  const auto before = cosignatures_of(input, known);
  const auto after =
      cosignatures_of(std::string(input) + witness.cosign(note->text, 1'700'000'000), known);
  expect(before.has_value() == after.has_value());
  if (after) expect(after->size() == 1 && operators_of(*after, known) == 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check_note(input);
  check_checkpoint(input);
  check_keys(input);
  check_published(input);
  check_submission(input);
  check_cosigned(input);
  return 0;
}
