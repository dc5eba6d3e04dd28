// Signals of the commands that run until they are told to end.
//
//   const sigset_t signals = block_signals();       // before any thread starts
//   int signal = 0;
//   sigwait(&signals, &signal);
//
// The thread that waits for them alone takes SIGTERM, SIGINT, SIGHUP and SIGUSR1; SIGPIPE is
// ignored.
#pragma once

#include <csignal>

namespace menshen::cli {

[[nodiscard]] sigset_t block_signals();

}  // namespace menshen::cli
