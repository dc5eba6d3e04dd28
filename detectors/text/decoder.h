// Bytes in, characters of the view out; whatever the cuts.
//
// UTF-8 is decoded strictly (RFC 3629); each invalid sequence becomes one U+001A in the view, which
// delimits. In TextFormat::json the JSON escapes (RFC 8259 section 7) are decoded too, surrogate
// pairs included, and each position is known to lie in a string, an object key or outside. The
// lexer accepts any text: arguments that a model broke off, or that are no JSON at all, are still
// scanned.
//
// One thread at a time.
#pragma once

#include "core/segment.h"
#include "detectors/text/view.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace menshen::detectors {

class Decoder {
 public:
  void reset(core::TextFormat format);

  // Decodes all of `piece` but an incomplete character at its end, which waits.
  void decode(std::string_view piece, View& view);
  // Nothing more comes: what waits is invalid.
  void finish(View& view);
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_bytes_; }

 private:
  struct Unit {
    char32_t value = 0;
    std::size_t bytes = 0;  // 0: incomplete
    bool escaped = false;
  };
  [[nodiscard]] static Unit utf8_unit(std::string_view text, bool last) noexcept;
  [[nodiscard]] static Unit escape_unit(std::string_view text, bool last) noexcept;
  [[nodiscard]] Unit next_unit(std::string_view text, bool last) const noexcept;
  [[nodiscard]] std::size_t decode_all(std::string_view text, bool last, View& view);
  [[nodiscard]] std::size_t plain_stretch(std::string_view text) const noexcept;
  void emit(const Unit& unit, std::string_view source, View& view);
  void structural(char c, View& view);
  void open_container(bool object);
  void close_container();
  [[nodiscard]] bool in_object() const noexcept;
  [[nodiscard]] core::Place outside_strings() const noexcept;

  static constexpr std::size_t unit_bytes_max = 12;  // a surrogate pair of escapes
  static constexpr std::size_t depth_known_max = 4096;

  core::TextFormat format_ = core::TextFormat::plain;
  std::array<char, 2 * unit_bytes_max> waiting_{};
  std::size_t waiting_bytes_ = 0;
  bool in_string_ = false;
  bool expect_key_ = false;
  std::size_t depth_ = 0;
  std::vector<bool> objects_;  // for each open container: is it an object?
};

}  // namespace menshen::detectors
