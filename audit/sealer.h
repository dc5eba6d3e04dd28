// Turns what the writer has made durable in its segments into bundles and tiles, behind it, on a
// thread of its own.
//
//   Sealer sealer(TileStore("var/log"), sealed, levels, {.publish = ..., .failed = ...});
//   sealer.take(bundle);                     // complete: 256 records
//   sealer.offer(note, growing);             // a head, and the records behind the last bundle
//   sealer.sealed();                         // records that the segments need no longer hold
//
// A head is passed on once the tiles that it needs stand, partial ones for the records that fill no
// bundle yet; when several wait, the last alone gets partial tiles. An empty head asks for the
// tiles alone. Bundles are written together, so that the disk's syncs are shared: those of
// 20 ms, or of the time until a head is offered or somebody waits. What cannot be written is tried
// again every second. take() and offer() are the writer's and do not block; sealed() is anyone's.
// The destructor writes what is left, or gives up.
#pragma once

#include "audit/tile_store.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace menshen::audit {

// Records [index * 256, ...) as they stand in a bundle; at most 256.
struct Bundle {
  std::uint64_t index = 0;
  std::string entries{};
  std::vector<Hash> leaves{};

  [[nodiscard]] std::uint64_t first() const noexcept { return index * tile_width; }
  [[nodiscard]] std::uint64_t end() const noexcept { return first() + leaves.size(); }
  [[nodiscard]] bool complete() const noexcept { return leaves.size() == tile_width; }
};

// The tiles above those of leaf hashes, as far as they are not complete: levels[0] holds the hashes
// of the last tile of level 1.
using TileLevels = std::vector<std::vector<Hash>>;
// Reads them for a log of so many records in complete bundles.
[[nodiscard]] core::Result<TileLevels> read_levels(const TileStore& tiles, std::uint64_t records);

class Sealer {
 public:
  // Called on the sealer's thread.
  struct Listener {
    // A head; `tiles_stand`: also the partial ones that it needs.
    std::function<void(std::string note, bool tiles_stand)> publish;
    std::function<void(const core::Error&)> failed;  // something could not be written
    // What follows the last complete bundle, with each head whose tiles stand; may be empty.
    std::function<void(std::shared_ptr<const Bundle>)> stands{};
  };

  Sealer(TileStore tiles, std::uint64_t sealed, TileLevels levels, Listener listener);
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;
  ~Sealer();

  void take(std::shared_ptr<const Bundle> bundle);
  void offer(std::string note, Bundle growing);

  // Waits until everything was written; false: something could not be.
  [[nodiscard]] bool finished();
  // Waits until so many records are sealed, of those in bundles that were taken; false: something
  // could not be written.
  [[nodiscard]] bool reaches(std::uint64_t records);
  [[nodiscard]] std::uint64_t sealed() const noexcept { return sealed_.load(); }

 private:
  struct Offer {
    std::string note;
    std::shared_ptr<const Bundle> growing;
  };
  using BundlePtr = std::shared_ptr<const Bundle>;
  using Task = std::variant<BundlePtr, Offer>;

  void run();
  void hurry();  // with the lock, as the next two
  [[nodiscard]] bool is_due() const;
  [[nodiscard]] std::vector<BundlePtr> bundles_due() const;
  [[nodiscard]] core::Result<void> seal(std::span<const BundlePtr> bundles);
  [[nodiscard]] core::Result<void> pass_on(const Offer& offer, bool last_offer);
  [[nodiscard]] core::Result<void> write_partials(const Bundle& growing);
  void remove_partials(std::uint64_t sealed, bool all_levels) const;

  const TileStore tiles_;
  const Listener listener_;
  std::atomic<std::uint64_t> sealed_;

  // The sealer's thread alone.
  TileLevels levels_;
  std::vector<std::string> partials_;       // that stand for the last head
  std::vector<std::string> last_partials_;  // and for the one before, which readers may still hold

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> tasks_;
  bool hurried_ = false;  // until nothing waits
  bool closing_ = false;
  bool failing_ = false;
  std::condition_variable done_;  // a task was done, or could not be
  std::thread thread_;
};

}  // namespace menshen::audit
