// What the tests of this folder share: golden files, and documents and events in words.
#pragma once

#include "proxy/protocol/document.h"
#include "proxy/protocol/stream.h"

#include <string>
#include <string_view>
#include <vector>

namespace menshen::protocol::testing {

[[nodiscard]] const Endpoint& endpoint_of(Api api);

// proxy/protocol/testdata/NAME
[[nodiscard]] std::string read_golden(const std::string& name);
// Names of the golden files of a folder: "requests", "responses", "streams"; sorted.
[[nodiscard]] std::vector<std::string> golden_names(const std::string& folder);
// The API that a golden file is of, by the first part of its name: chat, completions, responses,
// messages, ...
[[nodiscard]] Api api_of(std::string_view golden_name);

// A line for each leaf: "kind role[ answer][ #channel] pointer = text".
[[nodiscard]] std::string describe(const Document& document);

struct StreamRun {
  std::vector<std::string> events;  // what each says, in words
  std::string raw;                  // of all events
  std::string error;                // code of the error that ended it
  bool complete = false;            // it may close as it is
};
// Feeds the pieces one after the other and takes every event as soon as it is there.
[[nodiscard]] StreamRun run_stream(Api api, const std::vector<std::string_view>& pieces,
                                   const core::Limits& limits = {});

}  // namespace menshen::protocol::testing
