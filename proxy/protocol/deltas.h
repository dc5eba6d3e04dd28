// Messages that come in pieces: deltas of chats, as several APIs have them.
#pragma once

#include "proxy/protocol/events.h"

#include <cstdint>

namespace menshen::protocol {

// Reads the fields of one message's deltas. By `place` the texts of different messages differ.
class DeltaReader {
 public:
  DeltaReader(LeafWriter& writer, Channels& channels)
      : writer_(writer), channels_(channels), tape_(writer.tape()) {}

  void delta(NodeId delta, const ChannelKey& place);
  // One field of a delta.
  void field(NodeId key, NodeId value, const ChannelKey& place);
  // Content as a string, or as parts that each continue it.
  void content(NodeId value, Scope scope, const ChannelKey& channel);

 private:
  void call(NodeId key, NodeId call, const ChannelKey& place);
  void calls(NodeId key, NodeId calls, const ChannelKey& place);
  void audio(NodeId audio, const ChannelKey& place);
  void unknown(NodeId key, NodeId value, const ChannelKey& place) {
    read_unknown_delta(writer_, channels_, key, value, place);
  }

  LeafWriter& writer_;
  Channels& channels_;
  const Tape& tape_;
};

[[nodiscard]] inline ChannelKey at_field(ChannelKey place, Word word) noexcept {
  place.field = word;
  return place;
}

[[nodiscard]] inline bool has_text(const Tape& tape, NodeId value) {
  return value != no_node && tape.is(value, NodeKind::string) && !tape.raw(value).empty();
}

}  // namespace menshen::protocol
