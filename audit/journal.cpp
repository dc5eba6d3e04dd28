#include "audit/journal.h"

#include "audit/canonical.h"
#include "audit/checkpoint.h"
#include "audit/files.h"
#include "audit/keys.h"
#include "audit/layout.h"
#include "audit/log_store.h"
#include "audit/publisher.h"
#include "audit/recovery.h"

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

namespace menshen::audit {
namespace {

constexpr std::uint64_t entry_overhead_bytes = 256;
constexpr std::uint64_t transaction_bytes_max = 8 * 1024 * 1024;
constexpr std::int64_t signing_pause_ns = 100'000'000;

core::Error unavailable(const char* code, std::string message) {
  return core::gateway_error(core::ErrorKind::unavailable, code, std::move(message));
}

// What callers learn of a failure: one code, whatever broke.
core::Error write_error(const core::Error& cause) {
  return unavailable("evidence_unavailable",
                     "The evidence of this exchange cannot be written. " + cause.message);
}

struct Entry {
  CanonicalRecord record;
  Journal::Done done;
  std::uint64_t bytes = 0;
};

class JournalImpl final : public Journal {
 public:
  JournalImpl(const JournalOptions& options, const core::Clock& clock, DirectoryLock lock,
              LogKeys keys, LogStore store, std::optional<std::uint64_t> signed_size)
      : options_(options),
        clock_(clock),
        lock_(std::move(lock)),
        keys_(std::move(keys)),
        store_(std::move(store)),
        acknowledged_(store_->tree()),
        signed_size_(signed_size),
        signed_at_ns_(clock.monotonic_ns()) {
    stats_.records = acknowledged_.size();
  }

  ~JournalImpl() override {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable())
      thread_.join();  // before the publisher goes, which writes the last head
  }

  // Signs what an earlier run left unsigned, and writes the head outside before any record is
  // taken.
  core::Result<void> start() {
    const bool unsigned_records = signed_size_ != acknowledged_.size();
    if (unsigned_records) {
      const auto written = transact({});
      if (!written) return written.error();
    }
    const std::filesystem::path checkpoint = options_.directory / layout::checkpoint;
    const auto written = write_durably(checkpoint, head_note(), 0644);
    if (!written) return written;
    publisher_.emplace(checkpoint, options_.publish);
    if (unsigned_records) publisher_->offer(head_note());
    thread_ = std::thread([this] { run(); });
    return {};
  }

  void append(const Record& record, Done done) override {
    Entry entry{canonicalise(record), std::move(done), 0};
    entry.bytes = entry.record.text.size() + entry_overhead_bytes;
    {
      const std::lock_guard lock(mutex_);
      if (closing_ || stats_.queued_bytes + entry.bytes > options_.queue_bytes_max) {
        rejected_.push_back(std::move(entry.done));
      } else {
        stats_.queued_bytes += entry.bytes;
        queue_.push_back(std::move(entry));
      }
    }
    wake_.notify_one();
  }

  JournalStats stats() const override {
    const std::lock_guard lock(mutex_);
    JournalStats out = stats_;
    out.publish_failures = publisher_->failures();
    return out;
  }

  const std::string& commitment_key() const noexcept override { return keys_.commitment_key; }

 private:
  struct Work {
    std::vector<Entry> entries;
    std::vector<Done> rejected;
    bool closing = false;
  };

  void run() {
    Work work;
    do {
      take(work);
      for (const Done& done : work.rejected)
        done(unavailable("evidence_queue_full", refusal(work.closing)));
      commit_all(work.entries);
      if (work.entries.empty() && head_due(work.closing)) (void)commit({});
      tidy();
    } while (!work.closing || !work.entries.empty() || !work.rejected.empty());
    if (store_) (void)store_->settle();
  }

  static const char* refusal(bool closing) {
    return closing ? "The gateway is stopping." : "Too much evidence is waiting for the disk.";
  }

  void take(Work& work) {
    work.entries.clear();
    work.rejected.clear();
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return closing_ || !queue_.empty() || !rejected_.empty(); };
    if (idle()) {
      wake_.wait(lock, ready);
    } else {
      wake_.wait_for(lock, std::chrono::milliseconds(options_.checkpoint_interval_ms), ready);
    }
    work.entries.swap(queue_);
    work.rejected.swap(rejected_);
    work.closing = closing_;
  }

  // Nothing to sign and nothing to repair.
  [[nodiscard]] bool idle() const { return store_ && signed_size_ == acknowledged_.size(); }

  void commit_all(std::span<const Entry> entries) {
    while (!entries.empty()) {
      std::size_t count = 0;
      for (std::uint64_t bytes = 0; count < entries.size() && bytes < transaction_bytes_max;
           ++count) {
        bytes += entries[count].bytes;
      }
      commit(entries.first(count));
      entries = entries.subspan(count);
    }
  }

  // One transaction and its callbacks.
  void commit(std::span<const Entry> entries) {
    const std::int64_t begun = clock_.monotonic_ns();
    const auto first = transact(entries);
    account(entries, first.has_value(), clock_.monotonic_ns() - begun);
    if (!first) {
      for (const Entry& entry : entries) entry.done(write_error(first.error()));
      return;
    }
    for (std::size_t i = 0; i < entries.size(); ++i) entries[i].done(*first + i);
  }

  void account(std::span<const Entry> entries, bool written, std::int64_t nanoseconds) {
    const std::lock_guard lock(mutex_);
    for (const Entry& entry : entries) stats_.queued_bytes -= entry.bytes;
    ++(written ? stats_.commits : stats_.failures);
    stats_.commit_seconds_total += static_cast<double>(nanoseconds) * 1e-9;
    stats_.records = acknowledged_.size();
    stats_.healthy = store_.has_value();
  }

