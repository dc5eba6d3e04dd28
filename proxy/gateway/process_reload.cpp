// What SIGHUP does to a running gateway.
#include "core/clock.h"
#include "proxy/gateway/kept_text.h"
#include "proxy/gateway/process_parts.h"
#include "proxy/transport/descriptors.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace menshen::gateway {

namespace {

// The bounds were fitted to the descriptors at the start, and hold until the next one.
std::optional<core::Problem> too_many_upstreams(const config::Config& config) {
  const std::size_t upstreams = config.upstreams.size();
  const std::uint64_t descriptors = transport::raise_descriptor_limit();
  if (transport::fits_descriptors(config.limits, config.threads, upstreams, descriptors)) return {};
  core::Problem problem;
  problem.pointer = "/upstreams";
  problem.message =
      "The " + std::to_string(descriptors) +
      " descriptors of this process (ulimit -n) are too few for " + std::to_string(upstreams) +
      " upstreams beside " + std::to_string(config.limits.connections_max) +
      " connections. State a lower limits.connections_max, or allow more, and restart.";
  return problem;
}

}  // namespace

Process::Impl::SnapshotPtr Process::Impl::make_snapshot(Loaded& loaded) {
  if (loaded.policy == nullptr) return nullptr;
  if (auto problem = too_many_upstreams(*loaded.config)) {
    problem->file = file_.string();
    loaded.problems.push_back(std::move(*problem));
    return nullptr;
  }
  auto table = upstreams_->make(loaded.config->upstreams, loaded.config->routes);
  if (!table) {
    loaded.problems.push_back(core::problem_of(file_.string(), core::to_string(table.error())));
    return nullptr;
  }
  // Before any record can refer to it.
  const auto policy = keep_policy(*loaded.policy, config_->store);
  auto configuration = keep_configuration(*loaded.config, config_->store);
  if (!policy || !configuration) {
    const core::Error& error = !policy ? policy.error() : configuration.error();
    loaded.problems.push_back(core::problem_of(error.where, error.message));
    return nullptr;
  }
  const SnapshotPtr now = in_force_.load();
  const std::int64_t now_ns = core::system_clock().wall_ns();
  const bool same_config = now->config->version == loaded.config->version;
  const bool same_policy = now->policy->version() == loaded.policy->version();
  const Snapshot next{loaded.config,
                      loaded.policy,
                      std::move(*table),
                      std::move(*configuration),
                      same_config ? now->config_since_ns : now_ns,
                      same_policy ? now->policy_since_ns : now_ns};
  return std::make_shared<const Snapshot>(next);
}

void Process::Impl::tell(const core::Problem& problem) {
  const std::string text = problem.where() + ": " + problem.message;
  if (problem.is_error)
    log_.error("reload_problem", text);
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
    metrics_->rules_in_force(next->policy->rule_ids());
  }
  if (next->configuration != former->configuration)
    note(audit::RecordType::configuration, "A configuration came into force.");
  log_.notice("reloaded", "policy " + version);
}

void Process::Impl::reload() {
  if (draining_) {
    log_.error("reload_refused", "the gateway is ending");
    metrics_->reloaded(false);
    return;
  }
  Loaded loaded = load_files(file_, {.running = config_.get(), .read = read_.get()});
  const SnapshotPtr next = make_snapshot(loaded);
  for (const core::Problem& problem : loaded.problems) tell(problem);
  for (const std::string& key : loaded.waiting) log_.notice("restart_needed", key);
  // Certificates too come into force with the rest or not at all.
  const core::Result<void> certificates =
      next != nullptr ? reload_certificates() : core::Result<void>{};
  admin::Reload last;
  last.applied = next != nullptr && certificates;
  if (last.applied) {
    put_in_force(next);
  } else {
    log_.error("reload_refused", "what was in force stays so");
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
    log_.notice("certificates_reloaded");
  } else {
    log_.error("certificates_refused", core::to_string(reloaded.error()));
  }
  return reloaded;
}

}  // namespace menshen::gateway
