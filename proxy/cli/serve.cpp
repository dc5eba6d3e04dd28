// menshen serve: puts the parts together, runs until SIGTERM, reloads on SIGHUP.
#include "core/clock.h"
#include "core/digest.h"
#include "detectors/catalog.h"
#include "detectors/scanner.h"
#include "detectors/scores.h"
#include "proxy/admin/metrics.h"
#include "proxy/admin/resources.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/files.h"
#include "proxy/cli/statistics.h"
#include "proxy/config/routes.h"
#include "proxy/http/problem.h"
#include "proxy/http/router.h"
#include "proxy/identity/api_keys.h"
#include "proxy/identity/chain.h"
#include "proxy/identity/key_cache.h"
#include "proxy/pipeline/gateway.h"
#include "proxy/protocol/replies.h"
#include "proxy/transport/server.h"
#include "proxy/transport/upstream_set.h"

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include <atomic>
#include <csignal>
#include <iostream>
#include <pthread.h>
#include <span>

namespace menshen::cli {
namespace {

constexpr unsigned long_work_threads = 2;
// As long as the cache waits between its looks at the keys.
constexpr int key_busy_timeout_ms = 250;

void set_up_log(const config::Log& log) {
  // Only fixed sentences, ids and counts are logged: nothing that needs escaping, and no content.
  spdlog::set_pattern(log.format == config::LogFormat::json
                          ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                          : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                      spdlog::pattern_time_type::utc);
  switch (log.level) {
    case config::LogLevel::debug: spdlog::set_level(spdlog::level::debug); break;
    case config::LogLevel::info: spdlog::set_level(spdlog::level::info); break;
    case config::LogLevel::warning: spdlog::set_level(spdlog::level::warn); break;
    case config::LogLevel::error: spdlog::set_level(spdlog::level::err); break;
  }
}

// One line about the process. Messages are ours; anything from outside is reduced to plain
// characters.
class Logger {
 public:
  explicit Logger(config::LogFormat format) : json_(format == config::LogFormat::json) {}
  void info(std::string_view event, std::string_view detail = {}) const {
    spdlog::info(line(event, detail));
  }
  void warn(std::string_view event, std::string_view detail = {}) const {
    spdlog::warn(line(event, detail));
  }
  void exchange(const audit::Record& r) const {
    if (json_) {
      spdlog::info(
          R"("event":"exchange","exchange":"{}","api":"{}","status":{},"decision":"{}",)"
          R"("error":"{}","upstream":"{}","attempts":{},"duration_us":{},"upstream_wait_us":{},)"
          R"("request_bytes":{},"response_bytes":{})",
          r.exchange, r.api, r.status, r.decision, r.error, r.upstream, r.attempts, r.duration_us,
          r.upstream_wait_us, r.request_bytes, r.response_bytes);
    } else {
      spdlog::info("exchange {} {} {} {} {} {}us", r.exchange, r.api, r.status, r.decision, r.error,
                   r.duration_us);
    }
  }

 private:
  [[nodiscard]] std::string line(std::string_view event, std::string_view detail) const {
    std::string plain;
    for (const char c : detail) {
      const auto u = static_cast<unsigned char>(c);
      plain.push_back(u < 0x20 || c == '"' || c == '\\' ? ' ' : c);
    }
    if (!json_) return std::string(event) + (plain.empty() ? "" : ": " + plain);
    return "\"event\":\"" + std::string(event) + "\",\"detail\":\"" + plain + "\"";
  }
  bool json_;
};

// Metrics, and one log line per exchange of an identified caller.
class Watch final : public pipeline::Observer {
 public:
  Watch(admin::Metrics& metrics, const Logger& log) : metrics_(metrics), log_(log) {}
  void opened() noexcept override { metrics_.opened(); }
  void closed(const audit::Record& record, std::uint32_t failed_open,
              bool recorded) noexcept override {
    metrics_.closed(record, failed_open, recorded);
    if (record.subject.empty()) return;  // a stranger: he is counted, and fills no disk
    try {
      log_.exchange(record);
    } catch (const std::exception&) {
      // A log line that cannot be written is lost; the record is not.
    }
  }

