#include "proxy/protocol/document.h"

#include "core/json_number.h"
#include "core/work_count.h"
#include "proxy/protocol/adapter.h"
#include "proxy/protocol/answers.h"
#include "proxy/protocol/document_impl.h"
#include "proxy/protocol/json_string.h"
#include "proxy/protocol/requests.h"
#include "proxy/protocol/tokens/token_text.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace menshen::protocol {

namespace {

// Texts of an answer that is no stream are bounded by its size.
constexpr std::uint32_t unbounded_channels = 0x7fffffff;

core::Error as_provider_error(core::Error error) {
  return core::provider_error(
      core::ErrorKind::bad_upstream, "bad_upstream_body",
      "The provider's answer cannot be read: " + error.message + " (" + error.code + ")",
      std::move(error.where));
}

constexpr std::size_t kept_leaves_max = 64 * 1024;

std::vector<Leaf>& scratch_leaves(const Tape& tape) {
  thread_local std::vector<Leaf> leaves;
  if (leaves.capacity() > kept_leaves_max) std::vector<Leaf>().swap(leaves);
  leaves.clear();
  // No more leaves than values, but for few: memory that is not touched costs nothing, growing
  // would.
  if (tape.nodes.size() > kept_leaves_max) leaves.reserve(tape.nodes.size());
  return leaves;
}

void keep_leaves(std::vector<Leaf>& scratch, std::vector<Leaf>& kept) {
  if (scratch.size() > kept_leaves_max)
    kept = std::move(scratch);
  else
    kept.assign(scratch.begin(), scratch.end());
}

// The bytes of a token that is given as a list of numbers.
void append_byte_list(std::string& out, std::string_view list) {
  unsigned value = 0;
  bool digits = false;
  for (const char c : list) {
    const bool digit = c >= '0' && c <= '9';
    if (digit)
      value = value * 10 + static_cast<unsigned>(c - '0');
    else if (digits)
      out.push_back(static_cast<char>(std::exchange(value, 0) & 0xff));
    digits = digit;
  }
}

// A provider that may turn to another model would read the tokens otherwise.
core::Result<void> check_fallbacks(const Tape& tape, const RequestFacts& facts,
                                   const tokens::Encoding& encoding) {
  const auto differs = [&](NodeId model) {
    return tokens::encoding_of(tape.decoded(model)) != &encoding;
  };
  const auto other = std::ranges::find_if(facts.fallbacks, differs);
  if (other == facts.fallbacks.end()) return {};
  return core::client_error(core::ErrorKind::invalid_request, "token_encoding_differs",
                            "This model does not read the request's tokens as the first one does; "
                            "send text instead.",
                            tape.place(*other));
}

// In place of the string, its quotes included.
void replace_string(Edits& edits, const Tape& tape, NodeId string, std::string_view text) {
  const Node& node = tape.nodes[string];
  std::string raw = "\"";
  append_escaped(raw, text);
  raw.push_back('"');
  edits.replace_raw(node.begin - 1, node.end + 1, raw);
}

}  // namespace

