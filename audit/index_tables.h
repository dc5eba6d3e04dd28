// What writer and reader of the index's file have to agree on. Internal to index_file.cpp and
// index_lookup.cpp. Pure functions, but for reading a row.
#pragma once

#include "audit/index_file.h"
#include "store/sqlite.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace menshen::audit::index_tables {

inline constexpr std::size_t mark_bytes = 4;

// Scores are found by tenths: 0 to 10, and 11 for one that was not a number.
[[nodiscard]] int tenth_of(std::int32_t score) noexcept;
// What an exchange is found by among the 256 of a bundle.
[[nodiscard]] std::string mark_of(std::string_view exchange);
[[nodiscard]] core::Result<IndexPosition> read_position(const store::Database& db);

}  // namespace menshen::audit::index_tables
