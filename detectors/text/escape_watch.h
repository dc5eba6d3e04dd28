// Tells from which byte on a text must be read with one more level of escapes decoded, so that a
// text without a backslash costs a search for one.
//
// Level 1: the first backslash. Level 2: the first place where an escape may show a backslash:
// `\\`, or `\u005c`. Level 3: such a place, and behind it what may make the backslash that it shows
// the begin of an escape which shows one: a backslash, or the u of u005c. The byte that is found
// completes it, so that a decoder which has read what is before still waits with all of it. One
// thread at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace menshen::detectors {

class EscapeWatch {
 public:
  void reset() noexcept { *this = {}; }

  // Position in `piece` of the byte before which the text is to be read with `level` + 1 levels;
  // the piece's size: not in this piece. The next piece begins there.
  [[nodiscard]] std::size_t find(std::string_view piece, unsigned level) noexcept {
    if (level == 0) return std::min(piece.find('\\'), piece.size());
    for (std::size_t at = 0; at < piece.size(); ++at) {
      if (std::exchange(shown_, false) && (piece[at] == '\\' || piece[at] == 'u')) return at;
      if (matched_ == 0) {
        at = piece.find('\\', at);
        if (at == std::string_view::npos) break;
        matched_ = 1;
        continue;
      }
      const char c = piece[at];
      if (matched_ == 1 && c == '\\') {
        if (level == 1) return at;
        matched_ = 0;
        shown_ = true;
        continue;
      }
      const char lower = matched_ == 5 ? static_cast<char>(c | 0x20) : c;
      if (lower != escape[matched_]) {
        matched_ = c == '\\' ? 1 : 0;
      } else if (++matched_ == escape.size()) {
        if (level == 1) {
          --matched_;  // this byte is read again
          return at;
        }
        matched_ = 0;
        shown_ = true;
      }
    }
    return piece.size();
  }

 private:
  static constexpr std::string_view escape = "\\u005c";
  std::size_t matched_ = 0;  // bytes of `escape` before the next one
  bool shown_ = false;       // an escape that shows a backslash came directly before
};

}  // namespace menshen::detectors
