// What must be added to the log when outcomes stand in it although their commit was reported as
// failed: the client was told 503, whatever the outcome says, by its status or, in a stream that
// had begun, by an event.
//
//   for (const Record& record : *corrections(store, from, clock.wall_ns())) store.append(...);
//
// The writer's thread, between commits or within one. Errors: those of LogStore.
#pragma once

#include "audit/log_store.h"
#include "audit/record.h"

#include <cstdint>
#include <vector>

namespace menshen::audit {

// One record of type `correction` for each outcome among the records from `from` to the end that
// has none there yet. All of them were refused.
[[nodiscard]] core::Result<std::vector<Record>> corrections(LogStore& store, std::uint64_t from,
                                                            std::int64_t wall_ns);

// What the log says of itself: heads cannot be published for this error, or can again.
[[nodiscard]] Record publishing_record(const core::Result<void>& how, std::int64_t wall_ns);

}  // namespace menshen::audit
