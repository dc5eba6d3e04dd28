// The loops of the segmenter over what is most of any text.
#include "detectors/text/character_class.h"
#include "detectors/text/plain_words.h"
#include "detectors/text/segmenter.h"
#include "detectors/values/boundary.h"

#include <algorithm>

namespace menshen::detectors {

// Runs that are dismissed as soon as they end, and what lies between them: all of clean prose.
// Stops before whatever needs step(), with the state of the run it is in.
void Segmenter::read_plain(const View& view, std::size_t limit) {
  const char* const base = view.at(next_);
  const char* const end = base + (limit - next_);
  const Characters& characters = Characters::instance();
  constexpr unsigned of_words =
      run_class::letter | run_class::dot | run_class::connector | run_class::colon;
  const bool skips = !filter_->passes(skipped_bytes_max, 0, of_words);
  const char* p = base;
  while (p < end) {
    const auto byte = static_cast<unsigned char>(*p);
    if (byte >= 0x80) {
      const CharacterClass c = wide_class_at(characters, p);
      if (c.value != run_class::delimiter) break;
      p += c.bytes;
      continue;
    }
    if (!is_run_character(Characters::ascii_classes[byte])) {
      ++p;
      continue;
    }
    if (skips) {
      const char* const skipped = skip_words(p, end);
      if (skipped != p) {
        p = skipped;
        continue;
      }
    }
    const char* const begin = p;
    unsigned content = 0;
    unsigned digits = 0;
    const char* const longest = begin + std::min<std::ptrdiff_t>(end - begin, window_bytes);
    do {
      const unsigned c = Characters::ascii_classes[static_cast<unsigned char>(*p)];
      if (!is_run_character(static_cast<std::uint8_t>(c))) break;
      content |= c;
      digits += c & run_class::digit;
    } while (++p != longest);
    const bool ends = p != longest && static_cast<unsigned char>(*p) < 0x80 &&
                      (*p > ' ' || (*p == ' ' ? is_lower(p[-1]) : !may_go_on(p[-1])));
    const auto bytes = static_cast<std::size_t>(p - begin);
    if (ends && !filter_->passes(bytes, digits, content)) continue;
    begin_run(view, next_ + static_cast<std::size_t>(begin - base));
    content_ = static_cast<std::uint8_t>(content);
    digits_ = digits;
    break;
  }
  next_ += static_cast<std::size_t>(p - base);
}

void Segmenter::read_run(const View& view, std::size_t limit) {
  const char* const start = view.at(next_);
  const char* const end = start + (limit - next_);
  const char* p = start;
  unsigned content = content_;
  std::size_t digits = digits_;
  while (p < end) {
    const auto byte = static_cast<unsigned char>(*p);
    if (byte >= 0x80) break;  // step() reads it
    const std::uint8_t c = Characters::ascii_classes[byte];
    if (!is_run_character(c)) break;
    content |= c;
    digits += c & run_class::digit;
    ++p;
  }
  content_ = static_cast<std::uint8_t>(content);
  digits_ = digits;
  next_ += static_cast<std::size_t>(p - start);
}

}  // namespace menshen::detectors
