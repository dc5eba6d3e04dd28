#include "detectors/scoring/ngrams.h"

#include "core/utf8.h"
#include "detectors/bias/bias.h"
#include "detectors/scoring/bytes.h"

#include <algorithm>

namespace menshen::detectors::scoring {
namespace {

constexpr std::uint32_t piece_tokens_min = 6;  // sentences are put together until there are so many
constexpr std::uint32_t piece_tokens_max = 64;
constexpr std::size_t keep_max = 256 * 1024;

enum Seed : std::uint32_t { class_alone = 1, class_quoted, class_pair };

constexpr std::uint32_t group_token = 0x6B1F3A95;
constexpr std::uint32_t person_token = 0x3C6EF372;
constexpr std::uint32_t number_token = 0x2D0C77E1;

constexpr std::uint32_t mixed(std::uint32_t a, std::uint32_t b) noexcept {
  std::uint32_t h = (a ^ (b >> 15U)) * 0x9E3779B1U;
  h = (h ^ (h >> 16U) ^ b) * 0x85EBCA6BU;
  return h ^ (h >> 13U);
}

std::uint32_t hash_of(std::string_view token) noexcept {
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const char c : token) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return mixed(hash, static_cast<std::uint32_t>(token.size()));
}

bool names_people(const Hit& hit) noexcept {
  return hit.scope == bias::terms && (hit.cls == bias::group || hit.cls == bias::person);
}
bool says_nothing(char c) noexcept {
  return std::string_view(" ,.'-\n").find(c) != std::string_view::npos;
}

// Letters with accents, Cyrillic and the like make words; Han, kana and emoji stand alone.
bool in_words(char32_t c) noexcept { return c >= 0x80 && c < 0x2000; }

// Where the word that begins at `at` ends; `at` where none does.
std::size_t word_end(std::string_view text, std::size_t at, std::size_t end) {
  std::size_t i = at;
  while (i < end) {
    if (is_letter(text[i])) {
      ++i;
    } else if (!is_ascii(text[i])) {
      std::size_t next = i;
      if (!in_words(core::utf8_next(text, next))) break;
      i = next;
    } else if (text[i] == '\'' && i > at && i + 1 < end && is_letter(text[i + 1])) {
      ++i;
    } else {
      break;
    }
  }
  return i;
}

template <class T>
void give_back(std::vector<T>& memory) {
  if (memory.capacity() > keep_max) std::vector<T>().swap(memory);
}

}  // namespace

void Ngrams::read(const Reading& reading) {
  pieces_.clear();
  find_wholes(reading);
  find_classes(reading);
  next_whole_ = next_class_ = 0;
  piece_begin_ = tokens_ = count_ = 0;
  const std::string_view text = reading.view().text;
  const std::size_t room = 3 * text.size() + (1 + classes_back) * classes_.size();
  if (buckets_.size() < room) buckets_.resize(room);
  for (std::size_t at = 0; at < text.size();) {
    at = read_sentence(text, at, reading.view().sentence_end(at));
    if (tokens_ >= piece_tokens_min) close_piece(at);
  }
  close_piece(text.size());
}

// By their ends; the longest of those that overlap stays.
void Ngrams::find_wholes(const Reading& reading) {
  wholes_.clear();
  const std::string_view text = reading.view().text;
  auto compound = reading.compounds().begin();
  const auto add_compounds = [&](std::size_t end) {
    for (; compound != reading.compounds().end() && compound->end <= end; ++compound) {
      const auto word = text.substr(compound->begin, compound->end - compound->begin);
      add_whole({compound->begin, compound->end, hash_of(word)});
    }
  };
  for (const Hit& hit : reading.hits()) {
    if (!names_people(hit)) continue;
    add_compounds(hit.end);
    add_whole({hit.begin, hit.end, hit.cls == bias::group ? group_token : person_token});
  }
  add_compounds(text.size());
}

