#include "audit/head_queue.h"

#include <algorithm>

namespace menshen::audit {
namespace {

constexpr std::size_t batch_heads = 256;

}  // namespace

core::Result<void> HeadQueue::add(const std::string& note, std::string_view where) {
  const auto checkpoint = open_checkpoint(note, key_);
  if (!checkpoint) return checkpoint.error();
  outside_.push_back({*checkpoint, where});
  return {};
}

void HeadQueue::start(std::uint64_t records) {
  records_ = records;
  std::ranges::stable_sort(outside_, {}, [](const Head& head) { return head.checkpoint.size; });
}

std::optional<core::Result<Head>> HeadQueue::next(std::uint64_t size) {
  if (outside_next_ < outside_.size() && outside_[outside_next_].checkpoint.size == size) {
    return outside_[outside_next_++];
  }
  if (stored_.empty()) {
    const auto loaded = load(size);
    if (!loaded) return loaded.error();
  }
  if (stored_.empty() || stored_.front().size > size) return std::nullopt;
  const StoredHead head = std::move(stored_.front());
  stored_.pop_front();
  const auto checkpoint = open_checkpoint(head.note, key_);
  if (!checkpoint) return checkpoint.error();
  if (checkpoint->size == head.size) return Head{*checkpoint, in_log};
  return core::client_error(core::ErrorKind::invalid_request, "malformed_checkpoint",
                            "it is of another size.");
}

std::optional<Head> HeadQueue::largest_outside() const {
  if (outside_.empty()) return std::nullopt;
  return outside_.back();
}

core::Result<void> HeadQueue::load(std::uint64_t size) {
  if (stored_end_) return {};
  const auto heads = reader_.heads(std::max(size, stored_from_), batch_heads);
  stored_end_ = !heads || heads->empty() || heads->back().size > records_;
  if (!heads) return heads.error();
  for (const StoredHead& head : *heads) {
    if (head.size <= records_) stored_.push_back(head);
  }
  if (!heads->empty()) stored_from_ = heads->back().size + 1;
  return {};
}

}  // namespace menshen::audit
