// Names of what the log keeps in its directory; FORMAT.md describes them.
//
//   const auto checkpoint = directory / layout::checkpoint;
//
// Constants only.
#pragma once

#include <array>
#include <string_view>

namespace menshen::audit::layout {

// What any static web server may hand out: complete bundles and tiles, the last head and the
// partial tiles that it needs.
inline constexpr std::string_view tiles = "log";
inline constexpr std::string_view checkpoint = "log/checkpoint";
inline constexpr std::string_view witnessed = "log/witnessed";  // the last head with a quorum

inline constexpr std::array<std::string_view, 2> segments{"segment.0", "segment.1"};
inline constexpr std::string_view heads = "heads";  // every head that was published, oldest first
inline constexpr std::string_view signing_key = "audit.key";  // mode 0600
inline constexpr std::string_view verifier_key = "audit.vkey";
inline constexpr std::string_view verifier_keys = "audit.keys";       // of all times
inline constexpr std::string_view commitment_key = "commitment.key";  // mode 0600

// Of a witness's own directory.
inline constexpr std::string_view witness_key = "witness.key";  // mode 0600
inline constexpr std::string_view witness_verifier_key = "witness.vkey";

inline constexpr std::string_view statistics = "dp.db";
// Texts of those that were in force: HASH.yaml, HASH.json.
inline constexpr std::string_view policies = "policies";
inline constexpr std::string_view configurations = "configurations";

// What searches look into: made from the log, and made anew from it whenever it is not there.
inline constexpr std::string_view index = "index.db";
inline constexpr std::string_view index_lock = "index.lock";  // of whoever fills it
inline constexpr std::string_view damaged_index = "index.db.damaged";

inline constexpr std::string_view former_database = "audit.db";  // of a log before format 2

}  // namespace menshen::audit::layout
