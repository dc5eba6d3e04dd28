#include "proxy/identity/key_cache.h"

#include "proxy/identity/key_format.h"

#include <utility>

namespace menshen::identity {
namespace {

using core::ErrorKind;

std::atomic<std::uint64_t> caches_made{0};

core::Error unauthenticated(std::string code, std::string message) {
  return core::client_error(ErrorKind::unauthenticated, std::move(code), std::move(message));
}

core::Error unavailable() {
  return core::gateway_error(ErrorKind::unavailable, "identity_unavailable",
                             "The gateway cannot check API keys at present; try again later.");
}

core::Error invalid_key() {
  return unauthenticated("invalid_api_key",
                         "The API key is not valid here; check that it is complete and current.");
}

// An unknown id is compared with this, so that it costs what a known one costs.
const StoredKey& nobody() {
  static const StoredKey key{};
  return key;
}

}  // namespace

core::Result<std::unique_ptr<KeyCache>> KeyCache::start(std::unique_ptr<KeyRepository> keys,
                                                        Options options) {
  std::unique_ptr<KeyCache> cache(new KeyCache(std::move(keys), options));
  if (auto loaded = cache->refresh(); !loaded) return loaded.error();
  cache->thread_ = std::thread([raw = cache.get()] { raw->poll(); });
  return cache;
}

KeyCache::KeyCache(std::unique_ptr<KeyRepository> keys, Options options)
    : number_(++caches_made),
      options_(options),
      keys_(std::move(keys)),
      snapshot_(std::make_shared<const Snapshot>()) {}

KeyCache::~KeyCache() {
  {
    const std::lock_guard lock(stop_mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void KeyCache::poll() {
  std::unique_lock lock(stop_mutex_);
  while (!stop_.wait_for(lock, options_.poll, [this] { return stopping_; })) {
    lock.unlock();
    std::ignore = refresh();  // a failure shows in seen_ns_, which identify() looks at
    tell();
    lock.lock();
  }
}

bool KeyCache::stale() const {
  const std::int64_t age_ns =
      options_.clock->monotonic_ns() - seen_ns_.load(std::memory_order_acquire);
  return age_ns > std::chrono::nanoseconds(options_.stale_max).count();
}

std::string KeyCache::problem() const {
  if (!stale()) return {};
  const std::lock_guard lock(failure_mutex_);
  return failure_ ? core::to_string(*failure_) : "the key store does not answer";
}

void KeyCache::tell() {
  const bool now = stale();
  if (now == stale_told_ || !options_.told) return;
  stale_told_ = now;
  core::Result<void> how;
  if (now) {
    const std::lock_guard lock(failure_mutex_);
    how = failure_.value_or(unavailable());
  }
  options_.told(how);
}

core::Result<void> KeyCache::refresh() {
  const std::lock_guard lock(keys_mutex_);
  const std::int64_t began = options_.clock->monotonic_ns();
  auto loaded = load_if_changed();
  {
    const std::lock_guard failing(failure_mutex_);
    failure_ = loaded ? std::optional<core::Error>() : loaded.error();
  }
  if (!loaded) return loaded;
  seen_ns_.store(began, std::memory_order_release);
  if (options_.recorder != nullptr) options_.recorder->looked();
  return {};
}

core::Result<void> KeyCache::load_if_changed() {
  const auto changed = keys_->changed();
  if (!changed) return changed.error();
  if (*changed) {
    auto keys = keys_->load();
    if (!keys) return keys.error();
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->reserve(keys->size());
    for (StoredKey& key : *keys) snapshot->emplace(key.info.id, std::move(key));
    unrecorded_ = std::move(snapshot);
  }
  if (unrecorded_ == nullptr) return {};
  if (options_.recorder != nullptr) {
    if (const auto recorded = options_.recorder->record(*keys_); !recorded) return recorded;
  }
  const std::lock_guard lock(snapshot_mutex_);
  snapshot_ = std::move(unrecorded_);
  generation_.fetch_add(1, std::memory_order_release);
  return {};
}

// Each thread remembers the snapshot that it saw last, so that the lock is taken once per change
// and thread.
std::shared_ptr<const KeyCache::Snapshot> KeyCache::snapshot() const {
  struct Seen {
    std::uint64_t cache = 0;
    std::uint64_t generation = 0;
    std::shared_ptr<const Snapshot> snapshot;
  };
  thread_local Seen seen;
  const std::uint64_t generation = generation_.load(std::memory_order_acquire);
  if (seen.cache != number_ || seen.generation != generation) {
    const std::lock_guard lock(snapshot_mutex_);
    seen = {number_, generation_.load(std::memory_order_acquire), snapshot_};
  }
  return seen.snapshot;
}

std::size_t KeyCache::size() const { return snapshot()->size(); }

core::Result<core::Subject> KeyCache::identify(std::string_view presented) {
  if (stale()) return unavailable();
  const auto parts = parse_key(presented);
  if (!parts) {
    return unauthenticated("malformed_api_key", presented.size() == key_size
                                                    ? "The API key was mistyped: its checksum does "
                                                      "not hold. Copy it as it was shown."
                                                    : "The API key is not whole: it has 51 "
                                                      "characters. Copy it as it was shown, with "
                                                      "nothing around it.");
  }
  const auto keys = snapshot();
  const auto found = keys->find(parts->id);
  const StoredKey& key = found == keys->end() ? nobody() : found->second;
  const core::Digest digest = core::sha256(parts->secret);
  const bool equal = core::equal_constant_time(core::as_text(digest), core::as_text(key.digest));
  if (!equal || found == keys->end()) return invalid_key();
  if (key.info.revoked_ns)
    return unauthenticated("revoked_api_key", "The API key has been revoked; ask for a new one.");
  if (key.info.is_over(options_.clock->wall_ns())) {
    return unauthenticated("expired_api_key", "The API key has expired; ask for a new one.");
  }
  core::Subject subject{key.info.subject, key.info.kind, key.info.groups, key.info.id};
  subject.may_set_user = key.info.may_set_user;
  subject.application = key.info.application;
  return subject;
}

}  // namespace menshen::identity
