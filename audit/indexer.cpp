#include "audit/indexer.h"

#include "audit/layout.h"
#include "audit/reader.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace menshen::audit {
namespace {

constexpr int priority = 10;  // of 19: a tenth of what an exchange's thread gets, where both ask
constexpr std::uint64_t transaction_records_max = 65'536;
constexpr std::int64_t transaction_ns_max = 250'000'000;
constexpr std::chrono::milliseconds pause_max{30'000};
constexpr std::size_t rebuilt_records = 8'192;  // at once
// Of which the bodies stay at hand: an outcome's intent most often stands a few hundred before it.
constexpr std::size_t bundles_kept = 8;

core::Result<DirectoryLock> take_index_lock(const std::filesystem::path& directory) {
  auto lock = DirectoryLock::take(directory, layout::index_lock);
  if (lock) return lock;
  const bool held = lock.error().code == "store_locked";
  return core::gateway_error(core::ErrorKind::unavailable, index_unavailable,
                             held ? "Another process fills the index." : lock.error().message,
                             (directory / layout::index_lock).string());
}

std::int64_t thread_cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

core::Result<std::unique_ptr<IndexWriter>> begin_rebuilt(const std::filesystem::path& directory) {
  const auto file = directory / layout::index;
  if (const auto made = store::make_private_file(file, index_unavailable); !made)
    return made.error();
  for (const std::string_view name : {layout::index, layout::index_lock}) {
    const auto given = give_to_owner(directory, directory / name);
    if (!given) return given.error();
  }
  return IndexWriter::open(directory);
}

core::Error unreadable(std::uint64_t first) {
  return core::gateway_error(
      core::ErrorKind::unavailable, "evidence_unreadable",
      "Records from " + std::to_string(first) + " on cannot be read: run `menshen audit verify`.");
}

}  // namespace

Indexer::Indexer(std::filesystem::path directory, const core::Clock& clock, Listener listener,
                 std::chrono::milliseconds rest)
    : directory_(std::move(directory)),
      tiles_(directory_ / layout::tiles),
      clock_(clock),
      listener_(std::move(listener)),
      rest_(rest),
      pause_(rest),
      thread_([this] { run(); }) {}

Indexer::~Indexer() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Indexer::take(std::shared_ptr<const Bundle> growing) {
  const std::int64_t now_ns = clock_.monotonic_ns();
  {
    const std::lock_guard lock(mutex_);
    if (!growing_) log_is_new_ = growing->end() == 0;
    const bool more = !growing_ || growing->end() > growing_->end();
    growing_ = std::move(growing);
    if (more && newer_since_ns_ == 0) newer_since_ns_ = now_ns;
    if (behind_since_ns_ == 0) behind_since_ns_ = newer_since_ns_;
  }
  wake_.notify_one();
}

IndexStats Indexer::stats(std::uint64_t log_records) {
  const std::int64_t now_ns = clock_.monotonic_ns();
  const std::lock_guard lock(mutex_);
  IndexStats out = stats_;
  const std::uint64_t told = growing_ ? growing_->end() : 0;
  if (told >= untold_records_) untold_since_ns_ = 0;
  if (untold_since_ns_ == 0 && log_records > told) {
    untold_since_ns_ = now_ns;
    untold_records_ = log_records;
  }
  const std::int64_t since_ns = behind_since_ns_ != 0 ? behind_since_ns_ : untold_since_ns_;
  if (since_ns != 0) out.behind_ns = now_ns - since_ns;
  return out;
}

void Indexer::run() {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), priority);
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return closing_ || growing_; });
  for (bool closing = false; growing_ && !closing;) {
    closing = closing_;
    const auto growing = growing_;
    newer_since_ns_ = 0;
    lock.unlock();
    work(*growing);
    lock.lock();
    if (!closing) wake_.wait_for(lock, pause_, [this] { return closing_; });
  }
}

void Indexer::work(const Bundle& growing) {
  auto filled = fill(growing);
  if (!filled) index_.reset();  // what is in memory is ahead of the file
  // Pages of a file that could be opened.
  if (!filled && filled.error().code == index_damaged) {
    auto anew = begin_anew(filled.error().message, true);
    filled = anew ? core::Result<void>{} : anew.error();
    if (anew) index_ = std::move(*anew);
  }
  account(filled, growing);
}

core::Result<void> Indexer::fill(const Bundle& growing) {
  if (const auto mine = index_ ? index_->untouched() : core::Result<void>{}; !mine) {
    if (mine.error().code == index_damaged) return mine;
    index_.reset();
  }
  if (!index_) {
    if (const auto opened = open(growing); !opened) return opened;
  }
  while (index_->position().records < growing.end()) {
    if (const auto written = write_some(growing); !written) return written;
    const std::lock_guard lock(mutex_);
    stats_.records = index_->position().records;
    stats_.cpu_ns = thread_cpu_ns();
    if (closing_) break;
  }
  return {};
}

core::Result<void> Indexer::open(const Bundle& growing) {
  if (!lock_ || !lock_->in_place()) {
    lock_.reset();
    auto lock = take_index_lock(directory_);
    if (!lock) return lock.error();
    lock_.emplace(std::move(*lock));
  }
  auto opened = open_file(growing);
  if (!opened) return opened.error();
  index_ = std::move(*opened);
  return {};
}

core::Result<std::unique_ptr<IndexWriter>> Indexer::open_file(const Bundle& growing) {
  const auto there = store::exists(directory_ / layout::index, index_unavailable);
  if (!there) return there.error();
  if (!*there) return begin_anew(begins_with_log() ? "" : "it was not there", false);
  auto opened = IndexWriter::open(directory_);
  if (!opened && opened.error().code == index_damaged)
    return begin_anew(opened.error().message, true);
  if (!opened) return opened;
  const auto wrong = judge((*opened)->position(), growing);
  if (!wrong) return wrong.error();
  if (wrong->empty()) return opened;
  opened->reset();
  return begin_anew(*wrong, false);
}

