// Small files that must survive a crash, and the lock of a directory.
//
//   auto lock = DirectoryLock::take("var");
//   write_durably("var/checkpoint", note, 0644);      // old content or new, never a mixture
//
// Any thread; paths are not locked against each other. Errors: unavailable, code
// "evidence_unavailable" (code "store_locked" for a lock that another process holds), with the path
// and the system's words; invalid_config, code "store_unsafe".
#pragma once

#include "core/error.h"
#include "store/files.h"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace menshen::audit {

// The code of what the store cannot do: its disk, its files, its queue.
inline constexpr const char* evidence_unavailable = "evidence_unavailable";

// What may stand at a path. Nobody who reads the store waits for what somebody has put into the
// place of a file, a pipe that nobody writes to for instance: that is an error. Where a person has
// named a file, a pipe is one.
enum class Named { by_store, by_person };

// The whole file; absent when there is none. A file past `bytes_max` is an error.
[[nodiscard]] core::Result<std::optional<std::string>> read_file(const std::filesystem::path& path,
                                                                 std::uint64_t bytes_max,
                                                                 Named named = Named::by_store);

// The last `bytes_max` bytes; absent when there is no file.
[[nodiscard]] core::Result<std::optional<std::string>> read_tail(const std::filesystem::path& path,
                                                                 std::uint64_t bytes_max);
// Up to `bytes_max` bytes from `at` on, none at the end; absent when there is no file.
[[nodiscard]] core::Result<std::optional<std::string>> read_part(const std::filesystem::path& path,
                                                                 std::uint64_t at,
                                                                 std::uint64_t bytes_max);

struct FileBytes {
  std::filesystem::path path;
  std::string_view content;
};
// Writes each as PATH.tmp, fsyncs them, renames them to their PATHs in this order and fsyncs the
// folders: many at a time cost the disk little more than one. After an error any of them may stand.
// Whose it is: with `by_folder` that of the folder's owner, also where root writes it.
enum class Owned { by_writer, by_folder };
[[nodiscard]] core::Result<void> write_durably(std::span<const FileBytes> files, mode_t mode,
                                               Owned owned = Owned::by_writer);
[[nodiscard]] core::Result<void> write_durably(const std::filesystem::path& path,
                                               std::string_view content, mode_t mode,
                                               Owned owned = Owned::by_writer);
enum class Absent { made, refused };
// Appends in one write and fsyncs. A file that is not there is made, or is an error.
[[nodiscard]] core::Result<void> append_durably(const std::filesystem::path& path,
                                                std::string_view content,
                                                Absent absent = Absent::made);

// What root makes for a gateway that runs as somebody else is given to that one, the owner of its
// directory. Run by anybody else it does nothing.
[[nodiscard]] core::Result<void> give_to_owner(const std::filesystem::path& directory,
                                               const std::filesystem::path& file);

// A directory that its owner alone may write. Error: "store_unsafe".
[[nodiscard]] core::Result<void> check_private(const std::filesystem::path& directory);

// Held while the object lives; the kernel gives it back when the process ends in whatever way.
class DirectoryLock {
 public:
  [[nodiscard]] static core::Result<DirectoryLock> take(const std::filesystem::path& directory,
                                                        std::string_view name = "lock");
  DirectoryLock(DirectoryLock&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), anchor_(std::move(other.anchor_)) {}
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock();

  // The directory is still found at its path.
  [[nodiscard]] core::Result<void> in_place() const { return anchor_.in_place(); }

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  int fd_;
  store::Anchor anchor_;
};

}  // namespace menshen::audit
