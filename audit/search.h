// Finds records of the log by what they say, also while a gateway writes.
//
//   const auto found = search("var", {.terms = {{Field::subject, "alice"}}, .records_max = 50});
//   for (const StoredRecord& record : found->records) use(record.body);      // the newest first
//
// The index says which records may be meant, the log what they are: each is read, and given when
// it has all that was asked for, an outcome also what it leaves to its intent. What the index does
// not have yet, or all when there is none or it cannot be used, is looked for in the log itself. So
// a record that is found is one of the log; but whoever can write the index can hide one: `scan`
// asks the log alone. One thread. Errors: those of LogReader.
#pragma once

#include "audit/reader.h"
#include "audit/record_terms.h"
#include "core/error.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace menshen::audit {

struct Search {
  struct Wanted {
    Field field = Field::event;
    std::string value{};
  };
  // Of a request or an answer, in 1/10000.
  struct ScoreRange {
    std::string name{};
    std::int32_t min = 0;
    std::int32_t max = 10'000;
  };
  std::vector<Wanted> terms{};  // all of them
  std::vector<ScoreRange> scores{};
  std::string exchange{};                                            // empty: any
  std::int64_t since_ns = std::numeric_limits<std::int64_t>::min();  // of the records' times
  std::int64_t until_ns = std::numeric_limits<std::int64_t>::max();  // and before this
  std::size_t records_max = 100;
  bool scan = false;
};

struct Found {
  std::vector<StoredRecord> records{};  // descending
  // Of the intents that outcomes among them refer to (joined.h), by number.
  std::map<std::uint64_t, std::string> intents{};
  std::uint64_t log_records = 0;
  std::uint64_t indexed = 0;  // of them in the index; 0 when it could not be used
};

[[nodiscard]] core::Result<Found> search(const std::filesystem::path& directory,
                                         const Search& search);

}  // namespace menshen::audit
