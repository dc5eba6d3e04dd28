// One witness, as the log sees it: what it is sent, and what its answer means.
//
//   WitnessSession session(key);
//   const auto body = session.request(note, tree);                // of add-checkpoint
//   const WitnessReading reading = session.take(note, head, answer, records);
//   if (reading.outcome == WitnessOutcome::again) ...             // from the size that it named
//
// The size that the witness confirmed last is remembered, and learned from its answers. An answer
// that says that the witness signed a history that this log has not is a contradiction: the log was
// cut, rewritten, or put back from an old copy. No key signs a refusal, and what stands between can
// send one: it counts only where the witness has just named that very size, as plain text or
// without a type, and refusals_min times without a cosignature in between. Answers are hostile
// otherwise: what does not verify counts as a failure. One thread at a time.
#pragma once

#include "audit/checkpoint.h"
#include "audit/cosignature.h"
#include "audit/head_tree.h"
#include "core/error.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace menshen::audit {

enum class WitnessOutcome : std::uint8_t {
  cosigned,      // `line`
  again,         // another size is the last that it knows, or it is asked which
  doubted,       // it refuses the size that it has named: again, after a pause
  failed,        // `error`: unavailable "witness_failed"
  contradicted,  // `error`: invalid_config "evidence_tampered"
};

struct WitnessReading {
  WitnessOutcome outcome = WitnessOutcome::failed;
  std::string line{};
  core::Error error{};
};

// An answer to add-checkpoint.
struct WitnessReply {
  unsigned status = 0;
  std::string_view content_type{};
  std::string_view body{};
};

class WitnessSession {
 public:
  static constexpr int refusals_min = 3;

  explicit WitnessSession(WitnessVerifier verifier)
      : witness_{{std::move(verifier), std::string{}}} {}

  // From where the witness is asked next; 0: it is not known what it has cosigned last.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  [[nodiscard]] core::Result<std::string> request(const std::string& note,
                                                  const HeadTree& tree) const;
  // `records`: how many the log has by now, which the witness may have been shown by others.
  [[nodiscard]] WitnessReading take(const std::string& note, const Checkpoint& head,
                                    const WitnessReply& reply, std::uint64_t records);

 private:
  [[nodiscard]] WitnessReading take_cosignature(const std::string& note, const Checkpoint& head,
                                                std::string_view lines);
  [[nodiscard]] WitnessReading take_size(std::string_view body, std::uint64_t records);
  [[nodiscard]] WitnessReading take_refusal(const WitnessReply& reply, bool named);
  [[nodiscard]] WitnessReading failed(std::string what) const;
  [[nodiscard]] WitnessReading contradicted(std::string what) const;
  [[nodiscard]] const std::string& name() const { return witness_[0].verifier.key().name(); }

  const std::vector<Witness> witness_;  // one
  std::uint64_t size_ = 0;
  bool named_ = false;  // size_ is what the last answer named
  std::uint64_t refused_size_ = 0;
  int refusals_ = 0;  // of refused_size_
};

}  // namespace menshen::audit
