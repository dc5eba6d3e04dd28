// Placeholders of values in a text that a model wrote, in whatever form it gave them.
//
//   PlaceholderReader reader(PlaceholderTags({"EMAIL", "PERSON"}), false);
//   reader.feed("Dear &lt;PERSON_1&gt;, <ema", found);   // {5, 21, "PERSON", 1, html}
//   reader.settled();                                   // 23: "<ema" may be the begin of one
//   reader.finish(found);
//
// What is one, by example: <EMAIL_1> in any case; in brackets [] {} 【】 「」 『』, 〈〉 and full
// width; escaped as &lt;EMAIL_1&gt;, \u003cEMAIL_1\u003e, %3CEMAIL_1%3E; with \_, - or a blank for
// _; with emphasis or a blank in the brackets; escaped by Markdown, \<EMAIL\_1\>. In capitals also
// without brackets, EMAIL_1, or with one of the angle brackets alone, where no letter, digit or
// underscore of ASCII stands before and behind. A number has one to six digits and no zero in
// front, and no further digit behind: <EMAIL_12> is never 1.
//
// What is found depends on the text alone, not on its cuts. Of the text at most hold_back_max(tags)
// bytes are unsettled, from the first one on that may begin a placeholder of these tags. One text,
// one thread; the tags must outlive the reader.
#pragma once

#include "proxy/pipeline/json_nesting.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::pipeline {

// How the text around writes what stands there.
enum class PlaceholderForm : std::uint8_t { plain, html, url };

struct Placeholder {
  std::size_t begin = 0;  // bytes of the text, with the brackets
  std::size_t end = 0;
  std::string_view tag;  // of the tags
  std::uint32_t number = 0;
  PlaceholderForm form = PlaceholderForm::plain;
  unsigned depth = 0;  // of strings of JSON that it stands in (json_nesting.h)
};

// Immutable.
class PlaceholderTags {
 public:
  // Capitals, digits and underscores; each once.
  explicit PlaceholderTags(std::vector<std::string> tags);

  [[nodiscard]] const std::vector<std::string>& all() const noexcept { return tags_; }
  // Whether a placeholder may begin with this byte.
  [[nodiscard]] bool may_begin(char c) const noexcept {
    return begins_[static_cast<unsigned char>(c)];
  }

 private:
  std::vector<std::string> tags_;
  std::array<bool, 256> begins_{};
};

class PlaceholderReader {
 public:
  // `is_json`: programs take the text for JSON.
  PlaceholderReader(const PlaceholderTags& tags, bool is_json) noexcept
      : tags_(tags), nesting_(is_json) {}

  void feed(std::string_view bytes, std::vector<Placeholder>& found);
  void finish(std::vector<Placeholder>& found);

  [[nodiscard]] std::size_t settled() const noexcept { return begin_ + at_; }
  // The longest that may be unsettled.
  [[nodiscard]] static std::size_t hold_back_max(const PlaceholderTags& tags) noexcept;

 private:
  void read(bool at_end, std::vector<Placeholder>& found);
  void pass(std::size_t bytes) noexcept;

  const PlaceholderTags& tags_;
  JsonNesting nesting_;    // before at_
  std::string text_;       // from begin_ on: a little before at_, and what is not settled
  std::size_t begin_ = 0;  // in the whole text
  std::size_t at_ = 0;     // in text_
};

}  // namespace menshen::pipeline
