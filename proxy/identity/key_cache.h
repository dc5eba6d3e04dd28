// The keys as a running gateway knows them: an immutable snapshot of the key store, replaced when
// the store changes. A thread of its own looks every 250 ms, so that a key that was created or
// revoked on the command line counts within a second.
//
//   auto cache = KeyCache::start(std::move(*open_key_file(config.store)));
//   core::Result<core::Subject> subject = (*cache)->identify(presented);
//
// identify() is for any thread: it answers from memory, whoever asks, and takes no lock unless the
// snapshot has just changed. When the store could not be read, or its changes not be recorded, for
// `stale_max`, nobody is identified: a revocation that cannot be seen must not be missed (law 2).
// problem() then says why, and `told` has been called.
#pragma once

#include "core/clock.h"
#include "core/error.h"
#include "core/exchange.h"
#include "proxy/identity/key_recorder.h"
#include "proxy/identity/key_repository.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>

namespace menshen::identity {

class KeyCache {
 public:
  struct Options {
    std::chrono::milliseconds poll{250};
    std::chrono::milliseconds stale_max{5'000};
    const core::Clock* clock = &core::system_clock();
    KeyRecorder* recorder = nullptr;  // told of a change before it counts; null: nobody is
    // Called by the cache's thread once nobody is identified any more, and once everybody is again.
    std::function<void(const core::Result<void>&)> told{};
  };

  // Errors: the repository's and the recorder's.
  static core::Result<std::unique_ptr<KeyCache>> start(std::unique_ptr<KeyRepository> keys,
                                                       Options options);
  static core::Result<std::unique_ptr<KeyCache>> start(std::unique_ptr<KeyRepository> keys) {
    return start(std::move(keys), Options{});
  }
  ~KeyCache();
  KeyCache(const KeyCache&) = delete;
  KeyCache& operator=(const KeyCache&) = delete;

  // Who presents this key. Errors, all 401 and the client's: malformed_api_key, invalid_api_key (an
  // unknown id and a wrong secret look the same and cost the same), revoked_api_key and
  // expired_api_key (for whoever has the secret). 503 "identity_unavailable" when the store cannot
  // be read.
  core::Result<core::Subject> identify(std::string_view presented);

  // Why nobody is identified at present; empty: everybody is. Any thread.
  [[nodiscard]] std::string problem() const;

  // Looks at the store now; errors as above.
  core::Result<void> refresh();
  // Keys known, revoked and expired ones included.
  [[nodiscard]] std::size_t size() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Snapshot = std::unordered_map<std::string, StoredKey, Hash, std::equal_to<>>;

  KeyCache(std::unique_ptr<KeyRepository> keys, Options options);
  void poll();
  void tell();
  [[nodiscard]] bool stale() const;
  [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const;
  core::Result<void> load_if_changed();

  const std::uint64_t number_;  // tells caches apart in what threads remember
  Options options_;

  std::mutex keys_mutex_;
  std::unique_ptr<KeyRepository> keys_;
  std::shared_ptr<const Snapshot> unrecorded_;  // was loaded, and does not count yet; else null

  mutable std::mutex snapshot_mutex_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::atomic<std::uint64_t> generation_{0};
  std::atomic<std::int64_t> seen_ns_{0};  // monotonic: the store was last read or found unchanged
  mutable std::mutex failure_mutex_;
  std::optional<core::Error> failure_;  // of the last look; absent while one is waited for
  bool stale_told_ = false;             // the thread's alone

  std::mutex stop_mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace menshen::identity
