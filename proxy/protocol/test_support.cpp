#include "proxy/protocol/test_support.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace menshen::protocol::testing {

namespace {

const std::filesystem::path golden_root =
    std::filesystem::path(MENSHEN_SOURCE_DIR) / "proxy" / "protocol" / "testdata";

std::string_view name_of(LeafKind kind) {
  switch (kind) {
    case LeafKind::text: return "text";
    case LeafKind::json_text: return "json_text";
    case LeafKind::number: return "number";
    case LeafKind::key: return "key";
    case LeafKind::token: return "token";
    case LeafKind::opaque: return "opaque";
  }
  return "?";
}

// Of an opaque leaf the raw bytes.
std::string_view text_of(const Document& document, const Leaf& leaf, std::string& scratch) {
  if (leaf.kind != LeafKind::opaque) return document.text(leaf, scratch);
  return document.bytes().substr(leaf.begin, leaf.end - leaf.begin);
}

std::string describe_event(const StreamEvent& event) {
  std::ostringstream out;
  if (event.document) out << describe(*event.document);
  if (!event.side_text.empty()) out << "side " << event.side_text << "\n";
  if (!event.ends.empty()) {
    out << "ends";
    for (const std::uint32_t id : event.ends) out << " #" << id;
    out << "\n";
  }
  if (event.ends_all) out << "ends_all\n";
  if (event.terminal) out << "terminal\n";
  if (event.error) out << "error\n";
  if (event.usage.input_tokens + event.usage.output_tokens > 0) {
    out << "usage " << event.usage.input_tokens << " " << event.usage.output_tokens << "\n";
  }
  return out.str();
}

}  // namespace

const Endpoint& endpoint_of(Api api) {
  for (const Endpoint& endpoint : endpoints()) {
    if (endpoint.api == api) return endpoint;
  }
  throw std::logic_error("no such endpoint");
}

std::string read_golden(const std::string& name) {
  std::ifstream file(golden_root / name, std::ios::binary);
  if (!file) throw std::runtime_error("no golden file " + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> golden_names(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(golden_root / folder)) {
    const std::string extension = entry.path().extension();
    if (extension == ".json" || extension == ".sse") names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Api api_of(std::string_view golden_name) {
  if (golden_name.starts_with("chat")) return Api::openai_chat;
  if (golden_name.starts_with("completions")) return Api::openai_completions;
  if (golden_name.starts_with("responses")) return Api::openai_responses;
  if (golden_name.starts_with("embeddings")) return Api::openai_embeddings;
  if (golden_name.starts_with("messages")) return Api::anthropic_messages;
  throw std::logic_error("name the golden file after its API");
}

std::string describe(const Document& document) {
  std::ostringstream out;
  std::string scratch;
  for (const Leaf& leaf : document.leaves()) {
    out << name_of(leaf.kind) << " " << to_string(leaf.role);
    if (leaf.answer) out << " answer";
    if (leaf.channel != no_channel) out << " #" << leaf.channel;
    if (leaf.repeated) out << " repeated";
    out << " " << document.pointer(leaf) << " = " << text_of(document, leaf, scratch) << "\n";
  }
  return out.str();
}

StreamRun run_stream(Api api, const std::vector<std::string_view>& pieces,
                     const core::Limits& limits) {
  StreamRun run;
  StreamReader reader(endpoint_of(api), limits);
  const auto drain = [&] {
    while (run.error.empty()) {
      auto event = reader.next();
      if (!event) run.error = event.error().code;
      if (!event || !event->has_value()) return;
      run.raw += (*event)->raw;
      run.events.push_back(describe_event(**event));
    }
  };
  for (const std::string_view piece : pieces) {
    reader.feed(piece);
    drain();
  }
  reader.finish();
  drain();
  run.complete = run.error.empty() && reader.complete();
  return run;
}

}  // namespace menshen::protocol::testing
