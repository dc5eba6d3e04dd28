#include "audit/exchange_book.h"

#include "core/digest.h"

#include <cstring>

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
  const bool closed = closed_.contains(key);
  if (corrects) {
    if (closed) return std::nullopt;
    return "The correction is of no outcome among the last ones.";
  }
  if (record.type == RecordType::intent) {
    if (closed) return "The intent comes after the outcome of its exchange.";
    const auto [open, added] = open_.try_emplace(record.exchange, Open{seq, record.attempts});
    if (!added && record.attempts <= open->second.attempt) {
      return "The exchange has a second intent for an attempt.";
    }
    open->second.attempt = record.attempts;
    return std::nullopt;
  }
  if (closed) return "The exchange has a second outcome.";
  const bool intended = open_.erase(record.exchange) > 0;
  close(key);
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
  closed_.insert(key);
  closing_order_.push_back(key);
  if (closing_order_.size() > closed_remembered_max) {
    closed_.erase(closing_order_.front());
    closing_order_.pop_front();
  }
}

}  // namespace menshen::audit
