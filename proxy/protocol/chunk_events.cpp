// Chunks of chat completions and of completions.
#include "proxy/protocol/answers.h"
#include "proxy/protocol/content.h"
#include "proxy/protocol/events.h"

#include <string>

namespace menshen::protocol {

namespace {

// Where the pieces of a choice belong: the texts of `delta` have path 0.
constexpr std::string_view message_path = "message";

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
  void call(NodeId call, const ChannelKey& place);
  void calls(NodeId calls, const ChannelKey& place);
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
void ChunkReader::call(NodeId call, const ChannelKey& place) {
  if (!tape_.is(call, NodeKind::object)) return writer_.all(call, aside_scope);
  tape_.each_field(call, [&](NodeId key, NodeId value) {
    const Word word = tape_.nodes[key].word;
    writer_.key(key);
    switch (word) {
      case "function"_w:
      case "custom"_w: return this->call(value, place);
      case "arguments"_w:
        return writer_.piece(value, aside_scope, LeafKind::json_text, field(place, word));
      case "input"_w: return writer_.piece(value, aside_scope, LeafKind::text, field(place, word));
      default: return unknown(key, value, place);
    }
  });
}

void ChunkReader::calls(NodeId calls, const ChannelKey& place) {
  if (!tape_.is(calls, NodeKind::array)) return writer_.all(calls, aside_scope);
  std::uint32_t position = 0;
  tape_.each_element(calls, [&](NodeId element) {
    ChannelKey of_call = place;
    // Part 0 is the function_call of older APIs.
    of_call.part = 1 + index_of(writer_, element, "index"_w, position++);
    // Some providers give every call the same index; the next one has an id of its own.
    if (has_text(tape_, tape_.find(element, "id"_w))) channels_.renew(place.group, of_call.part);
    call(element, of_call);
  });
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
    if (word == "text"_w) return writer_.piece(child, scope, LeafKind::text, channel);
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
    if (tape_.nodes[key].word == "data"_w) writer_.mark_opaque(value);
    if (tape_.nodes[key].word != "transcript"_w) return writer_.readable(value);
    writer_.piece(value, answer_scope, LeafKind::text, field(place, "transcript"_w));
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
      case "tool_calls"_w: return calls(value, place);
      case "function_call"_w: return call(value, place);
      case "audio"_w: return audio(value, place);
      default: return unknown(key, value, place);
    }
  });
}

bool is_finish(const Tape& tape, NodeId reason) {
  return has_text(tape, reason) && tape.word_of(reason) != "null"_w;
}

void ChunkReader::choice(NodeId choice, std::uint32_t group) {
  if (!tape_.is(choice, NodeKind::object)) return writer_.all(choice, answer_scope);
  const ChannelKey place{group, 0, no_word, false, 0};
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
        below.path = path_of(0, message_path);
        delta(value, below);
        break;
      }
      default: break;
    }
    read_choice_field(writer_, key, value, answer_scope);
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

}  // namespace

void read_chunk(LeafWriter& writer, Channels& channels, Api api, EventFacts& facts) {
  const Tape& tape = writer.tape();
  ChunkReader reader(writer, channels);
  tape.each_field(0, [&](NodeId key, NodeId value) {
    const Word word = tape.nodes[key].word;
    if (word == "choices"_w && tape.is(value, NodeKind::array)) {
      facts.speaks = value + 1 < tape.nodes[value].next;
      return reader.choices(value);
    }
    // Chunks of other APIs, which some servers send here.
    if (word == "message"_w || word == "content"_w || word == "delta"_w) {
      reader.delta(value, {0, 0, no_word, false, path_of(1, tape.raw(key))});
    }
    read_answer_field(writer, key, value, api, answer_scope);
  });
  facts.usage = read_usage(tape, 0);
}

}  // namespace menshen::protocol
