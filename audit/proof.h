// The evidence of one record, for whoever has no access to the log: a file in the form of C2SP
// tlog-proof v1 (c2sp.org/tlog-proof) that holds the way from the record to a signed head.
//
//   const auto seq = find_exchange("var", "019a...");      // its last record
//   const auto proof = prove("var", **seq);
//   write(to_text(*proof), proof->record);
//
//   const auto read = parse_proof(text);                   // on the other side
//   const auto head = check_proof(*read, record, verifier);
//
// Any thread; also while a gateway writes. Proofs are hostile input: their form, the signature and
// the way are judged in this order, and nothing is believed before. Errors: not_found, codes
// "no_such_record" and "record_not_signed" for one that no published head covers yet;
// invalid_request, codes "malformed_proof" and "wrong_proof"; those of LogReader and
// open_checkpoint().
#pragma once

#include "audit/checkpoint.h"
#include "audit/merkle.h"
#include "core/error.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::audit {

struct LogProof {
  std::uint64_t index = 0;
  std::vector<Hash> path;
  std::string checkpoint;  // a signed note
  std::string record;      // its bytes, which the file does not hold
};

// The number of the last record of an exchange, but for its sampled scores; absent when there is
// none. What the index does not know is looked for in the whole log.
[[nodiscard]] core::Result<std::optional<std::uint64_t>> find_exchange(
    const std::filesystem::path& directory, std::string_view exchange);

// Against the last head that a quorum of witnesses has cosigned, where that covers the record; else
// against the last that was published.
[[nodiscard]] core::Result<LogProof> prove(const std::filesystem::path& directory,
                                           std::uint64_t seq);

// Of the intent that an outcome refers to, which says what it leaves out; absent where it refers to
// none. Error: unavailable, code "wrong_intent", for one that is not of its exchange.
[[nodiscard]] core::Result<std::optional<LogProof>> prove_intent(
    const std::filesystem::path& directory, const LogProof& outcome);

[[nodiscard]] std::string to_text(const LogProof& proof);
[[nodiscard]] core::Result<LogProof> parse_proof(std::string_view text);

// The head that the record stands under.
[[nodiscard]] core::Result<Checkpoint> check_proof(const LogProof& proof, std::string_view record,
                                                   const NoteVerifier& verifier);

}  // namespace menshen::audit
