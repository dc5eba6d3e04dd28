#include "proxy/gateway/kept_text.h"

#include "audit/files.h"
#include "audit/layout.h"
#include "audit/text_audit.h"
#include "core/digest.h"
#include "proxy/config/canonical.h"

#include <unistd.h>

#include <cerrno>
#include <initializer_list>
#include <string_view>
#include <system_error>

namespace menshen::gateway {
namespace {

core::Result<void> check_folder(const std::filesystem::path& folder) {
  const auto there = store::exists(folder, audit::evidence_unavailable);
  if (!there) return there.error();
  if (!*there) return {};
  if (const auto own = audit::check_private(folder); !own) return own;
  std::error_code failed;
  const bool is_folder = std::filesystem::is_directory(folder, failed);
  if (is_folder && ::access(folder.c_str(), R_OK | W_OK | X_OK) == 0) return {};
  return store::file_error(folder, is_folder ? errno : ENOTDIR, audit::evidence_unavailable);
}

// Nobody would read a longer one again, and whoever verifies the log would miss it.
core::Result<void> check_length(const std::string& text, const std::filesystem::path& path) {
  if (text.size() <= audit::text_bytes_max) return {};
  return store::file_error(path, EFBIG, audit::evidence_unavailable);
}

core::Result<void> keep(const std::string& text, const std::filesystem::path& folder,
                        const std::string& name) {
  if (const auto may = check_folder(folder); !may) return may;
  if (const auto fits = check_length(text, folder / name); !fits) return fits;
  const auto kept = audit::read_file(folder / name, audit::text_bytes_max);
  if (!kept) return kept.error();
  if (*kept == text) return {};
  const auto made = store::make_directory(folder, audit::evidence_unavailable);
  return made ? audit::write_durably(folder / name, text, 0600) : made;
}

}  // namespace

core::Result<void> check_kept_texts(const config::Config& config) {
  for (const std::string_view name : {audit::layout::policies, audit::layout::configurations}) {
    if (auto good = check_folder(config.store / name); !good) return good;
  }
  return check_length(config::canonical(config), config.store / audit::layout::configurations);
}

core::Result<void> keep_policy(const policies::PolicySet& policy,
                               const std::filesystem::path& store) {
  return keep(policy.text(), store / audit::layout::policies, policy.version() + ".yaml");
}

core::Result<std::string> keep_configuration(const config::Config& config,
                                             const std::filesystem::path& store) {
  const std::string text = config::canonical(config);
  std::string hash = core::to_hex(core::as_text(core::sha256(text)));
  const auto kept = keep(text, store / audit::layout::configurations, hash + ".json");
  if (!kept) return kept.error();
  return hash;
}

}  // namespace menshen::gateway
