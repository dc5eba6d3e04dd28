// How far a log tells of changes of API keys: what a gateway asks before it goes on telling.
//
//   const auto last = last_recorded_change("var");
//   if (last) go_on_after(last->number);
//
// The log alone is asked, from its end backwards to the first record of type `credential` or
// `state`. A gateway writes one of these among each state_interval records or so; a log that has
// none among the last records_searched_max, or before a record of the start or the end of a version
// that wrote none, tells of no change. Also while a gateway writes; one thread. Records that cannot
// be read are passed over. Errors: those of LogReader.
#pragma once

#include "core/error.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace menshen::audit {

inline constexpr std::uint64_t state_interval = 65'536;  // records
// Far more than a gateway writes between two looks at its keys.
inline constexpr std::uint64_t records_searched_max = 16 * state_interval;

struct RecordedChange {
  std::uint64_t number = 0;  // 0: the log tells of none
  std::string key{};         // its id
  std::uint64_t seq = 0;     // of the record that says so
};

[[nodiscard]] core::Result<RecordedChange> last_recorded_change(
    const std::filesystem::path& directory);

}  // namespace menshen::audit
