// A detector that is shown lines instead of runs: for values whose characters nobody knows
// beforehand, such as those of a policy's own recognizers.
//
// The engine (engine/lines.h) cuts the normalised text at its line ends, and long lines into
// windows, by content alone. A Window then is a line or a part of one, with what stands before it:
// `text` shows at least reach() bytes behind what the window owns, unless the line ends before.
// `digits` and `groups` are empty. A match that may go on behind the window is given with an
// extension.
#pragma once

#include "detectors/detector.h"

#include <cstddef>
#include <span>

namespace menshen::detectors {

class LineDetector : public Detector {
 public:
  // A match, with what must be seen behind it: at most match_bytes_max.
  [[nodiscard]] virtual std::size_t reach() const noexcept = 0;
  [[nodiscard]] std::span<const Trigger> triggers() const noexcept final { return {}; }
};

}  // namespace menshen::detectors
