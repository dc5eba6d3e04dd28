// What a detector or a score throws, as the error that it is.
//
//   return guarded([&] { return scorer.score(input, reading); });
//
// Memory that ran out is "out_of_memory" and no fault of a detector: no policy lets it pass,
// because whoever can exhaust it would switch the detectors off. Any other exception is
// "detector_failed".
#pragma once

#include "core/error.h"

#include <exception>
#include <new>
#include <string>
#include <type_traits>

namespace menshen::detectors {

// `work` returns a Result.
template <class Work>
std::invoke_result_t<Work> guarded(Work&& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return core::out_of_memory();
  } catch (const std::exception& thrown) {
    return core::gateway_error(core::ErrorKind::internal, "detector_failed",
                               std::string("The scan broke off: ") + thrown.what());
  }
}

}  // namespace menshen::detectors
