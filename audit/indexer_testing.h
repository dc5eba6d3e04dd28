// For tests of the index: a journal with its indexer, and what the index says of a term.
//
//   Running gateway(dir.path());
//   fill(gateway.journal(), 100);
//   gateway.catch_up();
//   records_with(dir.path(), Field::event, "outcome");   // 100
//
// Tests only.
#pragma once

#include "audit/indexer.h"
#include "audit/layout.h"
#include "audit/test_support.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace menshen::audit {

// A log, and the index behind it.
class Running {
 public:
  explicit Running(const std::filesystem::path& directory)
      : indexer_(directory, core::system_clock(),
                 {.changed = [this](const core::Result<void>& well) { note(well); },
                  .begun_anew =
                      [this](std::string_view why) {
                        const std::lock_guard lock(mutex_);
                        begun_anew_.emplace_back(why);
                      }},
                 std::chrono::milliseconds(1)),
        journal_(open_journal(directory, {.on_tiles =
                                              [this](std::shared_ptr<const Bundle> growing) {
                                                indexer_.take(std::move(growing));
                                              },
                                          .checkpoint_interval_ms = 1})) {}

  Journal& journal() { return *journal_; }
  IndexStats stats() { return indexer_.stats(journal_->stats().records); }
  // The index has what the log has.
  void catch_up() {
    while (stats().records != journal_->stats().records) std::this_thread::yield();
  }
  void wait_for(bool healthy) {
    while (stats().healthy != healthy) std::this_thread::yield();
  }
  std::vector<std::string> begun_anew() {
    const std::lock_guard lock(mutex_);
    return begun_anew_;
  }
  // "" for well.
  std::vector<std::string> told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

 private:
  void note(const core::Result<void>& well) {
    const std::lock_guard lock(mutex_);
    told_.push_back(well ? "" : well.error().code);
  }

  std::mutex mutex_;
  std::vector<std::string> begun_anew_;
  std::vector<std::string> told_;
  Indexer indexer_;
  std::unique_ptr<Journal> journal_;
};

inline std::uint64_t records_with(const std::filesystem::path& directory, Field field,
                                  std::string_view value) {
  const auto lookup = IndexLookup::open(directory);
  if (!lookup || !*lookup) throw std::runtime_error("there is no index");
  const auto ids = (*lookup)->ids_of(field, value);
  std::uint64_t out = 0;
  for (std::uint64_t bundle = 10'000;; --bundle) {
    const auto posting = (*lookup)->last_of(ids.value(), bundle);
    if (!posting.value()) return out;
    out += posting.value()->places.count();
    bundle = posting.value()->bundle;
    if (bundle == 0) return out;
  }
}

inline std::uint64_t position_of(const std::filesystem::path& directory) {
  const auto lookup = IndexLookup::open(directory);
  return lookup && *lookup ? (*lookup)->position().records : 0;
}

}  // namespace menshen::audit
