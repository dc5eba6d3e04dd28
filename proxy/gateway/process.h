// The parts of a running gateway, put together: evidence, keys, upstreams, the data plane and the
// admin plane.
//
//   Process process({"menshen.yaml", read, fitted, policy});
//   if (auto started = process.start(); !started) return report(started.error());
//   ... process.reload();                       // at SIGHUP
//   process.drain();                            // at SIGTERM
//
// One thread calls these; what runs inside has threads of its own.
#pragma once

#include "core/error.h"
#include "policies/policy_set.h"
#include "proxy/config/config.h"

#include <filesystem>
#include <memory>

namespace menshen::gateway {

class Process {
 public:
  struct Files {
    std::filesystem::path path;                    // of the configuration, for reload()
    std::shared_ptr<const config::Config> read;    // as it stands there
    std::shared_ptr<const config::Config> fitted;  // its bounds fitted to the machine
    std::shared_ptr<const policies::PolicySet> policy;
  };

  explicit Process(Files files);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Errors of whatever part cannot start; nothing listens then.
  core::Result<void> start();

  // Reads configuration, policy and certificates again. Upstreams, routes and policy come into
  // force together, or, when anything of them does not load, not at all; the log says which changes
  // need a restart.
  void reload();

  // Ends: no new exchanges, the open ones have limits.drain_timeout_ms.
  void drain();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace menshen::gateway
