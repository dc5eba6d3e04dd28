#include "audit/journal.h"

#include "audit/canonical.h"
#include "audit/checkpoint.h"
#include "audit/commit_queue.h"
#include "audit/corrections.h"
#include "audit/files.h"
#include "audit/head_file.h"
#include "audit/keys.h"
#include "audit/layout.h"
#include "audit/log_store.h"
#include "audit/publisher.h"
#include "audit/recovery.h"
#include "audit/signing_pace.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace menshen::audit {
namespace {

constexpr std::uint64_t transaction_bytes_max = 8 * 1024 * 1024;
constexpr std::int64_t signing_pause_ns = 100'000'000;
constexpr std::chrono::seconds rest{1};  // between looks at an idle store

core::Error unavailable(const char* code, std::string message) {
  return core::gateway_error(core::ErrorKind::unavailable, code, std::move(message));
}

// What callers learn of a failure: one code, whatever broke.
core::Error write_error(const core::Error& cause) {
  return unavailable(evidence_unavailable,
                     "The evidence of this exchange cannot be written. " + cause.message);
}

// What Journal::open has found and made.
struct Opened {
  DirectoryLock lock;
  LogStore store;
  LogKeys keys;
  std::optional<std::uint64_t> signed_size;
  std::optional<std::uint64_t> published;  // heads compared; absent: there is no such file
};

class JournalImpl final : public Journal {
 public:
  JournalImpl(const JournalOptions& options, const core::Clock& clock, Opened opened)
      : options_(options),
        clock_(clock),
        lock_(std::move(opened.lock)),
        keys_(std::move(opened.keys)),
        queue_({options.queue_bytes_max, options.commit_timeout_ms}, clock),
        store_(std::move(opened.store)),
        acknowledged_(store_->tree()),
        signed_size_(opened.signed_size),
        signed_at_ns_(clock.monotonic_ns()),
        pace_(options.signing_share) {
    stats_.records = acknowledged_.size();
    stats_.begun = !opened.signed_size;
    stats_.torn = store_->was_torn();
    stats_.published_compared = opened.published;
  }

  ~JournalImpl() override {
    queue_.close();
    if (thread_.joinable())
      thread_.join();  // before the publisher goes, which writes the last head
  }

  // Signs what an earlier run left unsigned, and writes the head outside before any record is
  // taken.
  core::Result<void> start() {
    if (const auto written = sign_what_is_due(); !written) return written;
    const std::filesystem::path& directory = options_.directory;
    seal();
    // A head never stands outside before the tiles that it needs.
    if (!store_->sealed())
      return unavailable(evidence_unavailable, "The bundles of the log cannot be written.");
    if (const auto kept = keep_verifiers(directory, keys_.ring); !kept) return kept;
    if (options_.on_keys) options_.on_keys(keys_.ring);
    const auto head = sign_head(acknowledged_);
    if (!head) return head.error();
    const auto written = write_durably(directory / layout::checkpoint, *head, 0644);
    if (!written) return written;
    // The log's own file is not made anew where the log was taken away.
    std::vector<HeadsFile> files{{directory / layout::heads, Absent::refused, false}};
    if (!options_.publish.empty()) files.push_back({options_.publish});
    for (const HeadsFile& file : files) {
      const auto kept = HeadFile(file.path).end_with(*head, acknowledged_.size());
      if (!kept) return kept;
    }
    publisher_.emplace(
        directory, *head, std::move(files),
        Publisher::Listener{.change = [this](const auto& how) { tell_publishing(how); },
                            .head = options_.on_head});
    if (options_.on_head) options_.on_head(*head);
    thread_ = std::thread([this] { run(); });
    return {};
  }

  void append(PendingList records) noexcept override { queue_.push(std::move(records)); }

  void publish_cosigned(std::string note) override { publisher_->offer_cosigned(std::move(note)); }

  void refuse(const core::Error& why) override { queue_.refuse(why); }

  JournalStats stats() const override {
    JournalStats out;
    {
      const std::lock_guard lock(mutex_);
      out = stats_;
    }
    out.queued_bytes = queue_.bytes();
    Publisher::State published = publisher_->state();
    out.publish_failures = published.failures;
    out.publishing = published.reason.empty();
    out.publish_reason = std::move(published.reason);
    const auto trouble = queue_.trouble();
    if (!trouble) return out;
    out.healthy = false;
    out.reason = *trouble;
    return out;
  }

  const std::string& commitment_key() const noexcept override { return keys_.commitment_key; }

 private:
  void run() {
    std::vector<CanonicalRecord> records;
    bool closing = false;
    do {
      closing = queue_.take(records, pause());
      commit_all(records);
      if (records.empty()) look_after(closing);
    } while (!closing || !records.empty());
  }

