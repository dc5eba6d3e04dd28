#include "detectors/engine/sentences.h"

#include "core/utf8.h"
#include "detectors/text/segmenter.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <optional>

namespace menshen::detectors {
namespace {

bool is_blank(char32_t c) noexcept {
  return c == U' ' || c == U'\t' || c == U'\r' || c == U'\n' || c == U'\u3000';
}

bool ends_sentence(char32_t c) noexcept {
  return c == U'。' || c == U'！' || c == U'？' || c == U'；' || c == U'!' || c == U'?' ||
         c == U';';
}

// Scripts whose words stand without blanks begin with the kana and the radicals.
bool is_character(char32_t c) noexcept {
  return (c >= 0x2E80 && c < 0x3000) || (c >= 0x3005 && c < 0x3008) ||
         (c >= 0x3040 && c < 0xD7B0) || (c >= 0xF900 && c < 0xFB00) || c >= 0x20000;
}

TokenKind kind_of(char32_t c) noexcept {
  if (c < 0x80) {
    const char ascii = static_cast<char>(c);
    if (is_digit(ascii)) return TokenKind::number;
    return is_letter(ascii) ? TokenKind::word : TokenKind::mark;
  }
  if (is_character(c)) return TokenKind::character;
  const std::uint8_t cls = Characters::instance().run_class_of(c);
  return cls == run_class::letter ? TokenKind::word : TokenKind::mark;
}

}  // namespace

void Sentences::reset() {
  next_ = 0;
  irregular_ = 0;
  blanks_ = 0;
  stop_ = false;
  open_begin_ = none;
  tokens_.clear();
  given_ = 0;
  begins_ = true;
}

std::size_t Sentences::decided() const noexcept {
  if (given_ < tokens_.size()) return tokens_[given_].begin;
  return open_begin_ != none ? open_begin_ : next_;
}

std::size_t Sentences::shown() const noexcept {
  return tokens_.empty() ? decided() : tokens_.front().begin;
}

bool Sentences::advance(const View& view, SentenceSink& sink) {
  for (;;) {
    if (!check_irregulars(view, sink)) return false;
    if (next_ >= view.end()) return true;
    if (!step(view, sink)) return false;
  }
}

bool Sentences::finish(const View& view, SentenceSink& sink) {
  return advance(view, sink) && end_sentence(sink);
}

bool Sentences::step(const View& view, SentenceSink& sink) {
  const core::ValidUtf8 c = core::valid_utf8_at(view.at(next_));
  const std::size_t begin = next_;
  if (is_blank(c.point)) return read_blank(sink, c.point);
  const TokenKind kind = kind_of(c.point);
  const bool goes_on =
      open_begin_ != none && kind == open_kind_ && begin + c.bytes - open_begin_ <= token_bytes_max;
  if (!goes_on && !close_token(sink)) return false;
  next_ += c.bytes;
  blanks_ = 0;
  stop_ = c.point == U'.' && !abbreviates(view, begin);
  if (goes_on) return true;
  open_begin_ = begin;
  open_kind_ = kind;
  if (kind == TokenKind::word || kind == TokenKind::number) return true;
  return close_token(sink) && (!ends_sentence(c.point) || end_sentence(sink));
}

bool Sentences::read_blank(SentenceSink& sink, char32_t c) {
  if (!close_token(sink)) return false;
  next_ += c == U'\u3000' ? 3 : 1;
  const bool ends = c == U'\n' || ++blanks_ > blanks_max || stop_;
  stop_ = false;
  return !ends || end_sentence(sink);
}

// "Dr.", "Prof."
bool Sentences::abbreviates(const View& view, std::size_t stop) const noexcept {
  constexpr std::size_t abbreviation_bytes_max = 4;
  if (tokens_.empty() || tokens_.back().end != stop) return false;
  const Token& word = tokens_.back();
  return word.kind == TokenKind::word && word.end - word.begin <= abbreviation_bytes_max &&
         is_upper(*view.at(word.begin));
}

// What takes too much of the source for what it shows ends here.
bool Sentences::check_irregulars(const View& view, SentenceSink& sink) {
  irregular_ = std::max(irregular_, view.first_irregular());
  while (irregular_ < view.irregular_end() && view.irregular(irregular_).view_end() <= next_) {
    const std::size_t raw_end = view.irregular(irregular_).raw_end();
    ++irregular_;
    if (decided() == next_ || raw_end - view.raw_begin(decided()) <= raw_span_max) continue;
    if (!end_sentence(sink, true)) return false;
  }
  return true;
}

bool Sentences::close_token(SentenceSink& sink) {
  if (open_begin_ == none) return true;
  tokens_.push_back({open_begin_, next_, open_kind_});
  open_begin_ = none;
  if (tokens_.size() - given_ < tokens_owned + tokens_ahead) return true;
  return give(sink, tokens_owned, false, false);
}

bool Sentences::end_sentence(SentenceSink& sink, bool forced) {
  if (!close_token(sink)) return false;
  if (given_ < tokens_.size() && !give(sink, tokens_.size() - given_, true, forced)) return false;
  tokens_.clear();
  given_ = 0;
  begins_ = true;
  blanks_ = 0;
  stop_ = false;
  return true;
}

bool Sentences::give(SentenceSink& sink, std::size_t owned, bool ends, bool forced) {
  const SentenceWindow window{.tokens = tokens_,
                              .owned_begin = given_,
                              .owned_end = given_ + owned,
                              .begins_sentence = begins_,
                              .ends_sentence = ends,
                              .forced = forced};
  if (!sink.on_sentence_window(window)) return false;
  given_ += owned;
  const std::size_t done = given_ - std::min(given_, tokens_before);
  begins_ = begins_ && done == 0;
  tokens_.erase(tokens_.begin(), tokens_.begin() + static_cast<std::ptrdiff_t>(done));
  given_ -= done;
  return true;
}

}  // namespace menshen::detectors
