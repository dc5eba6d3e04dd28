#include "store/testing/fault_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <random>
#include <sstream>

namespace menshen::store::testing {
namespace {

constexpr std::size_t sector_bytes = 512;

struct File {
  sqlite3_file base;
  FaultVfs* owner;
  std::string* path;
  sqlite3_file* real;
};

FaultVfs* owner_of(sqlite3_vfs* vfs) { return static_cast<FaultVfs*>(vfs->pAppData); }
sqlite3_vfs* real_vfs() { return sqlite3_vfs_find("unix"); }
File* of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* real_of(sqlite3_file* file) { return of(file)->real; }

int close_file(sqlite3_file* file) {
  const int result = real_of(file)->pMethods->xClose(real_of(file));
  delete of(file)->path;
  return result;
}

int read_file(sqlite3_file* file, void* out, int count, sqlite3_int64 offset) {
  if (of(file)->owner->fails()) return SQLITE_IOERR_READ;
  return real_of(file)->pMethods->xRead(real_of(file), out, count, offset);
}

int write_file(sqlite3_file* file, const void* data, int count, sqlite3_int64 offset) {
  FaultVfs& owner = *of(file)->owner;
  const bool fails = owner.fails();
  if (owner.dead()) return SQLITE_IOERR_WRITE;
  const int written = fails ? count / 2 : count;
  const auto* bytes = static_cast<const char*>(data);
  owner.wrote(*of(file)->path,
              {offset, std::string(bytes, static_cast<std::size_t>(written)), false});
  const int result = real_of(file)->pMethods->xWrite(real_of(file), data, written, offset);
  if (fails) return owner.disk_full() ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  return result;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  FaultVfs& owner = *of(file)->owner;
  if (owner.fails() || owner.dead()) return SQLITE_IOERR_TRUNCATE;
  owner.wrote(*of(file)->path, {size, {}, true});
  return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

int sync_file(sqlite3_file* file, int flags) {
  FaultVfs& owner = *of(file)->owner;
  owner.wait_while_hanging();
  if (owner.fails() || owner.dead()) return SQLITE_IOERR_FSYNC;
  owner.synced(*of(file)->path);
  return real_of(file)->pMethods->xSync(real_of(file), flags);
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xLock(real_of(file), level);
}
int unlock(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
int check_lock(sqlite3_file* file, int* held) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), held);
}
int control(sqlite3_file* file, int operation, void* argument) {
  return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}
int sector_size(sqlite3_file*) { return sector_bytes; }
int characteristics(sqlite3_file*) { return 0; }
int shared_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}
int shared_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
void shared_barrier(sqlite3_file* file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }
int shared_unmap(sqlite3_file* file, int remove) {
  return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

const sqlite3_io_methods methods = {2,
                                    close_file,
                                    read_file,
                                    write_file,
                                    truncate_file,
                                    sync_file,
                                    size_of_file,
                                    lock,
                                    unlock,
                                    check_lock,
                                    control,
                                    sector_size,
                                    characteristics,
                                    shared_map,
                                    shared_lock,
                                    shared_barrier,
                                    shared_unmap,
                                    nullptr,
                                    nullptr};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  FaultVfs& owner = *owner_of(vfs);
  file->pMethods = nullptr;
  if (owner.fails() || owner.dead()) return SQLITE_CANTOPEN;
  File& opened = *of(file);
  opened.owner = &owner;
  opened.real = reinterpret_cast<sqlite3_file*>(&opened + 1);
  const int result = real_vfs()->xOpen(real_vfs(), name, opened.real, flags, out_flags);
  if (opened.real->pMethods == nullptr) return result;
  opened.path = new std::string(name == nullptr ? "" : name);
  file->pMethods = &methods;
  if (name != nullptr) owner.opened(*opened.path);
  return result;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  FaultVfs& owner = *owner_of(vfs);
  if (owner.fails() || owner.dead()) return SQLITE_IOERR_DELETE;
  owner.deleted(name);
  return real_vfs()->xDelete(real_vfs(), name, sync_directory);
}

