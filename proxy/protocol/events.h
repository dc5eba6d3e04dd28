// The leaves of one event of a stream, and what it says about the texts that are under way.
#pragma once

#include "proxy/protocol/endpoint.h"
#include "proxy/protocol/leaves.h"

#include <string_view>
#include <vector>

namespace menshen::protocol {

struct EventFacts {
  std::vector<std::uint32_t> ends;
  bool ends_all = false;
  bool terminal = false;
  bool error = false;
  Usage usage;
};

// `name`: the event field of the SSE block; it must agree with the document's own `type`, since
// clients go by either ("event_type_mismatch").
void read_event(LeafWriter& writer, Channels& channels, Api api, std::string_view name,
                EventFacts& facts);

// One per family of events.
void read_chunk(LeafWriter& writer, Channels& channels, Api api, EventFacts& facts);
void read_response_event(LeafWriter& writer, Channels& channels, Api api, EventFacts& facts);
void read_message_event(LeafWriter& writer, Channels& channels, Api api, EventFacts& facts);

// An index as a group or a part of channels.
[[nodiscard]] std::uint32_t index_of(const Tape& tape, NodeId object, Word word);

// The strings of a delta: fields that the API names by `known`, all others by their place below
// `group`.
void read_unknown_delta(LeafWriter& writer, NodeId key, NodeId value, std::uint32_t group,
                        std::uint32_t part, std::uint64_t path);

}  // namespace menshen::protocol
