// What answers gave out that only their provider can read and wants back with the next request
// (encrypted reasoning, signatures), remembered by digest for rules that ask whether a value was
// seen.
//
//   AnswerValues values;                            // of one answer
//   values.add(text, leaf.container);               // in pieces or whole, as they come
//   seen.remember(subject, values.finish());        // when the answer is given to the client
//   ...
//   if (seen.knows(subject, core::sha256(text))) ...
//
// What one subject was given is unknown to all others. Nothing outlives the process, and no other
// gateway knows of it. Digests are keyed by a secret of the process; no value is kept.
//
// Bounds: a subject has at most `subject_values_max` values, and its oldest goes for the next. In
// all there are at most `values_max`: subjects are spread over parts, and in a part that is full
// the oldest value of the subject that has most in it goes, so nobody loses one to a subject that
// has more. A value is known for `lifetime_ns` after it was given out last. About 100 bytes each.
//
// Thread-safe; each part has a lock of its own.
#pragma once

#include "core/clock.h"
#include "core/digest.h"
#include "core/exchange.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace menshen::pipeline {

class SeenValues {
 public:
  struct Options {
    std::size_t values_max;
    std::size_t subject_values_max;
    std::int64_t lifetime_ns;
    std::size_t parts = 16;
  };
  struct Stats {
    std::uint64_t values = 0;
    // Forgotten: for their age, for newer ones of their subject, for there were too many in all.
    std::uint64_t aged = 0;
    std::uint64_t displaced = 0;
    std::uint64_t crowded_out = 0;
  };

  SeenValues(const Options& options, const core::Clock& clock);
  ~SeenValues();
  SeenValues(const SeenValues&) = delete;
  SeenValues& operator=(const SeenValues&) = delete;

  // `values`: SHA-256 of each. Out of memory: they are unknown.
  void remember(const core::Subject& subject, std::span<const core::Digest> values) noexcept;
  [[nodiscard]] bool knows(const core::Subject& subject, const core::Digest& value) const;
  [[nodiscard]] Stats stats() const;

 private:
  struct Part;
  // Keyed by the process, and so as good as random.
  [[nodiscard]] core::Digest digest_of(const core::Subject& subject) const;
  [[nodiscard]] Part& part_of(const core::Digest& subject) const;

  const Options options_;
  const core::Clock& clock_;
  const std::string secret_;
  std::unique_ptr<Part[]> parts_;
};

// Digests of the values of one answer, at most core::answer_seen_values_max. One thread at a time.
class AnswerValues {
 public:
  // `block`: 0, a whole value; else the text goes on with the value of this block.
  void add(std::string_view text, std::uint32_t block);
  // Once. SHA-256 of each whole value.
  [[nodiscard]] std::vector<core::Digest> finish();

 private:
  std::vector<core::Digest> whole_;
  std::unordered_map<std::uint32_t, core::Sha256> pieces_;
};

}  // namespace menshen::pipeline