void apply(std::string& image, const FaultVfs::Write& write, std::size_t bytes) {
  const auto offset = static_cast<std::size_t>(write.offset);
  if (write.truncates) return image.resize(offset);
  if (image.size() < offset + bytes) image.resize(offset + bytes);
  std::copy_n(write.bytes.begin(), bytes, image.begin() + write.offset);
}

}  // namespace

FaultVfs::FaultVfs() : vfs_(std::make_unique<sqlite3_vfs>(*real_vfs())) {
  vfs_->zName = "fault";
  vfs_->pNext = nullptr;
  vfs_->pAppData = this;
  vfs_->szOsFile = static_cast<int>(sizeof(File)) + real_vfs()->szOsFile;
  vfs_->xOpen = open_file;
  vfs_->xDelete = delete_file;
  sqlite3_vfs_register(vfs_.get(), 1);
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(vfs_.get());
  sqlite3_vfs_register(real_vfs(), 1);
}

void FaultVfs::fail_at(std::uint64_t operation, Mode mode, bool full) {
  const std::lock_guard guard(mutex_);
  mode_ = mode;
  countdown_ = operation;
  hit_ = false;
  disk_full_ = full;
}

void FaultVfs::clear() { fail_at(0, Mode::off); }

void FaultVfs::hang() {
  const std::lock_guard guard(mutex_);
  hanging_ = true;
}

void FaultVfs::go_on() {
  const std::lock_guard guard(mutex_);
  hanging_ = false;
  goes_on_.notify_all();
}

void FaultVfs::wait_while_hanging() {
  std::unique_lock guard(mutex_);
  goes_on_.wait(guard, [this] { return !hanging_; });
}

bool FaultVfs::hit() const {
  const std::lock_guard guard(mutex_);
  return hit_;
}

bool FaultVfs::fails() {
  const std::lock_guard guard(mutex_);
  if (mode_ == Mode::off) return false;
  if (hit_) return mode_ != Mode::once;
  hit_ = --countdown_ == 0;
  return hit_;
}

bool FaultVfs::dead() const {
  const std::lock_guard guard(mutex_);
  return hit_ && mode_ == Mode::power_cut;
}

bool FaultVfs::disk_full() const {
  const std::lock_guard guard(mutex_);
  return disk_full_;
}

void FaultVfs::opened(const std::string& path) {
  const std::lock_guard guard(mutex_);
  if (files_.contains(path)) return;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  files_[path].durable = content.str();
}

void FaultVfs::wrote(const std::string& path, Write write) {
  const std::lock_guard guard(mutex_);
  if (!path.empty()) files_[path].pending.push_back(std::move(write));
}

void FaultVfs::synced(const std::string& path) {
  const std::lock_guard guard(mutex_);
  FileState& file = files_[path];
  for (const Write& write : file.pending) apply(file.durable, write, write.bytes.size());
  file.pending.clear();
}

void FaultVfs::deleted(const std::string& path) {
  const std::lock_guard guard(mutex_);
  files_.erase(path);
}

void FaultVfs::restore_after_power_cut(std::uint64_t seed) {
  const std::lock_guard guard(mutex_);
  std::mt19937_64 random(seed);
  for (auto& [path, file] : files_) {
    if (path.empty() || !std::filesystem::exists(path)) continue;
    for (const Write& write : file.pending) {
      const std::uint64_t choice = random() % 3;  // lost, whole, torn
      if (choice == 0) continue;
      const std::size_t sectors = write.bytes.size() / sector_bytes;
      const std::size_t torn = sectors == 0 ? 0 : random() % sectors * sector_bytes;
      apply(file.durable, write, choice == 1 ? write.bytes.size() : torn);
    }
    file.pending.clear();
    std::ofstream(path, std::ios::binary | std::ios::trunc) << file.durable;
    std::filesystem::remove(path + "-shm");
  }
  files_.clear();
}

}  // namespace menshen::store::testing
