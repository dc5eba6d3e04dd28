// What a log sends to a witness: the body of `add-checkpoint`, as C2SP tlog-witness v1.0.0 has it
// (c2sp.org/tlog-witness).
//
//   const std::string body = to_text(Submission{older, proof, note});
//   const auto read = parse_submission(body);                     // on the other side
//
// Pure functions for any thread. Input is hostile: its form is judged whole, and nothing of it is
// believed. Errors: invalid_request, code "malformed_submission".
#pragma once

#include "audit/merkle.h"
#include "core/error.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::audit {

inline constexpr std::size_t submission_proof_max = 63;  // hashes
// Room for the proof and for a head with a hundred signatures.
inline constexpr std::size_t submission_bytes_max = 64 * 1024;

struct Submission {
  std::uint64_t older = 0;    // size of the head that the witness cosigned last, for all we know
  std::vector<Hash> proof{};  // that the note's tree continues that one
  std::string note{};
};

[[nodiscard]] std::string to_text(const Submission& submission);
[[nodiscard]] core::Result<Submission> parse_submission(std::string_view body);

}  // namespace menshen::audit
