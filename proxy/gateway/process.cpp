#include "proxy/gateway/process.h"

#include "core/clock.h"
#include "core/digest.h"
#include "core/version.h"
#include "proxy/admin/metrics.h"
#include "proxy/admin/resources.h"
#include "proxy/gateway/identity_chain.h"
#include "proxy/gateway/load.h"
#include "proxy/gateway/log.h"
#include "proxy/gateway/snapshot.h"
#include "proxy/gateway/statistics.h"
#include "proxy/gateway/warm_up.h"
#include "proxy/http/problem.h"
#include "proxy/http/router.h"
#include "proxy/identity/chain.h"
#include "proxy/pipeline/gateway.h"
#include "proxy/pipeline/worker_pool.h"
#include "proxy/protocol/adapter.h"
#include "proxy/transport/descriptors.h"
#include "proxy/transport/server.h"

#include <algorithm>
#include <atomic>
#include <mutex>

namespace menshen::gateway {
namespace {

constexpr unsigned long_work_threads = 2;

audit::Record process_record(audit::RecordType type, std::string policy, std::string note) {
  audit::Record record;
  record.type = type;
  record.wall_ns = core::system_clock().wall_ns();
  record.gateway = core::version();
  record.policy = std::move(policy);
  record.note = std::move(note);
  return record;
}

// Before the framing is understood nothing tells which API's client this is.
http::Reply framing_error(const core::Error& error, std::string_view exchange) {
  return {{static_cast<unsigned>(core::http_status(error.kind)),
           {{"content-type", "application/json"}}},
          protocol::likely_adapter({}).error_body(error, exchange)};
}

// The admin API is served by the same code as the data plane.
core::Error of_admin(core::Error error) {
  if (error.where == "listen.address") error.where = "admin.address";
  return error;
}

}  // namespace

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

  core::Result<void> start();
  void reload();
  void reopen_log();
  void retire();
  void drain();

 private:
  using SnapshotPtr = std::shared_ptr<const Snapshot>;

  core::Result<void> open_evidence();
  core::Result<void> open_upstreams();
  core::Result<void> start_data_plane();
  core::Result<void> start_admin();
  admin::MetricSources metric_sources();
  admin::Readiness readiness() const;
  // Null: something does not load; the problems say what.
  SnapshotPtr make_snapshot(Loaded& loaded);
  void put_in_force(const SnapshotPtr& next);
  void tell(const core::Problem& problem) const;
  [[nodiscard]] core::Result<void> reload_certificates();
  void note(audit::RecordType type, std::string what);

  const std::filesystem::path file_;
  const std::shared_ptr<const config::Config> read_;
  const std::shared_ptr<const config::Config> config_;  // holds for what needs a restart
  Log log_;
  core::ByteBudget bodies_;
  const std::shared_ptr<const policies::PolicySet> first_policy_;
  std::atomic<SnapshotPtr> in_force_;
  std::unique_ptr<audit::Journal> journal_;
  std::unique_ptr<identity::Chain> chain_;
  std::unique_ptr<pipeline::Redactor> redactor_;
  std::unique_ptr<admin::Metrics> metrics_;
  std::unique_ptr<Watch> watch_;
  std::unique_ptr<pipeline::Strangers> strangers_;
  std::unique_ptr<Statistics> statistics_;
  pipeline::WorkerPool long_work_;
  pipeline::Services services_;
  const http::Router router_{admin::resources(
      {.ready = [this] { return readiness(); }, .metrics = [this] { return metrics_->expose(); }})};
  std::shared_ptr<transport::UpstreamSet> upstreams_;
  std::unique_ptr<transport::Server> admin_;
  std::unique_ptr<transport::Server> data_;
  std::atomic<bool> draining_{false};
  mutable std::mutex reload_mutex_;
  admin::Reload last_reload_;
};

core::Result<void> Process::Impl::open_evidence() {
  const core::Limits& limits = config_->limits;
  auto journal = audit::Journal::open({.directory = config_->store,
                                       .origin = config_->audit.origin,
                                       .publish = config_->audit.publish,
                                       .queue_bytes_max = limits.journal_queue_bytes_max,
                                       .commit_timeout_ms = limits.journal_commit_timeout_ms},
                                      core::system_clock());
  if (!journal) return journal.error();
  journal_ = std::move(*journal);
  const audit::JournalStats stats = journal_->stats();
  if (stats.begun) log_.warn("evidence_begun", "the store held no log; a new one begins");
  if (stats.published_compared) {
    log_.info("published_heads_compared", std::to_string(*stats.published_compared));
  }
  return {};
}

void Process::Impl::note(audit::RecordType type, std::string what) {
  journal_->append(process_record(type, in_force_.load()->policy->version(), std::move(what)),
                   [this](const core::Result<std::uint64_t>& written) {
                     if (!written) log_.warn("record_lost", written.error().code);
                   });
}

