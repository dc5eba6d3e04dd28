// API keys as a link of the identity chain. Whatever begins with "msk_" is its own; it is answered
// from the cache's memory.
#pragma once

#include "proxy/identity/authenticator.h"
#include "proxy/identity/key_cache.h"

#include <memory>

namespace menshen::identity {

// Errors of the link: those of KeyCache::identify.
[[nodiscard]] std::unique_ptr<Authenticator> api_keys(std::unique_ptr<KeyCache> cache);

}  // namespace menshen::identity