bool Indexer::begins_with_log() {
  const std::lock_guard lock(mutex_);
  return std::exchange(log_is_new_, false);
}

core::Result<std::string_view> Indexer::judge(const IndexPosition& position,
                                              const Bundle& growing) {
  if (position.records == 0) return std::string_view{};
  if (position.records > growing.end()) return std::string_view("the log is shorter");
  const std::uint64_t last = position.records - 1;
  const auto around = bodies_around(last, growing);
  if (!around) return around.error();
  const Hash leaf = leaf_hash((*around)->bodies[last % tile_width]);
  return core::as_text(leaf) == position.leaf ? std::string_view{}
                                              : std::string_view("it is of another log");
}

core::Result<std::unique_ptr<IndexWriter>> Indexer::begin_anew(std::string_view why,
                                                               bool set_aside) {
  if (const auto removed = remove_index(directory_, set_aside); !removed) return removed.error();
  auto opened = IndexWriter::open(directory_);
  if (!opened || why.empty()) return opened;
  {
    const std::lock_guard lock(mutex_);
    ++stats_.begun_anew;
    stats_.records = 0;
  }
  if (listener_.begun_anew) listener_.begun_anew(why);
  return opened;
}

// One transaction.
core::Result<void> Indexer::write_some(const Bundle& growing) {
  const std::int64_t until_ns = clock_.monotonic_ns() + transaction_ns_max;
  if (const auto begun = index_->begin(); !begun) return begun;
  std::uint64_t written = 0;
  while (index_->next() < growing.end() && written < transaction_records_max &&
         clock_.monotonic_ns() < until_ns) {
    const std::uint64_t first = index_->next();
    const auto own = bodies_around(first, growing);
    if (!own) return own.error();
    const auto intents = [&](std::uint64_t seq) -> core::Result<std::string_view> {
      const std::size_t place = seq % tile_width;
      if (seq / tile_width == (*own)->bundle) return (*own)->bodies[place];
      const auto around = bodies_around(seq, growing);
      if (!around) return around.error();
      return (*around)->bodies[place];
    };
    const auto& bodies = (*own)->bodies;
    for (std::size_t place = first % tile_width; place < bodies.size(); ++place, ++written) {
      if (const auto added = index_->add(bodies[place], intents); !added) return added;
    }
  }
  return index_->commit();
}

core::Result<std::shared_ptr<const Indexer::Bodies>> Indexer::bodies_around(std::uint64_t seq,
                                                                            const Bundle& growing) {
  const std::uint64_t bundle = seq / tile_width;
  auto out = std::make_shared<Bodies>(Bodies{.bundle = bundle});
  if (seq >= growing.first()) {
    out->bodies = split_entries(growing.entries).bodies;
    return std::shared_ptr<const Bodies>(std::move(out));
  }
  if (const auto kept = std::ranges::find(read_, bundle, &Bodies::bundle); kept != read_.end())
    return *kept;
  auto entries = tiles_.read(bundle_path(bundle));
  if (!entries) return entries.error();
  if (!*entries) return unreadable(bundle * tile_width);
  out->bytes = std::move(**entries);
  Entries split = split_entries(out->bytes);
  if (!split.whole || split.bodies.size() != tile_width) return unreadable(bundle * tile_width);
  out->bodies = std::move(split.bodies);
  if (read_.size() == bundles_kept) read_.pop_front();
  return read_.emplace_back(std::move(out));
}

void Indexer::account(const core::Result<void>& worked, const Bundle& growing) {
  bool changed = false;
  {
    const std::lock_guard lock(mutex_);
    changed = stats_.healthy != worked.has_value();
    stats_.healthy = worked.has_value();
    stats_.reason = worked ? std::string{} : core::to_string(worked.error());
    stats_.cpu_ns = thread_cpu_ns();
    if (index_) stats_.records = index_->position().records;
    if (index_ && index_->position().records >= growing.end()) behind_since_ns_ = newer_since_ns_;
  }
  pause_ = worked ? rest_ : std::min(2 * pause_, pause_max);
  if (changed && listener_.changed) listener_.changed(worked);
}

core::Result<std::optional<std::uint64_t>> rebuild_index(const std::filesystem::path& directory) {
  auto log = LogReader::open(directory);
  if (!log) return log.error();
  const auto lock = DirectoryLock::take(directory, layout::index_lock);
  if (!lock && lock.error().code != "store_locked") return lock.error();
  if (const auto removed = remove_index(directory, false); !removed) return removed.error();
  if (!lock) return std::optional<std::uint64_t>{};
  auto index = begin_rebuilt(directory);
  if (!index) return index.error();
  for (;;) {
    const std::uint64_t first = (*index)->next();
    const auto batch = log->read(first, rebuilt_records);
    if (!batch) return batch.error();
    if (batch->empty()) return std::optional(first);
    std::string intent;
    const auto intents = [&](std::uint64_t seq) -> core::Result<std::string_view> {
      if (seq >= first) return std::string_view((*batch)[seq - first].body);
      auto body = log->body(seq);
      if (!body) return body.error();
      intent = std::move(*body);
      return std::string_view(intent);
    };
    if (const auto begun = (*index)->begin(); !begun) return begun.error();
    for (const StoredRecord& record : *batch) {
      if (record.seq != (*index)->next()) return unreadable((*index)->next());
      if (const auto added = (*index)->add(record.body, intents); !added) return added.error();
    }
    if (const auto committed = (*index)->commit(); !committed) return committed.error();
  }
}

}  // namespace menshen::audit
