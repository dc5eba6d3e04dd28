// Bytes in, characters of the view out; whatever the cuts.
//
// Each invalid sequence of UTF-8 becomes one U+001A in the view, which delimits. One text has
// several readings, one decoder each:
//
//   level 0: as it stands; 1: escapes (escapes.h) decoded; 2, 3: decoded so often, as of a string
//   of JSON in a string of JSON. styled: characters that may stand beside a value or be part of
//   one (a circled digit marks a list's entry, or spells a number; so with tags and line
//   separators) are read as part of it. Without, as beside it.
//
// One thread at a time.
#pragma once

#include "detectors/text/escapes.h"
#include "detectors/text/view.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace menshen::detectors {

class Decoder {
 public:
  static constexpr unsigned level_max = escape_level_max;

  // Starts a text, read at level 0.
  void reset();
  // From here on the same text is read in another way too; what waits goes along.
  void raise_level() noexcept {
    ++level_;
    reads_deeper_ = level_ < level_max;
  }
  // Another decoder reads the JSON of the level below.
  void leave_deeper() noexcept { reads_deeper_ = false; }
  void style() noexcept { styled_ = true; }
  [[nodiscard]] bool deepest() const noexcept { return level_ == level_max; }

  // What the next character may be that a decoder stops before: one that it reads in one of two
  // ways; one that is an escape to the level above.
  enum class Stop : std::uint8_t { none, styled, escape };
  struct Stops {
    bool styled = false;
    bool escapes = false;
  };
  // Decodes all of `piece` but an incomplete character at its end, which waits; or stops. Returns
  // how many bytes it took: less than all where it stopped.
  std::size_t decode(std::string_view piece, View& view, Stops stops);
  // Why the last decode() did not take all.
  [[nodiscard]] Stop stopped() const noexcept { return stopped_; }
  // Nothing more comes: what waits is invalid.
  void finish(View& view);

 private:
  struct Marks;
  enum class Ahead : std::uint8_t { goes_on, stops, waits };
  [[nodiscard]] static bool is_styled(const Unit& unit) noexcept;
  [[nodiscard]] Ahead look_ahead(const Unit& unit, std::string_view text, Stops stops,
                                 const View& view) noexcept;
  [[nodiscard]] std::size_t decode_all(std::string_view text, bool last, Stops stops, View& view);
  [[nodiscard]] static std::size_t plain_stretch(std::string_view text) noexcept;
  [[nodiscard]] std::size_t quiet_end(std::string_view text, std::size_t at, const View& view,
                                      bool escapes, Marks& marks) const noexcept;
  void note(const Unit& unit, std::string_view source, View& view) const;
  void emit(const Unit& unit, std::string_view source, View& view) const;
  void show(char32_t value, std::string_view source, View& view) const;

  unsigned level_ = 0;
  bool reads_deeper_ = true;
  bool styled_ = false;
  Stop stopped_ = Stop::none;
  std::array<char, 2 * unit_bytes_max> waiting_{};
  std::size_t waiting_bytes_ = 0;
};

}  // namespace menshen::detectors
