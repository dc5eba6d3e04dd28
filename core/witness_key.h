// The bound of a witness's verifier key, the line NAME+ID+KEY: configurations take none that is
// longer, so nobody makes one.
//
// A constant only.
#pragma once

#include <cstddef>

namespace menshen::core {

inline constexpr std::size_t witness_key_bytes_max = 512;

}  // namespace menshen::core
