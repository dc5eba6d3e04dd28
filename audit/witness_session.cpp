#include "audit/witness_session.h"

#include "audit/lines.h"
#include "audit/log_store.h"
#include "audit/submission.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <utility>

namespace menshen::audit {
namespace {

constexpr std::string_view size_type = "text/x.tlog.size";

bool is_type(std::string_view content_type, std::string_view expected) {
  const std::string_view type = content_type.substr(0, content_type.find_first_of("; "));
  return std::ranges::equal(type, expected, {}, [](unsigned char c) { return std::tolower(c); });
}

// The witness's own lines of the answer, its last.
std::string line_of(const NoteVerifier& key, const Note& note) {
  std::string out;
  for (const NoteSignature& signature : note.signatures) {
    if (key.made(signature)) out = signature_line(key, signature.signature);
  }
  return out;
}

const char* meaning_of(unsigned status) {
  switch (status) {
    case 400: return "it takes what it is sent for malformed";
    case 403: return "it knows another key of this log";
    case 404: return "it does not know this log";
    default: return "it did not cosign";
  }
}

}  // namespace

core::Result<std::string> WitnessSession::request(const std::string& note,
                                                  const HeadTree& tree) const {
  const auto proof = tree.proof_from(size_);
  if (!proof) return proof.error();
  return to_text(Submission{size_, *proof, note});
}

WitnessReading WitnessSession::take(const std::string& note, const Checkpoint& head,
                                    const WitnessReply& reply, std::uint64_t records) {
  const bool named = std::exchange(named_, false);
  if (reply.status == 200) return take_cosignature(note, head, reply.body);
  if (reply.status == 409 && is_type(reply.content_type, size_type))
    return take_size(reply.body, std::max(records, head.size));
  if (size_ > 0 && (reply.status == 409 || reply.status == 422)) return take_refusal(reply, named);
  return failed("answers " + std::to_string(reply.status) + ": " + meaning_of(reply.status));
}

WitnessReading WitnessSession::take_cosignature(const std::string& note, const Checkpoint& head,
                                                std::string_view lines) {
  const std::string joined = note + std::string(lines);
  const auto found = cosignatures_of(joined, witness_);
  if (!found) return failed("gives no good cosignature: " + found.error().message);
  if (found->empty()) return failed("gives no cosignature by the key that is configured");
  size_ = head.size;
  refusals_ = 0;
  return {.outcome = WitnessOutcome::cosigned,
          .line = line_of(witness_[0].verifier.key(), parse_note(joined).value())};
}

WitnessReading WitnessSession::take_size(std::string_view body, std::uint64_t records) {
  const auto line = take_line(body);
  const auto size = line && body.empty() ? parse_number(*line) : std::nullopt;
  if (!size) return failed("answers 409 without a size");
  if (*size > records) {
    return contradicted("has cosigned " + std::to_string(*size) +
                        " records of this log, which holds " + std::to_string(records) +
                        ": records were cut off or an old copy was put back");
  }
  if (*size == size_) return failed("refuses the size that it names itself");
  size_ = *size;
  named_ = true;
  return {.outcome = WitnessOutcome::again};
}

// A proof that this log's tiles give leads from the records that it has. Asked from 0, a witness
// names the size that it has cosigned.
WitnessReading WitnessSession::take_refusal(const WitnessReply& reply, bool named) {
  const std::uint64_t size = std::exchange(size_, 0);
  if (!named) return {.outcome = WitnessOutcome::again};
  if (!reply.content_type.empty() && !is_type(reply.content_type, "text/plain"))
    return failed("answers " + std::to_string(reply.status) + " as no witness does");
  if (std::exchange(refused_size_, size) != size) refusals_ = 0;
  if (++refusals_ < refusals_min) {
    WitnessReading reading = failed("refuses the size that it names itself");
    reading.outcome = WitnessOutcome::doubted;
    return reading;
  }
  return contradicted("has cosigned other records than the first " + std::to_string(size) +
                      " of this log: they were rewritten, or an old copy was put back and has "
                      "gone on");
}

WitnessReading WitnessSession::failed(std::string what) const {
  return {.outcome = WitnessOutcome::failed,
          .error = core::gateway_error(core::ErrorKind::unavailable, "witness_failed",
                                       "The witness " + name() + " " + std::move(what) + ".")};
}

WitnessReading WitnessSession::contradicted(std::string what) const {
  return {.outcome = WitnessOutcome::contradicted,
          .error = tampered_error("The witness " + name() + " " + std::move(what) + ".", {})};
}

}  // namespace menshen::audit
