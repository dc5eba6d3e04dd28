#include "audit/head_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace menshen::audit {
namespace {

constexpr std::size_t batch_heads = 256;

}  // namespace

void HeadQueue::add(std::string note, std::string_view where) {
  const std::uint64_t size = claimed_size(note, 0);
  outside_.push_back({{size, std::move(note)}, where});
}

void HeadQueue::start(std::uint64_t records, std::uint64_t begin) {
  records_ = records;
  stored_from_ = begin;
  std::erase_if(outside_, [&](const Outside& head) { return head.stored.size < begin; });
  std::ranges::stable_sort(outside_, {}, [](const Outside& head) { return head.stored.size; });
}

std::optional<core::Result<FoundHead>> HeadQueue::next(std::uint64_t size) {
  if (outside_next_ < outside_.size() && outside_[outside_next_].stored.size == size)
    return next_beyond(ring_).value();
  if (stored_.empty()) {
    const auto loaded = load(size);
    if (!loaded) return loaded.error();
  }
  if (stored_.empty() || stored_.front().size > size) return std::nullopt;
  StoredHead head = std::move(stored_.front());
  stored_.pop_front();
  auto opened = ring_.open(head.note);
  if (opened && opened->checkpoint.size != head.size) {
    opened = core::client_error(core::ErrorKind::invalid_request, "malformed_checkpoint",
                                "it is of another size.");
  }
  return FoundHead{std::move(head), in_log, std::move(opened)};
}

std::optional<FoundHead> HeadQueue::next_beyond(const KeyRing& ring) {
  if (outside_next_ == outside_.size()) return std::nullopt;
  Outside& head = outside_[outside_next_++];
  auto opened = ring.open(head.stored.note);
  return FoundHead{std::move(head.stored), head.where, std::move(opened)};
}

std::optional<core::Result<FoundHead>> HeadQueue::next_behind(const KeyRing& ring,
                                                              std::uint64_t size) {
  if (auto outside = next_beyond(ring)) return std::move(*outside);
  if (behind_.empty()) {
    auto heads = reader_.heads(stored_from_, batch_heads);
    if (!heads) return heads.error();
    behind_.assign(std::make_move_iterator(heads->begin()), std::make_move_iterator(heads->end()));
    if (!behind_.empty()) stored_from_ = behind_.back().size + 1;
  }
  if (behind_.empty() || behind_.front().size > size) return std::nullopt;
  StoredHead head = std::move(behind_.front());
  behind_.pop_front();
  auto opened = ring.open(head.note);
  return FoundHead{std::move(head), in_log, std::move(opened)};
}

core::Result<void> HeadQueue::load(std::uint64_t size) {
  if (stored_end_) return {};
  const auto heads = reader_.heads(std::max(size, stored_from_), batch_heads);
  stored_end_ = !heads || heads->empty() || heads->back().size > records_;
  if (!heads) return heads.error();
  for (const StoredHead& head : *heads) (head.size <= records_ ? stored_ : behind_).push_back(head);
  if (!heads->empty()) stored_from_ = heads->back().size + 1;
  return {};
}

}  // namespace menshen::audit