  // Writes the entries, and a head when one is due, durably. Gives the number of the first entry.
  // After a failure the store is given up: what SQLite and the kernel hold of a failed write must
  // not be trusted, so the next call reads the log anew.
  core::Result<std::uint64_t> transact(std::span<const Entry> entries) {
    if (!store_) {
      const auto reopened = reopen();
      if (!reopened) return reopened.error();
    }
    const std::uint64_t first = store_->tree().size();
    head_.clear();
    const auto written = write(entries);
    if (!written) {
      give_up();
      return written.error();
    }
    acknowledged_ = store_->tree();
    if (!head_.empty()) publish();
    return first;
  }

  core::Result<void> write(std::span<const Entry> entries) {
    const auto begun = store_->begin();
    if (!begun) return begun;
    for (const Entry& entry : entries) {
      const auto seq = store_->append(entry.record);
      if (!seq) return seq.error();
    }
    if (entries.empty() || head_due(false)) {
      head_ = head_note();
      const auto put = store_->put_checkpoint(store_->tree().size(), head_);
      if (!put) return put;
    }
    return store_->commit();
  }

  std::string head_note() const {
    const Frontier& tree = store_->tree();
    return sign_checkpoint({options_.origin, tree.size(), tree.root()}, keys_.signer);
  }

  bool head_due(bool closing) const {
    if (!store_) return true;  // an attempt to recover
    const std::uint64_t size = store_->tree().size();
    if (signed_size_ == size) return false;
    const std::int64_t since_ns = clock_.monotonic_ns() - signed_at_ns_;
    const bool many = size - signed_size_.value_or(0) >= options_.checkpoint_records;
    return closing || since_ns >= std::int64_t{options_.checkpoint_interval_ms} * 1'000'000 ||
           (many && since_ns >= signing_pause_ns);
  }

  void publish() {
    signed_size_ = acknowledged_.size();
    signed_at_ns_ = clock_.monotonic_ns();
    if (publisher_) publisher_->offer(head_);
    const std::lock_guard lock(mutex_);
    ++stats_.checkpoints;
  }

  core::Result<void> reopen() {
    auto store = LogStore::open(options_.directory);
    if (!store) return store.error();
    // After a failed fsync the kernel may hold pages that it will never write, yet call them clean:
    // copying the whole log into the database writes them again, and fsyncs that.
    const auto settled = store->settle();
    if (!settled) return settled.error();
    if (!*settled)
      return unavailable("evidence_unavailable",
                         "A reader keeps the database from being repaired.");
    const auto root = acknowledged_.size() <= store->tree().size()
                          ? store->root_at(acknowledged_.size())
                          : core::Result<Hash>(Hash{});
    if (!root) return root.error();
    if (*root != acknowledged_.root()) {
      return unavailable("evidence_lost",
                         "Records that were acknowledged are gone: run `menshen audit verify`.");
    }
    store_.emplace(std::move(*store));
    return {};
  }

  void tidy() {
    if (store_ && !store_->tidy()) give_up();
  }

  void give_up() {
    store_->abandon();
    store_.reset();
  }

  const JournalOptions options_;
  const core::Clock& clock_;
  const DirectoryLock lock_;
  const LogKeys keys_;
  std::optional<Publisher> publisher_;  // once the journal has started

  // The writer's thread alone, once it runs.
  std::optional<LogStore> store_;  // absent after a failure, until it is opened again
  Frontier acknowledged_;          // what callers were told is durable
  std::optional<std::uint64_t> signed_size_;
  std::int64_t signed_at_ns_ = 0;
  std::string head_;  // signed in the transaction under way

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Entry> queue_;
  std::vector<Done> rejected_;
  JournalStats stats_;
  bool closing_ = false;
  std::thread thread_;
};

core::Error at(core::Error error, const std::filesystem::path& directory) {
  if (error.where.empty()) error.where = directory.string();
  return error;
}

// Ends a note that a crash has cut off, so that the next one stands alone.
core::Result<void> prepare_publish_file(const std::filesystem::path& path) {
  if (path.empty()) return {};
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  char end[2] = {'\n', '\n'};
  if (file && file.tellg() >= 2) {
    file.seekg(-2, std::ios::end);
    file.read(end, sizeof end);
  }
  const bool whole = end[0] == '\n' && end[1] == '\n';
  return append_durably(path, whole ? "" : "\n\n");
}

}  // namespace

core::Result<std::unique_ptr<Journal>> Journal::open(const JournalOptions& options,
                                                     const core::Clock& clock) {
  const std::filesystem::path& directory = options.directory;
  const auto made = make_directory(directory);
  if (!made) return made.error();
  auto lock = DirectoryLock::take(directory);
  if (!lock) return lock.error();
  auto keys = load_or_make_keys(directory, options.origin);
  if (!keys) return keys.error();
  auto store = LogStore::open(directory);
  if (!store) return at(store.error(), directory);
  const auto signed_size = check_log(*store, keys->signer.verifier(), directory);
  if (!signed_size) return at(signed_size.error(), directory);
  const auto settled = store->settle();
  if (!settled) return at(settled.error(), directory);
  const auto publish = prepare_publish_file(options.publish);
  if (!publish) return publish.error();
  auto journal = std::make_unique<JournalImpl>(options, clock, std::move(*lock), std::move(*keys),
                                               std::move(*store), *signed_size);
  const auto started = journal->start();
  if (!started) return at(started.error(), directory);
  return std::unique_ptr<Journal>(std::move(journal));
}

}  // namespace menshen::audit
