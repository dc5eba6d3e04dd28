// What the tests of this folder share: records, a journal that can be waited for, and what an enemy
// does to the log.
//
//   TemporaryDirectory dir;
//   auto journal = open_journal(dir.path());
//   const auto seqs = append_all(*journal, {intent("e1"), outcome("e1")});   // waits for every
//   callback
//
// Tests only.
#pragma once

#include "audit/frame.h"
#include "audit/journal.h"
#include "audit/layout.h"
#include "audit/segment.h"
#include "audit/tiles.h"
#include "core/clock.h"
#include "store/testing/temporary_directory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <string>
#include <vector>

namespace menshen::audit {

// Stands until it is set, from any thread.
class SetClock final : public core::Clock {
 public:
  std::int64_t wall_ns() const noexcept override { return now_ns; }
  std::int64_t monotonic_ns() const noexcept override { return now_ns; }
  std::atomic<std::int64_t> now_ns = 1;
};

using store::testing::TemporaryDirectory;

inline Record intent(const std::string& exchange) {
  Record record;
  record.type = RecordType::intent;
  record.exchange = exchange;
  record.wall_ns = 1'790'000'000'123'456'789;
  record.subject = "alice";
  record.groups = {"finance"};
  record.model = "qwen3-32b";
  record.upstream = "core";
  record.attempts = 1;
  return record;
}

inline Record outcome(const std::string& exchange) {
  Record record = intent(exchange);
  record.type = RecordType::outcome;
  record.status = 200;
  record.upstream_status = 200;
  record.complete = true;
  return record;
}

inline std::unique_ptr<Journal> open_journal(const std::filesystem::path& directory,
                                             JournalOptions options = {}) {
  options.directory = directory;
  auto journal = Journal::open(options, core::system_clock());
  if (!journal) throw std::runtime_error(core::to_string(journal.error()));
  return std::move(*journal);
}

inline std::vector<core::Result<std::uint64_t>> append_all(Journal& journal,
                                                           const std::vector<Record>& records) {
  std::vector<std::promise<core::Result<std::uint64_t>>> promises(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    journal.append(records[i], [&promises, i](core::Result<std::uint64_t> seq) {
      promises[i].set_value(std::move(seq));
    });
  }
  std::vector<core::Result<std::uint64_t>> out;
  for (auto& promise : promises) out.push_back(promise.get_future().get());
  return out;
}

// `count` exchanges, each with its intent and its outcome.
inline void fill(Journal& journal, int count, int first = 0) {
  std::vector<Record> records;
  for (int i = first; i < first + count; ++i) {
    records.push_back(intent("exchange-" + std::to_string(i)));
    records.push_back(outcome("exchange-" + std::to_string(i)));
  }
  for (const auto& seq : append_all(journal, records)) {
    if (!seq) throw std::runtime_error(core::to_string(seq.error()));
  }
}

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

inline void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

// What an enemy does to the records behind the bundles: reads the groups, changes them, and writes
// them back in the right form.
//
//   Segments segments(var);
//   segments.record(12).body = ...;
//   segments.save();
class Segments {
 public:
  struct Stored {
    Hash leaf{};
    std::string body;
  };
  struct Group {
    std::uint64_t first = 0;
    std::vector<Stored> records;
    Hash root{};
    std::string note;
  };

  explicit Segments(std::filesystem::path directory) : directory_(std::move(directory)) {
    for (const auto name : layout::segments) {
      const std::string bytes = read_text(directory_ / name);
      std::size_t at = 0;
      std::uint64_t expected = 0;
      while (const auto frame = next_frame(bytes, at, expected)) {
        groups_.push_back(group_of(*frame));
        at = frame->end_at();
        expected = frame->header.end();
      }
    }
    std::ranges::stable_sort(groups_, {}, &Group::first);
  }

  [[nodiscard]] std::vector<Group>& groups() { return groups_; }
  [[nodiscard]] Stored& record(std::uint64_t seq) {
    for (Group& group : groups_) {
      if (seq >= group.first && seq - group.first < group.records.size())
        return group.records[seq - group.first];
    }
    throw std::runtime_error("no such record");
  }

  // Hashes and roots as the bodies give them.
  void hash_anew() {
    Frontier tree;
    for (Group& group : groups_) {
      group.first = tree.size();
      for (Stored& record : group.records) {
        record.leaf = leaf_hash(record.body);
        tree.append(record.leaf);
      }
      group.root = tree.root();
    }
  }

  void save() const {
    std::string bytes;
    for (const Group& group : groups_) {
      std::string hashes;
      std::string entries;
      for (const Stored& record : group.records) {
        hashes.append(core::as_text(record.leaf));
        append_entry(entries, record.body);
      }
      const auto header = encode({group.first, static_cast<std::uint32_t>(group.records.size()),
                                  static_cast<std::uint32_t>(entries.size()),
                                  static_cast<std::uint32_t>(group.note.size()),
                                  note_check_of(group.note), group.root});
      bytes.append(header.data(), header.size()).append(hashes).append(entries).append(group.note);
    }
    bytes.resize(std::max<std::size_t>(bytes.size(), segment_bytes_min));
    write_text(directory_ / layout::segments[0], bytes);
    write_text(directory_ / layout::segments[1], std::string(segment_bytes_min, '\0'));
  }

 private:
  static Group group_of(const Frame& frame) {
    Group group{frame.header.first, {}, frame.header.root, std::string(frame.note)};
    const auto bodies = split_entries(frame.entries).bodies;
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      const auto leaf = parse_hash(frame.hashes.substr(i * sizeof(Hash), sizeof(Hash)));
      group.records.push_back({leaf.value(), std::string(bodies[i])});
    }
    return group;
  }

  std::filesystem::path directory_;
  std::vector<Group> groups_;
};

}  // namespace menshen::audit
