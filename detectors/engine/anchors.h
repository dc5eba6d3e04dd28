// Finds anchors in the view and gives out the window around each when what follows is there.
//
// What a window shows is a function of the text alone: it ends before the second line end behind
// its anchor, behind a full stop before a blank, before an ideographic one, after
// anchor_reach_bytes, or where its source would take more than raw_span_max bytes. One thread at a
// time; a copy goes on from where the original stands.
#pragma once

#include "detectors/engine/anchor_set.h"
#include "detectors/text/view.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace menshen::detectors {

// Positions of the view.
struct AnchorSpan {
  std::size_t begin = 0;  // of the anchor
  std::size_t end = 0;    // of the anchor
  std::size_t shown = 0;  // one past what is shown
  bool last = true;       // see AnchorWindow
  bool forced = false;    // because its source is too long
  std::uint16_t detector = 0;
};

class AnchorSink {
 public:
  // False ends the reading: the sink knows why.
  virtual bool on_anchor(const AnchorSpan& span) = 0;

 protected:
  ~AnchorSink() = default;
};

class Anchors {
 public:
  explicit Anchors(const AnchorSet& set) : set_(&set) {}  // kept by reference
  void reset() noexcept {
    searched_ = 0;
    pending_.clear();
  }

  // Reads the view to its end; false when the sink said so.
  bool advance(const View& view, AnchorSink& sink) { return read(view, sink, false); }
  bool finish(const View& view, AnchorSink& sink) { return read(view, sink, true); }

  // The view position before which no anchor begins that has not been given out.
  [[nodiscard]] std::size_t decided() const noexcept {
    return pending_.empty() ? searched_ : pending_.front().span.begin;
  }

 private:
  struct Pending {
    AnchorSpan span;
    std::size_t read = 0;    // how far its end was looked for
    unsigned line_ends = 0;  // behind it
  };

  bool read(const View& view, AnchorSink& sink, bool ends);
  void search(const View& view, bool ends);
  [[nodiscard]] bool note(const View& view, std::size_t at, bool ends);
  void add(const AnchorSet::Entry& entry, std::size_t at, std::size_t first);
  [[nodiscard]] static bool complete(Pending& pending, const View& view, bool ends);
  [[nodiscard]] static bool find_end(Pending& pending, const View& view);

  const AnchorSet* set_;
  std::size_t searched_ = 0;  // all anchors that begin before are known
  std::vector<Pending> pending_;
};

}  // namespace menshen::detectors
