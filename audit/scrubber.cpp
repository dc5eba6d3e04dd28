#include "audit/scrubber.h"

#include "audit/head_file.h"

#include <sys/resource.h>
#include <unistd.h>

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
                   std::chrono::milliseconds rest)
    : directory_(std::move(directory)),
      clock_(clock),
      listener_(std::move(listener)),
      rest_(rest),
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
  while (!closing_) {
    wake_.wait(lock, [this] { return closing_ || sealed_ > 0; });
    if (closing_) return;
    const std::uint64_t sealed = sealed_;
    const std::string head = sealed_head_;
    stats_.position = 0;
    lock.unlock();
    walk(sealed, head);
    lock.lock();
    wake_.wait_for(lock, rest_, [this] { return closing_; });
  }
}

void Scrubber::walk(std::uint64_t sealed, const std::string& head) {
  bool whole = true;
  VerifyOptions options;
  options.progress = [this](std::uint64_t done, std::uint64_t) {
    const std::lock_guard lock(mutex_);
    stats_.position = done;
  };
  options.found = [this](const Problem& problem) { find(problem); };
  options.pace = [&](std::uint64_t bytes) { return whole = wait(pace_.after(bytes)); };
  options.sealed = sealed;
  options.head = head;
  options.exchanges_remembered = exchanges_remembered;
  const auto report = verify(directory_, options);
  if (!report) find({ProblemKind::unreadable, 0, 0, {}, core::to_string(report.error())});
  if (whole) end(report ? std::optional(report->records) : std::nullopt);
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

// Absent: there was nothing that could be walked over.
void Scrubber::end(std::optional<std::uint64_t> walked) {
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
    if (walked) {
      ++stats_.walks;
      stats_.walked_at_ns = clock_.wall_ns();
      stats_.position = *walked;
    }
  }
  if (mended) listener_.intact();
}

}  // namespace menshen::audit
