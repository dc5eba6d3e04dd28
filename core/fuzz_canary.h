// Whether a fuzz target is its own canary: NAME_canary is NAME's object file linked with true,
// plants a bug in what is fuzzed, and the fuzzer must find it.
#pragma once

namespace menshen::core {

extern const bool fuzz_canary;

}  // namespace menshen::core
