// What an outcome does not repeat of the intent that it refers to, and both put together again.
//
//   refer(outcome, seq, intent);            // before it is appended: `seq` is the intent's number
//   join(parsed.record, intent.record);     // after both were read
//
// An outcome that refers to an intent has each field of that intent that it does not have itself.
// `decision` and `exchange` always stand in it. Pure functions.
#pragma once

#include "audit/record.h"

#include <cstdint>

namespace menshen::audit {

// Where a field of the intent is empty in the outcome, which a field that is left out would not
// tell, the outcome says all itself.
void refer(Record& outcome, std::uint64_t seq, const Record& intent);

// False: it is not an intent of the outcome's exchange.
bool join(Record& outcome, const Record& intent);

}  // namespace menshen::audit
