// What the tests of this folder share: golden files, and documents and events in words.
#pragma once

#include "proxy/protocol/adapter.h"
#include "proxy/protocol/document.h"
#include "proxy/protocol/stream.h"
#include "proxy/protocol/words.h"

#include <string>
#include <string_view>
#include <vector>

namespace menshen::protocol::testing {

[[nodiscard]] const Endpoint& endpoint_of(std::string_view name);

// Those of all APIs that have a body.
[[nodiscard]] std::vector<const Endpoint*> reading_endpoints();

// The words of all APIs, each once.
[[nodiscard]] const std::vector<std::string_view>& all_words();
// Those of the API of an endpoint.
[[nodiscard]] const Vocabulary& words_of(std::string_view endpoint);

// proxy/protocol/NAME
[[nodiscard]] std::string read_golden(const std::string& name);
// The golden files of all APIs, of a kind: "requests", "responses", "streams"; sorted. A name is
// API/testdata/KIND/FILE.
[[nodiscard]] std::vector<std::string> golden_names(const std::string& kind);
// The endpoint that a golden file is of: its API, and the first part of its file's name.
[[nodiscard]] std::string endpoint_name(const std::string& golden_name);

// A line for each leaf: "kind role[ answer][ #channel] pointer = text".
[[nodiscard]] std::string describe(const Document& document);

struct StreamRun {
  std::vector<std::string> events;  // what each says, in words
  std::string raw;                  // of all events
  std::string error;                // code of the error that ended it
  bool complete = false;            // it may close as it is
};
// Feeds the pieces one after the other and takes every event as soon as it is there.
[[nodiscard]] StreamRun run_stream(std::string_view api,
                                   const std::vector<std::string_view>& pieces,
                                   const core::Limits& limits = {});

}  // namespace menshen::protocol::testing
