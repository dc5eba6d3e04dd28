// A document is accepted exactly when another parser accepts it and it is unambiguous; without
// edits it keeps its bytes, and any edit leaves valid JSON behind. Inputs: byte 0 chooses API and
// form, the rest is a whole body or what stands in a message's content.
#include "core/fuzz_canary.h"
#include "proxy/protocol/adapter.h"
#include "proxy/protocol/document.h"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <set>
#include <string>
#include <vector>

namespace {

using menshen::protocol::Document;
using menshen::protocol::Edits;
using menshen::protocol::Endpoint;
using menshen::protocol::Leaf;
using menshen::protocol::LeafKind;
using nlohmann::json;

void require(bool holds) {
  if (!holds) std::abort();
}

// Whether every reader reads the same: what the other parser lets through and we refuse is named
// here.
bool is_unambiguous(const std::string& body) {
  // The other parser skips a byte order mark and stops at NUL.
  if (body.starts_with("\xef\xbb\xbf") || body.find('\0') != std::string::npos) return false;
  std::vector<std::set<std::string>> keys;
  bool unique = true;
  bool nul = false;
  int deepest = 0;
  const auto see = [&](int depth, json::parse_event_t event, json& parsed) {
    deepest = std::max(deepest, depth);
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key)
      unique = keys.back().insert(parsed.get<std::string>()).second && unique;
    if (parsed.is_string()) nul = nul || parsed.get<std::string>().find('\0') != std::string::npos;
    return true;
  };
  const json parsed = json::parse(body, see, false);
  return !parsed.is_discarded() && parsed.is_object() && unique && !nul && deepest < 64;
}

std::string edited(const Document& document, const Leaf& leaf, std::size_t begin, std::size_t end) {
  if (menshen::core::fuzz_canary) {
    // The planted bug: offsets of the text taken for offsets of the bytes.
    if (leaf.kind == LeafKind::text) {
      std::string body(document.bytes());
      return body.replace(leaf.begin + begin, end - begin, "[X]");
    }
  }
  Edits edits;
  edits.replace(leaf, begin, end, "[X]");
  return document.apply(edits);
}

void check_edits(const Document& document) {
  require(document.apply(Edits()) == document.bytes());
  std::string scratch;
  std::size_t checked = 0;
  for (const Leaf& leaf : document.leaves()) {
    if (++checked > 40) return;
    const std::size_t size = document.text(leaf, scratch).size();
    for (const auto& [begin, end] :
         {std::pair{std::size_t{0}, size}, {size / 3, size / 3 + (size + 1) / 2}}) {
      require(json::accept(edited(document, leaf, begin, std::min(end, size))));
    }
    static_cast<void>(document.pointer(leaf));
  }
}

std::vector<const Endpoint*> reading_endpoints() {
  std::vector<const Endpoint*> all;
  for (const auto* adapter : menshen::protocol::adapters()) {
    for (const Endpoint& endpoint : adapter->facts().endpoints) {
      if (endpoint.read_request != nullptr) all.push_back(&endpoint);
    }
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const std::vector<const Endpoint*> endpoints = reading_endpoints();
  const Endpoint& endpoint = *endpoints[data[0] % endpoints.size()];
  std::string body(reinterpret_cast<const char*>(data + 1), size - 1);
  const menshen::core::Limits limits;
  const bool in_template = (data[0] & 0x40) != 0;
  if (in_template) body = R"({"model":"m","messages":[{"role":"user","content":")" + body + "\"}]}";
  const bool unambiguous = is_unambiguous(body);
  if ((data[0] & 0x80) != 0) {
    const auto document = Document::parse_response(body, endpoint, 200, limits);
    require(bool(document) == unambiguous);
    if (document) check_edits(*document);
    return 0;
  }
  const auto document = Document::parse_request(body, endpoint, limits);
  require(unambiguous || !document);
  if (in_template)
    require(bool(document) == unambiguous ||
            document.error().kind == menshen::core::ErrorKind::invalid_request);
  if (document) check_edits(*document);
  return 0;
}
