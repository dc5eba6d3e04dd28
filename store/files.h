// What a store's files need beyond the standard library: made for their owner alone, durable in
// their folder, and known again when they are looked at later.
//
//   auto made = make_directory("var", "identity_unavailable");
//   auto anchor = Anchor::at("var/keys.db", "identity_unavailable");
//   if (const auto held = anchor->in_place(); !held) ...   // moved, deleted or replaced
//
// Any thread. Errors: unavailable, with the code given and the path as `where`; the message has the
// system's words.
#pragma once

#include "core/error.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace menshen::store {

[[nodiscard]] core::Error file_error(const std::filesystem::path& path, int error_number,
                                     std::string_view code);

[[nodiscard]] core::Result<void> sync_directory(const std::filesystem::path& directory,
                                                std::string_view code);

// Error: nobody could tell, for instance because a folder above may not be looked into.
[[nodiscard]] core::Result<bool> exists(const std::filesystem::path& path, std::string_view code);

// Makes the directory (mode 0700) and its parents when absent, durably.
[[nodiscard]] core::Result<void> make_directory(const std::filesystem::path& directory,
                                                std::string_view code);
// The same of one whose parent has to be there.
[[nodiscard]] core::Result<void> make_child_directory(const std::filesystem::path& directory,
                                                      std::string_view code);

// Makes an empty file of mode 0600 when there is none, so that a library that opens it next does
// not choose wider rights.
[[nodiscard]] core::Result<void> make_private_file(const std::filesystem::path& path,
                                                   std::string_view code);

// What stood at a path when it was looked at: its device and inode. A file that is open somewhere
// is the one that others find there as long as in_place() holds.
class Anchor {
 public:
  [[nodiscard]] static core::Result<Anchor> at(const std::filesystem::path& path,
                                               std::string_view code);
  // Cheap: one look at the path. Error: nothing is there, or something else.
  [[nodiscard]] core::Result<void> in_place() const;

  struct Place {
    std::uint32_t device_major = 0;
    std::uint32_t device_minor = 0;
    std::uint64_t inode = 0;
    bool operator==(const Place&) const = default;
  };

 private:
  std::filesystem::path path_;
  std::string code_;
  Place place_;
};

}  // namespace menshen::store
