#include "proxy/pipeline/speech.h"

#include "proxy/pipeline/inspection.h"

#include <algorithm>
#include <array>
#include <utility>

namespace menshen::pipeline {
namespace {

// A value that crosses the begin of a part, with its context, begins at most so far before it,
// unless it is open-ended: then the scanner that found its begin reads on.
constexpr std::size_t tail_bytes = 1024;
constexpr std::size_t crossing_max = 8;

bool is_character_begin(char c) noexcept { return (c & '\xC0') != '\x80'; }

// Where in `tail` no run of the text is cut: behind a blank, or a mark of Chinese punctuation.
std::size_t clean_begin(std::string_view tail) {
  if (tail.size() < tail_bytes) return 0;
  std::size_t at = tail.size() - tail_bytes;
  const std::size_t blank = tail.find_first_of(" \t\r\n", at);
  const std::size_t comma = tail.find("，", at);
  const std::size_t stop = tail.find("。", at);
  std::size_t best = blank == std::string_view::npos ? blank : blank + 1;
  for (const std::size_t mark : {comma, stop}) {
    if (mark != std::string_view::npos) best = std::min(best, mark + 3);
  }
  if (best != std::string_view::npos) return best;
  while (at < tail.size() && !is_character_begin(tail[at])) ++at;
  return at;
}

}  // namespace

std::size_t Speech::Reading::in_text(std::size_t offset) const noexcept {
  const auto before = std::ranges::lower_bound(gaps, offset) - gaps.begin();
  return begin + offset - static_cast<std::size_t>(before);
}

Speech::Speech(ScannerPool& pool) : pool_(pool) { current_ = read_from(0); }

Speech::~Speech() {
  for (Reading& reading : crossing_) {
    if (reading.scanner) pool_.give(std::move(reading.scanner));
  }
  if (current_.scanner) pool_.give(std::move(current_.scanner));
}

Speech::Reading Speech::read_from(std::size_t begin) {
  Reading reading;
  reading.scanner = pool_.take();
  reading.begin = begin;
  return reading;
}

void Speech::keep_tail(std::string_view piece) {
  if (piece.size() >= tail_bytes) {
    tail_ = piece.substr(piece.size() - tail_bytes);
    return;
  }
  if (tail_.size() + piece.size() > 4 * tail_bytes) tail_.erase(0, tail_.size() - tail_bytes);
  tail_.append(piece);
}

core::Result<void> Speech::feed(std::string_view piece) {
  text_bytes_ += piece.size();
  keep_tail(piece);
  if (auto fed = current_.scanner->feed(piece); !fed) return fed;
  if (one_part_) return {};
  for (Reading& reading : crossing_) {
    if (auto fed = reading.scanner->feed(piece); !fed) return fed;
  }
  settle();
  return {};
}

void Speech::collect(Reading& reading) {
  for (core::Finding finding : reading.scanner->take()) {
    finding.begin = reading.in_text(finding.begin);
    finding.end = reading.in_text(finding.end);
    // A reading that began late finds again what was given out.
    finding.begin = std::max(finding.begin, ledger_.settled());
    if (finding.begin >= finding.end) continue;
    ledger_.add(finding);
  }
}

void Speech::settle() {
  collect(current_);
  std::size_t decided = current_.in_text(current_.scanner->settled());
  for (Reading& reading : crossing_) {
    collect(reading);
    if (!reading.scanner->ended()) {
      decided = std::min(decided, reading.in_text(reading.scanner->settled()));
    }
  }
  drop_ended();
  ledger_.settle(decided);
}

void Speech::drop_ended() {
  std::erase_if(crossing_, [&](Reading& reading) {
    if (!reading.scanner->ended()) return false;
    pool_.give(std::move(reading.scanner));
    return true;
  });
}

// Parts of a few bytes each: the readings that began first, of each kind one, go on over this begin
// of a part too, so that all that stood before is in sight. The others give way as soon as what
// crosses the begin of their own part is decided.
void Speech::make_room() {
  if (crossing_.size() + 2 <= crossing_max) return;
  std::array<bool, 2> kept{};
  std::size_t room = crossing_max - crossing_.size();
  std::erase_if(crossing_, [&](Reading& reading) {
    if (!std::exchange(kept[reading.with_blanks ? 1 : 0], true)) {
      reading.joint = text_bytes_;
      reading.scanner->end_at(reading.scanner->text_bytes());
      return false;
    }
    if (room >= 2 || reading.in_text(reading.scanner->settled()) <= reading.joint) return false;
    ++room;
    pool_.give(std::move(reading.scanner));
    return true;
  });
}

// The findings of a part that ends here, as if nothing followed; its own scanner reads on.
core::Result<void> Speech::read_end(std::size_t tail_begin) {
  Reading end = read_from(text_bytes_ - (tail_.size() - tail_begin));
  auto read = end.scanner->feed(std::string_view(tail_).substr(tail_begin));
  if (read) read = end.scanner->finish();
  if (!read) return read;
  collect(end);
  pool_.give(std::move(end.scanner));
  return {};
}

core::Result<void> Speech::fork() {
  const std::size_t tail_begin = clean_begin(tail_);
  const std::string_view tail = std::string_view(tail_).substr(tail_begin);
  collect(current_);
  if (auto read = read_end(tail_begin); !read) return read;
  Reading blank = read_from(text_bytes_ - tail.size());
  if (auto read = blank.scanner->feed(tail); !read) return read;
  blank.with_blanks = true;
  Reading nothing = std::move(current_);
  nothing.joint = blank.joint = text_bytes_;
  for (Reading* reading : {&nothing, &blank}) {
    reading->scanner->end_at(reading->scanner->text_bytes());
  }
  crossing_.push_back(std::move(nothing));
  crossing_.push_back(std::move(blank));
  return {};
}

core::Result<void> Speech::begin_part() {
  settle();
  one_part_ = false;
  make_room();
  if (crossing_.size() + 2 <= crossing_max) {
    if (auto forked = fork(); !forked) return forked;
  } else if (auto done = finish(current_); !done) {
    return done;
  }
  for (Reading& reading : crossing_) {
    if (!reading.with_blanks) continue;
    reading.gaps.push_back(reading.scanner->text_bytes());
    if (auto fed = reading.scanner->feed(" "); !fed) return fed;
  }
  current_ = read_from(text_bytes_);
  tail_.clear();
  settle();
  return {};
}

core::Result<void> Speech::finish(Reading& reading) {
  if (auto done = reading.scanner->finish(); !done) return done;
  collect(reading);
  pool_.give(std::move(reading.scanner));
  return {};
}

core::Result<void> Speech::finish() {
  if (one_part_) return current_.scanner->finish();
  if (auto done = finish(current_); !done) return done;
  for (Reading& reading : crossing_) {
    if (auto done = finish(reading); !done) return done;
  }
  crossing_.clear();
  ledger_.settle(text_bytes_);
  return {};
}

std::size_t Speech::settled() const noexcept {
  return one_part_ ? current_.scanner->settled() : ledger_.settled();
}

const std::vector<core::Finding>& Speech::take() {
  return one_part_ ? current_.scanner->take() : ledger_.take();
}

}  // namespace menshen::pipeline
