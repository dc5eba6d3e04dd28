// What a StreamGuard holds of each event and of each text. Private to it.
#pragma once

#include "proxy/pipeline/speech.h"
#include "proxy/pipeline/stream_guard.h"

#include <list>
#include <optional>
#include <string>
#include <vector>

namespace menshen::pipeline {

// A string of a held event: bytes [begin, end) of its channel's text.
struct StreamGuard::Piece {
  Channel* channel = nullptr;
  Held* held = nullptr;
  std::uint32_t leaf = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct StreamGuard::Held {
  protocol::StreamEvent event;
  std::uint64_t number = 0;  // of the event in its stream
  std::list<Held>::iterator self;
  std::vector<Piece> pieces;
  // Pieces that are not settled, and one for the event itself while it is read.
  std::size_t unsettled = 1;
  protocol::Edits edits;
  bool refused_here = false;  // a refusal cut this event's text
  bool dropped = false;       // nothing of it may leave
};

struct StreamGuard::Channel {
  std::optional<Speech> speech;
  protocol::LeafKind kind = protocol::LeafKind::text;
  bool ended = false;
  bool unread = false;             // its scanner failed, and the policy lets that pass
  std::size_t answer = no_answer;  // index into answers_
  // The text from `unsettled_begin` on: what a finding yet to come may cover is in it.
  std::string unsettled;
  std::size_t unsettled_begin = 0;
  std::vector<Piece> open;  // from `first_open` on: pieces that a finding yet to come may cover
  std::size_t first_open = 0;

  static constexpr std::size_t no_answer = static_cast<std::size_t>(-1);
};

}  // namespace menshen::pipeline
