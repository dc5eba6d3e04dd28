// For tests of who reads a log again: what it is told, a gateway that writes beside it, and what is
// done to files.
//
//   Scrubbed gateway(dir.path());
//   fill(gateway.journal(), 300);
//   flip(file);
//   gateway.whole_walk();
//   gateway.told();                              // "altered: Record 3 ..."
//
// Tests only.
#pragma once

#include "audit/keys.h"
#include "audit/scrubber.h"
#include "audit/sealer.h"
#include "audit/test_support.h"
#include "core/digest.h"
#include "core/limits.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace menshen::audit {

inline const std::string policy_text = "kind: PolicySet\n";

inline std::string hash_of(const std::string& text) {
  const core::Digest digest = core::sha256(text);
  return core::to_hex(core::as_text(digest));
}

inline const std::string configuration_text = "{}";

inline std::filesystem::path policy_file(const std::filesystem::path& directory) {
  return directory / layout::policies / (hash_of(policy_text) + ".yaml");
}

inline std::filesystem::path configuration_file(const std::filesystem::path& directory) {
  return directory / layout::configurations / (hash_of(configuration_text) + ".json");
}

// A record of a gateway that keeps texts, as `catalog` says.
inline Record of_policy(RecordType type, const std::string& catalog = "0123456789ab") {
  Record record;
  record.type = type;
  record.wall_ns = intent("").wall_ns;
  record.policy = hash_of(policy_text);
  record.configuration = catalog.empty() ? "" : hash_of(configuration_text);
  record.catalog = catalog;
  return record;
}

inline void keep_text(const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory / layout::policies);
  write_text(policy_file(directory), policy_text);
  std::filesystem::create_directories(directory / layout::configurations);
  write_text(configuration_file(directory), configuration_text);
}

// At once, so that nobody reads half of it.
inline void put(const std::filesystem::path& file, const std::string& bytes) {
  const std::filesystem::path beside = file.string() + ".tmp";
  write_text(beside, bytes);
  std::filesystem::rename(beside, file);
}

inline void flip(const std::filesystem::path& file) {
  std::string bytes = read_text(file);
  const std::size_t subject = bytes.find("alice", bytes.size() / 2);
  bytes.at(subject == bytes.npos ? bytes.size() / 2 : subject) ^= 1;
  put(file, bytes);
}

// Who reads a log again, and what is told.
class Reading {
 public:
  explicit Reading(const std::filesystem::path& directory,
                   std::uint64_t bytes_per_second = core::gib,
                   const Scrubber::Lot& lot = Scrubber::draw)
      : scrubber_(directory, core::system_clock(), bytes_per_second,
                  {.damaged =
                       [this](std::string_view what) {
                         const std::lock_guard lock(mutex_);
                         told_.emplace_back(what);
                       },
                   .intact =
                       [this] {
                         const std::lock_guard lock(mutex_);
                         told_.emplace_back("intact");
                       }},
                  std::chrono::milliseconds(1), lot) {}

  // What a gateway knows of a log that it has left.
  void begin(const std::filesystem::path& directory, std::uint64_t sealed) {
    scrubber_.signed_by(recorded_ring(directory).value().value());
    scrubber_.signed_head(read_text(directory / layout::checkpoint));
    scrubber_.take(sealed);
  }

  Scrubber& scrubber() { return scrubber_; }
  // Until so many records stand in bundles, as the scrubber knows.
  void reach(std::uint64_t records) {
    while (scrubber_.stats().position < records) std::this_thread::yield();
  }
  // One that has begun after the call.
  void whole_walk() {
    for (const std::uint64_t begun = scrubber_.stats().walks; scrubber_.stats().walks < begun + 2;)
      std::this_thread::yield();
  }
  std::vector<std::string> told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> told_;
  Scrubber scrubber_;
};

// With a gateway that writes.
class Scrubbed : public Reading {
 public:
  explicit Scrubbed(const std::filesystem::path& directory,
                    std::uint64_t bytes_per_second = core::gib)
      : Reading(directory, bytes_per_second),
        journal_(open_journal(
            directory,
            {.on_tiles =
                 [this](std::shared_ptr<const Bundle> growing) {
                   scrubber().take(growing->first());
                 },
             .on_keys = [this](const KeyRing& ring) { scrubber().signed_by(ring); },
             .on_head = [this](const std::string& note) { scrubber().signed_head(note); },
             .checkpoint_interval_ms = 1})) {}

  Journal& journal() { return *journal_; }

 private:
  std::unique_ptr<Journal> journal_;
};

}  // namespace menshen::audit
