// The parts of a running gateway, put together: evidence, keys, upstreams, the data plane and the
// admin plane.
//
//   Process process({"menshen.yaml", read, fitted, policy});
//   if (auto started = process.start(); !started) return report(started.error());
//   ... process.reload();                       // at SIGHUP
//   ... process.reopen_log();                   // at SIGUSR1
//   process.retire();                           // at SIGTERM, and then
//   process.drain();
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

  // Reads configuration, policy and certificates again. What can change while it runs
  // (proxy/config/reload.h) and the policy come into force together, or, when anything of them does
  // not load, not at all. The log, the metrics and readiness say what came of it, and which keys
  // need a restart. After retire() it is refused.
  void reload();

  // Opens the log's file anew, which was moved or removed.
  void reopen_log();

  // Not ready from now on, and serving as before.
  void retire();

  // Ends: no new exchanges, the open ones have limits.drain_timeout_ms.
  void drain();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace menshen::gateway
