// The normalised view of a text that the lexicons and signatures see.
//
// Every character folded (text/folding.h), runs of white space one blank (or one '\n' when they
// hold a line break), "i g n o r e" and "i.g.n.o.r.e" written together, digits that stand for
// letters inside words turned back
// ("1gn0re" -> "ignore"). Valid UTF-8 whatever the input: invalid bytes become U+FFFD.
//
//   View view;
//   view.assign(text);
//   for (std::size_t at = 0; at < view.text.size();) { end = view.sentence_end(at); ... at = end; }
//
// One thread at a time; assign() keeps the memory. Cost is linear in the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::detectors {

class Folding;

namespace scoring {

struct View {
  std::string text;
  std::size_t tag_characters = 0;  // invisible ASCII: U+E0020..U+E007E outside of flag emoji

  void assign(std::string_view raw);

  // End of the sentence that `from` lies in, its closing mark included.
  [[nodiscard]] std::size_t sentence_end(std::size_t from) const noexcept;

  // Where sentence_mark() may hold or a quotation mark may stand, ascending.
  [[nodiscard]] std::span<const std::uint32_t> marks() const noexcept { return marks_; }

  // Where a byte of the class sign_byte stands, ascending.
  [[nodiscard]] std::span<const std::uint32_t> signs() const noexcept { return signs_; }

  // Gives memory back after an unusually long text.
  void trim();

 private:
  std::size_t fold(const Folding& folding, std::string_view raw);
  std::string folded_;  // as UTF-8, before anything is joined; longer than its content
  std::vector<std::uint32_t> marks_;
  std::vector<std::uint32_t> signs_;
};

// Bytes at text[at] that end a sentence: 0 when it does not end there. A '.' between letters or
// digits does not ("3.5", "e.g").
[[nodiscard]] std::size_t sentence_mark(std::string_view text, std::size_t at) noexcept;

}  // namespace scoring
}  // namespace menshen::detectors
