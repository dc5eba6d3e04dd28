#include "detectors/grounding/index.h"

#include "core/digest.h"
#include "core/work_count.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace menshen::detectors::scoring {
namespace {

constexpr std::size_t slots_min = 512;
constexpr std::size_t keep_slots_max = 128 * 1024;
constexpr double exact = 1e-9;
constexpr double rough = 0.05;

std::uint64_t random_salt() {
  std::array<std::uint8_t, 8> bytes{};
  core::fill_random(bytes);
  return std::bit_cast<std::uint64_t>(bytes);
}

}  // namespace

HashSet::HashSet() {
  static const std::uint64_t salt = random_salt();
  salt_ = salt;
  reset(0);
}

void HashSet::reset(std::size_t expected) {
  slots_.assign(std::bit_ceil(std::max(expected * 2, slots_min)), 0);
  used_ = 0;
}

void HashSet::grow() {
  std::vector<std::uint64_t> old(slots_.size() * 2);
  old.swap(slots_);
  for (const std::uint64_t hash : old) {
    if (hash != 0) slots_[slot_of(hash)] = hash;
  }
}

void HashSet::trim() {
  if (slots_.size() > keep_slots_max) {
    std::vector<std::uint64_t>().swap(slots_);
    reset(0);
  }
}

void SourceIndex::assign(std::span<const std::string_view> sources, const std::stop_token& stop) {
  std::size_t bytes = 0;
  for (const std::string_view source : sources) bytes += source.size();
  words_.reset(bytes / 16);
  pairs_.reset(bytes / 8);
  numbers_.clear();
  percents_.clear();
  for (const std::string_view source : sources) {
    if (stop.stop_requested()) break;
    core::work_count.source_bytes += source.size();
    tokens_.assign(source);
    before_ = negated_ = 0;
    for (Token token; tokens_.next(token);) add(token);
  }
  std::ranges::sort(numbers_);
  std::ranges::sort(percents_);
}

void SourceIndex::add(const Token& token) {
  if (token.kind == TokenKind::number)
    (token.percent ? percents_ : numbers_).push_back(token.value);
  if (token.kind == TokenKind::number && token.hash != 0) words_.insert(token.hash);
  if (token.kind != TokenKind::word && token.kind != TokenKind::han) {
    before_ = negated_ = 0;
    return;
  }
  words_.insert(token.hash);
  if (token.prefix != 0) words_.insert(token.prefix);
  if (token.stripped != 0) words_.insert(token.stripped_turned);
  if (before_ != 0) pairs_.insert(hash_step(before_, token.hash));
  if (negated_ != 0) pairs_.insert(hash_step(hash_step(negated_, token.hash), negated_salt));
  negated_ = is_negation(token) ? before_ : 0;
  before_ = token.hash;
}

bool SourceIndex::has_number(const Token& number, bool loose) const noexcept {
  const double size = std::abs(number.value);
  const double within = std::max({size * exact, number.tolerance, loose ? size * rough : 0.0});
  const std::vector<double>& known = number.percent ? percents_ : numbers_;
  const auto at = std::ranges::lower_bound(known, number.value - within);
  return at != known.end() && *at <= number.value + within;
}

void SourceIndex::trim() {
  tokens_.trim();
  words_.trim();
  pairs_.trim();
  for (std::vector<double>* numbers : {&numbers_, &percents_}) {
    if (numbers->capacity() > keep_slots_max) std::vector<double>().swap(*numbers);
  }
}

}  // namespace menshen::detectors::scoring
