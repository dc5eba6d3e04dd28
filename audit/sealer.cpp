#include "audit/sealer.h"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace menshen::audit {
namespace {

constexpr std::chrono::seconds seal_retry_pause{1};
// Files that are synced together cost the disk little more than one, and nobody waits for a bundle;
// but what is put off for longer stalls those who write to the segments meanwhile.
constexpr std::chrono::milliseconds seal_pause{20};
constexpr std::size_t bundles_at_once_max = 32;  // as many open files, twice
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
    if (tasks_.size() > 1 && !is_due()) return;
  }
  wake_.notify_one();
}

void Sealer::offer(std::string note, Bundle growing) {
  auto kept = std::make_shared<const Bundle>(std::move(growing));
  {
    const std::lock_guard lock(mutex_);
    tasks_.emplace_back(Offer{std::move(note), std::move(kept)});
    hurried_ = true;
  }
  wake_.notify_one();
}

bool Sealer::finished() {
  std::unique_lock lock(mutex_);
  hurry();
  done_.wait(lock, [this] { return tasks_.empty() || failing_; });
  return !failing_;
}

bool Sealer::reaches(std::uint64_t records) {
  std::unique_lock lock(mutex_);
  hurry();
  done_.wait(lock, [&] { return sealed_.load() >= records || failing_; });
  return sealed_.load() >= records;
}

void Sealer::hurry() {
  hurried_ = true;
  wake_.notify_one();
}

bool Sealer::is_due() const { return hurried_ || closing_ || tasks_.size() >= bundles_at_once_max; }

void Sealer::run() {
  // Two heads of a run before are no further apart, unless its disk was slow.
  for (std::uint64_t i = 0; i < swept_bundles && i * tile_width < sealed_; ++i)
    remove_partials(sealed_ - i * tile_width, i == 0);
  std::unique_lock lock(mutex_);
  for (;;) {
    if (failing_ && !closing_) wake_.wait_for(lock, seal_retry_pause, [this] { return closing_; });
    wake_.wait(lock, [this] { return closing_ || !tasks_.empty(); });
    wake_.wait_for(lock, seal_pause, [this] { return is_due(); });
    if (tasks_.empty() || (closing_ && failing_)) return;
    const std::vector<BundlePtr> bundles = bundles_due();
    const Task front = tasks_.front();
    const bool more = std::ranges::any_of(tasks_.begin() + 1, tasks_.end(), [](const Task& other) {
      return std::holds_alternative<Offer>(other);
    });
    lock.unlock();
    const auto done = bundles.empty() ? pass_on(std::get<Offer>(front), !more) : seal(bundles);
    if (!done) listener_.failed(done.error());
    lock.lock();
    failing_ = !done;
    const auto count = static_cast<std::ptrdiff_t>(std::max<std::size_t>(bundles.size(), 1));
    if (done) tasks_.erase(tasks_.begin(), tasks_.begin() + count);
    if (tasks_.empty()) hurried_ = false;
    done_.notify_all();
  }
}

// Those before the first offer that waits.
std::vector<Sealer::BundlePtr> Sealer::bundles_due() const {
  std::vector<BundlePtr> due;
  for (const Task& task : tasks_) {
    const auto* bundle = std::get_if<BundlePtr>(&task);
    if (bundle == nullptr || due.size() == bundles_at_once_max) break;
    due.push_back(*bundle);
  }
  return due;
}

core::Result<void> Sealer::pass_on(const Offer& offer, bool last_offer) {
  if (last_offer) {
    const auto written = write_partials(*offer.growing);
    if (!written) return written;
    if (listener_.stands) listener_.stands(offer.growing);
  }
  if (!offer.note.empty()) listener_.publish(offer.note, last_offer);
  return {};
}

// The tiles of leaf hashes last: where one stands, all of its bundle does, and the tiles above.
core::Result<void> Sealer::seal(std::span<const BundlePtr> bundles) {
  TileLevels levels = levels_;
  std::deque<std::string> hashes;
  std::vector<TileFile> files;
  std::vector<TileFile> leaves;
  for (const BundlePtr& bundle : bundles) {
    files.push_back({bundle_path(bundle->index), bundle->entries});
    leaves.push_back(
        {tile_path(0, bundle->index), hashes.emplace_back(join_hashes(bundle->leaves))});
  }
  for (const BundlePtr& bundle : bundles) {
    Hash root = subtree_root(bundle->leaves);
    for (std::size_t i = 0;; ++i) {
      if (i == levels.size()) levels.emplace_back();
      levels[i].push_back(root);
      if (levels[i].size() < tile_width) break;
      const auto level = static_cast<unsigned>(i + 1);
      files.push_back({tile_path(level, bundle->index >> (tile_height * level)),
                       hashes.emplace_back(join_hashes(levels[i]))});
      root = subtree_root(levels[i]);
      levels[i].clear();
    }
  }
  if (const auto written = tiles_.write(files); !written) return written;
  if (const auto written = tiles_.write(leaves); !written) return written;
  levels_ = std::move(levels);
  sealed_.store(bundles.back()->end());
  for (const BundlePtr& bundle : bundles) remove_partials(bundle->end(), false);
  return {};
}

// Those of what the last bundle of so many records has completed, but for what the last two heads
// need; `all_levels`: of what was completed last in each level, by whatever bundle.
void Sealer::remove_partials(std::uint64_t sealed, bool all_levels) const {
  std::vector<std::string> needed = partials_;
  needed.insert(needed.end(), last_partials_.begin(), last_partials_.end());
  std::uint64_t full = sealed / tile_width;
  if (full > 0) tiles_.remove_partials(bundle_path(full - 1), needed);
  for (unsigned level = 0; full > 0; ++level, full /= tile_width) {
    tiles_.remove_partials(tile_path(level, full - 1), needed);
    if (full % tile_width != 0 && !all_levels) return;
  }
}

core::Result<void> Sealer::write_partials(const Bundle& growing) {
  const std::uint64_t size = growing.end();
  std::deque<std::string> hashes;
  std::vector<TileFile> files;
  if (!growing.leaves.empty()) {
    const std::size_t width = growing.leaves.size();
    files.push_back({bundle_path(growing.index, width), growing.entries});
    files.push_back(
        {tile_path(0, growing.index, width), hashes.emplace_back(join_hashes(growing.leaves))});
  }
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    if (levels_[i].empty()) continue;
    const auto level = static_cast<unsigned>(i + 1);
    const std::uint64_t index = size >> (tile_height * (level + 1));
    files.push_back(
        {tile_path(level, index, levels_[i].size()), hashes.emplace_back(join_hashes(levels_[i]))});
  }
  if (const auto done = tiles_.write(files); !done) return done;
  std::vector<std::string> written;
  for (const TileFile& file : files) written.push_back(file.path);
  for (const std::string& path : last_partials_) {
    const bool needed = std::ranges::count(written, path) + std::ranges::count(partials_, path) > 0;
    if (!needed) tiles_.remove(path);
  }
  last_partials_ = std::exchange(partials_, std::move(written));
  return {};
}

}  // namespace menshen::audit
