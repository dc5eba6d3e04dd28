// Reads a log again while it grows, from some bundle to the last one, and then from the first one
// again and again, at a stated pace, on a thread of its own with the lowest priority. It begins at
// another bundle each time, drawn by lot: so each is read in its turn where no life of the gateway
// is as long as a walk, and whoever has changed one cannot tell when.
//
//   Scrubber scrubber("var", core::system_clock(), 1 << 20, {.damaged = ..., .intact = ...});
//   options.on_tiles = [&](auto growing) { scrubber.take(growing->first()); };      // journal.h
//   options.on_head = [&](const std::string& note) { scrubber.signed_head(note); };
//   options.on_keys = [&](const KeyRing& ring) { scrubber.signed_by(ring); };
//   scrubber.stats();
//
// A walk is verify()'s: records against their leaves, bundles and tiles against the tree, heads
// against the records, texts against the hashes that name them. It holds what lies on the disk to
// the last head that the running gateway has signed, and to the keys that it knows, so that a log
// which was exchanged with its heads or keys is found too. Of heads over records that stand in no
// bundle yet it looks at the signatures. Segments are left out: the writer reads them at a start,
// and writes them over. What the system keeps of a file in memory is read from there. A walk begins
// `rest` after the one before; memory is verify()'s, with fewer exchanges.
#pragma once

#include "audit/verify.h"
#include "core/clock.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>

namespace menshen::audit {

// Problems of one walk that are told one by one; the rest is a number.
inline constexpr std::size_t problems_told_max = 16;

struct ScrubStats {
  std::uint64_t position = 0;     // where the walk under way is, or where the last one ended
  std::uint64_t walks = 0;        // from the first record that came to their end
  std::int64_t walked_at_ns = 0;  // wall clock: when the last one did; 0: none has
  std::uint64_t problems = 0;     // of the last one, or of the one under way where it has more
  std::string problem{};          // one of them, as a sentence; empty: there is none
};

// So many bytes a second: what was read is waited for afterwards.
class Pace {
 public:
  Pace(std::uint64_t bytes_per_second, const core::Clock& clock)
      : bytes_per_second_(bytes_per_second), clock_(clock) {}

  // How long to wait now that so many more were read, at most 2^33. Time in which nothing was read
  // is not made up for.
  [[nodiscard]] std::chrono::nanoseconds after(std::uint64_t bytes) {
    const std::int64_t now_ns = clock_.monotonic_ns();
    const std::uint64_t taken_ns = bytes * 1'000'000'000 / bytes_per_second_;
    due_ns_ = std::max(due_ns_, now_ns) + static_cast<std::int64_t>(taken_ns);
    return std::chrono::nanoseconds(due_ns_ - now_ns);
  }

 private:
  const std::uint64_t bytes_per_second_;
  const core::Clock& clock_;
  std::int64_t due_ns_ = 0;
};

class Scrubber {
 public:
  // Told on the scrubber's thread.
  struct Listener {
    // A problem that the walk before has not found, with its kind and its place. Of more than
    // problems_told_max in one walk: how many.
    std::function<void(std::string_view what)> damaged{};
    // A whole walk has found nothing, and the one before had.
    std::function<void()> intact{};
  };

  // Of so many bundles, the one with which the first walk begins.
  using Lot = std::function<std::uint64_t(std::uint64_t bundles)>;
  static std::uint64_t draw(std::uint64_t bundles);

  // `bytes_per_second` is not 0; `rest`: between two walks.
  Scrubber(std::filesystem::path directory, const core::Clock& clock,
           std::uint64_t bytes_per_second, Listener listener,
           std::chrono::milliseconds rest = std::chrono::seconds(10), Lot lot = draw);
  Scrubber(const Scrubber&) = delete;
  Scrubber& operator=(const Scrubber&) = delete;
  ~Scrubber();

  // Without it nothing is read. This and the next: any thread; they do not wait.
  void signed_by(const KeyRing& ring);
  // So many records stand in bundles.
  void take(std::uint64_t sealed);
  void signed_head(const std::string& note);
  [[nodiscard]] ScrubStats stats() const;

 private:
  // Of a walk: names of problems, as kind and place, and how many there were in all.
  struct Findings {
    std::set<std::string> names{};
    std::uint64_t total = 0;
    std::uint64_t told = 0;
    std::uint64_t untold = 0;
    std::string first{};
  };

  void run();
  void walk(const OwnLog& own);
  void find(const Problem& problem);
  void end(bool from_first, std::optional<std::uint64_t> walked);
  [[nodiscard]] bool wait(std::chrono::nanoseconds time);  // false: it is the end

  const std::filesystem::path directory_;
  const core::Clock& clock_;
  const Listener listener_;
  const std::chrono::milliseconds rest_;
  const Lot lot_;
  Pace pace_;         // the thread's alone
  Findings known_{};  // of the walk before
  Findings found_{};  // of the one under way

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::uint64_t sealed_ = 0;
  std::string last_head_;
  std::string sealed_head_;  // the last over records that stand in bundles
  std::optional<KeyRing> ring_;
  bool closing_ = false;
  ScrubStats stats_;
  std::thread thread_;
};

}  // namespace menshen::audit
