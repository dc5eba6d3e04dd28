#include "core/fuzz_canary.h"

namespace menshen::core {

const bool fuzz_canary = MENSHEN_FUZZ_CANARY;

}  // namespace menshen::core
