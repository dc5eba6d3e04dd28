#include "proxy/pipeline/strangers.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace menshen::pipeline {
namespace {

constexpr std::string_view others = "(others)";

struct Sum {
  std::int64_t first_ns = 0;  // wall
  std::int64_t last_ns = 0;
  std::string policy;  // that was in force last
  std::map<std::string, std::uint32_t, std::less<>> by_error;

  void add(std::string_view error, std::uint32_t count) {
    auto known = by_error.find(error);
    if (known == by_error.end()) known = by_error.emplace(std::string(error), 0U).first;
    const std::uint32_t room = std::numeric_limits<std::uint32_t>::max() - known->second;
    known->second += std::min(count, room);
  }
};

using Sums = std::map<std::string, Sum, std::less<>>;

audit::Record record_of(const std::string& source, const Sum& sum) {
  audit::Record record;
  record.type = audit::RecordType::refusals;
  record.wall_ns = sum.last_ns;
  record.duration_us = (sum.last_ns - sum.first_ns) / 1000;
  record.client = source;
  record.policy = sum.policy;
  record.refusals.insert(sum.by_error.begin(), sum.by_error.end());
  return record;
}

}  // namespace

struct Strangers::Counts {
  std::mutex mutex;
  Sums sums;  // by source

  // Under the lock.
  Sum& of(std::string_view source, std::size_t sources_max, std::int64_t wall_ns) {
    auto known = sums.find(source);
    if (known == sums.end() && sums.size() >= sources_max) {
      source = others;
      known = sums.find(source);
    }
    if (known == sums.end()) {
      known = sums.emplace(std::string(source), Sum{wall_ns, wall_ns, {}, {}}).first;
    }
    return known->second;
  }

  // What could not be written is counted on. Out of memory: it is lost.
  void put_back(const std::string& source, const Sum& sum, std::size_t sources_max) noexcept {
    try {
      const std::lock_guard lock(mutex);
      Sum& current = of(source, sources_max, sum.last_ns);
      current.first_ns = std::min(current.first_ns, sum.first_ns);
      current.last_ns = std::max(current.last_ns, sum.last_ns);
      if (current.policy.empty()) current.policy = sum.policy;
      for (const auto& [error, count] : sum.by_error) current.add(error, count);
    } catch (const std::exception&) {
    }
  }
};

Strangers::Strangers(audit::Journal& journal, const core::Clock& clock, Options options)
    : journal_(journal),
      clock_(clock),
      options_(options),
      counts_(std::make_shared<Counts>()),
      thread_([this] { run(); }) {}

Strangers::~Strangers() {
  {
    const std::lock_guard lock(stop_mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
  flush();
}

void Strangers::run() {
  std::unique_lock lock(stop_mutex_);
  while (!stop_.wait_for(lock, options_.interval, [this] { return stopping_; })) {
    lock.unlock();
    flush();
    lock.lock();
  }
}

void Strangers::refused(const audit::Record& outcome) noexcept {
  try {
    const std::int64_t now = clock_.wall_ns();
    const std::lock_guard lock(counts_->mutex);
    Sum& sum = counts_->of(outcome.client, options_.sources_max, now);
    sum.last_ns = std::max(sum.last_ns, now);
    if (sum.policy != outcome.policy) sum.policy = outcome.policy;
    sum.add(outcome.error, 1);
  } catch (const std::exception&) {
    // Out of memory: a refusal that let nothing out goes uncounted.
  }
}

void Strangers::flush() noexcept {
  try {
    Sums taken;
    {
      const std::lock_guard lock(counts_->mutex);
      taken.swap(counts_->sums);
    }
    for (auto& [source, sum] : taken) {
      const audit::Record record = record_of(source, sum);
      journal_.append(record, [counts = counts_, source = source, sum = std::move(sum),
                               most = options_.sources_max](const auto& written) {
        if (!written) counts->put_back(source, sum, most);
      });
    }
  } catch (const std::exception&) {
    // As above.
  }
}

}  // namespace menshen::pipeline
