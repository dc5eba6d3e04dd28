#include "proxy/gateway/policy_file.h"

#include "detectors/catalog.h"
#include "detectors/scores.h"
#include "proxy/identity/key_store.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <system_error>

namespace menshen::gateway {
namespace {

using policies::NamesInUse;
using policies::PolicySet;

constexpr std::uintmax_t file_bytes_max = 16 * 1024 * 1024;

PolicySet::Loaded unreadable(const std::filesystem::path& path, const char* message) {
  PolicySet::Loaded out;
  out.diagnostics.push_back(core::problem_of(path.string(), message));
  return out;
}

void add_callers(const std::vector<identity::KeyInfo>& keys, NamesInUse& out) {
  if (keys.empty()) return;
  auto& groups = out.groups.emplace();
  for (const identity::KeyInfo& key : keys) {
    groups.insert(groups.end(), key.groups.begin(), key.groups.end());
  }
  if (std::ranges::any_of(keys, &identity::KeyInfo::may_set_user)) return;
  auto& users = out.users.emplace();
  for (const identity::KeyInfo& key : keys) users.push_back(key.subject);
}

NamesInUse names_of(const config::Config& config) {
  NamesInUse out;
  for (const config::Route& route : config.routes) {
    out.models.insert(out.models.end(), route.models.begin(), route.models.end());
  }
  for (const config::Upstream& upstream : config.upstreams) out.zones.push_back(upstream.zone);
  return out;
}

PolicySet::Loaded parse(const std::string& text, const std::filesystem::path& path,
                        const PolicyCheck& check) {
  const std::shared_ptr<const detectors::Catalog> catalog = detectors::Catalog::complete();
  policies::Known known{catalog->types(), detectors::score_kinds(), catalog};
  if (check.config == nullptr) return PolicySet::parse(text, path.string(), known);
  NamesInUse in_use = names_of(*check.config);
  known.in_use = &in_use;
  known.strict = check.strict;
  const auto keys = identity::KeyStore::keys_in(check.config->store);
  if (keys) add_callers(*keys, in_use);
  PolicySet::Loaded out = PolicySet::parse(text, path.string(), known);
  if (!keys) {
    if (check.strict) out.set = nullptr;
    out.diagnostics.push_back(core::problem_of(
        path.string(),
        "Groups and users of rules were held against nothing, because the API keys cannot be "
        "read: " +
            core::to_string(keys.error()),
        check.strict));
  }
  return out;
}

}  // namespace

PolicySet::Loaded load_policy(const std::filesystem::path& path, const PolicyCheck& check) {
  std::error_code ec;
  const auto size = std::filesystem::file_size(path, ec);
  std::ifstream file(path, std::ios::binary);
  if (ec || !file) return unreadable(path, "the file cannot be read");
  if (size > file_bytes_max) return unreadable(path, "the file is larger than 16 MiB");
  std::ostringstream text;
  text << file.rdbuf();
  return parse(text.str(), path, check);
}

}  // namespace menshen::gateway