admin::MetricSources Process::Impl::metric_sources() {
  return {.journal = [this] { return journal_->stats(); },
          .upstreams =
              [this] {
                std::vector<admin::UpstreamState> states;
                for (const auto& status : upstreams_->status()) {
                  states.push_back({status.name, status.healthy,
                                    status.breaker == transport::Breaker::State::open});
                }
                return states;
              },
          .connections =
              [this] {
                return data_ ? static_cast<std::size_t>(data_->counters().connections_open.load())
                             : std::size_t{0};
              },
          .connections_closed = [this]() -> std::uint64_t {
            if (!data_) return 0;
            const auto& counters = data_->counters();
            return counters.connections_refused + counters.connections_displaced;
          },
          .routes_down = [this] { return routes_down(*in_force_.load()).size(); },
          .route_name =
              [this](std::string_view model) {
                return std::string(in_force_.load()->names.name_of(model));
              }};
}

// A route without an upstream is shown; only a gateway that could serve none is not ready. So one
// provider's failure takes no gateway away from the others, and one that reaches nothing is left.
admin::Readiness Process::Impl::readiness() const {
  admin::Readiness out;
  {
    const std::lock_guard lock(reload_mutex_);
    out.reload = last_reload_;
  }
  const SnapshotPtr now = in_force_.load();
  out.routes_down = routes_down(*now);
  const audit::JournalStats evidence = journal_->stats();
  if (draining_) {
    out.reason = "draining";
  } else if (!evidence.healthy) {
    out.reason = "the evidence store cannot write: " + evidence.reason;
  } else if (out.routes_down.size() == now->config->routes.size()) {
    out.reason = "no route has an upstream that may be called";
  } else {
    out.ready = true;
  }
  return out;
}

core::Result<void> Process::Impl::open_upstreams() {
  auto upstreams = transport::UpstreamSet::create(config_->upstreams, config_->routes);
  if (!upstreams) return upstreams.error();
  upstreams_ = std::move(*upstreams);
  in_force_ = std::make_shared<const Snapshot>(config_, first_policy_, upstreams_->table());
  return {};
}

core::Result<void> Process::Impl::start_data_plane() {
  services_.journal = journal_.get();
  services_.redactor = redactor_.get();
  services_.clock = &core::system_clock();
  services_.long_work = &long_work_;
  services_.observer = watch_.get();
  services_.strangers = strangers_.get();
  services_.limits = config_->limits;
  services_.bodies = &bodies_;
  services_.identify = [this](const http::RequestHead& head) { return chain_->identify(head); };
  services_.in_force = [this] {
    const SnapshotPtr now = in_force_.load();
    return pipeline::InForce{now->policy, now->upstreams};
  };
  const auto factory = [this](boost::asio::any_io_executor, pipeline::Upstreams& of_thread) {
    auto gateway = std::make_shared<pipeline::Gateway>(services_, of_thread);
    return [gateway](pipeline::Client& client) { return gateway->handle(client); };
  };
  auto server = transport::Server::start(
      {.listen = config_->listen,
       .limits = config_->limits,
       .threads = config_->threads,
       .error_reply = framing_error,
       .upstreams = upstreams_,
       .bodies = &bodies_,
       .on_full = [this] { log_.warn("connections_full", "connections were closed"); }},
      factory);
  if (!server) return server.error();
  data_ = std::move(*server);
  return {};
}

core::Result<void> Process::Impl::start_admin() {
  core::Limits limits = config_->limits;
  limits.connections_max = core::admin_connections_max;
  auto server = transport::Server::start(
      {.listen = {.address = config_->admin, .tls = std::nullopt},
       .limits = limits,
       .threads = 1,
       .error_reply = [](const core::Error& error,
                         std::string_view) { return http::problem(error); },
       .upstreams = nullptr,
       .bodies = nullptr,
       .on_full = {}},
      [this](boost::asio::any_io_executor, pipeline::Upstreams&) {
        return [this](http::Transaction& transaction) { return router_.serve(transaction); };
      });
  if (!server) {
    return of_admin(server.error());
  }
  admin_ = std::move(*server);
  return {};
}

