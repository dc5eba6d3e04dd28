#include "audit/exchange_book.h"

#include "core/digest.h"

#include <cstring>
#include <utility>

namespace menshen::audit {
namespace {

bool forwarded(const Record& outcome) {
  return outcome.attempts > 0 || outcome.upstream_status != 0;
}

}  // namespace

std::optional<std::string> ExchangeBook::add(std::uint64_t seq, const Record& record) {
  const bool corrects = record.type == RecordType::correction;
  if (!corrects && record.type != RecordType::intent && record.type != RecordType::outcome)
    return std::nullopt;
  if (record.exchange.empty()) return "The record names no exchange.";
  Key key{};
  const core::Digest digest = core::sha256(record.exchange);
  std::memcpy(key.data(), digest.data(), sizeof key);
  const bool closed = closed_.contains(key) || closed_before_.contains(key);
  if (corrects) {
    if (closed || !from_start_) return std::nullopt;
    return "The correction is of no outcome among the last ones.";
  }
  if (record.type == RecordType::intent) {
    if (closed) return "The intent comes after the outcome of its exchange.";
    const auto [open, added] = open_.try_emplace(record.exchange, Open{seq, record.attempts, seq});
    if (!added && record.attempts <= open->second.attempt) {
      return "The exchange has a second intent for an attempt.";
    }
    open->second.attempt = record.attempts;
    open->second.last = seq;
    return std::nullopt;
  }
  if (closed) return "The exchange has a second outcome.";
  const auto open = open_.find(record.exchange);
  const bool intended = open != open_.end();
  const bool refers_to_it = record.intent == 0 || (intended && record.intent == open->second.last);
  if (intended) open_.erase(open);
  close(key);
  if (!intended && !from_start_) return std::nullopt;
  if (!refers_to_it) return "The outcome refers to another record than the last intent.";
  if (!intended && forwarded(record))
    return "The exchange was forwarded, but no intent was recorded.";
  return std::nullopt;
}

std::map<std::uint64_t, std::string> ExchangeBook::open_exchanges() const {
  std::map<std::uint64_t, std::string> out;
  for (const auto& [exchange, open] : open_) out.emplace(open.seq, exchange);
  return out;
}

void ExchangeBook::close(const Key& key) {
  if (closed_.size() == remembered_) closed_before_ = std::exchange(closed_, KeySet{});
  closed_.insert(key);
}

std::size_t ExchangeBook::KeySet::place(const Key& key) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = key[0] & mask;
  while (slots_[at] != Key{} && slots_[at] != key) at = (at + 1) & mask;
  return at;
}

void ExchangeBook::KeySet::insert(const Key& key) {
  if (2 * (size_ + 1) > slots_.size()) {
    const std::vector<Key> former = std::exchange(slots_, std::vector<Key>(2 * slots_.size()));
    for (const Key& kept : former) {
      if (kept != Key{}) slots_[place(kept)] = kept;
    }
  }
  Key& slot = slots_[place(key)];
  if (slot == key) return;
  slot = key;
  ++size_;
}

}  // namespace menshen::audit
