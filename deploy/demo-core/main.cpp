// menshen-demo-core: a small inference core that needs no model. It speaks the APIs that Menshen
// guards and repeats what it received, so that one sees what the gateway took out.
#include "deploy/demo-core/server.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
  menshen::demo_core::Options options;
  CLI::App app("A demo inference core for Menshen: OpenAI and Anthropic APIs on 127.0.0.1",
               "menshen-demo-core");
  app.add_option("--port", options.port, "Port; 0: any free one")->capture_default_str();
  app.add_option("--port-file", options.port_file, "Write the port number to this file");
  app.add_option("--record", options.record,
                 "Append every request to this file, one JSON line each");
  std::uint32_t first_delay_ms = 0;
  std::uint32_t piece_delay_ms = 0;
  app.add_option("--first-delay-ms", first_delay_ms, "Wait before an answer")
      ->capture_default_str();
  app.add_option("--piece-delay-ms", piece_delay_ms, "Wait between the pieces of a stream")
      ->capture_default_str();
  app.add_option("--fixed-reply-bytes", options.fixed_reply_bytes,
                 "Always answer with so much text");
  app.add_option("--canary", options.canaries,
                 "A text to look for in requests that name the model demo-values, and to answer "
                 "them with; GET /demo/counts says how many had one");
  CLI11_PARSE(app, argc, argv);
  options.first_delay = std::chrono::milliseconds(first_delay_ms);
  options.piece_delay = std::chrono::milliseconds(piece_delay_ms);
  try {
    menshen::demo_core::serve(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "menshen-demo-core: %s\n", error.what());
    return 1;
  }
  return 0;
}
