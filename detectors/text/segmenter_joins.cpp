// What belongs to a run beside its own characters: a name before '@', a domain behind it, the runs
// of the lines before.
#include "core/unicode.h"
#include "core/utf8.h"
#include "detectors/text/segmenter.h"

namespace menshen::detectors {

// Where the ideographs begin that stand directly before.
std::size_t Segmenter::name_begin(const View& view, std::size_t at) noexcept {
  std::size_t begin = at;
  for (std::size_t n = 0; n < name_characters_max && begin >= view.begin() + 3; ++n) {
    const char* const p = view.at(begin - 3);
    if ((*p & '\xF0') != '\xE0' || !core::is_ideograph(core::valid_utf8_at(p).point)) break;
    begin -= 3;
  }
  if (begin == at) return at;
  const std::size_t raw = at == view.end() ? view.raw_end() : view.raw_begin(at);
  return raw - view.raw_begin(begin) > raw_span_max ? at : begin;
}

// Does the ideograph here belong to a domain: does it, or did another, stand directly behind '@'?
bool Segmenter::in_named_domain(const View& view) noexcept {
  if (run_begin_ == none || pending_ != none) return false;
  if (next_ > run_begin_ && *view.at(next_ - 1) == '@') domain_begin_ = next_;
  const char* const p = view.at(next_);
  return domain_begin_ != none && next_ - domain_begin_ <= named_domain_bytes_max &&
         (*p & '\xF0') == '\xE0' && core::is_ideograph(core::valid_utf8_at(p).point);
}

// A character that delimits. Behind a digit, the end of a line may stand within a number.
bool Segmenter::end_line(const View& view, RunSink& sink) {
  const char c = *view.at(next_);
  if (run_begin_ == none) {
    if (c == '\n' && joined_next_ == next_ && *view.at(next_ - 1) == '\r') ++joined_next_;
    return true;
  }
  const bool goes_on = (c == '\n' || c == '\r') && pending_ == none &&
                       next_ - run_begin_ <= joined_run_bytes_max && may_go_on(*view.at(next_ - 1));
  const std::size_t begin = run_begin_;
  const std::size_t digits = digits_;
  const std::uint8_t content = content_;
  if (!end_run(view, sink, next_)) return false;
  if (!goes_on) return true;
  if (joined_begin_ == none || next_ - joined_begin_ > joined_bytes_max) {
    joined_begin_ = begin;
    joined_digits_ = digits;
    joined_content_ = content;
  }
  joined_next_ = next_ + 1;
  return true;
}

// The run of a line together with those of the lines before.
bool Segmenter::give_joined(RunSink& sink, const RunWindow& last) {
  joined_digits_ += last.digits;
  joined_content_ = static_cast<std::uint8_t>(joined_content_ | last.content);
  RunWindow window = last;
  window.begin = joined_begin_;
  window.run_begin = joined_begin_;
  window.content = joined_content_;
  window.digits = joined_digits_;
  window.joined = true;
  const std::size_t bytes = window.end - window.begin;
  return bytes > joined_bytes_max || window.digits < numerals_min ||
         !filter_->passes(bytes, window.digits, window.content) || sink.on_window(window);
}

}  // namespace menshen::detectors
