// The demo core's HTTP server: one thread, HTTP/1.1 with keep-alive.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

namespace menshen::demo_core {

struct Options {
  std::uint16_t port = 9001;        // 0: any free one
  std::filesystem::path port_file;  // gets the port number once the server listens; may be empty
  std::filesystem::path record;     // gets one JSON line per request; may be empty
  std::chrono::milliseconds first_delay{0};  // before the answer
  std::chrono::milliseconds piece_delay{0};  // between the pieces of a stream
  std::size_t fixed_reply_bytes =
      0;  // > 0: answers of this size that are made once, for measurements
};

// Serves on 127.0.0.1 until SIGINT or SIGTERM. Throws when it cannot listen.
void serve(const Options& options);

}  // namespace menshen::demo_core