core::Result<void> Process::Impl::start() {
  if (auto opened = log_.open(); !opened) return opened;
  if (auto warm = warm_up(*first_policy_); !warm) return warm;
  if (auto opened = open_upstreams(); !opened) return opened;
  // Before a log is begun, which a start that fails would leave behind.
  if (auto free = transport::Server::check(config_->listen); !free) return free;
  if (auto free = transport::Server::check({config_->admin, {}}); !free) {
    return of_admin(free.error());
  }
  if (auto opened = open_evidence(); !opened) return opened;
  auto chain = make_chain(*config_);
  if (!chain) return chain.error();
  chain_ = std::move(*chain);
  redactor_ = std::make_unique<pipeline::Redactor>(
      std::string(core::as_text(core::hmac_sha256(journal_->commitment_key(), "redaction"))));
  metrics_ = std::make_unique<admin::Metrics>(metric_sources());
  watch_ = std::make_unique<Watch>(*metrics_, log_);
  strangers_ = std::make_unique<pipeline::Strangers>(*journal_, core::system_clock());
  last_reload_.wall_ns = core::system_clock().wall_ns();
  if (auto started = start_data_plane(); !started) return started;
  if (auto started = start_admin(); !started) return started;
  statistics_ = std::make_unique<Statistics>(
      [this] { return in_force_.load()->config; },
      [this](std::string_view code) { log_.warn("statistics_failed", code); });
  note(audit::RecordType::start, "The gateway started.");
  log_.info("listening", "port " + std::to_string(data_->port()) + ", admin port " +
                             std::to_string(admin_->port()));
  return {};
}

Process::Impl::SnapshotPtr Process::Impl::make_snapshot(Loaded& loaded) {
  if (loaded.policy == nullptr) return nullptr;
  if (!transport::fits_descriptors(*loaded.config)) {
    loaded.problems.push_back(
        core::problem_of(file_.string(), "There are too few descriptors for so many upstreams."));
    return nullptr;
  }
  auto table = upstreams_->make(loaded.config->upstreams, loaded.config->routes);
  if (!table) {
    loaded.problems.push_back(core::problem_of(file_.string(), core::to_string(table.error())));
    return nullptr;
  }
  return std::make_shared<const Snapshot>(loaded.config, loaded.policy, std::move(*table));
}

void Process::Impl::tell(const core::Problem& problem) const {
  const std::string text = problem.where() + ": " + problem.message;
  if (problem.is_error)
    log_.warn("reload_problem", text);
  else
    log_.warn("reload_warning", text);
}

void Process::Impl::put_in_force(const SnapshotPtr& next) {
  const SnapshotPtr former = in_force_.exchange(next);
  upstreams_->put(next->upstreams);
  log_.set_level(next->config->log.level);
  const std::string& version = next->policy->version();
  if (version != former->policy->version()) {
    note(audit::RecordType::policy, "A policy set came into force.");
  }
  log_.info("reloaded", "policy " + version);
}

void Process::Impl::reload() {
  Loaded loaded = load_files(file_, {.running = config_.get(), .read = read_.get()});
  const SnapshotPtr next = make_snapshot(loaded);
  for (const core::Problem& problem : loaded.problems) tell(problem);
  for (const std::string& key : loaded.waiting) log_.warn("restart_needed", key);
  // Certificates too come into force with the rest or not at all.
  const core::Result<void> certificates =
      next != nullptr ? reload_certificates() : core::Result<void>{};
  admin::Reload last;
  last.applied = next != nullptr && certificates;
  if (last.applied) {
    put_in_force(next);
  } else {
    log_.warn("reload_refused", "what was in force stays so");
  }
  last.wall_ns = core::system_clock().wall_ns();
  last.waiting = std::move(loaded.waiting);
  const auto first = std::ranges::find_if(loaded.problems, &core::Problem::is_error);
  if (first != loaded.problems.end()) {
    last.problem = first->where();
  } else if (!certificates) {
    last.problem = certificates.error().where;
  }
  metrics_->reloaded(last.applied);
  const std::lock_guard lock(reload_mutex_);
  last_reload_ = std::move(last);
}

core::Result<void> Process::Impl::reload_certificates() {
  if (!config_->listen.tls) return {};
  auto reloaded = data_->reload_certificates();
  if (reloaded) {
    log_.info("certificates_reloaded");
  } else {
    log_.warn("certificates_refused", core::to_string(reloaded.error()));
  }
  return reloaded;
}

void Process::Impl::reopen_log() {
  if (const auto reopened = log_.reopen(); !reopened) {
    log_.warn("log_reopen_failed", core::to_string(reopened.error()));
  } else {
    log_.info("log_reopened", config_->log.file.empty() ? "standard output has no file" : "");
  }
}

void Process::Impl::retire() {
  log_.info("lame_duck", "for at most " + std::to_string(config_->limits.lame_duck_ms) + " ms");
  data_->retire();
  draining_ = true;
}

void Process::Impl::drain() {
  draining_ = true;
  log_.info("draining");
  data_->stop();
  strangers_->flush();
  statistics_.reset();
  note(audit::RecordType::stop, "The gateway stopped.");
  admin_->stop();
  long_work_.join();
  log_.info("stopped");
}

Process::Process(Files files) : impl_(std::make_unique<Impl>(std::move(files))) {}
Process::~Process() = default;
core::Result<void> Process::start() { return impl_->start(); }
void Process::reload() { impl_->reload(); }
void Process::reopen_log() { impl_->reopen_log(); }
void Process::retire() { impl_->retire(); }
void Process::drain() { impl_->drain(); }

}  // namespace menshen::gateway
