// Words behind a value that say what it is: "13800138000 is my phone number", 13800138000（手机）,
// "1234567890 bytes".
//
// A stream must not wait for words that may never come. So they count only where the text directly
// behind the value begins as such words do: a bracket, a verb (is, 是), a pronoun behind a comma, a
// unit. In all other text nothing is waited for beyond the next word.
//
//   reach_behind("13800138000", " is my ph", false)    nothing: more must be seen
//   read_behind(" is my phone number.")                 {"phone number", false}
//   read_behind(" bytes")                               {"", true}
//
// Pure functions of the text, so that cuts change nothing; any thread.
#pragma once

#include "detectors/detector.h"
#include "detectors/values/context.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace menshen::detectors {

// The most that is ever read behind a run.
inline constexpr std::size_t behind_bytes_max = 40;

// How many bytes of `text`, which follows the run, may say what the run's last value is; nothing
// when that is not known before more of the text is. `complete`: no more will be.
[[nodiscard]] std::optional<std::size_t> reach_behind(std::string_view run, std::string_view text,
                                                      bool complete);

struct Behind {
  std::string phrase;     // begins with a label, if there is one
  bool quantity = false;  // a unit
};
// What stands directly behind a value.
[[nodiscard]] Behind read_behind(std::string_view tail);

// What a window shows directly behind `end`, the end of a value in it.
[[nodiscard]] Behind read_behind(const Window& window, std::size_t end);

// Does the phrase begin with one of the words, whole?
[[nodiscard]] bool begins_with_word(std::string_view phrase, Words words) noexcept;

// Does all of the phrase say that the value is a number of something, no person's: "order no.",
// 订单号, 号订单? Words of an order alone do not: 快递员, "the order phone".
[[nodiscard]] bool names_other_number(std::string_view phrase);

}  // namespace menshen::detectors
