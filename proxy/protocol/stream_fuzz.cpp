// However a stream is cut, its events are the same and its raw bytes are the input's; a rewritten
// event is one event. Inputs: byte 0 chooses the API, byte 1 seeds the cuts, each further byte
// stands for a fragment.
#include "core/fuzz_canary.h"
#include "proxy/protocol/adapter.h"
#include "proxy/protocol/stream.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace menshen::protocol;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr std::array<std::string_view, 34> fragments{
    "\n",
    "\n\n",
    "\r",
    "\r\n",
    "\r\n\r\n",
    ":",
    "data",
    "data:",
    "data: ",
    "event: ",
    "id: 1\n",
    "{",
    "}",
    "\"",
    "[DONE]",
    "data: [DONE]\n\n",
    "\xef\xbb\xbf",
    "error",
    "message_stop",
    ",\"usage\":{\"input_tokens\":3}",
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\\u4f60\"}}]}\n\n",
    "data: "
    "{\"choices\":[{\"index\":1,\"delta\":{\"x\":\"b\"},\"finish_reason\":\"stop\"}]}\r\n\r\n",
    "data: {\"choices\":[{\"logprobs\":{\"content\":[{\"token\":\"c\",\"bytes\":[99]}]}}]}\r\r",
    "data: "
    "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":"
    "\"d\"}}\n\n",
    "data: "
    "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"partial_json\":\"{\\\"e\\\"\"}}"
    "\n\n",
    "data: {\"type\":\"content_block_stop\",\"index\":1}\n\n",
    "data: {\"type\":\"response.output_text.delta\",\"output_index\":1,\"delta\":\"f\"}\n\n",
    "data: "
    "{\"type\":\"response.output_item.done\",\"output_index\":1,\"item\":{\"type\":\"message\"}}"
    "\n\n",
    "data: {\"type\":\"ping\",\ndata: \"g\":[\"h\"]}\n\n",
    "event: error\ndata: {\"type\":\"error\"}\n\n",
    "{\"message\":{\"content\":\"h\\u4f60\"},\"done\":false}\n",
    "{\"response\":\"i\",\"thinking\":\"j\",\"context\":[1,2]}\r\n",
    "{\"message\":{\"tool_calls\":[{\"function\":{\"arguments\":{\"k\":\"l\"}}}]}}\n",
    "{\"done\":true,\"eval_count\":3}\n"};

struct Run {
  std::string raw;
  std::string words;
  std::string error;
  bool ended = false;  // by a terminal event
};

void describe(const StreamEvent& event, std::string& words) {
  std::string scratch;
  words += event.side_text + "|";
  for (const std::uint32_t id : event.ends) words += " ends " + std::to_string(id);
  words += event.ends_all ? " all" : "";
  words += event.terminal ? " terminal" : "";
  words += event.error ? " error" : "";
  if (!event.document) return;
  for (const Leaf& leaf : event.document->leaves()) {
    words +=
        " " + std::to_string(leaf.channel) + "=" + std::string(event.document->text(leaf, scratch));
  }
}

void check_rewriting(const StreamEvent& event, const Endpoint& endpoint) {
  if (!event.document || event.document->leaves().empty()) return;
  Edits edits;
  edits.replace(event.document->leaves().front(), 0, 1, "*");
  require(nlohmann::json::accept(event.document->apply(edits)));
  StreamReader again(endpoint, {});
  // Not at the start of a stream, where a byte order mark would be one.
  again.feed("\n");
  static_cast<void>(again.next());
  again.feed(rewrite_event(event, edits));
  // An event may name its type in a leaf that has been edited: then it is refused, and never
  // another event.
  again.finish();
  const auto first = again.next();
  if (!first) return;
  require(first->has_value());
  // Where its last line ends with a CR alone, the LF of its blank line is one more blank line.
  const auto second = again.next();
  const bool none = !second || !second->has_value();
  require(none || (!(*second)->document && (*second)->raw == "\n"));
}

Run run(const std::string& stream, const Endpoint& endpoint, std::minstd_rand* random) {
  Run result;
  menshen::core::Limits limits;
  limits.stream_event_bytes_max = 600;
  limits.stream_channels_max = 6;
  StreamReader reader(endpoint, limits);
  const auto drain = [&] {
    while (result.error.empty()) {
      auto event = reader.next();
      if (!event) result.error = event.error().code;
      if (!event || !event->has_value()) return;
      result.raw += (*event)->raw;
      result.ended = (*event)->terminal;
      result.words += "\n";
      describe(**event, result.words);
      if (random == nullptr) check_rewriting(**event, endpoint);
    }
  };
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t size = random == nullptr ? stream.size() : 1 + (*random)() % 9;
    std::string piece = stream.substr(at, size);
    if (menshen::core::fuzz_canary) {
      // The planted bug: a line end that is cut in two loses its first half.
      if (random != nullptr && piece.ends_with('\r')) piece.pop_back();
    }
    reader.feed(piece);
    drain();
    at += size;
  }
  reader.finish();
  drain();
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 600) return 0;
  constexpr std::array<std::string_view, 5> apis{
      "openai_chat", "openai_completions", "openai_responses", "anthropic_messages", "ollama_chat"};
  const Endpoint* const endpoint = find_endpoint(apis[data[0] % apis.size()]);
  std::string stream;
  for (std::size_t i = 2; i < size; ++i) {
    if (data[i] >= 0x80)
      stream += fragments[data[i] % fragments.size()];
    else
      stream.push_back(static_cast<char>(data[i]));
  }
  const Run whole = run(stream, *endpoint, nullptr);
  // All of it, up to its end; the last event gets the blank line that it lacks.
  const bool all = whole.raw.starts_with(stream) &&
                   whole.raw.find_first_not_of('\n', stream.size()) == std::string::npos;
  require(all || (stream.starts_with(whole.raw) && (whole.ended || !whole.error.empty())));
  std::minstd_rand random(data[1] + 1U);
  const Run cut = run(stream, *endpoint, &random);
  require(cut.error == whole.error && cut.words == whole.words && cut.raw == whole.raw);
  return 0;
}
