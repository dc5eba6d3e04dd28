#include "proxy/gateway/statistics.h"

#include "core/clock.h"
#include "proxy/identity/key_store.h"

#include <chrono>
#include <set>

namespace menshen::gateway {
namespace {

constexpr std::chrono::minutes tick_interval{1};

bool is_name(const std::string& pattern) {
  return pattern.find_first_of("*?") == std::string::npos;
}

core::Result<std::set<std::string>> groups_of_keys(const std::filesystem::path& folder) {
  const auto keys = identity::KeyStore::keys_in(folder);
  if (!keys) return keys.error();
  std::set<std::string> groups;
  for (const identity::KeyInfo& key : *keys) groups.insert(key.groups.begin(), key.groups.end());
  return groups;
}

}  // namespace

core::Result<audit::dp::Options> privacy_options(const config::Config& config) {
  const auto groups = groups_of_keys(config.store);
  if (!groups) return groups.error();
  std::set<std::string> models;
  for (const config::Route& route : config.routes) {
    for (const std::string& pattern : route.models) {
      if (is_name(pattern)) models.insert(pattern);
    }
  }
  audit::dp::Options options;
  for (const std::string& group : *groups) {
    for (const std::string& model : models) {
      if (options.cells.size() < audit::dp::cells_max) options.cells.push_back({group, model});
    }
  }
  options.requests_per_user_day_max = config.privacy.requests_per_user_day_max;
  options.rho_per_day = config.privacy.rho_per_day;
  options.rho_total = config.privacy.rho_total;
  return options;
}

Statistics::Statistics(std::function<std::shared_ptr<const config::Config>()> config,
                       std::function<void(std::string_view)> failed)
    : config_(std::move(config)), failed_(std::move(failed)), thread_([this] { run(); }) {}

Statistics::~Statistics() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Statistics::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, tick_interval, [this] { return stopping_; })) {
    lock.unlock();
    const auto config = config_();
    const auto options = privacy_options(*config);
    if (!options) {
      failed_(options.error().code);
    } else {
      const auto ticked = audit::dp::tick(config->store, *options, core::system_clock());
      if (!ticked) failed_(ticked.error().code);
      if (ticked && ticked->refusal) failed_(ticked->refusal->code);
    }
    lock.lock();
  }
}

}  // namespace menshen::gateway
