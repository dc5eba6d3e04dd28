// Bytes in, characters of the view out; whatever the cuts.
//
// UTF-8 is decoded strictly (RFC 3629); each invalid sequence becomes one U+001A in the view, which
// delimits. One text has several readings, one decoder each:
//
//   level 0: as it stands; 1: JSON escapes (RFC 8259 section 7) decoded, surrogate pairs included,
//   wherever one stands; 2, 3: decoded so often, as of a string of JSON in a string of JSON. What
//   is no escape stays as it is: any text has all levels. styled: characters that may stand beside
//   a value or be part of one (a circled digit marks a list's entry, or spells a number; so with
//   tags and line separators) are read as part of it. Without, as beside it.
//
// One thread at a time.
#pragma once

#include "detectors/text/view.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace menshen::detectors {

class Decoder {
 public:
  static constexpr unsigned level_max = 3;

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

  // Decodes all of `piece` but an incomplete character at its end, which waits. Where `stop` and
  // the next character is a styled one that this decoder does not read as such, it stops before
  // it. Returns how many bytes it took.
  std::size_t decode(std::string_view piece, View& view, bool stop);
  // Nothing more comes: what waits is invalid.
  void finish(View& view);

 private:
  struct Unit {
    char32_t value = 0;
    std::size_t bytes = 0;  // 0: incomplete
    bool escaped = false;   // by an escape of the decoder's own level
  };
  struct Marks;
  [[nodiscard]] static Unit utf8_unit(std::string_view text, bool last) noexcept;
  [[nodiscard]] static Unit unit_at(unsigned level, std::string_view text, bool last) noexcept;
  [[nodiscard]] static Unit escape_unit(unsigned level, std::string_view text, std::size_t slash,
                                        bool last) noexcept;
  [[nodiscard]] static Unit code_unit(unsigned level, std::string_view text, bool last) noexcept;
  [[nodiscard]] Unit next_unit(std::string_view text, bool last) const noexcept {
    // Only a backslash makes the levels differ.
    return level_ == 0 || text.front() != '\\' ? utf8_unit(text, last)
                                               : unit_at(level_, text, last);
  }
  [[nodiscard]] static bool is_styled(const Unit& unit) noexcept;
  [[nodiscard]] bool stops_at(const Unit& unit) const noexcept {
    return !styled_ && is_styled(unit);
  }
  [[nodiscard]] std::size_t decode_all(std::string_view text, bool last, bool stop, View& view);
  [[nodiscard]] static std::size_t plain_stretch(std::string_view text) noexcept;
  [[nodiscard]] std::size_t quiet_end(std::string_view text, std::size_t at, const View& view,
                                      Marks& marks) const noexcept;
  void note(const Unit& unit, std::string_view source, View& view) const;
  void emit(const Unit& unit, std::string_view source, View& view) const;
  void show(char32_t value, std::string_view source, View& view) const;

  // Twelve characters of a surrogate pair's escapes, each an escape of up to six characters, for
  // each level, and what must be seen of the next character.
  static constexpr std::size_t unit_bytes_max = 576;

  unsigned level_ = 0;
  bool reads_deeper_ = true;
  bool styled_ = false;
  std::array<char, 2 * unit_bytes_max> waiting_{};
  std::size_t waiting_bytes_ = 0;
};

}  // namespace menshen::detectors
