// The leaves of answers that are no streams, and of the whole messages and responses inside
// streams.
#pragma once

#include "proxy/protocol/leaves.h"

namespace menshen::protocol {

// `answer`: whether scores are about its texts; not so where a stream says again what it said in
// pieces.
void read_answer(LeafWriter& writer, NodeId object, bool answer);
// A whole answer (endpoint.h: AnswerReader).
Usage read_whole_answer(LeafWriter& writer);

// One field of an answer.
void read_answer_field(LeafWriter& writer, NodeId key, NodeId value, Scope scope);

// A field of a choice, but for `delta` and `text`, which streams have in pieces.
void read_choice_field(LeafWriter& writer, NodeId key, NodeId value, Scope scope);

// The tokens that an answer, or an event of a stream, says were counted.
[[nodiscard]] Usage read_usage(const Tape& tape, NodeId object);

}  // namespace menshen::protocol
