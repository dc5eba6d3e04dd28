// What records of released statistics hold beside time and number: types clock, charge and release.
// dp/README.md says what they are for, FORMAT.md gives the bytes.
//
//   record.privacy = std::make_shared<const PrivacyEntry>(PrivacyEntry{.day = "2026-09-04"});
//
// Values. What is empty, zero or false is left out of the record, but for the four members of a
// figure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace menshen::audit {

// Noisy counts as they were released: they may be negative.
struct ReleasedCounts {
  std::string group;
  std::string model;
  std::int64_t requests = 0;
  std::int64_t users = 0;
  bool operator==(const ReleasedCounts&) const = default;
};

// Budgets are counted in millionths of rho.
struct PrivacyEntry {
  std::string day;  // "2026-09-04", UTC

  // charge
  std::uint64_t rho_micro = 0;        // what the day costs
  std::uint64_t rho_spent_micro = 0;  // by all days, this one too
  std::uint64_t rho_total_micro = 0;  // allowed at the time
  bool refused = false;               // the budget does not hold the day: nothing is released
  bool carried = false;  // a charge of a version that wrote no records, whose figures are not here
  std::uint32_t requests_cap = 0;       // counted of one user
  std::vector<std::uint64_t> sigma2{};  // dp/plan.h: of requests and users, by table

  // release
  std::uint32_t window = 0;  // of the day, from 0
  std::uint32_t part = 0;    // of the window, from 0
  std::uint32_t parts = 0;
  bool final = false;         // no further window of the day will come
  std::uint64_t counted = 0;  // records before this number were counted
  std::vector<ReleasedCounts> figures{};

  bool operator==(const PrivacyEntry&) const = default;
};

}  // namespace menshen::audit
