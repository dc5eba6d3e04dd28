// Prompt injection as far as words and forms tell: does this text try to take over the model that
// reads it?
//
// Two kinds of evidence over the normalised view. Word classes near one another (a verb of
// overriding, what came before, the word for instructions) from a lexicon; and signatures of form
// (special tokens, fake delimiters, beacons), an RE2::Set. Evidence of one family counts once,
// families combine by noisy-or. See README.md.
//
//   auto by_hand = injection_by_hand(reading, signatures, core::Role::user);
//
// Any thread. Error "detector_failed": RE2 ran out of memory or could not compile.
#pragma once

#include "core/error.h"
#include "core/segment.h"
#include "detectors/scoring/reading.h"
#include "detectors/scoring/terms.h"

#include <re2/set.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace menshen::detectors::scoring {

struct Signature {
  std::uint8_t family;
  float weight;
  std::string_view pattern;
};

[[nodiscard]] std::span<const Signature> injection_signatures();

// A set of patterns matched in one pass. Immutable; any thread.
class SignatureSet {
 public:
  // memory_bytes_max: of the automaton that RE2 builds as it goes.
  SignatureSet(std::span<const Signature> signatures, std::int64_t memory_bytes_max);

  // The indices of the signatures found, in `found`. "No match" is not "could not tell": the latter
  // is an error.
  core::Result<void> match(std::string_view text, std::vector<int>& found) const;
  [[nodiscard]] const Signature& at(int index) const noexcept;

  [[nodiscard]] static const SignatureSet& instance();

 private:
  std::span<const Signature> signatures_;
  std::unique_ptr<re2::RE2::Set> set_;
  bool ready_ = false;
};

// Terms of which one stands in each text that has one of many signatures, a row for each class.
[[nodiscard]] std::span<const TermRow> signature_cues();

// Whether one of the signatures may stand in the text: what each needs is looked for, cheaply.
// False is sure, and most texts have none.
[[nodiscard]] bool may_have_signature(const Reading& reading);

struct InjectionByHand {
  float all = 0;
  float forms = 0;  // of signatures and invisible characters alone
};
core::Result<InjectionByHand> injection_by_hand(const Reading& reading,
                                                const SignatureSet& signatures, core::Role role);

}  // namespace menshen::detectors::scoring
