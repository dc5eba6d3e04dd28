// Fills the index behind the log, on a thread of its own with a lower priority; no exchange ever
// waits for it.
//
//   Indexer indexer("var", core::system_clock(), {.changed = ..., .begun_anew = ...});
//   options.on_tiles = [&](auto growing) { indexer.take(std::move(growing)); };    // journal.h
//   indexer.stats(journal->stats().records);
//
// Each head of the log (one a second, or more) says how far it goes; what is complete is read from
// its bundles, what follows them is in memory already. A second lies between two looks, so the
// index is some two seconds behind, and what has grown meanwhile is one transaction; when it is far
// behind, one for each 65,536 records, or quarter of a second. At its start the thread goes on from
// where the index stands if the record that was the last then still is in the log; otherwise, and
// where the file is not there, of another version, damaged, or written to by somebody else while
// this runs, the index is begun anew. What cannot be written is tried again, after up to half a
// minute. Errors are index_file.h's and
// tile_store.h's; while another process holds index.lock, "index_unavailable".
#pragma once

#include "audit/files.h"
#include "audit/index_file.h"
#include "audit/sealer.h"
#include "core/clock.h"
#include "core/error.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace menshen::audit {

struct IndexStats {
  std::uint64_t records = 0;   // that the index has
  std::int64_t behind_ns = 0;  // for how long the oldest that it has not has been known of
  bool healthy = true;
  std::string reason{};          // why not
  std::uint64_t begun_anew = 0;  // while the log had records
  std::int64_t cpu_ns = 0;
};

class Indexer {
 public:
  // Told on the indexer's thread.
  struct Listener {
    // Once of each change: an error, the index cannot be written; none, it can again.
    std::function<void(const core::Result<void>&)> changed{};
    std::function<void(std::string_view why)> begun_anew{};
  };

  Indexer(std::filesystem::path directory, const core::Clock& clock, Listener listener,
          std::chrono::milliseconds rest = std::chrono::seconds(1));
  Indexer(const Indexer&) = delete;
  Indexer& operator=(const Indexer&) = delete;
  ~Indexer();  // writes one more transaction, if it can

  // What follows the last complete bundle. Any thread; does not wait.
  void take(std::shared_ptr<const Bundle> growing);
  // `log_records`: that the log has. Of those that no take() has told of, as where the disk is full
  // and bundles cannot be written, behind_ns counts from the first call that saw them.
  [[nodiscard]] IndexStats stats(std::uint64_t log_records);

 private:
  void run();
  void work(const Bundle& growing);
  [[nodiscard]] core::Result<void> fill(const Bundle& growing);
  [[nodiscard]] core::Result<void> open(const Bundle& growing);
  [[nodiscard]] core::Result<std::unique_ptr<IndexWriter>> open_file(const Bundle& growing);
  [[nodiscard]] bool begins_with_log();
  // Why the index is not one of this log; empty: it is.
  [[nodiscard]] core::Result<std::string_view> judge(const IndexPosition& position,
                                                     const Bundle& growing);
  [[nodiscard]] core::Result<std::unique_ptr<IndexWriter>> begin_anew(std::string_view why,
                                                                      bool set_aside);
  [[nodiscard]] core::Result<void> write_some(const Bundle& growing);
  struct Bodies {
    std::uint64_t bundle = 0;
    std::string bytes{};  // empty: they are in memory already
    std::vector<std::string_view> bodies{};
  };
  // Of all records of the bundle that has this one.
  [[nodiscard]] core::Result<std::shared_ptr<const Bodies>> bodies_around(std::uint64_t seq,
                                                                          const Bundle& growing);
  void account(const core::Result<void>& worked, const Bundle& growing);

  const std::filesystem::path directory_;
  const TileStore tiles_;
  const core::Clock& clock_;
  const Listener listener_;
  const std::chrono::milliseconds rest_;

  // The thread's alone.
  std::optional<DirectoryLock> lock_;
  std::unique_ptr<IndexWriter> index_;
  std::deque<std::shared_ptr<const Bodies>>
      read_;                         // complete bundles, the last ones that were used
  std::chrono::milliseconds pause_;  // before the next look

  std::mutex mutex_;
  std::condition_variable wake_;
  std::shared_ptr<const Bundle> growing_;
  std::int64_t behind_since_ns_ = 0;  // 0: the index has all that growing_ has
  std::int64_t newer_since_ns_ = 0;   // what came after the last look
  std::int64_t untold_since_ns_ = 0;  // 0: the log was not seen to have more than was told of
  std::uint64_t untold_records_ = 0;  // that it had then
  bool log_is_new_ = false;  // there was no record when it was first seen, nor has been an index
  bool closing_ = false;
  IndexStats stats_;
  std::thread thread_;
};

// Makes the index anew from the log, beside a gateway or without one. Gives how many records it
// has; absent: a gateway runs, and makes it. Run by root, it leaves files of the directory's owner.
// Errors as above, and those of LogReader.
[[nodiscard]] core::Result<std::optional<std::uint64_t>> rebuild_index(
    const std::filesystem::path& directory);

}  // namespace menshen::audit
