// Asks a running gateway from outside whether it can take exchanges: what a container or a service
// manager looks at.
//
//   const auto readiness = admin::ask_readiness("127.0.0.1", 9090, std::chrono::seconds(5));
//   if (!readiness) ...                       // nobody answers there, or no gateway
//   if (!readiness->ready) print(readiness->reason);
#pragma once

#include "core/error.h"
#include "proxy/admin/resources.h"

#include <chrono>
#include <cstdint>
#include <string>

namespace menshen::admin {

// Blocks, for no longer than `patience`. `host` is an address; one that stands for every interface
// is asked on loopback. `token`: of the admin API, without which it may not say why; empty: none.
// Errors as of net::fetch(), and bad_upstream "not_a_gateway".
[[nodiscard]] core::Result<Readiness> ask_readiness(const std::string& host, std::uint16_t port,
                                                    std::chrono::milliseconds patience,
                                                    const std::string& token = {});

}  // namespace menshen::admin
