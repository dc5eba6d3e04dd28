// Looks for an escape of a code unit, `\u` and four hexadecimal digits, in a text that was decoded
// as often as any is: what it stands for is not known. One thread at a time.
#pragma once

#include "detectors/values/boundary.h"

#include <cstddef>
#include <string_view>

namespace menshen::detectors {

class DeepEscapes {
 public:
  // True once an escape is complete with the end of some prefix of what was read so far.
  [[nodiscard]] bool found_in(std::string_view text) noexcept {
    for (std::size_t at = 0; at < text.size() && matched_ < escape_bytes; ++at) {
      if (matched_ == 0) {
        at = text.find('\\', at);
        if (at == std::string_view::npos) break;
        matched_ = 1;
      } else if (text[at] == '\\') {
        matched_ = 1;
      } else {
        const bool goes_on = matched_ == 1 ? text[at] == 'u' : is_hex(text[at]);
        matched_ = goes_on ? matched_ + 1 : 0;
      }
    }
    return matched_ == escape_bytes;
  }

 private:
  static constexpr std::size_t escape_bytes = 6;
  std::size_t matched_ = 0;
};

}  // namespace menshen::detectors
