// What a StreamGuard holds of each event and of each text. Private to it.
#pragma once

#include "proxy/pipeline/own_placeholders.h"
#include "proxy/pipeline/speech.h"
#include "proxy/pipeline/stream_guard.h"

#include <algorithm>
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

// The first transform of a text that is read as it comes: finds, and decides.
class Decide {
 public:
  Decide(ScannerPool& pool, const TextRules& rules, const policies::Defaults& defaults,
         const protocol::Leaf& first)
      : rules_(rules), defaults_(defaults), kind_(first.kind), role_(first.role) {
    speech_.emplace(pool);
    if (rules.own != nullptr) own_.emplace(*rules.own, kind_ == protocol::LeafKind::json_text);
  }

  // Errors: refused by a rule, at refused_at(); could not be told, where the policy does not let
  // that pass.
  core::Result<void> feed(std::string_view bytes, bool begins_part, TextWindow& window,
                          std::vector<TextEdit>& edits);
  core::Result<void> finish(TextWindow& window, std::vector<TextEdit>& edits);
  [[nodiscard]] std::size_t settled() const noexcept {
    if (!speech_) return static_cast<std::size_t>(-1);
    return own_ ? std::min(speech_->settled(), own_->settled()) : speech_->settled();
  }
  [[nodiscard]] std::optional<std::size_t> refused_at() const noexcept { return refused_at_; }
  // It goes on; else it was read to its end, or could not be read and passes.
  [[nodiscard]] bool reads() const noexcept { return speech_.has_value(); }

 private:
  core::Result<void> decide(TextWindow& window, std::vector<TextEdit>& edits);
  core::Result<void> judge_outside(std::size_t settled, TextWindow& window,
                                   std::vector<TextEdit>& edits);
  core::Result<void> judge(std::span<const core::Finding> findings, TextWindow& window,
                           std::vector<TextEdit>& edits);
  core::Result<void> pass_unread(const core::Error& error, TextWindow& window,
                                 std::vector<TextEdit>& edits);

  const TextRules& rules_;
  const policies::Defaults& defaults_;
  protocol::LeafKind kind_;
  core::Role role_;
  std::optional<Speech> speech_;
  std::optional<OwnPlaceholders> own_;  // of an exchange with pseudonyms
  std::optional<std::size_t> refused_at_;
};

// Where a piece of a channel's text stands.
struct StreamGuard::Place {
  Held* held = nullptr;
  std::uint32_t leaf = 0;
};

struct StreamGuard::Channel {
  Channel(StreamGuard& guard, const protocol::Leaf& first)
      : kind(first.kind),
        flow(make_transforms(guard.rules_, first), guard.pool_, guard.rules_, guard.defaults_,
             first) {}

  protocol::LeafKind kind;
  bool ended = false;
  std::size_t answer = no_answer;  // index into answers_
  TextFlow<Place, Decide> flow;

  static constexpr std::size_t no_answer = static_cast<std::size_t>(-1);
};

// Edits of held events' documents.
struct StreamGuard::Sink {
  StreamGuard& guard;

  void edit(const Place& place, std::size_t begin, std::size_t end, std::string_view replacement) {
    place.held->edits.replace(place.held->event.document->leaves()[place.leaf], begin, end,
                              replacement);
  }
  void settled(const Place& place) { guard.settle_one(*place.held); }
};

}  // namespace menshen::pipeline
