#include "proxy/protocol/tokens/encoding.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <queue>

namespace menshen::protocol::tokens {

namespace {

std::size_t hash_of(std::string_view bytes) noexcept {
  std::uint64_t hash = bytes.size();
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::size_t>(hash ^ (hash >> 32U));
}

// The parts of a piece and which of them to join next: the pair that is the token of lowest rank,
// the leftmost of equal ones.
class Merger {
 public:
  explicit Merger(std::size_t size) : next_(size + 1), before_(size + 1) {
    for (std::uint32_t i = 0; i <= size; ++i) {
      next_[i] = i + 1;
      before_[i] = i - 1;
    }
  }

  // `find(begin, end)`: the rank of these bytes, if they are a token.
  template <class Find>
  void run(Find find) {
    const auto size = static_cast<std::uint32_t>(next_.size() - 1);
    const auto consider = [&](std::uint32_t begin) {
      const std::uint32_t middle = next_[begin];
      if (middle >= size) return;
      if (const auto rank = find(begin, next_[middle])) pairs_.push({*rank, begin, next_[middle]});
    };
    for (std::uint32_t i = 0; i < size; ++i) consider(i);
    while (!pairs_.empty()) {
      const Pair pair = pairs_.top();
      pairs_.pop();
      const std::uint32_t middle = next_[pair.begin];
      // Of parts that have been joined otherwise meanwhile.
      if (middle == joined || middle >= size || next_[middle] != pair.end) continue;
      next_[pair.begin] = pair.end;
      if (pair.end < size) before_[pair.end] = pair.begin;
      next_[middle] = joined;
      consider(pair.begin);
      if (pair.begin > 0) consider(before_[pair.begin]);
    }
  }

  // Calls visit(begin, end) for each part.
  template <class Visit>
  void each_part(Visit visit) const {
    const auto size = static_cast<std::uint32_t>(next_.size() - 1);
    for (std::uint32_t at = 0; at < size; at = next_[at]) visit(at, next_[at]);
  }

 private:
  static constexpr std::uint32_t joined = std::numeric_limits<std::uint32_t>::max();
  struct Pair {
    std::uint32_t rank;
    std::uint32_t begin;
    std::uint32_t end;
    bool operator<(const Pair& other) const noexcept {  // std::priority_queue has the greatest
      return rank != other.rank ? rank > other.rank : begin > other.begin;
    }
  };
  std::vector<std::uint32_t> next_;    // where the part after the one that begins here begins
  std::vector<std::uint32_t> before_;  // where the part before it begins
  std::priority_queue<Pair> pairs_;
};

}  // namespace

void Encoding::index_tokens() const {
  for (std::size_t at = 0; at < vocabulary_.size();) {
    begins_.push_back(static_cast<std::uint32_t>(at));
    const auto size = static_cast<unsigned char>(vocabulary_[at]);
    longest_ = std::max<std::size_t>(longest_, size);
    at += 1 + size;
  }
  begins_.shrink_to_fit();
}

void Encoding::index_bytes() const {
  std::call_once(tokens_once_, [this] { index_tokens(); });
  slots_.resize(std::bit_ceil(begins_.size() * 2));
  for (std::uint32_t id = 0; id < begins_.size(); ++id) {
    const std::string_view bytes = token(id);
    if (bytes.empty()) continue;
    std::size_t slot = hash_of(bytes) & (slots_.size() - 1);
    while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = id + 1;
  }
}

std::string_view Encoding::token(std::uint32_t id) const noexcept {
  const std::size_t at = begins_[id];
  return vocabulary_.substr(at + 1, static_cast<unsigned char>(vocabulary_[at]));
}

bool Encoding::is_special(std::uint32_t id) const noexcept {
  return std::ranges::find(special_, id, &SpecialToken::id) != special_.end();
}

std::optional<std::string_view> Encoding::bytes(std::uint32_t id) const {
  std::call_once(tokens_once_, [this] { index_tokens(); });
  if (id < begins_.size()) {
    const std::string_view bytes = token(id);
    if (!bytes.empty()) return bytes;
  }
  const auto special = std::ranges::find(special_, id, &SpecialToken::id);
  if (special == special_.end()) return std::nullopt;
  return special->text;
}

std::optional<std::uint32_t> Encoding::find(std::string_view bytes) const noexcept {
  if (bytes.size() > longest_) return std::nullopt;
  for (std::size_t slot = hash_of(bytes);; ++slot) {
    const std::uint32_t number = slots_[slot & (slots_.size() - 1)];
    if (number == 0) return std::nullopt;
    if (token(number - 1) == bytes) return number - 1;
  }
}

void Encoding::merge(std::string_view piece, Ids& out) const {
  Merger merger(piece.size());
  const auto rank = [&](std::uint32_t begin, std::uint32_t end) {
    return find(piece.substr(begin, end - begin));
  };
  merger.run(rank);
  // Every byte is a token, and so is all that was joined.
  merger.each_part(
      [&](std::uint32_t begin, std::uint32_t end) { out.push_back(rank(begin, end).value()); });
}

void Encoding::encode(std::string_view text, Ids& out) const {
  std::call_once(bytes_once_, [this] { index_bytes(); });
  for (std::size_t at = 0, end = 0; at < text.size(); at = end) {
    end = std::min(next_piece(split_, text, at), at + merged_bytes_max);
    const std::string_view piece = text.substr(at, end - at);
    if (const auto id = find(piece))
      out.push_back(*id);
    else
      merge(piece, out);
  }
}

}  // namespace menshen::protocol::tokens
