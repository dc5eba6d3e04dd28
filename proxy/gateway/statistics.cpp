#include "proxy/gateway/statistics.h"

#include "core/clock.h"
#include "proxy/identity/key_store.h"

#include <chrono>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace menshen::gateway {
namespace {

constexpr std::chrono::minutes tick_interval{1};
constexpr double days_left_warned_max = 14;

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
  options.groups.assign(groups->begin(), groups->end());
  options.models.assign(models.begin(), models.end());
  options.requests_per_user_day_max = config.privacy.requests_per_user_day_max;
  options.rho_per_day = config.privacy.rho_per_day;
  options.rho_total = config.privacy.rho_total;
  options.releases_per_day = config.privacy.releases_per_day;
  return options;
}

void Statistics::start(std::int64_t wall_ns) {
  releases_.emplace(journal_, core::system_clock(), wall_ns);
  thread_ = std::thread([this] { run(); });
}

void Statistics::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

admin::StatisticsState Statistics::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void Statistics::run() {
  std::unique_lock lock(mutex_);
  do {
    lock.unlock();
    tick();
    lock.lock();
  } while (!wake_.wait_for(lock, tick_interval, [this] { return stopping_; }));
}

void Statistics::tick() {
  const auto config = config_();
  {
    const std::lock_guard lock(mutex_);
    state_.rho_total = config->privacy.rho_total;
  }
  const auto options = privacy_options(*config);
  if (!options) return fail(options.error());
  const auto ticked = releases_->tick(config->store, *options);
  if (!ticked) return fail(ticked.error());
  take(*ticked);
}

void Statistics::fail(const core::Error& error) {
  {
    const std::lock_guard lock(mutex_);
    state_.rho_spent = state_.days_left = std::numeric_limits<double>::quiet_NaN();
  }
  end_look(error);
}

void Statistics::take(const audit::dp::Tick& tick) {
  const double left = tick.micro_total > tick.micro_spent
                          ? std::floor(static_cast<double>(tick.micro_total - tick.micro_spent) /
                                       static_cast<double>(tick.micro_rho_day))
                          : 0;
  {
    const std::lock_guard lock(mutex_);
    state_.rho_spent = static_cast<double>(tick.micro_spent) / 1e6;
    state_.rho_total = static_cast<double>(tick.micro_total) / 1e6;
    state_.days_left = left;
    if (tick.clock_step_ns != 0) ++state_.clock_steps;
  }
  if (tick.clock_step_ns != 0) {
    log_.warn("clock_stepped", "by " + std::to_string(tick.clock_step_ns / 1'000'000'000) + " s");
  }
  if (tick.windows > 0)
    log_.info("statistics_released", std::to_string(tick.windows) + " releases");
  warn_of_the_end(left);
  // A day that is refused says so once; that the next one will be, until the budget is raised.
  if (left >= 1) return end_look({});
  end_look(core::gateway_error(core::ErrorKind::forbidden, "privacy_budget_exhausted",
                               "No further day fits into the privacy budget."));
}

// Each day once, while there is time to decide.
void Statistics::warn_of_the_end(double days_left) {
  if (days_left <= days_left_warned_max && days_left != days_left_told_) {
    log_.warn("privacy_budget_low",
              std::to_string(static_cast<std::int64_t>(days_left)) + " days left");
  }
  days_left_told_ = days_left;
}

// What keeps statistics from their release is said when it changes: a look comes every minute.
void Statistics::end_look(const std::optional<core::Error>& error) {
  const std::string problem = error ? error->code : std::string{};
  {
    const std::lock_guard lock(mutex_);
    if (state_.problem == problem) return;
    state_.problem = problem;
  }
  if (error) {
    log_.warn("statistics_failed", core::to_string(*error));
  } else {
    log_.info("statistics_resumed");
  }
}

}  // namespace menshen::gateway
