// Events of the messages API.
#include "proxy/protocol/anthropic/readers.h"
#include "proxy/protocol/anthropic/words.h"
#include "proxy/protocol/answers.h"
#include "proxy/protocol/content.h"
#include "proxy/protocol/events.h"
#include "proxy/protocol/references.h"

namespace menshen::protocol::anthropic {

namespace {

constexpr std::uint32_t message_group = 0x7fffffff;  // no block has such an index
constexpr std::uint64_t message_path = 5;            // of strays

Scope scope_of(Word field) noexcept { return field == "text"_w ? answer_scope : aside_scope; }

Speech speech_of(Word field) noexcept {
  switch (field) {
    case "text"_w: return Speech::said;
    case "thinking"_w: return Speech::thought;
    default: return Speech::none;
  }
}

LeafKind kind_of(Word field) noexcept {
  return field == "partial_json"_w ? LeafKind::json_text : LeafKind::text;
}

// Reads one event. `group`: the block that it is about.
class MessageReader {
 public:
  MessageReader(LeafWriter& writer, Channels& channels, EventFacts& facts, Word type)
      : writer_(writer), channels_(channels), facts_(facts), tape_(writer.tape()), type_(type) {
    const NodeId name = tape_.find(0, "type"_w);
    if (name != no_node && tape_.is(name, NodeKind::string)) type_name_ = tape_.raw(name);
  }

  void field(NodeId key, NodeId value, std::uint32_t group);

 private:
  void delta(NodeId delta, std::uint32_t group);
  void ending(NodeId delta);
  void block(NodeId block, std::uint32_t group);
  void message(NodeId message);
  bool piece(NodeId key, NodeId value, std::uint32_t group);
  void stray(NodeId key, NodeId value, std::uint32_t group);

  LeafWriter& writer_;
  Channels& channels_;
  EventFacts& facts_;
  const Tape& tape_;
  Word type_;
  std::string_view type_name_;
};

// A piece of a text that the API names; false: it is none.
bool MessageReader::piece(NodeId key, NodeId value, std::uint32_t group) {
  const Word word = tape_.nodes[key].word;
  switch (word) {
    case "text"_w:
    case "thinking"_w:
    case "partial_json"_w:
      writer_.piece(value, scope_of(word), kind_of(word),
                    {.group = group, .field = word, .speech = speech_of(word)});
      return true;
    default: return false;
  }
}

void MessageReader::delta(NodeId delta, std::uint32_t group) {
  const ChannelKey place{group, 0, no_word, false, 0};
  if (!tape_.is(delta, NodeKind::object)) {
    return writer_.piece(delta, aside_scope, LeafKind::text, {group, 0, "delta"_w, false, 0});
  }
  writer_.enter_block(group);
  tape_.each_field(delta, [&](NodeId key, NodeId value) {
    writer_.key(key);
    if (is_returned(tape_, key)) writer_.mark_returned(value);
    if (!piece(key, value, group)) read_unknown_delta(writer_, channels_, key, value, place);
  });
}

// The delta of message_delta says how the message ended; a text in it continues no block.
void MessageReader::ending(NodeId delta) {
  if (!tape_.is(delta, NodeKind::object)) return writer_.all(delta, metadata_scope);
  tape_.each_field(delta, [&](NodeId key, NodeId value) {
    writer_.key(key);
    if (!piece(key, value, message_group)) stray(key, value, message_group);
  });
}

void MessageReader::stray(NodeId key, NodeId value, std::uint32_t group) {
  const std::uint64_t path = path_of(path_of(message_path, type_name_), group);
  read_stray(writer_, channels_, key, value, {.group = stray_group, .path = path});
}

// A block that begins, maybe with the beginning of its texts. Results of tools that the provider
// runs come whole.
void MessageReader::block(NodeId block, std::uint32_t group) {
  if (!tape_.is(block, NodeKind::object)) return writer_.all(block, aside_scope);
  writer_.enter_block(group);
  const NodeId content = tape_.find(block, "content"_w);
  if (content != no_node && !tape_.is(content, NodeKind::string) &&
      !tape_.is(content, NodeKind::null)) {
    return read_content(writer_, block, aside_scope);
  }
  tape_.each_field(block, [&](NodeId key, NodeId value) {
    const Word word = tape_.nodes[key].word;
    if (word != no_word && piece(key, value, group)) return writer_.key(key);
    // Texts that a delta of a kind yet to come may go on with.
    if (tape_.is(value, NodeKind::string) && (word == no_word || word == "content"_w)) {
      writer_.key(key);
      return read_unknown_delta(writer_, channels_, key, value, {group, 0, no_word, false, 0});
    }
    read_field(writer_, block, key, value, aside_scope);
  });
}

// The message as it begins: SDKs go on with the blocks that it has already.
void MessageReader::message(NodeId message) {
  if (!tape_.is(message, NodeKind::object)) return writer_.all(message, aside_scope);
  facts_.usage = read_usage(tape_, message);
  const Scope scope{core::Role::assistant, true};
  tape_.each_field(message, [&](NodeId key, NodeId value) {
    if (tape_.nodes[key].word != "content"_w || !tape_.is(value, NodeKind::array))
      return read_answer_field(writer_, key, value, scope);
    writer_.key(key);
    std::uint32_t position = 0;
    tape_.each_element(value, [&](NodeId element) { block(element, position++); });
  });
}

void MessageReader::field(NodeId key, NodeId value, std::uint32_t group) {
  writer_.key(key);
  switch (tape_.nodes[key].word) {
    case "content_block"_w: return block(value, group);
    case "delta"_w: return type_ == "message_delta"_w ? ending(value) : delta(value, group);
    case "message"_w: return message(value);
    default: return stray(key, value, group);
  }
}

}  // namespace

void read_message_event(LeafWriter& writer, Channels& channels, std::string_view name,
                        EventFacts& facts) {
  const Tape& tape = writer.tape();
  facts.error = name == "error";  // its SDKs know errors by the type alone
  check_type(writer, name);
  const Word type = tape.word_of(tape.find(0, "type"_w));
  if (type != "message_start"_w) facts.usage = read_usage(tape, 0);
  const std::uint32_t group = index_of(writer, 0, "index"_w);
  if (type == "content_block_start"_w)
    channels.begin(what_begins(tape, tape.find(0, "content_block"_w)), facts.ends);
  MessageReader reader(writer, channels, facts, type);
  tape.each_field(0, [&](NodeId key, NodeId value) { reader.field(key, value, group); });
  facts.speaks = type != "ping"_w;
  switch (type) {
    case "content_block_stop"_w: return channels.end_group(group, facts.ends);
    case "message_stop"_w: facts.terminal = true; return;
    case "error"_w: facts.error = true; return;
    default: return;
  }
}

}  // namespace menshen::protocol::anthropic