Document::Document(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

core::Result<Document> Document::parse_request(std::string body, const Endpoint& endpoint,
                                               const core::Limits& limits,
                                               std::string_view path_model,
                                               std::string_view served_as) {
  auto tape = parse_tape(std::move(body), *endpoint.adapter().facts().words, limits.json_depth_max,
                         Numbers::in_double);
  if (!tape) return tape.error();
  auto impl = std::make_unique<Impl>();
  impl->tape = std::move(*tape);
  Channels channels(unbounded_channels);
  std::vector<Leaf>& leaves = scratch_leaves(impl->tape);
  LeafWriter writer(impl->tape, channels, leaves, limits.encrypted_reasoning_bytes_max,
                    core::Direction::request);
  const tokens::Encoding* encoding = tokens::encoding_of(served_as);
  writer.read_tokens(encoding, limits.request_body_bytes_max);
  const auto facts = endpoint.read_request(writer, endpoint);
  if (!facts) return facts.error();
  impl->has_token_lists = writer.has_token_lists();
  if (impl->has_token_lists && encoding != nullptr) {
    impl->encoding = encoding;
    if (auto same = check_fallbacks(impl->tape, *facts, *encoding); !same) return same.error();
  }
  // The path has no place in the document, so what its model brings is said of the whole.
  if (const core::OpaqueKinds kinds = brought_kinds(path_model); !kinds.empty())
    writer.mark_opaque(0, kinds);
  keep_leaves(leaves, impl->leaves);
  impl->model_node = facts->model;
  if (!path_model.empty()) impl->models.emplace_back(path_model);
  if (facts->model != no_node) {
    std::string model = impl->tape.decoded(facts->model);
    if (model != path_model) impl->models.push_back(std::move(model));
  }
  for (const NodeId model : facts->fallbacks) impl->models.push_back(impl->tape.decoded(model));
  impl->stream = facts->stream;
  return Document(std::move(impl));
}

core::Result<Document> Document::parse_response(std::string body, const Endpoint& endpoint,
                                                unsigned status, const core::Limits& limits) {
  auto tape = parse_tape(std::move(body), *endpoint.adapter().facts().words, limits.json_depth_max);
  if (!tape) return as_provider_error(tape.error());
  auto impl = std::make_unique<Impl>();
  impl->tape = std::move(*tape);
  Channels channels(unbounded_channels);
  std::vector<Leaf>& leaves = scratch_leaves(impl->tape);
  LeafWriter writer(impl->tape, channels, leaves, limits.encrypted_reasoning_bytes_max);
  if (status >= 400) {
    writer.unknown(0, metadata_scope, false);
    impl->usage = read_usage(impl->tape, 0);
  } else {
    impl->usage = endpoint.read_answer(writer);
    impl->state_node = writer.state();
  }
  if (writer.error()) return std::move(*writer.error());
  keep_leaves(leaves, impl->leaves);
  return Document(std::move(impl));
}

std::string Document::take_bytes() && { return std::move(impl_->tape.bytes); }
std::string_view Document::bytes() const noexcept { return impl_->tape.bytes; }
std::span<const Leaf> Document::leaves() const noexcept { return impl_->leaves; }
const std::string& Document::model() const noexcept { return impl_->models.front(); }
std::span<const std::string> Document::models() const noexcept { return impl_->models; }
bool Document::stream() const noexcept { return impl_->stream; }
bool Document::has_token_lists() const noexcept { return impl_->has_token_lists; }
Usage Document::usage() const noexcept { return impl_->usage; }

std::string Document::pointer(const Leaf& leaf) const { return impl_->tape.pointer(leaf.pointer); }

KeyPlace Document::key_place(const Leaf& leaf) const {
  const Tape& tape = impl_->tape;
  const NodeId object = tape.nodes[leaf.pointer].parent;
  std::size_t number = 1;
  for (NodeId at = object + 1; at != leaf.pointer; at = tape.nodes[at].next) ++number;
  return {tape.pointer(object), number};
}

std::vector<Member> Document::members() const {
  const Tape& tape = impl_->tape;
  std::vector<Member> out;
  if (!tape.is(0, NodeKind::object)) return out;
  tape.each_field(0, [&](NodeId key, NodeId value) {
    out.push_back({tape.raw(key), tape.nodes[value].begin});
  });
  return out;
}

std::string_view Document::text(const Leaf& leaf, std::string& scratch) const {
  if (leaf.kind == LeafKind::opaque && !leaf.returned) return {};
  const std::string_view raw = bytes().substr(leaf.begin, leaf.end - leaf.begin);
  if (leaf.kind == LeafKind::token && impl_->tape.is(leaf.pointer, NodeKind::array)) {
    scratch.clear();
    append_byte_list(scratch, raw);
    return scratch;
  }
  if (leaf.kind == LeafKind::token_list) {
    // It was read before.
    (void)tokens::read_list(*impl_->encoding, raw, std::numeric_limits<std::uint64_t>::max(),
                            scratch);
    return scratch;
  }
  if (leaf.kind == LeafKind::number) {
    if (!leaf.escaped) return core::spelled_digits(raw);
    return scratch = core::written_out(raw).value_or(std::string(raw));
  }
  if (!leaf.escaped) return raw;
  scratch.clear();
  append_decoded(scratch, raw);
  core::work_count.decoded_bytes += raw.size();
  return scratch;
}

void Document::rename_model(Edits& edits, std::string_view model) const {
  if (impl_->model_node != no_node) replace_string(edits, impl_->tape, impl_->model_node, model);
}

void Document::rename_answer(Edits& edits, std::string_view model) const {
  const Tape& tape = impl_->tape;
  const auto rename_in = [&](NodeId object) {
    const NodeId name = tape.find(object, "model"_w);
    if (name != no_node && tape.is(name, NodeKind::string))
      replace_string(edits, tape, name, model);
  };
  if (!tape.is(0, NodeKind::object)) return;
  rename_in(0);
  tape.each_field(0, [&](NodeId key, NodeId value) {
    const std::string_view field = tape.raw(key);
    const bool is_whole = field == "message" || field == "response";
    if (is_whole && tape.is(value, NodeKind::object)) rename_in(value);
  });
}

}  // namespace menshen::protocol
