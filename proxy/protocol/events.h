// The leaves of one event of a stream, and what it says about the texts that are under way.
#pragma once

#include "proxy/protocol/endpoint.h"
#include "proxy/protocol/leaves.h"

#include <string_view>
#include <vector>

namespace menshen::protocol {

// Whose a text of a stream is: the answer's, or what the model says beside it (reasoning, tools).
inline constexpr Scope answer_scope{core::Role::assistant, true};
inline constexpr Scope aside_scope{core::Role::assistant, false};

struct EventFacts {
  std::vector<std::uint32_t> ends;
  bool ends_all = false;
  bool terminal = false;
  bool error = false;   // the provider's; terminal
  bool speaks = false;  // it has, or could have, pieces of the texts that are under way
  Usage usage;
};

// Reads one event by the endpoint's reader, and ends the texts that end with it.
void read_event(LeafWriter& writer, Channels& channels, const Endpoint& endpoint,
                std::string_view name, EventFacts& facts);

// What some SDK or other takes for an error.
[[nodiscard]] bool reports_error(const Tape& tape);
// `name`: the event field of the SSE block. It must agree with the document's own `type`, since
// clients go by either; else an error ("event_type_mismatch").
void check_type(LeafWriter& writer, std::string_view name);

// An index as a group or a part of channels, by its value, as the SDKs read it: 0.0 and -0 are 0.
// `absent`: what it is where it is missing or null. An error if it is no whole number that can be
// an index ("bad_stream_index").
// The group of strays that no end of an item or a block ends.
inline constexpr std::uint32_t stray_group = 0x7ffffffe;

[[nodiscard]] std::uint32_t index_of(LeafWriter& writer, NodeId object, Word word,
                                     std::uint32_t absent = 0);

// The value of a field of a delta that the API does not name: each string is a text by its place.
// The key itself is the caller's. Names and ids, which may come in pieces too, are texts as long as
// they go on from one event to the next.
void read_unknown_delta(LeafWriter& writer, Channels& channels, NodeId key, NodeId value,
                        const ChannelKey& place);

// A field beside the deltas that the API does not have there, or in another shape: what is not
// known to come whole (ids, types, times, counts, reports of filters, and the like) is pieces. A
// text by its name is one for the whole stream; others go on from one event to the next, unless
// they say the same again. Whether it may hold pieces.
bool read_stray(LeafWriter& writer, Channels& channels, NodeId key, NodeId value,
                const ChannelKey& place);

}  // namespace menshen::protocol
