// Messages, items and content parts: what requests, answers and streams of all APIs are made of.
// One reader serves all APIs, so a field that one of them knows is understood wherever it stands.
#pragma once

#include "proxy/protocol/leaves.h"

namespace menshen::protocol {

// A message of a request: its own `role` decides, `scope` where it has none that the APIs know.
void read_message(LeafWriter& writer, NodeId value, Scope scope);

// An item of the responses API (a message, a call, a call's output, ...), by its `type`.
void read_item(LeafWriter& writer, NodeId value, Scope scope);

// Content: a string, a part, or an array of parts. The role is the enclosing message's; results of
// tools inside it are tool's, and calls and reasoning are no answer.
void read_content(LeafWriter& writer, NodeId value, Scope scope);

// The fields of a part, item or message.
void read_field(LeafWriter& writer, NodeId block, NodeId key, NodeId value, Scope scope);

// Citations: what they quote, with the title of what they quote from, is a source.
void read_citations(LeafWriter& writer, NodeId value);

// Tool definitions: an array of objects, or null; in a request nothing else ("unknown_shape").
// Tools that the provider runs itself bring in content that passes no gateway: opaque.
void read_tools(LeafWriter& writer, NodeId value);

// A field that names content which the provider keeps, fetches or searches: opaque if it does.
void read_reference(LeafWriter& writer, NodeId value, core::OpaqueKinds kinds);

// What begins in a stream with this block of a message, or item of an output.
[[nodiscard]] Channels::Begins what_begins(const Tape& tape, NodeId block);

}  // namespace menshen::protocol
