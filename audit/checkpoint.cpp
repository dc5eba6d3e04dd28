#include "audit/checkpoint.h"

#include "audit/lines.h"

#include <algorithm>
#include <utility>

namespace menshen::audit {
namespace {

constexpr std::size_t signature_bytes = 64;

core::Error malformed(const char* why) {
  return core::client_error(core::ErrorKind::invalid_request, "malformed_checkpoint", why);
}

// What a crash or a full disk leaves of a note is none, also when a line that was cut off has been
// ended since.
bool has_form(std::string_view note) {
  const auto parsed = parse_note(note);
  return parsed && std::ranges::all_of(parsed->signatures, [](const NoteSignature& signature) {
           return signature.signature.size() >= signature_bytes;
         });
}

}  // namespace

std::string checkpoint_text(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
         core::to_base64(core::as_text(checkpoint.root)) + "\n";
}

core::Result<Checkpoint> parse_checkpoint(std::string_view text) {
  const auto origin = take_line(text);
  const auto size_line = take_line(text);
  const auto root_line = take_line(text);
  if (!root_line) return malformed("A checkpoint has three lines: origin, size, root.");
  if (origin->empty()) return malformed("The origin is empty.");
  const auto size = parse_number(*size_line);
  if (!size) return malformed("The size is not a decimal number.");
  const auto bytes = core::from_base64(*root_line);
  const auto root = bytes ? parse_hash(*bytes) : std::nullopt;
  if (!root) return malformed("The root is not a hash of 32 bytes in base64.");
  while (!text.empty()) {
    const auto extension = take_line(text);
    if (!extension || extension->empty())
      return malformed("An extension line is empty or cut off.");
  }
  return Checkpoint{std::string(*origin), *size, *root};
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const NoteSigner& signer) {
  return sign_note(checkpoint_text(checkpoint), signer);
}

LogSigner signer_of(NoteSigner key) {
  NoteVerifier verifier = key.verifier();
  return {std::move(verifier), [key = std::move(key)](std::string_view text) {
            return core::Result<std::string>(key.sign(text));
          }};
}

core::Result<std::string> sign_checkpoint(const Checkpoint& checkpoint,
                                          std::span<const LogSigner> signers) {
  const std::string text = checkpoint_text(checkpoint);
  std::string note = text + "\n";
  for (const LogSigner& signer : signers) {
    const auto signature = signer.sign(text);
    if (!signature) return signature;
    note += signature_line(signer.verifier, *signature);
  }
  return note;
}

core::Result<Checkpoint> open_checkpoint(std::string_view note, const NoteVerifier& verifier) {
  const auto parsed = parse_note(note);
  if (!parsed) return parsed.error();
  return open_checkpoint(*parsed, {&verifier, 1});
}

core::Result<Checkpoint> open_checkpoint(const Note& note, std::span<const NoteVerifier> keys) {
  if (const auto checked = check_signatures(note, keys); !checked) return checked.error();
  auto checkpoint = parse_checkpoint(note.text);
  if (checkpoint && checkpoint->origin != keys.front().name()) {
    return core::client_error(core::ErrorKind::invalid_request, "wrong_origin",
                              "The checkpoint is of another log than the key.");
  }
  return checkpoint;
}

PublishedNotes split_published(std::string_view file) {
  PublishedNotes out;
  std::string text;  // the block before, which may be a note's text
  for (;;) {
    file.remove_prefix(std::min(file.find_first_not_of('\n'), file.size()));
    if (file.empty()) break;
    const std::size_t end = file.find("\n\n");
    const bool whole = end != file.npos;
    const std::string_view block = whole ? file.substr(0, end + 1) : file;
    file.remove_prefix(whole ? end + 2 : file.size());
    const bool signatures = block.starts_with("\u2014 ");
    std::string note = signatures ? text + "\n" + std::string(block) : std::string{};
    if (signatures && whole && !text.empty() && has_form(note)) {
      out.notes.push_back(std::move(note));
      text.clear();
      continue;
    }
    if (signatures || !text.empty()) ++out.fragments;
    text = signatures ? std::string{} : std::string(block);
  }
  if (!text.empty()) ++out.fragments;
  return out;
}

}  // namespace menshen::audit
