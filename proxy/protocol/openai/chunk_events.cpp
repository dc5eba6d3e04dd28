// Chunks of chat completions and of completions.
#include "proxy/protocol/answers.h"
#include "proxy/protocol/content.h"
#include "proxy/protocol/events.h"
#include "proxy/protocol/openai/readers.h"
#include "proxy/protocol/openai/words.h"

#include <string>

namespace menshen::protocol::openai {

namespace {

// Where the pieces of a choice belong: the texts of `delta` have path 0.
constexpr std::string_view message_key = "message";
constexpr std::string_view choice_path = "choice";
constexpr std::string_view chunk_path = "chunk";

bool has_text(const Tape& tape, NodeId value) {
  return value != no_node && tape.is(value, NodeKind::string) && !tape.raw(value).empty();
}

// Reads the choices of one chunk.
class ChunkReader {
 public:
  ChunkReader(LeafWriter& writer, Channels& channels)
      : writer_(writer), channels_(channels), tape_(writer.tape()) {}

  void choices(NodeId choices);
  // The fields of a delta, or of a message that comes in pieces; by `place` the texts differ.
  void delta(NodeId delta, const ChannelKey& place);

 private:
  void choice(NodeId choice, std::uint32_t group);
  void content(NodeId value, Scope scope, const ChannelKey& channel);
  void call(NodeId key, NodeId call, const ChannelKey& place);
  void calls(NodeId key, NodeId calls, const ChannelKey& place);
  void audio(NodeId audio, const ChannelKey& place);
  void unknown(NodeId key, NodeId value, const ChannelKey& place) {
    read_unknown_delta(writer_, channels_, key, value, place);
  }
  static ChannelKey field(ChannelKey place, Word word) {
    place.field = word;
    return place;
  }

