// What a disk would hold of files and folders if the power went now: for FaultIo.
//
//   DiskModel disk;
//   const auto file = disk.at("dir/a");           // as it is; taken for durable when first met
//   disk.write(*file, 0, "bytes");  disk.sync(*file);
//   disk.place({{"dir/a.tmp", nullptr}, {"dir/a", file}});   // renamed
//   disk.sync_folder("dir");
//   disk.restore(seed);                           // makes the real files what would be found
//
// A file's contents and the entries of folders are durable apart from each other: a file that was
// synced is gone when its entry was not. Writes reach the disk in sectors of 512 bytes, in any
// order; entries in the order in which they were made. What a failed sync was to write is written
// in part, and no later sync makes up for it, as in Linux. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::store::testing {

class DiskModel {
 public:
  struct Write {
    std::size_t offset = 0;
    std::string bytes{};     // whole sectors; ignored when truncates
    bool truncates = false;  // to `offset`
  };
  struct Node {
    bool folder = false;
    std::string cache{};  // what readers are given
    std::string durable{};
    std::vector<Write> pending{};
  };
  using NodePtr = std::shared_ptr<Node>;
  using Entries = std::vector<std::pair<std::string, NodePtr>>;  // null: nothing stands there

  [[nodiscard]] NodePtr at(const std::string& path);
  // All at once; in one folder, that of the last.
  void place(const Entries& entries);

  void write(Node& file, std::size_t offset, std::string_view bytes);
  void truncate(Node& file, std::size_t size);
  void sync(Node& file);
  void fail_sync(Node& file);
  void sync_folder(const std::string& path);

  // Forgets everything afterwards.
  void restore(std::uint64_t seed);

 private:
  struct Change {
    std::string folder;
    Entries entries;
  };

  std::map<std::string, NodePtr> current_;  // of what was met
  std::map<std::string, NodePtr> durable_;
  std::vector<Change> changes_;  // not durable, in order
  std::mt19937_64 failures_;
};

}  // namespace menshen::store::testing
