#include "audit/submission.h"

#include "audit/lines.h"

namespace menshen::audit {
namespace {

constexpr std::string_view old_word = "old ";

core::Error malformed_submission(const char* why) {
  return core::client_error(core::ErrorKind::invalid_request, "malformed_submission", why);
}

}  // namespace

std::string to_text(const Submission& submission) {
  std::string out(old_word);
  out.append(std::to_string(submission.older)).append("\n");
  for (const Hash& hash : submission.proof)
    out.append(core::to_base64(core::as_text(hash))).append("\n");
  return out.append("\n").append(submission.note);
}

core::Result<Submission> parse_submission(std::string_view body) {
  if (body.size() > submission_bytes_max) return malformed_submission("The body is too long.");
  Submission out;
  auto line = take_line(body);
  const bool named = line && line->starts_with(old_word);
  const auto older = named ? parse_number(line->substr(old_word.size())) : std::nullopt;
  if (!older) return malformed_submission("The first line is not `old` and a decimal number.");
  out.older = *older;
  for (line = take_line(body); line && !line->empty(); line = take_line(body)) {
    const auto bytes = core::from_base64(*line);
    const auto hash = bytes ? parse_hash(*bytes) : std::nullopt;
    if (!hash) return malformed_submission("A hash is not of 32 bytes in base64.");
    if (out.proof.size() == submission_proof_max)
      return malformed_submission("The proof is longer than any can be.");
    out.proof.push_back(*hash);
  }
  if (!line) return malformed_submission("The body ends before its checkpoint.");
  out.note = std::string(body);
  return out;
}

}  // namespace menshen::audit
