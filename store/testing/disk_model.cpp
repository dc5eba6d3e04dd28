#include "store/testing/disk_model.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace menshen::store::testing {
namespace {

constexpr std::size_t sector_bytes = 512;

DiskModel::NodePtr load(const std::string& path) {
  if (!std::filesystem::exists(path)) return nullptr;
  auto node = std::make_shared<DiskModel::Node>();
  node->folder = std::filesystem::is_directory(path);
  if (node->folder) return node;
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  node->cache = std::move(content).str();
  node->durable = node->cache;
  return node;
}

void put(std::string& image, std::size_t offset, std::string_view bytes) {
  if (image.size() < offset + bytes.size()) image.resize(offset + bytes.size());
  std::ranges::copy(bytes, image.begin() + static_cast<std::ptrdiff_t>(offset));
}

void apply(std::string& image, const DiskModel::Write& write) {
  if (write.truncates) return image.resize(write.offset);
  put(image, write.offset, write.bytes);
}

// Any of its sectors.
void tear(std::string& image, const DiskModel::Write& write, std::mt19937_64& random) {
  if (write.truncates) return;
  const std::string_view bytes = write.bytes;
  for (std::size_t i = 0; i < bytes.size(); i += sector_bytes) {
    if (random() % 2 == 0) put(image, write.offset + i, bytes.substr(i, sector_bytes));
  }
}

void keep_some(DiskModel::Node& file, std::mt19937_64& random) {
  for (const DiskModel::Write& write : file.pending) {
    switch (random() % 3) {
      case 0: break;
      case 1: apply(file.durable, write); break;
      default: tear(file.durable, write, random);
    }
  }
  file.pending.clear();
}

}  // namespace

DiskModel::NodePtr DiskModel::at(const std::string& path) {
  const auto known = current_.find(path);
  if (known != current_.end()) return known->second;
  auto node = load(path);
  current_[path] = node;
  durable_[path] = node;
  return node;
}

void DiskModel::place(const Entries& entries) {
  for (const auto& [path, node] : entries) {
    (void)at(path);  // what stood there is durable
    current_[path] = node;
  }
  changes_.push_back({std::filesystem::path(entries.back().first).parent_path(), entries});
}

// The sectors that the bytes touch become what the cache then holds, as pages are written whole.
void DiskModel::write(Node& file, std::size_t offset, std::string_view bytes) {
  put(file.cache, offset, bytes);
  const std::size_t first = offset / sector_bytes * sector_bytes;
  const std::size_t last = (offset + bytes.size() + sector_bytes - 1) / sector_bytes * sector_bytes;
  file.pending.push_back({first, file.cache.substr(first, last - first), false});
}

void DiskModel::truncate(Node& file, std::size_t size) {
  file.cache.resize(size);
  file.pending.push_back({size, {}, true});
}

void DiskModel::sync(Node& file) {
  for (const Write& write : file.pending) apply(file.durable, write);
  file.pending.clear();
}

void DiskModel::fail_sync(Node& file) { keep_some(file, failures_); }

void DiskModel::sync_folder(const std::string& path) {
  for (const Change& change : changes_) {
    if (change.folder != path) continue;
    for (const auto& [entry, node] : change.entries) durable_[entry] = node;
  }
  std::erase_if(changes_, [&](const Change& change) { return change.folder == path; });
}

void DiskModel::restore(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  changes_.resize(random() % (changes_.size() + 1));
  for (const Change& change : changes_) {
    for (const auto& [path, node] : change.entries) durable_[path] = node;
  }
  // A folder comes before what stands in it.
  for (const auto& [path, node] : durable_) {
    if (!std::filesystem::exists(std::filesystem::path(path).parent_path())) continue;
    if (!node) {
      std::filesystem::remove_all(path);
    } else if (node->folder) {
      std::filesystem::create_directory(path);
    } else {
      keep_some(*node, random);
      if (current_[path] == node && node->durable == node->cache) continue;
      std::ofstream(path, std::ios::binary | std::ios::trunc) << node->durable;
    }
  }
  current_.clear();
  durable_.clear();
  changes_.clear();
}

}  // namespace menshen::store::testing
