// Cuts the view into lines, and long ones into windows, by content alone (line_detector.h).
//
// A line end alone ends a line. A window owns up to line_owned_bytes, where it can up to a place at
// which no ASCII letter or digit stands before the cut, and shows `reach` bytes more. A line whose
// source takes more than raw_span_max bytes for what is not given out yet ends there.
//
// It reads the view byte by byte and never looks ahead: cuts cannot change what it gives out. One
// thread at a time; a copy goes on from where the original stands.
#pragma once

#include "detectors/text/view.h"

#include <cstddef>

namespace menshen::detectors {

inline constexpr std::size_t line_owned_bytes = 192;

// Positions of the view.
struct LineWindow {
  std::size_t begin = 0;
  std::size_t owned_end = 0;
  std::size_t end = 0;
  bool last = true;     // the line ends at `end`
  bool forced = false;  // because its source is too long: what follows it may not be known yet
};

class LineSink {
 public:
  // False ends the reading: the sink knows why.
  virtual bool on_line_window(const LineWindow& window) = 0;

 protected:
  ~LineSink() = default;
};

class Lines {
 public:
  explicit Lines(std::size_t reach) : reach_(reach) {}
  void reset() { *this = Lines(reach_); }

  // Reads the view to its end; false when the sink said so.
  bool advance(const View& view, LineSink& sink);
  bool finish(const View& view, LineSink& sink);

  // The view position before which no line is undecided.
  [[nodiscard]] std::size_t decided() const noexcept { return begin_; }

 private:
  bool check_irregulars(const View& view, LineSink& sink);
  bool end_line(LineSink& sink, std::size_t end, std::size_t next, bool forced);
  bool give_part(const View& view, LineSink& sink);

  std::size_t reach_;
  std::size_t begin_ = 0;      // of what is not given out yet
  std::size_t next_ = 0;       // to be read
  std::size_t irregular_ = 0;  // the next irregular character whose raw span is to be checked
};

}  // namespace menshen::detectors
