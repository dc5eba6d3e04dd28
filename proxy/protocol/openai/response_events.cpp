// Events of the responses API.
#include "proxy/protocol/answers.h"
#include "proxy/protocol/content.h"
#include "proxy/protocol/events.h"
#include "proxy/protocol/openai/readers.h"
#include "proxy/protocol/openai/words.h"

#include <array>
#include <string>

namespace menshen::protocol::openai {

namespace {

// A text that comes in pieces: the field that has it when it is whole, and the events about it.
struct Text {
  Word delta;
  Word done;
  Word part_type;  // the type of the content part that it is; no_word: a field of an item
  Word field;
  LeafKind kind;
  bool answer;
  bool by_summary;  // numbered by summary_index
};
constexpr std::array texts{
    Text{"response.output_text.delta"_w, "response.output_text.done"_w, "output_text"_w, "text"_w,
         LeafKind::text, true, false},
    Text{"response.refusal.delta"_w, "response.refusal.done"_w, "refusal"_w, "refusal"_w,
         LeafKind::text, true, false},
    Text{"response.reasoning_text.delta"_w, "response.reasoning_text.done"_w, "reasoning_text"_w,
         "text"_w, LeafKind::text, false, false},
    Text{"response.reasoning_summary_text.delta"_w, "response.reasoning_summary_text.done"_w,
         "summary_text"_w, "text"_w, LeafKind::text, false, true},
    Text{"response.audio.transcript.delta"_w, "response.audio.transcript.done"_w, "output_audio"_w,
         "transcript"_w, LeafKind::text, true, false},
    Text{"response.function_call_arguments.delta"_w, "response.function_call_arguments.done"_w,
         no_word, "arguments"_w, LeafKind::json_text, false, false},
    Text{"response.mcp_call_arguments.delta"_w, "response.mcp_call_arguments.done"_w, no_word,
         "arguments"_w, LeafKind::json_text, false, false},
    Text{"response.custom_tool_call_input.delta"_w, "response.custom_tool_call_input.done"_w,
         no_word, "input"_w, LeafKind::text, false, false},
    Text{"response.code_interpreter_call_code.delta"_w,
         "response.code_interpreter_call_code.done"_w, no_word, "code"_w, LeafKind::text, false,
         false},
};

// Summaries are numbered apart from content parts.
constexpr std::uint32_t summary_bit = 0x40000000;

// Adjacent parts go on with each other's text.
Speech speech_of(const Text& text) {
  switch (text.part_type) {
    case "output_text"_w: return Speech::said;
    case "reasoning_text"_w:
    case "summary_text"_w: return Speech::thought;
    default: return Speech::none;
  }
}

bool is_speech(const Text& text) { return speech_of(text) != Speech::none; }

ChannelKey key_of(const Text& text, std::uint32_t group, std::uint32_t part, Word field) {
  return {.group = group, .part = part, .field = field, .speech = speech_of(text)};
}

Scope scope_of(const Text& text) { return text.answer ? answer_scope : aside_scope; }

template <class Matches>
const Text* find_text(Matches matches) {
  for (const Text& text : texts) {
    if (matches(text)) return &text;
  }
  return nullptr;
}

std::uint32_t part_of(LeafWriter& writer, bool by_summary) {
  return by_summary ? summary_bit | index_of(writer, 0, "summary_index"_w)
                    : index_of(writer, 0, "content_index"_w);
}

// What all events have besides their own field.
void read_other_field(LeafWriter& writer, NodeId key, NodeId value) {
  writer.key(key);
  switch (writer.tape().nodes[key].word) {
    case "part"_w: return read_content(writer, value, aside_scope);
    case "item"_w: return read_item(writer, value, aside_scope);
    case "partial_image_b64"_w: return writer.opaque(value, core::OpaqueKind::image);
    case "text"_w:
    case "refusal"_w:
    case "transcript"_w:
    case "input"_w:
    case "code"_w: return read_content(writer, value, aside_scope);
    case "arguments"_w: return writer.json_text(value, aside_scope);
    case "logprobs"_w: return writer.logprobs(value, writer.own_group(), "logprobs"_w);
    default: return writer.unknown(value, metadata_scope, false);
  }
}

// A field beside the `delta` of an event, or of an event that these tables do not know.
void read_stray_field(LeafWriter& writer, Channels& channels, NodeId key, NodeId value,
                      const ChannelKey& place) {
  switch (writer.tape().nodes[key].word) {
    // Read as what they are, too.
    case "part"_w:
    case "item"_w: read_stray(writer, channels, key, value, place); [[fallthrough]];
    case "partial_image_b64"_w: return read_other_field(writer, key, value);
    case "logprobs"_w: writer.key(key); return writer.logprobs(value, place.group, "logprobs"_w);
    default: writer.key(key); read_stray(writer, channels, key, value, place);
  }
}

void read_delta_event(LeafWriter& writer, Channels& channels, const Text& text) {
  const Tape& tape = writer.tape();
  const std::uint32_t group = index_of(writer, 0, "output_index"_w);
  const ChannelKey channel = key_of(text, group, part_of(writer, text.by_summary), text.delta);
  tape.each_field(0, [&](NodeId key, NodeId value) {
    const Word word = tape.nodes[key].word;
    if (word == "delta"_w && tape.is(value, NodeKind::string))
      return writer.piece(value, scope_of(text), text.kind, channel);
    if (word == "logprobs"_w) return writer.logprobs(value, group, text.delta);
    read_stray_field(writer, channels, key, value,
                     {.group = group,
                      .part = channel.part,
                      .field = text.delta,
                      .path = path_of(3, std::to_string(text.delta))});
  });
}

// A part that begins may hold the beginning of its text.
void read_added_part(LeafWriter& writer, NodeId part, std::uint32_t group, std::uint32_t number) {
  const Tape& tape = writer.tape();
  const Word type = tape.word_of(tape.find(part, "type"_w));
  const Text* text =
      find_text([&](const Text& t) { return type != no_word && t.part_type == type; });
  if (text == nullptr || !tape.is(part, NodeKind::object))
    return read_content(writer, part, aside_scope);
  const std::uint32_t index = text->by_summary ? summary_bit | number : number;
  tape.each_field(part, [&](NodeId key, NodeId value) {
    if (tape.nodes[key].word == text->field) {
      return writer.piece(value, scope_of(*text), text->kind,
                          key_of(*text, group, index, text->delta));
    }
    read_field(writer, part, key, value, aside_scope);
  });
}

// Where the pieces are of which an event that these tables do not know has texts.
ChannelKey unknown_place(LeafWriter& writer) {
  const Tape& tape = writer.tape();
  const NodeId type = tape.find(0, "type"_w);
  const bool is_named = type != no_node && tape.is(type, NodeKind::string);
  return {.group = index_of(writer, 0, "output_index"_w),
          .part = part_of(writer, false),
          .path = is_named ? path_of(2, tape.decoded(type)) : 2};
}

// A part that has ended, whole. `field`: of the events that have such parts.
void read_ended_part(LeafWriter& writer, NodeId part, std::uint32_t group, std::uint32_t number,
                     Word field) {
  const Tape& tape = writer.tape();
  if (!tape.is(part, NodeKind::object)) return read_content(writer, part, aside_scope);
  const Word type = tape.word_of(tape.find(part, "type"_w));
  const Text* text =
      find_text([&](const Text& t) { return type != no_word && t.part_type == type; });
  if (text == nullptr || !is_speech(*text)) return read_content(writer, part, aside_scope);
  tape.each_field(part, [&](NodeId key, NodeId value) {
    if (tape.nodes[key].word != text->field) {
      return read_field(writer, part, key, value, aside_scope);
    }
    writer.piece(value, aside_scope, LeafKind::text, key_of(*text, group, number, field));
  });
}

// An item that has ended, whole: its parts, and those of the items after it, are one text.
void read_ended_item(LeafWriter& writer, Channels& channels, NodeId item, EventFacts& facts) {
  constexpr Word field = "response.output_item.done"_w;
  const Tape& tape = writer.tape();
  const std::uint32_t group = index_of(writer, 0, "output_index"_w);
  const Word type =
      tape.is(item, NodeKind::object) ? tape.word_of(tape.find(item, "type"_w)) : no_word;
  if (type != "message"_w && type != "reasoning"_w) return read_item(writer, item, aside_scope);
  std::uint32_t number = 0;
  tape.each_field(item, [&](NodeId key, NodeId value) {
    const Word word = tape.nodes[key].word;
    const bool parts = word == "content"_w || word == "summary"_w;
    if (!parts || !tape.is(value, NodeKind::array))
      return read_field(writer, item, key, value, aside_scope);
    tape.each_element(value, [&](NodeId part) {
      read_ended_part(writer, part, group, number, field);
      channels.end_field(group, number++, field, facts.ends);
    });
  });
}

// `response.output_text.done` and the like, `response.content_part.done`, and items that are done.
void read_ended_event(LeafWriter& writer, Channels& channels, Word type, EventFacts& facts) {
  const Tape& tape = writer.tape();
  const Text* text = find_text([&](const Text& t) { return t.done == type; });
  const bool by_summary =
      text != nullptr ? text->by_summary : type == "response.reasoning_summary_part.done"_w;
  const std::uint32_t group = index_of(writer, 0, "output_index"_w);
  const std::uint32_t part = part_of(writer, by_summary);
  tape.each_field(0, [&](NodeId key, NodeId value) {
    const Word word = tape.nodes[key].word;
    if (word == "item"_w) return read_ended_item(writer, channels, value, facts);
    if (word == "part"_w) return read_ended_part(writer, value, group, part, type);
    if (text != nullptr && is_speech(*text) && word == text->field)
      return writer.piece(value, aside_scope, LeafKind::text, key_of(*text, group, part, type));
    if (word != "delta"_w) return read_other_field(writer, key, value);
    writer.key(key);
    read_unknown_delta(writer, channels, key, value, unknown_place(writer));
  });
  channels.end_field(group, part, type, facts.ends);
}

// The text that an item of this type has in pieces, by the name that its events share with it.
const Text* text_of_item(Word type) {
  switch (type) {
    case "function_call"_w:
      return find_text(
          [](const Text& t) { return t.delta == "response.function_call_arguments.delta"_w; });
    case "mcp_call"_w:
      return find_text(
          [](const Text& t) { return t.delta == "response.mcp_call_arguments.delta"_w; });
    case "custom_tool_call"_w:
      return find_text(
          [](const Text& t) { return t.delta == "response.custom_tool_call_input.delta"_w; });
    case "code_interpreter_call"_w:
      return find_text(
          [](const Text& t) { return t.delta == "response.code_interpreter_call_code.delta"_w; });
    default: return nullptr;
  }
}

void read_added_item(LeafWriter& writer, NodeId item, std::uint32_t group) {
  const Tape& tape = writer.tape();
  if (!tape.is(item, NodeKind::object)) return writer.all(item, aside_scope);
  const Text* text = text_of_item(tape.word_of(tape.find(item, "type"_w)));
  tape.each_field(item, [&](NodeId key, NodeId value) {
    const Word word = tape.nodes[key].word;
    if (text != nullptr && word == text->field) {
      return writer.piece(value, aside_scope, text->kind, {group, 0, text->delta, false, 0});
    }
    const bool parts = word == "content"_w || word == "summary"_w;
    if (!parts || !tape.is(value, NodeKind::array))
      return read_field(writer, item, key, value, aside_scope);
    std::uint32_t number = 0;
    tape.each_element(value, [&](NodeId part) { read_added_part(writer, part, group, number++); });
  });
}

void read_added_event(LeafWriter& writer, bool by_summary) {
  const Tape& tape = writer.tape();
  const std::uint32_t group = index_of(writer, 0, "output_index"_w);
  const std::uint32_t number =
      index_of(writer, 0, by_summary ? "summary_index"_w : "content_index"_w);
  tape.each_field(0, [&](NodeId key, NodeId value) {
    switch (tape.nodes[key].word) {
      case "part"_w: return read_added_part(writer, value, group, number);
      case "item"_w: return read_added_item(writer, value, group);
      default: return read_other_field(writer, key, value);
    }
  });
}

// A response that begins: SDKs go on with the items that it has already.
void read_begun_response(LeafWriter& writer, NodeId response) {
  const Tape& tape = writer.tape();
  tape.each_field(response, [&](NodeId key, NodeId value) {
    if (tape.nodes[key].word != "output"_w || !tape.is(value, NodeKind::array))
      return read_answer_field(writer, key, value, aside_scope);
    std::uint32_t number = 0;
    tape.each_element(value, [&](NodeId item) { read_added_item(writer, item, number++); });
  });
}

// Whole responses: as they begin (an echo of the request) and as they end.
void read_whole_event(LeafWriter& writer, bool begins, EventFacts& facts) {
  const Tape& tape = writer.tape();
  tape.each_field(0, [&](NodeId key, NodeId value) {
    if (tape.nodes[key].word != "response"_w || !tape.is(value, NodeKind::object))
      return read_other_field(writer, key, value);
    facts.usage = read_usage(tape, value);
    if (begins) return read_begun_response(writer, value);
    read_answer(writer, value, false);
  });
}

// Whether an event of this name says what is, or was, or begins, rather than goes on.
bool is_notice(const Tape& tape, NodeId type) {
  if (type == no_node || !tape.is(type, NodeKind::string)) return false;
  const std::string name = tape.decoded(type);
  if (name.ends_with(".delta")) return false;
  const auto ends = [&](std::string_view ending) { return name.ends_with(ending); };
  const bool known = tape.word_of(type) != no_word && name.starts_with("response.");
  return known || name == "error" || ends(".done") || ends(".added") || ends(".completed") ||
         ends(".failed");
}

// An event that this table does not know: its `delta` is a text of its own, and so are other fields
// unless they come whole.
void read_unknown_event(LeafWriter& writer, Channels& channels, NodeId type) {
  const Tape& tape = writer.tape();
  const ChannelKey place = unknown_place(writer);
  const bool whole = is_notice(tape, type);
  // The end of its item ends no more than its delta.
  const ChannelKey stray{.group = stray_group,
                         .path = path_of(path_of(place.path, place.group), place.part)};
  tape.each_field(0, [&](NodeId key, NodeId value) {
    const Word word = tape.nodes[key].word;
    if (word == "delta"_w) {
      writer.key(key);
      return read_unknown_delta(writer, channels, key, value, place);
    }
    if (whole) return read_other_field(writer, key, value);
    read_stray_field(writer, channels, key, value, stray);
  });
}

void end_texts(LeafWriter& writer, Word type, Channels& channels, EventFacts& facts) {
  const std::uint32_t group = index_of(writer, 0, "output_index"_w);
  const Text* done = find_text([&](const Text& t) { return t.done == type; });
  if (done != nullptr) {
    return channels.end_field(group, part_of(writer, done->by_summary), done->delta, facts.ends);
  }
  switch (type) {
    case "response.content_part.done"_w:
      return channels.end_part(group, part_of(writer, false), facts.ends);
    case "response.reasoning_summary_part.done"_w:
      return channels.end_part(group, part_of(writer, true), facts.ends);
    case "response.output_item.done"_w: return channels.end_group(group, facts.ends);
    case "response.completed"_w:
    case "response.incomplete"_w: facts.terminal = true; return;
    case "response.failed"_w:
    case "error"_w: facts.error = true; return;
    default: return;
  }
}

}  // namespace

void read_response_event(LeafWriter& writer, Channels& channels, std::string_view name,
                         EventFacts& facts) {
  const Tape& tape = writer.tape();
  facts.error = name == "error" || reports_error(tape);
  check_type(writer, name);
  const NodeId type_node = tape.find(0, "type"_w);
  const Word type = tape.word_of(type_node);
  const Text* text = find_text([&](const Text& t) { return t.delta == type; });
  facts.speaks = true;
  if (text != nullptr) return read_delta_event(writer, channels, *text);
  switch (type) {
    case "response.output_item.added"_w:
      channels.begin(what_begins(tape, tape.find(0, "item"_w)), facts.ends);
      [[fallthrough]];
    case "response.content_part.added"_w: read_added_event(writer, false); break;
    case "response.reasoning_summary_part.added"_w: read_added_event(writer, true); break;
    case "response.created"_w: read_whole_event(writer, true, facts); break;
    case "response.in_progress"_w:
    case "response.queued"_w:
    case "response.completed"_w:
    case "response.incomplete"_w:
    case "response.failed"_w: read_whole_event(writer, false, facts); break;
    case "response.audio.delta"_w: writer.opaque(0, core::OpaqueKind::audio); break;
    case "response.output_text.done"_w:
    case "response.reasoning_text.done"_w:
    case "response.reasoning_summary_text.done"_w:
    case "response.content_part.done"_w:
    case "response.reasoning_summary_part.done"_w:
    case "response.output_item.done"_w: read_ended_event(writer, channels, type, facts); break;
    default: read_unknown_event(writer, channels, type_node);
  }
  end_texts(writer, type, channels, facts);
}

}  // namespace menshen::protocol::openai
