// The normalised text that detectors look at, and where each of its bytes came from.
//
// Positions count view bytes from the start of the text and never change; raw positions count bytes
// of the text as it was fed. Only characters whose view differs from their source are recorded (an
// `Irregular` each); everything between them maps byte by byte. Bytes that are decided are
// forgotten.
//
//   raw   1  ３(3 bytes)  U+200B(3)  8         view  1 3 8
//   raw_begin(2) == 7, raw_end(2) == 4        the zero-width character belongs to neither digit
//
// Beside the characters it keeps, of what is not decided yet, where the text is JSON, where the
// strings of that JSON are JSON without a quote in it, and which bytes are escapes that were
// decoded.
//
// One thread at a time.
#pragma once

#include "detectors/text/json_places.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::detectors {

struct Irregular {
  std::size_t view_begin = 0;
  std::size_t raw_begin = 0;
  std::uint16_t view_bytes = 0;  // 0: the character shows nothing
  std::uint16_t raw_bytes = 0;
  bool combining = false;  // belongs to the character before it

  [[nodiscard]] std::size_t view_end() const noexcept { return view_begin + view_bytes; }
  [[nodiscard]] std::size_t raw_end() const noexcept { return raw_begin + raw_bytes; }
};

// An escape that was decoded: a replacement takes all of it, or nothing.
struct Escape {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool doubtful = false;  // as likely a backslash before a word: \b, \f outside of JSON
};

class View {
 public:
  void reset();

  // Characters that are their own normal form.
  void append(const char* bytes, std::size_t count) {
    bytes_.append(bytes, count);
    raw_end_ += count;
  }
  // One character of `raw_bytes` bytes that shows as `text`.
  void append_irregular(std::string_view text, std::size_t raw_bytes, bool combining);

  [[nodiscard]] JsonPlaces& json() noexcept { return json_; }
  [[nodiscard]] const JsonPlaces& json() const noexcept { return json_; }
  // One level deeper: what a string holds before its first escape reads the same there.
  [[nodiscard]] JsonPlaces& deeper_json() noexcept { return deeper_json_; }
  [[nodiscard]] const JsonPlaces& deeper_json() const noexcept { return deeper_json_; }
  [[nodiscard]] Trail<Escape>& escapes() noexcept { return escapes_; }
  [[nodiscard]] const Trail<Escape>& escapes() const noexcept { return escapes_; }

  [[nodiscard]] std::size_t begin() const noexcept { return begin_; }
  [[nodiscard]] std::size_t end() const noexcept { return begin_ + bytes_.size(); }
  [[nodiscard]] std::size_t raw_end() const noexcept { return raw_end_; }
  [[nodiscard]] const char* at(std::size_t position) const noexcept {
    return bytes_.data() + (position - begin_);
  }
  [[nodiscard]] std::string_view slice(std::size_t from, std::size_t to) const noexcept {
    return std::string_view(bytes_).substr(from - begin_, to - from);
  }

  // Raw position of a view character's first byte, and one past the last byte of what shows just
  // before `to`, with the combining characters on it unless told otherwise (as one must, where they
  // may still be coming).
  [[nodiscard]] std::size_t raw_begin(std::size_t from) const noexcept;
  [[nodiscard]] std::size_t raw_end(std::size_t to, bool with_combining = true) const noexcept;

  // The nearest position at or before `position` where both texts have a character boundary.
  [[nodiscard]] std::size_t boundary_before(std::size_t position) const noexcept;

  // Irregular characters by their running number; those before first_irregular() are forgotten.
  [[nodiscard]] std::size_t first_irregular() const noexcept { return irregular_begin_; }
  [[nodiscard]] std::size_t irregular_end() const noexcept {
    return irregular_begin_ + irregular_.size();
  }
  [[nodiscard]] const Irregular& irregular(std::size_t number) const noexcept {
    return irregular_[number - irregular_begin_];
  }

  // The characters; json(), deeper_json() and escapes() have a time of their own.
  void forget_before(std::size_t position);

 private:
  [[nodiscard]] std::vector<Irregular>::const_iterator irregular_after(
      std::size_t position) const noexcept;

  std::string bytes_;
  std::size_t begin_ = 0;
  std::size_t raw_end_ = 0;
  std::size_t anchor_raw_ = 0;  // raw position of begin_
  std::vector<Irregular> irregular_;
  std::size_t irregular_begin_ = 0;
  JsonPlaces json_;
  JsonPlaces deeper_json_;
  Trail<Escape> escapes_;
};

}  // namespace menshen::detectors
