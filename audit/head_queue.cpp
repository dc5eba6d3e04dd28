#include "audit/head_queue.h"

#include <algorithm>
#include <utility>

namespace menshen::audit {
namespace {

constexpr std::size_t batch_heads = 256;

}  // namespace

void HeadQueue::add(std::string note, std::string_view where) {
  const std::uint64_t size = claimed_size(note, 0);
  outside_.push_back({{size, std::move(note)}, where});
}

void HeadQueue::start(std::uint64_t records) {
  records_ = records;
  std::ranges::stable_sort(outside_, {}, [](const Outside& head) { return head.stored.size; });
}

std::optional<core::Result<FoundHead>> HeadQueue::next(std::uint64_t size) {
  if (outside_next_ < outside_.size() && outside_[outside_next_].stored.size == size)
    return next_beyond().value();
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

std::optional<FoundHead> HeadQueue::next_beyond() {
  if (outside_next_ == outside_.size()) return std::nullopt;
  Outside& head = outside_[outside_next_++];
  auto opened = ring_.open(head.stored.note);
  return FoundHead{std::move(head.stored), head.where, std::move(opened)};
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
