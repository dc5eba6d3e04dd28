#include "proxy/gateway/policy_file.h"

#include "detectors/catalog.h"
#include "detectors/scores.h"

#include <cstdint>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <system_error>

namespace menshen::gateway {
namespace {

constexpr std::uintmax_t file_bytes_max = 16 * 1024 * 1024;

policies::PolicySet::Loaded unreadable(const std::filesystem::path& path, const char* message) {
  policies::PolicySet::Loaded out;
  out.diagnostics.push_back({.is_error = true, .where = path.string(), .message = message});
  return out;
}

}  // namespace

policies::PolicySet::Loaded load_policy(const std::filesystem::path& path) {
  std::error_code ec;
  const auto size = std::filesystem::file_size(path, ec);
  std::ifstream file(path, std::ios::binary);
  if (ec || !file) return unreadable(path, "the file cannot be read");
  if (size > file_bytes_max) return unreadable(path, "the file is larger than 16 MiB");
  std::ostringstream text;
  text << file.rdbuf();
  const std::shared_ptr<const detectors::Catalog> catalog = detectors::Catalog::built_in();
  return policies::PolicySet::parse(text.str(), path.string(),
                                    {catalog->types(), detectors::score_kinds(), catalog});
}

}  // namespace menshen::gateway
