#include "proxy/gateway/process.h"

#include "audit/corrections.h"
#include "core/clock.h"
#include "core/digest.h"
#include "core/version.h"
#include "detectors/catalog.h"
#include "proxy/gateway/identity_chain.h"
#include "proxy/gateway/kept_text.h"
#include "proxy/gateway/process_parts.h"
#include "proxy/gateway/warm_up.h"
#include "proxy/http/problem.h"
#include "proxy/protocol/adapter.h"

namespace menshen::gateway {
namespace {

audit::Record process_record(audit::RecordType type, const Snapshot& in_force, std::string note) {
  audit::Record record;
  record.type = type;
  record.wall_ns = core::system_clock().wall_ns();
  record.gateway = core::version();
  record.policy = in_force.policy->version();
  record.configuration = in_force.configuration;
  record.note = std::move(note);
  if (type == audit::RecordType::stop) return record;
  record.catalog = in_force.policy->catalog()->digest();
  record.detectors = in_force.policy->catalog()->all_versions();
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

std::optional<audit::TokenKey> token_key(const std::optional<config::LogToken>& token) {
  if (!token) return std::nullopt;
  return audit::TokenKey{token->module, token->token, token->key,
                         token->pin ? token->pin->reveal() : std::string{}};
}

}  // namespace

core::Result<void> Process::Impl::open_evidence() {
  const core::Limits& limits = config_->limits;
  indexer_ = std::make_unique<audit::Indexer>(
      config_->store, core::system_clock(),
      audit::Indexer::Listener{
          .changed = [this](const core::Result<void>& written) { tell_index(written); },
          .begun_anew = [this](std::string_view why) { log_.info("index_begun_anew", why); }});
  start_scrubbing();
  auto heads = HeadSender::make(config_->audit, config_->store);
  if (!heads) return heads.error();
  heads_ = std::move(*heads);
  auto journal = audit::Journal::open(
      {.directory = config_->store,
       .origin = config_->audit.origin,
       .publish = config_->audit.publish,
       .token = token_key(config_->audit.token),
       .queue_bytes_max = limits.journal_queue_bytes_max,
       .on_publish = [this](const core::Result<void>& written) { tell_publishing(written); },
       .on_commit = [this](const core::Result<void>& written) { tell_evidence(written); },
       .on_tiles =
           [this](std::shared_ptr<const audit::Bundle> growing) {
             if (scrubber_) scrubber_->take(growing->first());
             indexer_->take(std::move(growing));
           },
       .on_keys =
           [this](const audit::KeyRing& ring) {
             if (scrubber_) scrubber_->signed_by(ring);
           },
       .on_head =
           [this](const std::string& note) {
             if (scrubber_) scrubber_->signed_head(note);
             if (heads_) heads_->offer(note);
           },
       .commit_timeout_ms = limits.journal_commit_timeout_ms},
      core::system_clock());
  if (!journal) return journal.error();
  journal_ = std::move(*journal);
  const audit::JournalStats stats = journal_->stats();
  if (stats.begun) log_.warn("evidence_begun", "the store held no log; a new one begins");
  if (stats.torn) {
    log_.warn("evidence_torn",
              "the last write before this start was cut off; nothing in it had been acknowledged, "
              "unless the disk lost what it had synced");
  }
  if (stats.published_compared) {
    log_.info("published_heads_compared", std::to_string(*stats.published_compared));
  }
  return show_heads();
}

void Process::Impl::start_scrubbing() {
  const std::uint64_t pace = config_->limits.scrub_bytes_per_second;
  if (pace == 0) return;
  scrubber_ = std::make_unique<audit::Scrubber>(
      config_->store, core::system_clock(), pace,
      audit::Scrubber::Listener{
          .damaged = [this](std::string_view what) { log_.error("evidence_damaged", what); },
          .intact = [this] { log_.warn("evidence_intact"); }});
}

// Before any record is taken: a witness tells whether an older copy was put back.
core::Result<void> Process::Impl::show_heads() {
  if (!heads_) return {};
  heads_->start(
      {.records = [this] { return journal_->stats().records; },
       .cosigned = [this](std::string note) { journal_->publish_cosigned(std::move(note)); },
       .contradicted =
           [this](const core::Error& error) {
             log_.error("evidence_contradicted", core::to_string(error));
             journal_->refuse(error);
           },
       .changed = [this](std::string_view witness,
                         const core::Result<void>& how) { tell_receiver(witness, how); }});
  return heads_->first_round();
}

void Process::Impl::tell_receiver(std::string_view witness, const core::Result<void>& how) {
  if (witness.empty()) {
    const std::int64_t now_ns = core::system_clock().wall_ns();
    journal_->append(audit::publishing_record(how, now_ns), [](const auto&) {});
    return tell_publishing(how);
  }
  if (how) {
    log_.warn("witness_resumed", witness);
  } else {
    log_.error("witness_failing", core::to_string(how.error()));
  }
}

void Process::Impl::tell_evidence(const core::Result<void>& written) {
  if (written) {
    log_.warn("evidence_resumed");
  } else {
    log_.error("evidence_failed", core::to_string(written.error()));
  }
}

void Process::Impl::tell_publishing(const core::Result<void>& written) {
  if (written) {
    log_.warn("publishing_resumed");
  } else {
    log_.error("publishing_failed", core::to_string(written.error()));
  }
}

void Process::Impl::tell_index(const core::Result<void>& written) {
  if (written) {
    log_.info("index_resumed");
  } else {
    log_.warn("index_failed", core::to_string(written.error()));
  }
}

void Process::Impl::tell_identity(const core::Result<void>& how) {
  if (how) {
    log_.warn("identity_resumed");
  } else {
    log_.error("identity_failed", core::to_string(how.error()));
  }
}

void Process::Impl::tell_upstream(const transport::UpstreamChange& change) {
  const std::string text = std::string(change.upstream) + ": " + std::string(change.reason);
  if (change.up)
    log_.warn("upstream_up", text);
  else
    log_.warn("upstream_down", text);
}

std::future<std::uint64_t> Process::Impl::note(audit::RecordType type, std::string what) {
  const auto end = std::make_shared<std::promise<std::uint64_t>>();
  journal_->append(process_record(type, *in_force_.load(), std::move(what)),
                   [this, end](const core::Result<std::uint64_t>& written) {
                     if (!written) {
                       log_.warn("record_lost", written.error().code);
                       key_records_->ask_for_state();
                     }
                     end->set_value(written ? *written + 1 : 0);
                   });
  return end->get_future();
}

core::Result<void> Process::Impl::open_upstreams() {
  auto upstreams = transport::UpstreamSet::create(
      config_->upstreams, config_->routes,
      [this](const transport::UpstreamChange& change) { tell_upstream(change); });
  if (!upstreams) return upstreams.error();
  upstreams_ = std::move(*upstreams);
  return {};
}

// The texts are kept before any record can refer to them.
core::Result<void> Process::Impl::put_first_in_force() {
  if (auto kept = keep_policy(*first_policy_, config_->store); !kept) return kept;
  auto configuration = keep_configuration(*config_, config_->store);
  if (!configuration) return configuration.error();
  const std::int64_t now_ns = core::system_clock().wall_ns();
  const Snapshot first{config_, first_policy_, upstreams_->table(), std::move(*configuration),
                       now_ns,  now_ns};
  in_force_ = std::make_shared<const Snapshot>(first);
  return {};
}

core::Result<void> Process::Impl::open_identity() {
  const auto state = [this] {
    return process_record(audit::RecordType::state, *in_force_.load(), "What is in force.");
  };
  const auto replaced = [this] {
    log_.warn("keys_replaced", "keys.db is not the one before, or an older copy of it");
  };
  key_records_ =
      std::make_unique<KeyRecords>(KeyRecords::Parts{*journal_, config_->store, state, replaced});
  auto chain = make_chain(*config_, *key_records_,
                          [this](const core::Result<void>& how) { tell_identity(how); });
  if (!chain) return chain.error();
  chain_ = std::move(*chain);
  return {};
}

core::Result<void> Process::Impl::start_data_plane() {
  services_.journal = journal_.get();
  services_.redactor = redactor_.get();
  services_.clock = &core::system_clock();
  services_.long_work = &long_work_;
  services_.observer = watch_.get();
  services_.strangers = strangers_.get();
  services_.seen = seen_.get();
  services_.sampler = sampler_.get();
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
      {.listen = {.address = config_->admin.address, .tls = std::nullopt},
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
  if (auto free = transport::Server::check({config_->admin.address, {}}); !free) {
    return of_admin(free.error());
  }
  if (auto opened = open_evidence(); !opened) return opened;
  if (auto kept = put_first_in_force(); !kept) return kept;
  if (auto opened = open_identity(); !opened) return opened;
  redactor_ = std::make_unique<pipeline::Redactor>(
      std::string(core::as_text(core::hmac_sha256(journal_->commitment_key(), "redaction"))));
  metrics_ = std::make_unique<admin::Metrics>(metric_sources());
  metrics_->rules_in_force(first_policy_->rule_ids());
  watch_ = std::make_unique<Watch>(*metrics_, log_);
  strangers_ = std::make_unique<pipeline::Strangers>(*journal_, core::system_clock());
  const core::Limits& limits = config_->limits;
  seen_ = std::make_unique<pipeline::SeenValues>(
      pipeline::SeenValues::Options{
          .values_max = limits.seen_values_max,
          .subject_values_max = limits.seen_subject_values_max,
          .lifetime_ns = std::int64_t{limits.seen_lifetime_ms} * 1'000'000},
      core::system_clock());
  sampler_ = std::make_unique<pipeline::ScoreSampler>(
      *journal_, core::system_clock(), long_work_,
      pipeline::ScoreSampler::Options{.per_million = limits.score_sample_per_million,
                                      .bodies = &bodies_});
  statistics_ =
      std::make_unique<Statistics>(*journal_, log_, [this] { return in_force_.load()->config; });
  last_reload_.wall_ns = core::system_clock().wall_ns();
  if (auto started = start_data_plane(); !started) return started;
  if (auto started = start_admin(); !started) return started;
  const std::int64_t started_ns = core::system_clock().wall_ns();
  note(audit::RecordType::start, "The gateway started.");
  statistics_->start(started_ns);
  log_.notice("listening", "port " + std::to_string(data_->port()) + ", admin port " +
                               std::to_string(admin_->port()));
  return {};
}

void Process::Impl::reopen_log() {
  if (const auto reopened = log_.reopen(); !reopened) {
    log_.error("log_reopen_failed", core::to_string(reopened.error()));
  } else {
    log_.notice("log_reopened", config_->log.file.empty() ? "standard output has no file" : "");
  }
}

void Process::Impl::retire() {
  log_.notice("lame_duck", "for at most " + std::to_string(config_->limits.lame_duck_ms) + " ms");
  data_->retire();
  draining_ = true;
}

void Process::Impl::drain() {
  draining_ = true;
  log_.notice("draining");
  data_->stop();
  sampler_->stop();
  strangers_->flush();
  statistics_->stop();
  chain_.reset();  // no change of a key is recorded behind the end
  auto end = note(audit::RecordType::stop, "The gateway stopped.");
  if (heads_) heads_->finish(end.get());
  admin_->stop();
  long_work_.join();
  log_.notice("stopped");
}

Process::Process(Files files) : impl_(std::make_unique<Impl>(std::move(files))) {}
Process::~Process() = default;
core::Result<void> Process::start() { return impl_->start(); }
void Process::reload() { impl_->reload(); }
void Process::reopen_log() { impl_->reopen_log(); }
void Process::retire() { impl_->retire(); }
void Process::drain() { impl_->drain(); }

}  // namespace menshen::gateway