 private:
  admin::Metrics& metrics_;
  const Logger& log_;
};

audit::Record process_record(audit::RecordType type, std::string policy, std::string note) {
  audit::Record record;
  record.type = type;
  record.wall_ns = core::system_clock().wall_ns();
  record.gateway = MENSHEN_VERSION;
  record.policy = std::move(policy);
  record.note = std::move(note);
  return record;
}

// Everything that runs, in the order in which it is made; destroyed in reverse.
class Process {
 public:
  explicit Process(std::shared_ptr<const config::Config> config)
      : config_(std::move(config)),
        log_(config_->log.format),
        bodies_(config_->limits.bodies_bytes_max),
        long_work_(long_work_threads, config_->limits.scan_queue_max) {}

  core::Result<void> start(std::shared_ptr<const policies::PolicySet> policy);
  void reload();
  void drain();

 private:
  core::Result<void> open_evidence();
  core::Result<void> start_data_plane();
  core::Result<void> start_admin();
  admin::MetricSources metric_sources();
  admin::Readiness readiness() const;
  void note(audit::RecordType type, std::string what);

  std::shared_ptr<const config::Config> config_;
  Logger log_;
  core::ByteBudget bodies_;
  std::atomic<std::shared_ptr<const policies::PolicySet>> policy_;
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
};

core::Result<void> Process::open_evidence() {
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

void Process::note(audit::RecordType type, std::string what) {
  journal_->append(process_record(type, policy_.load()->version(), std::move(what)),
                   [this](const core::Result<std::uint64_t>& written) {
                     if (!written) log_.warn("record_lost", written.error().code);
                   });
}

admin::MetricSources Process::metric_sources() {
  return {.journal = [this] { return journal_->stats(); },
          .upstreams =
              [this] {
                std::vector<admin::UpstreamState> states;
                if (!upstreams_) return states;
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
          .route_name = [router = std::make_shared<config::Router>(config_->routes)](
                            std::string_view model) { return router->name_of(model); }};
}

admin::Readiness Process::readiness() const {
  if (draining_) return {false, "draining"};
  const audit::JournalStats evidence = journal_->stats();
  if (!evidence.healthy) return {false, "the evidence store cannot write: " + evidence.reason};
  return {true, {}};
}

// Before the framing is understood nothing tells which API's client this is.
http::Reply framing_error(const core::Error& error, std::string_view exchange) {
  return {{static_cast<unsigned>(core::http_status(error.kind)),
           {{"content-type", "application/json"}}},
          protocol::error_body(protocol::Family::openai, error, exchange)};
}

core::Result<void> Process::start_data_plane() {
  auto upstreams = transport::UpstreamSet::create(config_->upstreams, config_->routes);
  if (!upstreams) return upstreams.error();
  upstreams_ = *upstreams;
  services_.catalog = &detectors::Catalog::instance();
  services_.journal = journal_.get();
  services_.redactor = redactor_.get();
  services_.clock = &core::system_clock();
  services_.long_work = &long_work_;
  services_.observer = watch_.get();
  services_.strangers = strangers_.get();
  services_.limits = config_->limits;
  services_.bodies = &bodies_;
  services_.identify = [this](const http::RequestHead& head) { return chain_->identify(head); };
  services_.policy = [this] { return policy_.load(); };
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

core::Result<void> Process::start_admin() {
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
  if (!server) return server.error();
  admin_ = std::move(*server);
  return {};
}

// Tables of detectors and scores are built at their first use: here, so that no exchange waits.
core::Result<void> warm_up() {
  constexpr std::string_view text = "Menshen 门神";
  if (auto found = detectors::scan_text(detectors::Catalog::instance(), text); !found) {
    return found.error();
  }
  for (const auto direction : {core::Direction::request, core::Direction::response}) {
    const bool asked = direction == core::Direction::request;
    const auto scored =
        detectors::score_text({.text = text,
                               .role = asked ? core::Role::user : core::Role::assistant,
                               .direction = direction,
                               .sources = std::span(&text, 1)});
    if (!scored) return scored.error();
  }
  return {};
}

core::Result<std::unique_ptr<identity::Chain>> make_chain(const config::Config& config) {
  std::vector<std::unique_ptr<identity::Authenticator>> links;
  for (const config::IdentityLink link : config.identity.chain) {
    switch (link) {
      case config::IdentityLink::api_keys: {
        auto file = identity::open_key_file(config.store, key_busy_timeout_ms);
        if (!file) return file.error();
        auto cache = identity::KeyCache::start(std::move(*file));
        if (!cache) return cache.error();
        links.push_back(identity::api_keys(std::move(*cache)));
        break;
      }
    }
  }
  return std::make_unique<identity::Chain>(std::move(links));
}

core::Result<void> Process::start(std::shared_ptr<const policies::PolicySet> policy) {
  policy_.store(std::move(policy));
  if (auto warm = warm_up(); !warm) return warm;
  if (auto opened = open_evidence(); !opened) return opened;
  auto chain = make_chain(*config_);
  if (!chain) return chain.error();
  chain_ = std::move(*chain);
  redactor_ = std::make_unique<pipeline::Redactor>(
      std::string(core::as_text(core::hmac_sha256(journal_->commitment_key(), "redaction"))));
  metrics_ = std::make_unique<admin::Metrics>(metric_sources());
  watch_ = std::make_unique<Watch>(*metrics_, log_);
  strangers_ = std::make_unique<pipeline::Strangers>(*journal_, core::system_clock());
  if (auto started = start_data_plane(); !started) return started;
  if (auto started = start_admin(); !started) return started;
  statistics_ = std::make_unique<Statistics>(
      *config_, [this](std::string_view code) { log_.warn("statistics_failed", code); });
  note(audit::RecordType::start, "The gateway started.");
  log_.info("listening", "port " + std::to_string(data_->port()) + ", admin port " +
                             std::to_string(admin_->port()));
  return {};
}

// SIGHUP: policy and certificates. What does not load leaves what is in force.
void Process::reload() {
  const auto loaded = load_policy(config_->policy);
  show(loaded.diagnostics);
  if (loaded.set) {
    const bool changed = loaded.set->version() != policy_.load()->version();
    policy_.store(loaded.set);
    if (changed) note(audit::RecordType::policy, "A policy set came into force.");
    log_.info("policy_in_force", loaded.set->version());
  } else {
    log_.warn("policy_refused", "the policy file has errors; the former policy stays in force");
  }
  if (!config_->listen.tls) return;
  if (const auto reloaded = data_->reload_certificates(); !reloaded) {
    log_.warn("certificates_refused", core::to_string(reloaded.error()));
  } else {
    log_.info("certificates_reloaded");
  }
}

void Process::drain() {
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

int serve(const std::string& config_path) {
  auto config = load_config(config_path, Purpose::serving);
  if (config) config = fit_descriptors(config);
  if (!config) return exit_misuse;
  const auto policy = load_policy(config->policy);
  show(policy.diagnostics);
  if (!policy.set) return exit_misuse;
  set_up_log(config->log);

  // Blocked before any thread starts, so that this thread alone takes them.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  Process process(config);
  if (const auto started = process.start(policy.set); !started) {
    std::cerr << "menshen: " << core::to_string(started.error()) << "\n";
    return exit_no;
  }
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) process.reload();
  process.drain();
  return exit_ok;
}

}  // namespace

void add_serve(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "serve",
      "Runs the gateway. SIGTERM drains and stops; SIGHUP reloads policy and certificates.");
  auto path = std::make_shared<std::string>();
  command->add_option("--config", *path, "menshen.yaml")->required();
  command->callback([path, &exit_code] { exit_code = serve(*path); });
}

}  // namespace menshen::cli