  LeafWriter& writer_;
  Channels& channels_;
  const Tape& tape_;
};

// A call of a tool, whose arguments come in pieces.
void ChunkReader::call(NodeId name, NodeId call, const ChannelKey& place) {
  if (!tape_.is(call, NodeKind::object)) return unknown(name, call, place);
  tape_.each_field(call, [&](NodeId key, NodeId value) {
    const Word word = tape_.nodes[key].word;
    writer_.key(key);
    switch (word) {
      case "function"_w:
      case "custom"_w: return this->call(key, value, place);
      case "arguments"_w:
        return writer_.piece(value, aside_scope, LeafKind::json_text, field(place, word));
      case "input"_w: return writer_.piece(value, aside_scope, LeafKind::text, field(place, word));
      default: return unknown(key, value, place);
    }
  });
}

void ChunkReader::calls(NodeId key, NodeId calls, const ChannelKey& place) {
  std::uint32_t position = 0;
  const auto read = [&](NodeId element) {
    ChannelKey of_call = place;
    // Part 0 is the function_call of older APIs.
    of_call.part = 1 + index_of(writer_, element, "index"_w, position++);
    // Some providers give every call the same index; the next one has an id of its own.
    if (has_text(tape_, tape_.find(element, "id"_w))) channels_.renew(place.group, of_call.part);
    call(key, element, of_call);
  };
  // One call that is no list is read as the first of one.
  if (!tape_.is(calls, NodeKind::array)) return read(calls);
  tape_.each_element(calls, read);
}

// Content as a string, or as parts that each continue it.
void ChunkReader::content(NodeId value, Scope scope, const ChannelKey& channel) {
  if (tape_.is(value, NodeKind::array)) {
    return tape_.each_element(value, [&](NodeId part) { content(part, scope, channel); });
  }
  if (!tape_.is(value, NodeKind::object))
    return writer_.piece(value, scope, LeafKind::text, channel);
  tape_.each_field(value, [&](NodeId key, NodeId child) {
    const Word word = tape_.nodes[key].word;
    writer_.key(key);
    if (word == "text"_w) return content(child, scope, channel);
    ChannelKey below = channel;
    below.path = path_of(channel.path, std::to_string(channel.field));
    if (word == "content"_w) return content(child, scope, below);
    unknown(key, child, below);
  });
}

void ChunkReader::audio(NodeId audio, const ChannelKey& place) {
  if (!tape_.is(audio, NodeKind::object)) return writer_.opaque(audio);
  tape_.each_field(audio, [&](NodeId key, NodeId value) {
    writer_.key(key);
    switch (tape_.nodes[key].word) {
      case "transcript"_w: return content(value, answer_scope, field(place, "transcript"_w));
      case "data"_w: writer_.mark_opaque(value); [[fallthrough]];
      case "id"_w:
      case "expires_at"_w: return writer_.readable(value);
      default: return unknown(key, value, place);
    }
  });
}

void ChunkReader::delta(NodeId delta, const ChannelKey& place) {
  if (!tape_.is(delta, NodeKind::object))
    return content(delta, answer_scope, field(place, "delta"_w));
  tape_.each_field(delta, [&](NodeId key, NodeId value) {
    const Word word = tape_.nodes[key].word;
    writer_.key(key);
    switch (word) {
      case "content"_w:
      case "refusal"_w: return content(value, answer_scope, field(place, word));
      case "reasoning"_w:
      case "reasoning_content"_w: return content(value, aside_scope, field(place, word));
      case "tool_calls"_w: return calls(key, value, place);
      case "function_call"_w: return call(key, value, place);
      case "audio"_w: return audio(value, place);
      default: return unknown(key, value, place);
    }
  });
}

bool is_finish(const Tape& tape, NodeId reason) {
  return has_text(tape, reason) && tape.word_of(reason) != "null"_w;
}

void ChunkReader::choice(NodeId choice, std::uint32_t group) {
  const ChannelKey place{group, 0, no_word, false, 0};
  if (!tape_.is(choice, NodeKind::object))
    return content(choice, answer_scope, field(place, "choices"_w));
  bool finished = false;
  tape_.each_field(choice, [&](NodeId key, NodeId value) {
    const Word word = tape_.nodes[key].word;
    if (word != no_word) writer_.key(key);
    switch (word) {
      case "delta"_w: return delta(value, place);
      case "text"_w:
      case "content"_w: return content(value, answer_scope, field(place, word));
      case "logprobs"_w: return writer_.logprobs(value, group, word);
      case "finish_reason"_w: finished = is_finish(tape_, value); break;
      // In pieces, or whole and longer each time: both are read.
      case "message"_w: {
        ChannelKey below = place;
        below.path = path_of(0, message_key);
        delta(value, below);
        return read_choice_field(writer_, key, value, answer_scope);
      }
      case "prompt_logprobs"_w: return read_choice_field(writer_, key, value, answer_scope);
      default: break;
    }
    if (word == no_word) writer_.key(key);
    read_stray(writer_, channels_, key, value, {.group = group, .path = path_of(0, choice_path)});
  });
  if (channels_.note_choice(group, finished) == Channels::Fault::none) return;
  writer_.fail(core::provider_error(core::ErrorKind::bad_upstream, "too_many_channels",
                                    "The provider's stream has more choices than the limit "
                                    "stream_channels_max."));
}

void ChunkReader::choices(NodeId choices) {
  std::uint32_t position = 0;
  tape_.each_element(choices, [&](NodeId element) {
    // Some readers go by the place in the list where there is no index.
    choice(element, index_of(writer_, element, "index"_w, position++));
  });
}

// Fields of a chunk that are read as those of an answer that is no stream.
bool holds_whole_answers(const Tape& tape, NodeId key, NodeId value) {
  switch (tape.nodes[key].word) {
    case "message"_w:
    case "content"_w:
    case "delta"_w:
    case "prompt_logprobs"_w:
    case "created"_w:
    case "created_at"_w:
    case "completed_at"_w:
    case "expires_at"_w: return true;
    case "choices"_w: return tape.is(value, NodeKind::null);
    default: return false;
  }
}

}  // namespace

void read_chunk(LeafWriter& writer, Channels& channels, std::string_view name, EventFacts& facts) {
  const Tape& tape = writer.tape();
  facts.error = name == "error" || reports_error(tape);
  ChunkReader reader(writer, channels);
  tape.each_field(0, [&](NodeId key, NodeId value) {
    const Word word = tape.nodes[key].word;
    if (word == "choices"_w && tape.is(value, NodeKind::array)) {
      facts.speaks |= value + 1 < tape.nodes[value].next;
      return reader.choices(value);
    }
    // Chunks of other APIs, which some servers send here.
    if (word == "message"_w || word == "content"_w || word == "delta"_w) {
      reader.delta(value, {0, 0, no_word, false, path_of(1, tape.raw(key))});
      facts.speaks = true;
    }
    if (holds_whole_answers(tape, key, value))
      return read_answer_field(writer, key, value, answer_scope);
    writer.key(key);
    const ChannelKey place{.group = stray_group, .path = path_of(0, chunk_path)};
    facts.speaks |= read_stray(writer, channels, key, value, place);
  });
  facts.usage = read_usage(tape, 0);
}

}  // namespace menshen::protocol::openai
