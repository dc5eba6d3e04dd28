// In how many strings of JSON a place of a text stands: in the JSON of a tool's arguments, in JSON
// that stands in prose, and in JSON that is a string of JSON.
//
//   JsonNesting nesting(false);
//   nesting.feed(R"(Send {"to": ")");
//   nesting.depth();                    // 1: what is put in here is escaped once
//
// Of a text that programs take for JSON everything outside of strings is JSON. In other texts JSON
// begins with a bracket behind which JSON can go on, and ends with that bracket's partner or where
// it is none: then the strings that were open never were any. A quote at depth k is written with
// 2^(k-1) - 1 backslashes before it, and those of its string. Deeper than depth_max everything is a
// part of the string.
//
// One text, one thread; the state depends on the bytes, not on how they were cut.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace menshen::pipeline {

class JsonNesting {
 public:
  static constexpr unsigned depth_max = 4;

  explicit JsonNesting(bool is_json) noexcept : is_json_(is_json) {
    if (is_json) levels_[0].state = State::json;
  }

  void feed(std::string_view bytes) noexcept {
    for (const char c : bytes) add(c);
  }
  // Of strings that the next byte stands in.
  [[nodiscard]] unsigned depth() const noexcept { return depth_; }

 private:
  enum class State : std::uint8_t { prose, opened, json };
  // What stands at one depth.
  struct Level {
    State state = State::prose;
    char bracket = 0;        // opened: that one
    std::uint32_t open = 0;  // brackets, of JSON that began in this text
  };

  void add(char c) noexcept;
  void quote(std::uint32_t backslashes) noexcept;
  void outside_of_strings(Level& level, char c) noexcept;

  bool is_json_;
  unsigned depth_ = 0;
  std::uint32_t backslashes_ = 0;  // in front of the next byte
  std::array<Level, depth_max + 1> levels_{};
};

// `text` as it is written in so many strings of JSON, each in the one before.
[[nodiscard]] std::string escaped_at(unsigned depth, std::string_view text);
// The text of what is written so; as it is where that cannot be.
[[nodiscard]] std::string decoded_at(unsigned depth, std::string_view raw);

}  // namespace menshen::pipeline
