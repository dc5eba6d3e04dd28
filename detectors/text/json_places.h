// Where a text is JSON, decided by the text alone: which of its bytes lie in strings, in keys, in
// numbers.
//
// A strict reader of RFC 8259 starts at each '{' or '[' that stands outside of JSON, whatever is
// before it (prose, a code fence, a byte order mark), and gives up at the first character that
// JSON does not allow there: what follows is prose again. What it says of a byte depends on the
// text up to the end of the byte's token alone. A broken end is no error: a model may stop within
// a string.
//
// A single number in brackets may be JSON, or a word of Markdown or prose: [138](tel:138),
// 拨打 [138] 联系. It is prose when prose goes on behind the bracket in the same line.
//
// Depth: the reader of depth n reads the text after n decodings of its escapes, and takes for
// quotes those that n escapes made: it sees the JSON that stands in a string of JSON.
//
//   {"a": "x 138", "b": -13.8e9}     strings 1..4, 6..13, 15..18; the number is 20..27
//
// All positions are of the text as it was fed. One thread at a time.
#pragma once

#include "core/finding.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::detectors {

// Spans in rising order that are forgotten from the front.
template <class Item>
class Trail {
 public:
  void clear() noexcept {
    items_.clear();
    first_ = 0;
  }
  [[nodiscard]] bool empty() const noexcept { return first_ == items_.size(); }
  [[nodiscard]] Item& back() noexcept { return items_.back(); }
  [[nodiscard]] const Item& back() const noexcept { return items_.back(); }
  void push(const Item& item) { items_.push_back(item); }
  void pop() noexcept { items_.pop_back(); }
  // The span that covers `position`, or null.
  [[nodiscard]] const Item* at(std::size_t position) const noexcept {
    std::size_t low = first_;
    std::size_t high = items_.size();
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (items_[middle].begin <= position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == first_ || items_[low - 1].end <= position) return nullptr;
    return &items_[low - 1];
  }
  void forget_before(std::size_t position) {
    while (first_ < items_.size() && items_[first_].end <= position) ++first_;
    if (first_ < 256 || first_ * 2 < items_.size()) return;
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }

 private:
  std::vector<Item> items_;
  std::size_t first_ = 0;
};

class JsonPlaces {
 public:
  static constexpr std::size_t unknown = std::numeric_limits<std::size_t>::max();
  // A longer number is taken for prose: what is found in it need not wait for its end.
  static constexpr std::size_t number_bytes_max = 1024;
  // Deeper than this a string may be a key: taken for one, it is refused, not redacted.
  static constexpr std::size_t depth_known_max = 4096;
  // Behind a number in brackets so many blanks are read over to see whether prose goes on.
  static constexpr std::size_t blanks_max = 8;

  struct Region {
    std::size_t begin = 0;
    std::size_t end = unknown;  // unknown: not over yet
    core::Place place = core::Place::plain;
    std::size_t json_begin = 0;  // of the outermost bracket around it
  };

  // A number that is over and may be read in other ways than it is written.
  struct Spelled {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string text;
  };

  void reset();

  [[nodiscard]] bool outside() const noexcept { return state_ == State::outside; }
  // How many bytes at the start of `text`, which goes on where the last character ended, need not
  // be read.
  [[nodiscard]] std::size_t passes(std::string_view text) const noexcept;
  // The next character of the text at [begin, end). own: as a quote, it would be one of this
  // depth.
  void read(char32_t c, bool own, std::size_t begin, std::size_t end);
  // The text ends.
  void finish(std::size_t end);

  // The string, key or number that a byte lies in, without quotes; null: none.
  [[nodiscard]] const Region* at(std::size_t position) const noexcept {
    return regions_.at(position);
  }
  // Where the number begins that is not over yet, or not known to be JSON; unknown: there is none.
  [[nodiscard]] std::size_t open_number() const noexcept {
    const bool open = state_ == State::number || state_ == State::bracketed;
    return open ? regions_.back().begin : unknown;
  }
  // Nothing that it knows of lies in JSON.
  [[nodiscard]] bool empty() const noexcept { return regions_.empty(); }
  // Long numbers with a fraction or an exponent, since the last call. Valid until the next one.
  [[nodiscard]] bool has_spelled() const noexcept { return !spelled_.empty(); }
  [[nodiscard]] const std::vector<Spelled>& take_spelled();
  void forget_before(std::size_t position) { regions_.forget_before(position); }

 private:
  enum class State : std::uint8_t {
    outside,
    value,
    value_or_end,
    key,
    key_or_end,
    colon,
    comma_or_end,
    string,
    escape,  // a backslash in a string came before
    number,
    word,       // true, false, null
    bracketed,  // behind the bracket that closed around a single number
  };
  enum class Number : std::uint8_t { sign, zero, whole, point, fraction, e, e_sign, exponent };

  void read_structure(char32_t c, std::size_t begin, std::size_t end);
  bool read_value(char32_t c, std::size_t begin, std::size_t end);
  void open_container(bool object, std::size_t begin);
  void close_container();
  void open_string(bool key, std::size_t end);
  void open_number(char32_t c, std::size_t begin);
  [[nodiscard]] bool continue_number(char32_t c) noexcept;
  [[nodiscard]] bool number_is_whole() const noexcept;
  void close_number(std::size_t end);
  void read_behind_bracket(char32_t c, std::size_t begin);
  void leave(std::size_t begin);
  [[nodiscard]] bool in_object() const noexcept { return !objects_.empty() && objects_.back(); }

  State state_ = State::outside;
  Number number_ = Number::sign;
  bool string_is_key_ = false;
  bool lone_ = false;       // all of the outermost bracket, so far, is one number
  std::size_t blanks_ = 0;  // behind it
  std::string_view word_;   // what is still to come of it
  std::size_t depth_ = 0;
  std::size_t json_begin_ = 0;
  std::vector<bool> objects_;  // for each open container: is it an object?
  Trail<Region> regions_;
  std::string number_text_;
  std::vector<Spelled> spelled_;
  std::vector<Spelled> taken_;
};

}  // namespace menshen::detectors
