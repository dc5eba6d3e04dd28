#include "audit/scrubber.h"

#include "audit/head_file.h"
#include "audit/tiles.h"

#include "core/digest.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstring>
#include <utility>

namespace menshen::audit {
namespace {

constexpr int scrub_priority = 19;                    // the lowest
constexpr std::size_t exchanges_remembered = 65'536;  // more than one group of records can correct

std::string problem_name(const Problem& problem) {
  return std::string(to_string(problem.kind)) + " " + std::to_string(problem.first) + " " +
         std::to_string(problem.last);
}

}  // namespace

Scrubber::Scrubber(std::filesystem::path directory, const core::Clock& clock,
                   std::uint64_t bytes_per_second, Listener listener,
                   std::chrono::milliseconds rest, Lot lot)
    : directory_(std::move(directory)),
      clock_(clock),
      listener_(std::move(listener)),
      rest_(rest),
      lot_(std::move(lot)),
      pace_(bytes_per_second, clock),
      thread_([this] { run(); }) {}

Scrubber::~Scrubber() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

std::uint64_t Scrubber::draw(std::uint64_t bundles) {
  std::uint64_t number = 0;
  const std::string bytes = core::random_bytes(sizeof number);
  std::memcpy(&number, bytes.data(), sizeof number);
  return number % bundles;
}

void Scrubber::signed_by(const KeyRing& ring) {
  {
    const std::lock_guard lock(mutex_);
    ring_ = ring;
  }
  wake_.notify_one();
}

// A head over records that were all in bundles by the time of a later one.
void Scrubber::take(std::uint64_t sealed) {
  {
    const std::lock_guard lock(mutex_);
    sealed_ = sealed;
    if (!last_head_.empty() && claimed_size(last_head_, sealed + 1) <= sealed)
      sealed_head_ = last_head_;
  }
  wake_.notify_one();
}

void Scrubber::signed_head(const std::string& note) {
  const std::lock_guard lock(mutex_);
  last_head_ = note;
}

ScrubStats Scrubber::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

void Scrubber::run() {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), scrub_priority);
  std::unique_lock lock(mutex_);
  for (bool first = true; !closing_; first = false) {
    wake_.wait(lock, [this] { return closing_ || (sealed_ > 0 && ring_); });
    if (closing_) return;
    OwnLog own{*ring_, sealed_, 0, sealed_head_, claimed_size(last_head_, sealed_)};
    if (first) own.begin = lot_(sealed_ / tile_width) * tile_width;
    stats_.position = own.begin;
    lock.unlock();
    walk(own);
    lock.lock();
    wake_.wait_for(lock, rest_, [this] { return closing_; });
  }
}

void Scrubber::walk(const OwnLog& own) {
  bool whole = true;
  VerifyOptions options;
  options.progress = [this](std::uint64_t done, std::uint64_t) {
    const std::lock_guard lock(mutex_);
    stats_.position = done;
  };
  options.found = [this](const Problem& problem) { find(problem); };
  options.pace = [&](std::uint64_t bytes) { return whole = wait(pace_.after(bytes)); };
  options.own = own;
  options.exchanges_remembered = exchanges_remembered;
  const auto report = verify(directory_, options);
  if (!report) find({ProblemKind::unreadable, 0, 0, {}, core::to_string(report.error())});
  if (whole) end(own.begin == 0, report ? std::optional(report->records) : std::nullopt);
}

bool Scrubber::wait(std::chrono::nanoseconds time) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, time, [this] { return closing_; });
}

void Scrubber::find(const Problem& problem) {
  const std::string what = std::string(to_string(problem.kind)) + ": " + problem.what;
  if (++found_.total == 1) found_.first = what;
  {
    const std::lock_guard lock(mutex_);
    stats_.problems = std::max(stats_.problems, found_.total);
    if (stats_.problem.empty()) stats_.problem = what;
  }
  std::string name = problem_name(problem);
  const bool is_new = !known_.names.contains(name) && known_.names.size() < problems_listed_max;
  if (found_.names.size() < problems_listed_max) found_.names.insert(std::move(name));
  if (!is_new) return;
  if (found_.told == problems_told_max) {
    ++found_.untold;
  } else {
    ++found_.told;
    listener_.damaged(what);
  }
}

// `from_first`: of all records. Absent: there was nothing that could be walked over.
void Scrubber::end(bool from_first, std::optional<std::uint64_t> walked) {
  if (found_.untold > 0) {
    listener_.damaged("and " + std::to_string(found_.untold) +
                      " problems more: run `menshen audit verify`");
  }
  const bool mended = found_.total == 0 && known_.total > 0;
  known_ = std::exchange(found_, {});
  {
    const std::lock_guard lock(mutex_);
    stats_.problems = known_.total;
    stats_.problem = known_.first;
    if (walked && from_first) {
      ++stats_.walks;
      stats_.walked_at_ns = clock_.wall_ns();
      stats_.position = *walked;
    }
  }
  if (mended) listener_.intact();
}

}  // namespace menshen::audit
