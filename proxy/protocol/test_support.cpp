#include "proxy/protocol/test_support.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <stdexcept>

namespace menshen::protocol::testing {

namespace {

const std::filesystem::path golden_root =
    std::filesystem::path(MENSHEN_SOURCE_DIR) / "proxy" / "protocol";

std::string_view name_of(LeafKind kind) {
  switch (kind) {
    case LeafKind::text: return "text";
    case LeafKind::json_text: return "json_text";
    case LeafKind::number: return "number";
    case LeafKind::token_list: return "token_list";
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

const Endpoint& endpoint_of(std::string_view name) {
  const Endpoint* const endpoint = find_endpoint(name);
  if (endpoint == nullptr) throw std::logic_error("no such endpoint");
  return *endpoint;
}

std::vector<const Endpoint*> reading_endpoints() {
  std::vector<const Endpoint*> all;
  for (const Adapter* adapter : adapters()) {
    for (const Endpoint& endpoint : adapter->facts().endpoints) {
      if (endpoint.read_request != nullptr) all.push_back(&endpoint);
    }
  }
  return all;
}

const std::vector<std::string_view>& all_words() {
  static const std::vector<std::string_view> all = [] {
    std::set<std::string_view> words;
    for (const Adapter* adapter : adapters()) {
      const auto known = adapter->facts().words->words();
      words.insert(known.begin(), known.end());
    }
    return std::vector<std::string_view>(words.begin(), words.end());
  }();
  return all;
}

const Vocabulary& words_of(std::string_view endpoint) {
  return *endpoint_of(endpoint).adapter().facts().words;
}

std::string read_golden(const std::string& name) {
  std::ifstream file(golden_root / name, std::ios::binary);
  if (!file) throw std::runtime_error("no golden file " + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> golden_names(const std::string& kind) {
  std::vector<std::string> names;
  for (const Adapter* adapter : adapters()) {
    const std::string folder = std::string(adapter->facts().name) + "/testdata/" + kind + "/";
    for (const auto& entry : std::filesystem::directory_iterator(golden_root / folder)) {
      const std::string extension = entry.path().extension();
      const bool is_input = extension == ".json" || extension == ".sse" || extension == ".ndjson";
      if (is_input) names.push_back(folder + entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string endpoint_name(const std::string& golden_name) {
  const std::string file = golden_name.substr(golden_name.rfind('/') + 1);
  return golden_name.substr(0, golden_name.find('/')) + "_" +
         file.substr(0, file.find_first_of("_."));
}

std::string describe(const Document& document) {
  std::ostringstream out;
  std::string scratch;
  for (const Leaf& leaf : document.leaves()) {
    out << name_of(leaf.kind);
    for (const core::OpaqueKind kind : core::all_opaque_kinds) {
      if (leaf.kinds().has(kind)) out << ":" << to_string(kind);
    }
    out << " " << to_string(leaf.role);
    if (leaf.returned) out << " returned";
    if (leaf.answer) out << " answer";
    if (leaf.channel != no_channel) out << " #" << leaf.channel;
    if (leaf.repeated) out << " repeated";
    out << " " << document.pointer(leaf) << " = " << text_of(document, leaf, scratch) << "\n";
  }
  return out.str();
}

StreamRun run_stream(std::string_view api, const std::vector<std::string_view>& pieces,
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
