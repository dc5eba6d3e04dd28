#include "proxy/protocol/stream.h"

#include "proxy/protocol/adapter.h"
#include "proxy/protocol/channels.h"
#include "proxy/protocol/document_impl.h"
#include "proxy/protocol/json_string.h"
#include "proxy/protocol/events.h"
#include "proxy/protocol/lines.h"
#include "proxy/protocol/sse.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace menshen::protocol {

namespace {

constexpr std::string_view done_mark = "[DONE]";
constexpr std::size_t remembered_max = 16;
constexpr std::size_t remembered_bytes_max = 256;

core::Error bad_event(const core::Error& error) {
  return core::provider_error(core::ErrorKind::bad_upstream, "bad_stream_event",
                              "An event of the provider's stream cannot be read: " + error.message +
                                  " (" + error.code + ")",
                              error.where);
}

// Data that is no document and no part of a text: keep-alives of several servers.
bool holds_no_text(std::string_view data) noexcept {
  const auto is_control = [](unsigned char c) { return c < 0x20; };
  if (data.starts_with(':')) return std::none_of(data.begin(), data.end(), is_control);
  return data.empty() || data == "null" || data == "true" || data == "false" || data == "[]" ||
         data == "\"\"";
}

core::Error truncated() {
  return core::provider_error(core::ErrorKind::bad_upstream, "stream_truncated",
                              "The provider's stream broke off inside an event.");
}

}  // namespace

struct StreamReader::Impl {
  Impl(const Endpoint& endpoint_, const core::Limits& limits)
      : endpoint(endpoint_),
        words(*endpoint_.adapter().facts().words),
        depth_max(limits.json_depth_max),
        returned_bytes_max(limits.encrypted_reasoning_bytes_max),
        splitter(make_splitter(endpoint_.adapter().facts().framing, limits)),
        channels(limits.stream_channels_max) {}

  using Splitter = std::variant<SseSplitter, LineSplitter>;
  static Splitter make_splitter(Framing framing, const core::Limits& limits) {
    if (framing == Framing::lines) return LineSplitter(limits.stream_event_bytes_max);
    return SseSplitter(limits.stream_event_bytes_max);
  }
  template <class Call>
  auto framed(Call call) const {
    return std::visit(call, splitter);
  }

  core::Result<std::optional<StreamEvent>> next();
  core::Result<StreamEvent> read(StreamBlock block);
  core::Result<void> read_data(StreamBlock& block, StreamEvent& event);
  core::Result<std::unique_ptr<Document::Impl>> read_document(StreamBlock& block,
                                                              StreamEvent& event);
  void mark_repeated(Document::Impl& document);

  const Endpoint& endpoint;
  const Vocabulary& words;
  std::uint32_t depth_max;
  std::uint32_t returned_bytes_max;
  Splitter splitter;
  Channels channels;
  bool ended = false;
  std::vector<Leaf> leaves;
  std::vector<std::pair<std::string, std::string>> remembered;  // fields of the events' own level
  std::optional<core::Error> failed;
};

// A field such as id or model is the same in every event. Whoever has looked at it once need not
// look again.
void StreamReader::Impl::mark_repeated(Document::Impl& document) {
  const Tape& tape = document.tape;
  for (Leaf& leaf : document.leaves) {
    const NodeId key = tape.nodes[leaf.pointer].parent;
    const bool on_top =
        leaf.kind == LeafKind::text && tape.is(key, NodeKind::key) && tape.nodes[key].parent == 0;
    if (!on_top || leaf.channel != no_channel) continue;
    const std::string_view name = tape.raw(key);
    const std::string_view value = tape.raw(leaf.pointer);
    const auto same = [&](const auto& field) {
      return field.first == name && field.second == value;
    };
    if (std::any_of(remembered.begin(), remembered.end(), same)) {
      leaf.repeated = true;
    } else if (remembered.size() < remembered_max &&
               name.size() + value.size() <= remembered_bytes_max) {
      remembered.emplace_back(name, value);
    }
  }
}

core::Result<std::unique_ptr<Document::Impl>> StreamReader::Impl::read_document(
    StreamBlock& block, StreamEvent& event) {
  auto tape = parse_tape(std::move(block.data), words, depth_max);
  if (!tape) return bad_event(tape.error());
  auto document = std::make_unique<Document::Impl>();
  document->tape = std::move(*tape);
  leaves.clear();
  LeafWriter writer(document->tape, channels, leaves, returned_bytes_max);
  EventFacts facts;
  read_event(writer, channels, endpoint, block.event, facts);
  if (writer.error()) return std::move(*writer.error());
  document->leaves.assign(leaves.begin(), leaves.end());
  document->usage = facts.usage;
  document->state_node = writer.state();
  mark_repeated(*document);
  event.ends = std::move(facts.ends);
  event.ends_all = facts.ends_all;
  event.terminal = facts.terminal;
  event.error = facts.error;
  event.usage = facts.usage;
  return document;
}

