// The demo core's HTTP server: one thread, HTTP/1.1 with keep-alive.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace menshen::demo_core {

struct Options {
  std::uint16_t port = 9001;        // 0: any free one
  std::filesystem::path port_file;  // gets the port number once the server listens; may be empty
  std::filesystem::path record;     // gets one JSON line per request; may be empty
  std::chrono::milliseconds first_delay{0};  // before the answer
  std::chrono::milliseconds piece_delay{0};  // between the pieces of a stream
  std::size_t fixed_reply_bytes =
      0;  // > 0: answers of this size that are made once, for measurements
  // Requests that name the model `demo-values` are looked through for these texts, and fixed
  // answers to them begin with all of these. GET /demo/counts says {"requests", "values",
  // "leaked"}: POSTs, those that name that model, and those of them with one of the texts.
  std::vector<std::string> canaries;
};

// Serves on 127.0.0.1 until SIGINT or SIGTERM. Throws when it cannot listen.
void serve(const Options& options);

}  // namespace menshen::demo_core
