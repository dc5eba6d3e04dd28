// Sends requests to an HTTP/1.1 server over many connections, and measures and checks the answers.
#pragma once

#include "bench/load/generator/histogram.h"

#include <netinet/in.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::load {

struct Options {
  sockaddr_in address{};
  std::vector<std::string> requests;   // whole, head and body; sent in turn
  std::vector<std::string> canaries;   // texts that may stand in no answer
  std::size_t connections = 1;         // open from the begin on
  double seconds = 1;                  // requests begin, and are due, for so long
  double drain_seconds = 10;           // what is under way then may take so much longer
  double rate = 0;                     // requests a second; 0: a closed loop
  std::size_t connections_max = 1024;  // of an open loop: opened as requests are due
  std::uint64_t seed = 1;              // of the times at which they are due
};

// Latencies are in nanoseconds, of a closed loop from when a request was begun, of an open one from
// when it was due, so that waiting for a stalled server counts for each request that would have
// been sent meanwhile. What was never answered is in them with the time that it waited until the
// end.
struct Report {
  Histogram latency;
  Histogram delay;               // open loop: from when a request was due to when it was begun
  std::uint64_t due = 0;         // requests that were begun, or waited until the end to be
  std::uint64_t waited = 0;      // of them: no connection was free and no more could be opened
  std::uint64_t answered = 0;    // of them: a whole answer of any status came
  std::uint64_t in_time = 0;     // of them: before the run's seconds were over
  std::uint64_t unanswered = 0;  // still under way at the very end; broken ones are in `errors`
  std::uint64_t canaries = 0;    // answers with a canary
  std::uint64_t bytes = 0;       // of answers' bodies
  double seconds = 0;           // from the begin to the last answer, or until nobody waits any more
  std::size_t connections = 0;  // open at once, at most
  std::map<int, std::uint64_t> statuses;
  std::map<std::string, std::uint64_t, std::less<>> errors;  // by what was wrong
};

// Runs to the end. Closed loop: each connection sends its next request when it has its answer. Open
// loop: requests are due at times of their own, and one that is due waits for no other's answer:
// it takes a free connection, or a new one, or, when there are `connections_max`, the first that
// becomes free. Throws std::system_error when the server cannot be reached at the begin.
[[nodiscard]] Report run(const Options& options);

}  // namespace menshen::load