core::Result<void> StreamReader::Impl::read_data(StreamBlock& block, StreamEvent& event) {
  const std::string_view data = trimmed(block.data);
  const bool lines = std::holds_alternative<LineSplitter>(splitter);
  if (lines && data.empty()) return {};
  if (!lines && data == done_mark) {
    event.ends_all = event.terminal = true;
    channels.end_all();
    return {};
  }
  if (!lines && holds_no_text(data)) {
    if (!data.empty()) event.side_text.append(event.side_text.empty() ? "" : "\n").append(data);
    return {};
  }
  if (block.data_lines == 1) event.data_begin = block.data_begin;
  auto document = read_document(block, event);
  if (!document) return document.error();
  event.document = Document(std::move(*document));
  return {};
}

core::Result<StreamEvent> StreamReader::Impl::read(StreamBlock block) {
  StreamEvent event;
  event.side_text = std::move(block.side_text);
  const auto done = read_data(block, event);
  event.raw = std::move(block.raw);
  // A comment may be cut off, and so may the blank line of an event after which nothing need come.
  if (framed([](const auto& s) { return s.cut_off(); }) && block.fields > 0) {
    if (!done || !(event.terminal || channels.all_finished())) return truncated();
    event.raw.append(framed([&](const auto& s) { return s.end_of(event.raw); }));
  }
  if (!done) return done.error();
  return event;
}

core::Result<std::optional<StreamEvent>> StreamReader::Impl::next() {
  if (failed) return *failed;
  if (ended) return std::optional<StreamEvent>();
  auto block = std::visit([](auto& s) { return s.next(); }, splitter);
  if (!block) return failed.emplace(block.error());
  if (!block->has_value()) return std::optional<StreamEvent>();
  auto event = read(std::move(**block));
  if (!event) return failed.emplace(event.error());
  ended = event->terminal;
  return std::optional<StreamEvent>(std::move(*event));
}

StreamReader::StreamReader(const Endpoint& endpoint, const core::Limits& limits)
    : impl_(std::make_unique<Impl>(endpoint, limits)) {}
StreamReader::~StreamReader() = default;
StreamReader::StreamReader(StreamReader&&) noexcept = default;
StreamReader& StreamReader::operator=(StreamReader&&) noexcept = default;

void StreamReader::feed(std::string_view bytes) {
  if (impl_->ended) return;
  std::visit([bytes](auto& splitter) { splitter.feed(bytes); }, impl_->splitter);
}

void StreamReader::finish() {
  std::visit([](auto& splitter) { splitter.finish(); }, impl_->splitter);
}

core::Result<std::optional<StreamEvent>> StreamReader::next() { return impl_->next(); }

bool StreamReader::complete() const noexcept {
  const bool finished = impl_->framed([](const auto& s) { return s.finished(); });
  return impl_->ended || (finished && impl_->channels.all_finished());
}

std::size_t StreamReader::pending_bytes() const noexcept {
  if (impl_->ended) return 0;
  return impl_->framed([](const auto& s) { return s.pending_bytes(); });
}

void drop_side_text(StreamEvent& event) {
  const std::string_view raw = event.raw;
  std::string kept;
  std::size_t from = 0;
  std::size_t data_begin = event.data_begin;
  const bool data_beside = !event.document && !event.terminal;  // data that is no document
  for (const SseLine& line : sse_lines(raw)) {
    if (line.begin == line.end) continue;
    const SseField field = sse_field(raw.substr(line.begin, line.end - line.begin));
    if (!is_side_line(field) && !(data_beside && field.name == "data")) continue;
    const std::size_t next = after_line(raw, line);
    kept.append(raw, from, line.begin - from);
    const bool before = data_begin != StreamEvent::nowhere && line.begin < event.data_begin;
    if (before) data_begin -= next - line.begin;
    from = next;
  }
  kept.append(raw, from);
  event.raw = std::move(kept);
  event.data_begin = data_begin;
  event.side_text.clear();
}

std::string rewrite_event(const StreamEvent& event, const Edits& edits) {
  if (!event.document || edits.empty()) return event.raw;
  std::string data = event.document->apply(edits);
  const std::string_view raw = event.raw;
  const std::size_t size = event.document->bytes().size();
  std::string out;
  if (event.data_begin != StreamEvent::nowhere) {
    out.append(raw, 0, event.data_begin);
    out.append(data);
    return out.append(raw, event.data_begin + size);
  }
  // Line feeds between the tokens of the document were ends of lines.
  std::replace(data.begin(), data.end(), '\n', ' ');
  bool written = false;
  std::size_t kept = 0;
  for (const SseLine& line : sse_lines(raw)) {
    if (sse_field(raw.substr(line.begin, line.end - line.begin)).name != "data") continue;
    out.append(raw, kept, line.begin - kept);
    if (!std::exchange(written, true)) out.append("data: ").append(data).append("\n");
    kept = after_line(raw, line);
  }
  return out.append(raw, kept);
}

}  // namespace menshen::protocol
