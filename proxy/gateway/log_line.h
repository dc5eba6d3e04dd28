// One line of the log, as it grows: {"time":...,"level":...,"event":...} or TIME LEVEL EVENT k=v.
// Texts are reduced to one line of valid UTF-8 and cut to logged_text_bytes_max; what is empty, or
// 0, can be left out.
//
//   LogLine line(json, "info", "exchange");
//   line.text("api", "openai_chat");
//   writer.put(line.end());                 // with its line feed; good until the next line
//
// One thread: all lines of a thread share their memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace menshen::gateway {

// The name of a member, as it stands before its value in either format.
class LogKey {
 public:
  // A literal of less than 24 bytes.
  template <std::size_t size>
  consteval LogKey(const char (&name)[size]) : json_{',', '"'}, text_{' '} {
    static_assert(size <= 24);
    for (std::size_t i = 0; i + 1 < size; ++i) {
      json_[i + 2] = name[i];
      text_[i + 1] = name[i];
    }
    json_[size + 1] = '"';
    json_[size + 2] = ':';
    json_[size + 3] = '"';
    text_[size] = '=';
    bytes_ = size;
  }

  [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), bytes_ + 1}; }
  [[nodiscard]] std::string_view json() const noexcept { return {json_.data(), bytes_ + 3}; }
  // With the quote that begins a text.
  [[nodiscard]] std::string_view json_text() const noexcept { return {json_.data(), bytes_ + 4}; }

 private:
  std::array<char, 28> json_;
  std::array<char, 28> text_;
  std::size_t bytes_ = 0;
};

class LogLine {
 public:
  LogLine(bool json, std::string_view level, std::string_view event);

  // The sentence that the event comes with, at the end of the line.
  void detail(std::string_view sentence);
  void text(const LogKey& key, std::string_view value);
  // Of visible ASCII without quotes: an id, or a name of the program's or of the configuration's.
  void name(const LogKey& key, std::string_view value);
  void number(const LogKey& key, std::int64_t value);
  // A list of texts, one call each between the two; what had no member is not there.
  void begin_list(const LogKey& key) {
    list_ = key;
    members_ = 0;
  }
  void member(std::string_view value);
  void end_list();

  [[nodiscard]] std::string_view end();

 private:
  std::string& out_;
  const bool json_;
  LogKey list_ = "";
  std::size_t members_ = 0;  // of the list
};

}  // namespace menshen::gateway
