// Chunks of chat completions and of completions.
#include "proxy/protocol/answers.h"
#include "proxy/protocol/content.h"
#include "proxy/protocol/deltas.h"
#include "proxy/protocol/openai/readers.h"
#include "proxy/protocol/openai/words.h"

#include <string>

namespace menshen::protocol::openai {

namespace {

// Where the pieces of a choice belong: the texts of `delta` have path 0.
constexpr std::string_view message_key = "message";
constexpr std::string_view choice_path = "choice";
constexpr std::string_view chunk_path = "chunk";

// Reads the choices of one chunk.
class ChunkReader {
 public:
  ChunkReader(LeafWriter& writer, Channels& channels)
      : writer_(writer), channels_(channels), tape_(writer.tape()), deltas_(writer, channels) {}

  void choices(NodeId choices);
  void delta(NodeId delta, const ChannelKey& place) { deltas_.delta(delta, place); }

 private:
  void choice(NodeId choice, std::uint32_t group);

  LeafWriter& writer_;
  Channels& channels_;
  const Tape& tape_;
  DeltaReader deltas_;
};

bool is_finish(const Tape& tape, NodeId reason) {
  return has_text(tape, reason) && tape.word_of(reason) != "null"_w;
}

void ChunkReader::choice(NodeId choice, std::uint32_t group) {
  const ChannelKey place{group, 0, no_word, false, 0};
  if (!tape_.is(choice, NodeKind::object))
    return deltas_.content(choice, answer_scope, at_field(place, "choices"_w));
  bool finished = false;
  tape_.each_field(choice, [&](NodeId key, NodeId value) {
    const Word word = tape_.nodes[key].word;
    if (word != no_word) writer_.key(key);
    switch (word) {
      case "delta"_w: return delta(value, place);
      case "text"_w:
      case "content"_w: return deltas_.content(value, answer_scope, at_field(place, word));
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
