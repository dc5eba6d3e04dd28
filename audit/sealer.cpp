#include "audit/sealer.h"

#include <algorithm>
#include <chrono>

namespace menshen::audit {
namespace {

constexpr std::chrono::seconds seal_retry_pause{1};
constexpr std::uint64_t swept_bundles = 64;

}  // namespace

core::Result<TileLevels> read_levels(const TileStore& tiles, std::uint64_t records) {
  TileLevels levels;
  // Level by level, the complete tiles below the one that is not complete yet.
  for (std::uint64_t below = records / tile_width; below > 0; below /= tile_width) {
    const auto level = static_cast<unsigned>(levels.size());
    std::vector<Hash> hashes;
    for (std::uint64_t index = below - below % tile_width; index < below; ++index) {
      const auto tile = tiles.tile(level, index);
      if (!tile) return tile.error();
      hashes.push_back(subtree_root(*tile));
    }
    levels.push_back(std::move(hashes));
  }
  return levels;
}

Sealer::Sealer(TileStore tiles, std::uint64_t sealed, TileLevels levels, Listener listener)
    : tiles_(std::move(tiles)),
      listener_(std::move(listener)),
      sealed_(sealed),
      levels_(std::move(levels)),
      thread_([this] { run(); }) {}

Sealer::~Sealer() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Sealer::take(std::shared_ptr<const Bundle> bundle) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.emplace_back(std::move(bundle));
  }
  wake_.notify_one();
}

void Sealer::offer(std::string note, Bundle growing) {
  auto kept = std::make_shared<const Bundle>(std::move(growing));
  {
    const std::lock_guard lock(mutex_);
    tasks_.emplace_back(Offer{std::move(note), std::move(kept)});
  }
  wake_.notify_one();
}

bool Sealer::finished() {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return tasks_.empty() || failing_; });
  return !failing_;
}

void Sealer::run() {
  // Two heads of a run before are no further apart, unless its disk was slow.
  for (std::uint64_t i = 0; i < swept_bundles && i * tile_width < sealed_; ++i)
    remove_partials(sealed_ - i * tile_width);
  std::unique_lock lock(mutex_);
  for (;;) {
    if (failing_ && !closing_) wake_.wait_for(lock, seal_retry_pause, [this] { return closing_; });
    wake_.wait(lock, [this] { return closing_ || !tasks_.empty(); });
    if (tasks_.empty() || (closing_ && failing_)) return;
    const Task task = tasks_.front();
    const bool more = std::ranges::any_of(tasks_.begin() + 1, tasks_.end(), [](const Task& other) {
      return std::holds_alternative<Offer>(other);
    });
    lock.unlock();
    const bool failed = !perform(task, !more);
    if (failed) listener_.failed();
    lock.lock();
    failing_ = failed;
    if (!failed) tasks_.pop_front();
    done_.notify_all();
  }
}

core::Result<void> Sealer::perform(const Task& task, bool last_offer) {
  if (const auto* bundle = std::get_if<std::shared_ptr<const Bundle>>(&task)) return seal(**bundle);
  const Offer& offer = std::get<Offer>(task);
  if (last_offer) {
    const auto written = write_partials(*offer.growing);
    if (!written) return written;
    if (listener_.stands) listener_.stands(offer.growing);
  }
  if (!offer.note.empty()) listener_.publish(offer.note, last_offer);
  return {};
}

// The tile of leaf hashes last: where it stands, all of the bundle does, and the tiles above.
core::Result<void> Sealer::seal(const Bundle& bundle) {
  const auto entries = tiles_.write(bundle_path(bundle.index), bundle.entries);
  if (!entries) return entries;
  std::size_t full = 0;  // levels that the bundle completes
  Hash root = subtree_root(bundle.leaves);
  for (; full < levels_.size() && levels_[full].size() + 1 == tile_width; ++full) {
    std::vector<Hash> hashes = levels_[full];
    hashes.push_back(root);
    const auto level = static_cast<unsigned>(full + 1);
    const std::string path = tile_path(level, bundle.index >> (tile_height * level));
    const auto written = tiles_.write(path, join_hashes(hashes));
    if (!written) return written;
    root = subtree_root(hashes);
  }
  const auto leaves = tiles_.write(tile_path(0, bundle.index), join_hashes(bundle.leaves));
  if (!leaves) return leaves;
  for (std::size_t level = 0; level < full; ++level) levels_[level].clear();
  if (levels_.size() == full) levels_.emplace_back();
  levels_[full].push_back(root);
  sealed_.store(bundle.end());
  remove_partials(bundle.end());
  return {};
}

// Those of what was completed last, of whatever run, but for what the last two heads need.
void Sealer::remove_partials(std::uint64_t sealed) const {
  std::vector<std::string> needed = partials_;
  needed.insert(needed.end(), last_partials_.begin(), last_partials_.end());
  std::uint64_t full = sealed / tile_width;
  if (full > 0) tiles_.remove_partials(bundle_path(full - 1), needed);
  for (unsigned level = 0; full > 0; ++level, full /= tile_width)
    tiles_.remove_partials(tile_path(level, full - 1), needed);
}

core::Result<void> Sealer::write_partials(const Bundle& growing) {
  const std::uint64_t size = growing.end();
  std::vector<std::string> written;
  const auto put = [&](std::string path, std::string_view bytes) {
    written.push_back(std::move(path));
    return tiles_.write(written.back(), bytes);
  };
  if (!growing.leaves.empty()) {
    const std::size_t width = growing.leaves.size();
    auto done = put(bundle_path(growing.index, width), growing.entries);
    if (done) done = put(tile_path(0, growing.index, width), join_hashes(growing.leaves));
    if (!done) return done;
  }
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    if (levels_[i].empty()) continue;
    const auto level = static_cast<unsigned>(i + 1);
    const std::uint64_t index = size >> (tile_height * (level + 1));
    const auto done = put(tile_path(level, index, levels_[i].size()), join_hashes(levels_[i]));
    if (!done) return done;
  }
  for (const std::string& path : last_partials_) {
    const bool needed = std::ranges::count(written, path) + std::ranges::count(partials_, path) > 0;
    if (!needed) tiles_.remove(path);
  }
  last_partials_ = std::exchange(partials_, std::move(written));
  return {};
}

}  // namespace menshen::audit
