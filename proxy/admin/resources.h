// The admin port: /healthz (the process lives), /readyz (it can take exchanges), /metrics, and
// below /log/ the audit log for whoever verifies it.
//
//   const http::Router router(admin::resources(sources));
//
// Nothing here holds content, and nothing but /log/ names a user. With a token, who does not show
// it is told whether the process lives and is ready, and no more.
#pragma once

#include "audit/served_log.h"
#include "core/error.h"
#include "proxy/http/router.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::admin {

// How the last reload ended; the start is the first.
struct Reload {
  bool applied = true;
  std::int64_t wall_ns = 0;
  std::string problem{};               // the place of the first: "policy.yaml:7:5 access[0].effect"
  std::vector<std::string> waiting{};  // keys of the configuration that need a restart
};

struct Readiness {
  bool ready = false;
  std::string reason{};  // why not
  Reload reload{};
  std::vector<std::string> routes_down{};  // by a model: routes whose upstreams may not be called
  std::string
      publishing{};  // why signed heads cannot be written where they should; empty: they are
  std::vector<std::string> witnesses_failing{};  // "NAME: why"
  std::string damage{};      // what was found wrong with the log; empty: nothing
  std::string statistics{};  // code of what keeps statistics from their release; empty: nothing
};

struct AdminSources {
  std::function<Readiness()> ready;
  std::function<std::string()> metrics;
  // A file of the log by its path (audit/served_log.h); none: the log is not served.
  std::function<core::Result<std::optional<audit::ServedFile>>(std::string_view path)> log{};
};

// Whether a request carries the token, as `authorization: Bearer TOKEN`. How long it takes does not
// depend on where the two differ.
[[nodiscard]] bool shows_token(const http::RequestHead& head, std::string_view token);

// Thread-safe as far as the sources are.
[[nodiscard]] std::vector<http::Resource> resources(AdminSources sources);

}  // namespace menshen::admin
