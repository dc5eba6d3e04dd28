// The log as readers elsewhere get it: what C2SP tlog-tiles names, as far as the published
// checkpoint covers it.
//
//   const auto file = read_served("var", "tile/entries/x001/234");
//   const auto head = read_served("var", "checkpoint");                // or "witnessed"
//
// The path is read as numbers, and files are opened by numbers alone. A partial tile that is gone,
// because the full one stands, is cut from it. Any thread; also while a gateway writes. Memory and
// time: one bundle, 16.8 MB at most, some 300 KB usually. Absent: the log has no such file, or not
// yet. Errors: unavailable, code "evidence_unreadable".
#pragma once

#include "core/error.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace menshen::audit {

struct ServedFile {
  std::string bytes;
  bool changes = false;  // a head; all others never do
};

[[nodiscard]] core::Result<std::optional<ServedFile>> read_served(
    const std::filesystem::path& directory, std::string_view path);

}  // namespace menshen::audit
