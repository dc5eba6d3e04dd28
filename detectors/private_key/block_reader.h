// Follows a private key block behind its "-----BEGIN".
//
// label, dashes, then a body: RFC 1421 header lines, base64 in lines (real line ends, literal "\n",
// spaces), and "-----END ...-----". What belongs to the key is decided by the base64 itself, so
// that a block that is quoted, indented, cut off or never ended is followed for as long as it goes
// on (RFC 7468, RFC 9580 6.2).
//
//   Extension read_private_key_block: state {} at the byte behind "-----BEGIN".
#pragma once

#include "detectors/detector.h"

namespace menshen::detectors {

[[nodiscard]] Step read_private_key_block(ExtensionState& state, int byte) noexcept;

}  // namespace menshen::detectors
