// Numbers, and the text around them, for detectors that read around numbers (detector.h).
//
// A number is at most around_digits_max digits that stand together. What a window shows before it
// is bounded by around_before_bytes, behind it by around_behind_bytes, and both by the source that
// they take; a detector that cannot tell yet is asked again when more of the text is there, so that
// what it says is a function of the text alone. Numbers within what was found are passed over.
//
// Cost: one search for digits, sixteen bytes at a time where the processor can. One thread at a
// time; a copy goes on from where the original stands.
#pragma once

#include "detectors/detector.h"
#include "detectors/text/view.h"

#include <cstddef>

namespace menshen::detectors {

// Positions of the view.
struct AroundSpan {
  std::size_t shown = 0;  // from where on the text is shown
  std::size_t begin = 0;  // matches begin there or behind
  std::size_t at = 0;     // the digits
  std::size_t end = 0;
  std::size_t until = 0;  // one past what is shown
  bool last = true;       // see AroundWindow
  bool forced = false;    // because its source is too long
};

class AroundSink {
 public:
  struct Answer {
    bool goes_on = true;    // false ends the reading: the sink knows why
    bool known = true;      // false: ask again when more is there
    std::size_t found = 0;  // where what was found ends; 0: nothing
  };
  virtual Answer on_number(const AroundSpan& span) = 0;

 protected:
  ~AroundSink() = default;
};

class NumbersAround {
 public:
  // Null: nobody reads around numbers. Kept by the caller.
  explicit NumbersAround(const Detector* detector) : detector_(detector) {}
  void reset() noexcept { *this = NumbersAround(detector_); }

  // Reads the view to its end; false when the sink said so.
  bool advance(const View& view, AroundSink& sink) { return read(view, sink, false); }
  bool finish(const View& view, AroundSink& sink) { return read(view, sink, true); }

  // The view position before which nothing begins that has not been given out.
  [[nodiscard]] std::size_t decided() const noexcept { return decided_; }

 private:
  enum class Next : std::uint8_t { number, nothing, unknown };
  [[nodiscard]] Next find(const View& view, bool ends);
  [[nodiscard]] bool read_number(const View& view);
  [[nodiscard]] AroundSpan span_of(const View& view, bool ends) const;
  static void bound_source(const View& view, AroundSpan& span);
  // From where on what a number at `at` is part of may begin.
  [[nodiscard]] std::size_t open_from(const View& view, std::size_t at) const;
  bool read(const View& view, AroundSink& sink, bool ends);

  const Detector* detector_;
  std::size_t next_ = 0;  // to be searched
  std::size_t at_ = 0;    // the number that is open
  std::size_t end_ = 0;
  std::size_t after_ = 0;  // where what was found last ends
  std::size_t decided_ = 0;
};

// The first ASCII digit from `from` on; text.size() when there is none.
[[nodiscard]] std::size_t find_digit(std::string_view text, std::size_t from) noexcept;

}  // namespace menshen::detectors
