// Checks the whole evidence of a directory and names what was done to it.
//
//   auto report = verify("var", {.vkey = "auditor/menshen.vkey", .published =
//   "/mnt/auditor/heads"}); if (report && !report->ok()) print(to_text(*report));
//
// Every record's bytes are hashed again and compared with the stored tree and with every signed
// head: those in the log, those in the files `checkpoint` and `witnessed`, and those published
// elsewhere; tiles are compared with what they are made of, and texts that records name by their
// hashes with these. Read-only; works while a gateway writes (what was there at the start is
// checked). Memory is bounded whatever the size of the log. FORMAT.md says what this can and cannot
// show. Errors are for what stops the check from being made: no log, no key, no head in the
// published file.
#pragma once

#include "audit/cosignature_audit.h"
#include "audit/exchange_book.h"
#include "audit/key_ring.h"
#include "core/error.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::audit {

struct Problem;

// What a gateway knows of the log that it writes, for a walk over its bundles beside it.
struct OwnLog {
  KeyRing ring;              // believed; the files of keys must say the same
  std::uint64_t sealed = 0;  // so many records stand in bundles: segments are not read
  // The first record that is read, of a bundle. What stands before is taken from its tiles: a head
  // that holds behind it proves them.
  std::uint64_t begin = 0;
  std::string head{};  // that it has signed, over `sealed` records at most; may be empty
  // Of heads over more than `sealed` records and up to so many, the signatures are looked at.
  std::uint64_t heads_end = 0;
};

struct VerifyOptions {
  // Told now and then how many records of how many were checked.
  std::function<void(std::uint64_t, std::uint64_t)> progress{};
  // A key of the log, of whatever time. Empty: audit.vkey in the directory, which whoever owns the
  // log could replace.
  std::filesystem::path vkey{};
  std::filesystem::path published{};  // heads kept elsewhere; may be empty
  // Whose cosignatures count, and of how many operators a head needs them. None: they are not
  // looked at.
  std::vector<Witness> witnesses{};
  std::size_t quorum = 0;

  // For whoever walks over a log that grows (scrubber.h). Told of each problem as it is found.
  std::function<void(const Problem&)> found{};
  // Told what was read since the last call, a signature counting as signature_bytes. False: the
  // check ends, and the report is of what it has read.
  std::function<bool(std::uint64_t bytes)> pace{};
  std::optional<OwnLog> own{};
  std::size_t exchanges_remembered = closed_remembered_max;  // see exchange_book.h
};

// To check a signature takes as long as to hash so much.
inline constexpr std::uint64_t signature_bytes = 8'192;

enum class ProblemKind : std::uint8_t {
  altered,         // a record's bytes are not those that were signed
  missing,         // records in the middle are gone
  moved,           // a record stands at another's number
  duplicated,      // a copy of another record
  cut_off,         // a signed head covers more records than there are
  unreadable,      // the log is damaged here
  stored_hash,     // a stored hash is wrong, the records under it are not
  head_signature,  // a head that no key of the log in force then has signed
  head_root,       // a signed head has another root than the records; no single record can be named
  head_missing,    // a file of heads is gone
  cosignature,     // a witness did not make it, or no head has those of a quorum
  text_missing,    // the text of a policy that a record names is not there
  text_altered,    // it has another hash
  exchange,  // an exchange with two outcomes, two intents for one attempt, or none though forwarded
};
[[nodiscard]] std::string_view to_string(ProblemKind kind) noexcept;

struct Problem {
  ProblemKind kind = ProblemKind::altered;
  std::uint64_t first = 0;  // number of the record, or the first of several
  std::uint64_t last = 0;
  std::string exchange;  // of the first record, when it can be read
  std::string what;      // a sentence
};

struct OpenExchange {
  std::uint64_t seq = 0;  // of its intent
  std::string exchange;
};

inline constexpr std::size_t problems_listed_max = 1'000;
inline constexpr std::size_t open_exchanges_listed_max = 1'000;

struct VerifyReport {
  std::uint64_t records = 0;
  std::uint64_t heads = 0;            // compared, wherever they were kept
  std::uint64_t published_heads = 0;  // in the file of heads published elsewhere
  std::uint64_t signed_records = 0;   // covered by the last head that holds
  std::uint64_t published_fragments =
      0;  // pieces of the published file that are no whole note (a crash leaves one)
  Witnessed witnessed;
  std::string vkey;                      // that was trusted
  std::vector<KeysInForce> key_changes;  // the keys of the log, from its first head on
  std::string root;                      // hex, over all records
  std::vector<Problem> problems;  // in the order of their numbers; problems_listed_max at most
  std::uint64_t problems_total = 0;
  // An intent without an outcome: under way if a gateway runs, else interrupted. Not a problem by
  // itself.
  std::vector<OpenExchange> open_exchanges;
  std::uint64_t open_exchanges_total = 0;

  [[nodiscard]] bool ok() const noexcept { return problems_total == 0; }
};

[[nodiscard]] core::Result<VerifyReport> verify(const std::filesystem::path& directory,
                                                const VerifyOptions& options = {});

[[nodiscard]] std::string to_text(const VerifyReport& report);
[[nodiscard]] std::string to_json(const VerifyReport& report);

}  // namespace menshen::audit
