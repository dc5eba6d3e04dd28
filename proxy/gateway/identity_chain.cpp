#include "proxy/gateway/identity_chain.h"

#include "proxy/identity/api_keys.h"
#include "proxy/identity/key_cache.h"

#include <vector>

namespace menshen::gateway {
namespace {

// As long as the cache waits between its looks at the keys.
constexpr int key_busy_timeout_ms = 250;

}  // namespace

core::Result<std::unique_ptr<identity::Chain>> make_chain(
    const config::Config& config, identity::KeyRecorder& recorder,
    std::function<void(const core::Result<void>&)> told) {
  std::vector<std::unique_ptr<identity::Authenticator>> links;
  for (const config::IdentityLink link : config.identity.chain) {
    switch (link) {
      case config::IdentityLink::api_keys: {
        auto file = identity::open_key_file(config.store, key_busy_timeout_ms);
        if (!file) return file.error();
        identity::KeyCache::Options options;
        options.recorder = &recorder;
        options.told = told;
        auto cache = identity::KeyCache::start(std::move(*file), options);
        if (!cache) return cache.error();
        links.push_back(identity::api_keys(std::move(*cache)));
        break;
      }
    }
  }
  return std::make_unique<identity::Chain>(std::move(links));
}

}  // namespace menshen::gateway