  // Records that are unsigned, and that other keys sign from now on, in one group with its head.
  core::Result<void> sign_what_is_due() {
    const auto change = keys_.change(clock_.wall_ns());
    if (!change && signed_size_ == acknowledged_.size()) return {};
    std::vector<CanonicalRecord> records;
    if (change) records.push_back(canonicalise(*change));
    const auto written = transact(records);
    if (written && change) keys_.ring.change(acknowledged_.size(), keys_.verifiers());
    return written ? core::Result<void>{} : written.error();
  }

  void seal() {
    store_->start(
        {.publish = [this](std::string note,
                           bool tiles_stand) { publisher_->offer(std::move(note), tiles_stand); },
         .failed = [this](const core::Error& error) { tiles_failed(error); },
         .stands = options_.on_tiles});
    store_->publish({});
  }

  // The log says so itself, as soon as it can be written.
  void tell_publishing(const core::Result<void>& how) {
    Journal::append(publishing_record(how, clock_.wall_ns()), [](const auto&) {});
    if (options_.on_publish) options_.on_publish(how);
  }

  void tiles_failed(const core::Error& error) {
    if (publisher_) publisher_->tiles_failed(error);
  }

  [[nodiscard]] std::chrono::milliseconds pause() const {
    const bool at_rest = store_ && signed_size_ == acknowledged_.size() && !refused_from_;
    const std::chrono::milliseconds interval(options_.checkpoint_interval_ms);
    return at_rest ? rest : std::min<std::chrono::milliseconds>(rest, interval);
  }

  // While nothing comes: a head, a correction, an attempt to recover, or a look at the files.
  void look_after(bool closing) {
    if (head_due(closing) || refused_from_) {
      (void)commit({});
    } else if (const auto held = store_->in_place(); !held) {
      store_.reset();
      account(held, 0);
    }
  }

  void commit_all(std::span<const CanonicalRecord> records) {
    while (!records.empty()) {
      std::size_t count = 0;
      for (std::uint64_t bytes = 0; count < records.size() && bytes < transaction_bytes_max;
           ++count) {
        bytes += records[count].text.size();
      }
      if (!commit(records.first(count))) return;
      records = records.subspan(count);
    }
  }

  // One transaction and its callbacks. False: those who waited were refused meanwhile.
  bool commit(std::span<const CanonicalRecord> records) {
    const std::int64_t begun = clock_.monotonic_ns();
    const auto first = transact(records);
    account(first ? core::Result<void>{} : first.error(), clock_.monotonic_ns() - begun);
    auto waiting = queue_.settle(records.size());
    if (!waiting) {
      if (first) refused_from_ = *first;
      return false;
    }
    for (std::uint64_t i = 0; Pending* const pending = waiting->pop(); ++i)
      pending->written(first ? core::Result<std::uint64_t>(*first + i)
                             : write_error(first.error()));
    return true;
  }

  void account(const core::Result<void>& written, std::int64_t nanoseconds) {
    std::unique_lock lock(mutex_);
    ++(written ? stats_.commits : stats_.failures);
    stats_.commit_seconds_total += static_cast<double>(nanoseconds) * 1e-9;
    stats_.records = acknowledged_.size();
    stats_.reason = written ? std::string{} : written.error().message;
    const bool changes = std::exchange(stats_.healthy, store_.has_value()) != store_.has_value();
    lock.unlock();
    if (changes && options_.on_commit) options_.on_commit(written);
  }

  // Writes the records, and a head when one is due, durably. Gives the number of the first record.
  // After a failure the store is given up: what the kernel holds of a failed write must not be
  // trusted, so the next call reads the log anew.
  core::Result<std::uint64_t> transact(std::span<const CanonicalRecord> records) {
    if (!store_) {
      const auto reopened = reopen();
      if (!reopened) return reopened.error();
    }
    head_.clear();
    const auto first = write(records);
    if (!first) {
      store_.reset();
      return first.error();
    }
    acknowledged_ = store_->tree();
    refused_from_.reset();
    if (!head_.empty()) publish();
    return first;
  }

  core::Result<std::uint64_t> write(std::span<const CanonicalRecord> records) {
    store_->begin();
    if (const auto corrected = correct(); !corrected) return corrected.error();
    const std::uint64_t first = store_->tree().size();
    for (const CanonicalRecord& record : records) store_->append(record);
    const bool starting = !publisher_;
    if (starting || records.empty() || head_due(false)) {
      auto head = sign_head(store_->tree());
      if (!head) return head.error();
      head_ = std::move(*head);
      store_->put_checkpoint(head_);
    } else if (pace_.allows(clock_.monotonic_ns())) {
      if (const auto head = sign_head(store_->tree())) store_->put_checkpoint(*head);
    }
    if (const auto committed = store_->commit(); !committed) return committed.error();
    // What is written is what others find at the store's path, whatever became of a folder above.
    if (const auto held = store_->in_place(); !held) return held.error();
    return first;
  }