void Ngrams::add_whole(const Whole& whole) {
  while (!wholes_.empty() && wholes_.back().begin >= whole.begin) wholes_.pop_back();
  const std::uint32_t begin =
      wholes_.empty() ? whole.begin : std::max(whole.begin, wholes_.back().end);
  if (begin < whole.end) wholes_.push_back({begin, whole.end, whole.token});
}

void Ngrams::find_classes(const Reading& reading) {
  classes_.clear();
  std::size_t whole = 0;
  for (const Hit& hit : reading.hits()) {
    if (names_people(hit)) {
      while (whole < wholes_.size() && wholes_[whole].end < hit.end) ++whole;
      if (whole == wholes_.size() || wholes_[whole].end != hit.end) continue;
      ++whole;  // once for all terms that end there
    }
    const std::uint32_t id = static_cast<std::uint32_t>(hit.scope) << 8U | hit.cls;
    classes_.push_back({hit.end, mixed(id, reading.quoted(hit) ? class_quoted : class_alone)});
  }
}

// Where it ended: beyond `end` where a term does.
std::size_t Ngrams::read_sentence(std::string_view text, std::size_t begin, std::size_t end) {
  before_ = before_that_ = 0;
  class_count_ = 0;
  std::size_t at = begin;
  while (at < end) {
    while (next_whole_ < wholes_.size() && wholes_[next_whole_].end <= at) ++next_whole_;
    const bool whole = next_whole_ < wholes_.size() && wholes_[next_whole_].begin < end;
    if (whole && wholes_[next_whole_].begin <= at) {
      put_token(wholes_[next_whole_].token);
      at = wholes_[next_whole_].end;
    } else {
      at = read_token(text, at, whole ? wholes_[next_whole_].begin : end);
    }
    put_classes(at);
    if (tokens_ >= piece_tokens_max) close_piece(at);
  }
  return at;
}

std::size_t Ngrams::read_token(std::string_view text, std::size_t at, std::size_t end) {
  std::size_t i = at;
  if (is_digit(text[i])) {
    while (i < end && is_digit(text[i])) ++i;
    put_token(number_token);
    return i;
  }
  i = word_end(text, at, end);
  if (i == at) {
    if (says_nothing(text[at])) return at + 1;
    static_cast<void>(core::utf8_next(text, i));
  }
  put_token(hash_of(text.substr(at, i - at)));
  return i;
}

void Ngrams::put_token(std::uint32_t hash) {
  ++tokens_;
  put(hash);
  if (before_ != 0) {
    const std::uint32_t pair = mixed(before_, hash);
    put(pair);
    if (before_that_ != 0) put(mixed(before_that_, pair));
  }
  before_that_ = before_;
  before_ = hash;
}

void Ngrams::put_classes(std::size_t end) {
  for (; next_class_ < classes_.size() && classes_[next_class_].end <= end; ++next_class_) {
    const std::uint32_t id = classes_[next_class_].id;
    put(id);
    const std::size_t known = std::min(class_count_, classes_back);
    for (std::size_t i = 0; i < known; ++i) put(mixed(mixed(last_classes_[i], id), class_pair));
    last_classes_[class_count_++ % classes_back] = id;
  }
}

void Ngrams::put(std::uint32_t hash) {
  buckets_[count_++] = (hash * 0x9E3779B1U) >> (32U - bucket_bits);
}

void Ngrams::close_piece(std::size_t end) {
  const std::uint32_t first = pieces_.empty() ? 0 : pieces_.back().last;
  const std::uint32_t last = count_;
  if (last == first) return;
  pieces_.push_back({piece_begin_, static_cast<std::uint32_t>(end), first, last});
  piece_begin_ = static_cast<std::uint32_t>(end);
  tokens_ = 0;
}

void Ngrams::trim() {
  give_back(buckets_);
  give_back(pieces_);
  give_back(wholes_);
  give_back(classes_);
}

}  // namespace menshen::detectors::scoring
