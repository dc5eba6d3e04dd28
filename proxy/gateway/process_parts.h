// The parts of a running gateway, and what they are asked together. Internal to proxy/gateway:
// process.cpp makes and ends them, process_reload.cpp replaces what can be replaced,
// process_state.cpp says how they stand.
#pragma once

#include "audit/indexer.h"
#include "audit/scrubber.h"
#include "core/byte_budget.h"
#include "proxy/admin/metrics.h"
#include "proxy/admin/resources.h"
#include "proxy/gateway/head_sender.h"
#include "proxy/gateway/key_records.h"
#include "proxy/gateway/load.h"
#include "proxy/gateway/log.h"
#include "proxy/gateway/process.h"
#include "proxy/gateway/snapshot.h"
#include "proxy/gateway/statistics.h"
#include "proxy/http/router.h"
#include "proxy/identity/chain.h"
#include "proxy/pipeline/gateway.h"
#include "proxy/pipeline/score_sampler.h"
#include "proxy/pipeline/worker_pool.h"
#include "proxy/transport/server.h"

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <string>

namespace menshen::gateway {

inline constexpr unsigned long_work_threads = 2;

// In the order in which the parts are made; destroyed in reverse.
class Process::Impl {
 public:
  explicit Impl(Process::Files files)
      : file_(std::move(files.path)),
        read_(std::move(files.read)),
        config_(std::move(files.fitted)),
        log_(config_->log),
        bodies_(config_->limits.bodies_bytes_max),
        first_policy_(std::move(files.policy)),
        long_work_(long_work_threads, config_->limits.scan_queue_max) {}

  ~Impl() {
    if (heads_) heads_->stop();  // it speaks to the journal
  }

  core::Result<void> start();
  void reload();
  void reopen_log();
  void retire();
  void drain();

 private:
  using SnapshotPtr = std::shared_ptr<const Snapshot>;

  core::Result<void> open_evidence();
  core::Result<void> show_heads();
  core::Result<void> open_upstreams();
  core::Result<void> put_first_in_force();
  core::Result<void> open_identity();
  core::Result<void> start_data_plane();
  core::Result<void> start_admin();
  admin::MetricSources metric_sources();
  admin::Readiness readiness() const;
  decltype(admin::AdminSources::log) served_log() const;
  void tell_receivers(admin::Readiness& out) const;
  // Null: something does not load; the problems say what.
  SnapshotPtr make_snapshot(Loaded& loaded);
  void put_in_force(const SnapshotPtr& next);
  void tell(const core::Problem& problem);
  [[nodiscard]] core::Result<void> reload_certificates();
  // Gives how many records the log then has; 0: it was refused.
  std::future<std::uint64_t> note(audit::RecordType type, std::string what);
  void tell_evidence(const core::Result<void>& written);
  void tell_publishing(const core::Result<void>& written);
  void tell_index(const core::Result<void>& written);
  void tell_identity(const core::Result<void>& how);
  void start_scrubbing();
  void tell_receiver(std::string_view witness, const core::Result<void>& how);
  void tell_upstream(const transport::UpstreamChange& change);

  const std::filesystem::path file_;
  const std::shared_ptr<const config::Config> read_;
  const std::shared_ptr<const config::Config> config_;  // holds for what needs a restart
  Log log_;
  core::ByteBudget bodies_;
  const std::shared_ptr<const policies::PolicySet> first_policy_;
  std::atomic<SnapshotPtr> in_force_;
  // The journal gives both what it has signed, to its end.
  std::unique_ptr<audit::Indexer> indexer_;
  std::unique_ptr<audit::Scrubber> scrubber_;  // null: the log is not read again
  std::unique_ptr<HeadSender> heads_;          // null: heads are shown to nobody
  std::unique_ptr<KeyRecords> key_records_;    // told of records that the journal has refused
  std::unique_ptr<audit::Journal> journal_;
  std::unique_ptr<identity::Chain> chain_;
  std::unique_ptr<pipeline::Redactor> redactor_;
  std::unique_ptr<admin::Metrics> metrics_;
  std::unique_ptr<Watch> watch_;
  std::unique_ptr<pipeline::Strangers> strangers_;
  std::unique_ptr<pipeline::SeenValues> seen_;
  std::unique_ptr<Statistics> statistics_;
  std::unique_ptr<pipeline::ScoreSampler> sampler_;
  pipeline::WorkerPool long_work_;  // it ends before those whose work it does
  pipeline::Services services_;
  const http::Router router_{admin::resources({.ready = [this] { return readiness(); },
                                               .metrics = [this] { return metrics_->expose(); },
                                               .log = served_log()}),
                             [this](const http::RequestHead& head) {
                               const auto& token = config_->admin.token;
                               return !token || admin::shows_token(head, token->reveal());
                             }};
  std::shared_ptr<transport::UpstreamSet> upstreams_;
  std::unique_ptr<transport::Server> admin_;
  std::unique_ptr<transport::Server> data_;
  std::atomic<bool> draining_{false};
  mutable std::mutex reload_mutex_;
  admin::Reload last_reload_;
};

}  // namespace menshen::gateway
