// A chat or a generation: its request, its answer, and its answer in lines, each of which has the
// shape of a whole one with a piece of the text.
#include "proxy/protocol/answers.h"
#include "proxy/protocol/content.h"
#include "proxy/protocol/deltas.h"
#include "proxy/protocol/events.h"
#include "proxy/protocol/ollama/readers.h"
#include "proxy/protocol/ollama/words.h"
#include "proxy/protocol/references.h"
#include "proxy/protocol/requests.h"

#include <algorithm>
#include <charconv>

namespace menshen::protocol::ollama {

namespace {

using core::Role;

constexpr std::string_view line_path = "line";  // of strays

// "2025-07-29T11:05:02.123456789Z", "2025-07-29T13:05:02.1+02:00": the provider's clock.
bool is_time(std::string_view raw) noexcept {
  constexpr std::string_view seconds = "dddd-dd-ddTdd:dd:dd";
  constexpr std::size_t fraction_max = 9;
  const auto fits = [](std::string_view text, std::string_view form) {
    return text.size() == form.size() &&
           std::equal(form.begin(), form.end(), text.begin(),
                      [](char f, char c) { return f == 'd' ? c >= '0' && c <= '9' : c == f; });
  };
  if (!fits(raw.substr(0, seconds.size()), seconds)) return false;
  std::string_view rest = raw.substr(seconds.size());
  if (rest.starts_with('.')) {
    const std::size_t end = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
    if (end > fraction_max + 1) return false;
    rest.remove_prefix(end);
  }
  return rest == "Z" || fits(rest, "+dd:dd") || fits(rest, "-dd:dd");
}

// What the provider measured: no numbers of anybody.
bool is_measure(const Tape& tape, NodeId key, NodeId value) {
  switch (tape.nodes[key].word) {
    case "created_at"_w: return tape.is(value, NodeKind::string) && is_time(tape.raw(value));
    case "total_duration"_w:
    case "load_duration"_w:
    case "prompt_eval_count"_w:
    case "prompt_eval_duration"_w:
    case "eval_count"_w:
    case "eval_duration"_w: return tape.is(value, NodeKind::number);
    default: return false;
  }
}

// The conversation as tokens, which the provider wants back with the next prompt.
bool is_state(const Tape& tape, NodeId key, NodeId value) {
  return tape.nodes[key].word == "context"_w && tape.is(value, NodeKind::array) &&
         tape.nodes[value].packed;
}

void read_state(LeafWriter& writer, NodeId key, NodeId value) {
  writer.key(key);
  writer.keep_state(value);
  writer.all(value, metadata_scope);  // numbers that are too long for tokens
}

std::uint64_t count(const Tape& tape, Word word) {
  const NodeId value = tape.find(0, word);
  std::uint64_t number = 0;
  if (value == no_node || !tape.is(value, NodeKind::number)) return 0;
  const std::string_view raw = tape.raw(value);
  const auto [end, code] = std::from_chars(raw.data(), raw.data() + raw.size(), number);
  return code == std::errc{} && end == raw.data() + raw.size() ? number : 0;
}

Usage counted(const Tape& tape) {
  return {count(tape, "prompt_eval_count"_w), count(tape, "eval_count"_w)};
}

void read_answer_value(LeafWriter& writer, NodeId key, NodeId value, Scope scope) {
  const Tape& tape = writer.tape();
  if (is_measure(tape, key, value)) return writer.key(key);
  if (is_state(tape, key, value)) return read_state(writer, key, value);
  switch (tape.nodes[key].word) {
    case "response"_w: writer.key(key); return read_content(writer, value, scope);
    case "thinking"_w:
      writer.key(key);
      return read_content(writer, value, scope.without_answer().spoken_by(thoughts_speaker));
    case "logprobs"_w:
      writer.key(key);
      return writer.logprobs(value, writer.own_group(), "logprobs"_w);
    default: return read_answer_field(writer, key, value, scope);
  }
}

// The message of one line. Calls come whole, and so do images.
void read_message_piece(LeafWriter& writer, DeltaReader& deltas, NodeId message) {
  const Tape& tape = writer.tape();
  const ChannelKey place{};
  if (!tape.is(message, NodeKind::object)) return deltas.delta(message, place);
  tape.each_field(message, [&](NodeId key, NodeId value) {
    const Word word = tape.nodes[key].word;
    const bool whole = word == "tool_calls"_w || word == "images"_w;
    if (whole && !tape.is(value, NodeKind::string))
      return read_field(writer, message, key, value, aside_scope);
    deltas.field(key, value, place);
  });
}

}  // namespace

core::Result<RequestFacts> read_ollama_request(LeafWriter& writer, const Endpoint& endpoint) {
  const Tape& tape = writer.tape();
  auto facts = read_request_head(tape, endpoint);
  if (!facts) return facts.error();
  tape.each_field(0, [&](NodeId key, NodeId value) {
    switch (tape.nodes[key].word) {
      // What stands around the prompt, or in its place.
      case "template"_w:
        writer.key(key);
        return read_content(writer, value, {Role::system, false, false, system_speaker});
      case "format"_w: writer.key(key); return writer.all(value, {Role::definition, false});
      case "context"_w:
        writer.key(key);
        if (is_in_use(tape, value)) writer.mark_whole(value, core::OpaqueKind::token_array);
        return writer.all(value, metadata_scope);
      default: return read_request_field(writer, key, value, *facts);
    }
  });
  if (writer.error()) return std::move(*writer.error());
  return facts;
}

Usage read_ollama_answer(LeafWriter& writer) {
  const Scope scope{Role::assistant, true, false, assistant_speaker};
  writer.tape().each_field(
      0, [&](NodeId key, NodeId value) { read_answer_value(writer, key, value, scope); });
  return counted(writer.tape());
}

void read_line(LeafWriter& writer, Channels& channels, std::string_view, EventFacts& facts) {
  const Tape& tape = writer.tape();
  facts.error = reports_error(tape);
  DeltaReader deltas(writer, channels);
  tape.each_field(0, [&](NodeId key, NodeId value) {
    const Word word = tape.nodes[key].word;
    if (is_measure(tape, key, value)) return writer.key(key);
    if (is_state(tape, key, value)) return read_state(writer, key, value);
    switch (word) {
      case "message"_w: writer.key(key); return read_message_piece(writer, deltas, value);
      case "response"_w:
        writer.key(key);
        return deltas.content(value, answer_scope, at_field({}, word));
      case "thinking"_w:
        writer.key(key);
        return deltas.content(value, aside_scope, at_field({}, word));
      case "logprobs"_w: writer.key(key); return writer.logprobs(value, 0, word);
      default: break;
    }
    writer.key(key);
    read_stray(writer, channels, key, value, {.group = stray_group, .path = path_of(0, line_path)});
  });
  facts.speaks = true;
  const NodeId done = tape.find(0, "done"_w);
  facts.terminal = done != no_node && tape.is(done, NodeKind::boolean) && tape.raw(done) == "true";
  facts.usage = counted(tape);
}

}  // namespace menshen::protocol::ollama