  // Before anything else is taken: all records from refused_from_ on were refused.
  core::Result<void> correct() {
    if (!refused_from_) return {};
    const auto due = corrections(*store_, *refused_from_, clock_.wall_ns());
    if (!due) return due.error();
    for (const Record& record : *due) store_->append(canonicalise(record));
    return {};
  }

  core::Result<std::string> sign_head(const Frontier& tree) {
    const std::int64_t begun_ns = clock_.monotonic_ns();
    auto head = sign_checkpoint({options_.origin, tree.size(), tree.root()}, keys_.signers);
    pace_.signed_between(begun_ns, clock_.monotonic_ns());
    return head;
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
    if (publisher_) store_->publish(head_);  // start() publishes the head that it signs
    const std::lock_guard lock(mutex_);
    ++stats_.checkpoints;
  }

  core::Result<void> reopen() {
    if (const auto held = lock_.in_place(); !held) return held;
    // A token that does not sign is no reason to read and write the whole segments once a second.
    if (const auto head = sign_head(acknowledged_); !head) return head.error();
    auto store = LogStore::open(options_.directory, Begin::refused);
    if (!store) return store.error();
    const auto root = acknowledged_.size() <= store->tree().size()
                          ? store->root_at(acknowledged_.size())
                          : core::Result<Hash>(Hash{});
    if (!root) return root.error();
    if (*root != acknowledged_.root()) {
      return unavailable("evidence_lost",
                         "Records that were acknowledged are gone: run `menshen audit verify`.");
    }
    if (store->tree().size() > acknowledged_.size() && !refused_from_) {
      refused_from_ = acknowledged_.size();
    }
    store_.emplace(std::move(*store));
    seal();
    return {};
  }

  const JournalOptions options_;
  const core::Clock& clock_;
  const DirectoryLock lock_;
  LogKeys keys_;
  CommitQueue queue_;
  std::optional<Publisher> publisher_;  // once the journal has started

  // The writer's thread alone, once it runs.
  std::optional<LogStore> store_;             // absent after a failure, until it is opened again
  Frontier acknowledged_;                     // what is known to be durable
  std::optional<std::uint64_t> signed_size_;  // of the last head that was published, or was found
  std::int64_t signed_at_ns_ = 0;
  SigningPace pace_;
  std::string head_;  // signed in the transaction under way, to be published
  // Records from here to the end stand in the log although those who wrote them were refused.
  std::optional<std::uint64_t> refused_from_;

  mutable std::mutex mutex_;
  JournalStats stats_;
  std::thread thread_;
};

core::Error at(core::Error error, const std::filesystem::path& directory) {
  if (error.where.empty()) error.where = directory.string();
  return error;
}

core::Result<Opened> open_all(const JournalOptions& options) {
  const std::filesystem::path& directory = options.directory;
  const auto made = store::make_directory(directory, evidence_unavailable);
  if (!made) return made.error();
  if (const auto own = check_private(directory); !own) return own.error();
  auto lock = DirectoryLock::take(directory);
  if (!lock) return lock.error();
  auto store = LogStore::open(directory, begin_in(directory));
  if (!store) return store.error();
  const bool begun = store->last_head() || store->tree().size() > 0;
  auto keys = load_or_make_keys(directory, options.origin, options.token, begun);
  if (!keys) return keys.error();
  const auto signed_size = check_log(*store, keys->ring, directory);
  if (!signed_size) return signed_size.error();
  std::optional<std::uint64_t> published;
  if (!options.publish.empty()) {
    const auto compared = check_published(*store, keys->ring, options.publish);
    if (!compared) return compared.error();
    published = *compared;
    if (const auto ended = HeadFile(options.publish).end_note(); !ended) return ended.error();
  }
  if (const auto ended = HeadFile(directory / layout::heads).end_note(); !ended)
    return ended.error();
  return Opened{std::move(*lock), std::move(*store), std::move(*keys), *signed_size, published};
}

}  // namespace

core::Result<std::unique_ptr<Journal>> Journal::open(const JournalOptions& options,
                                                     const core::Clock& clock) {
  auto opened = open_all(options);
  if (!opened) return at(opened.error(), options.directory);
  auto journal = std::make_unique<JournalImpl>(options, clock, std::move(*opened));
  const auto started = journal->start();
  if (!started) return at(started.error(), options.directory);
  return std::unique_ptr<Journal>(std::move(journal));
}

}  // namespace menshen::audit
