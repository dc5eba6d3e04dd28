// Names and schema of what the log keeps in its directory; FORMAT.md describes them.
//
//   const auto database = directory / layout::database;
//
// Constants only.
#pragma once

#include <string_view>

namespace menshen::audit::layout {

inline constexpr std::string_view database = "audit.db";
inline constexpr std::string_view checkpoint =
    "checkpoint";  // the last signed head, outside the database
inline constexpr std::string_view signing_key = "audit.key";  // mode 0600
inline constexpr std::string_view verifier_key = "audit.vkey";
inline constexpr std::string_view commitment_key = "commitment.key";  // mode 0600

inline constexpr std::string_view statistics = "dp.db";

inline constexpr int application_id = 0x4d656e41;  // "MenA"
inline constexpr int format_version = 1;

// hashes: the leaf's hash, then those of the perfect subtrees that the leaf completes, smallest
// first. They stand before the body so that proofs need not read it.
inline constexpr const char* schema =
    "CREATE TABLE IF NOT EXISTS records("
    " seq INTEGER PRIMARY KEY, hashes BLOB NOT NULL, body TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS checkpoints(size INTEGER PRIMARY KEY, note TEXT NOT NULL);";

}  // namespace menshen::audit::layout
