// A record that is too long for the log, cut. Internal to canonical.cpp. Pure function.
#pragma once

#include "audit/record.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace menshen::audit {

// How much of it is kept.
struct Caps {
  std::size_t items;
  std::size_t text_bytes;
};

// What was left out, by the name of the field.
using Truncated = std::map<std::string, std::uint64_t>;

[[nodiscard]] Record cut_record(const Record& record, const Caps& caps, Truncated& truncated);

}  // namespace menshen::audit
