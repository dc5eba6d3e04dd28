// Writes what happens to API keys into the log: each change once, in the order of its number, and
// before the key cache lets it count.
//
//   KeyRecords records({.journal = *journal, .store = config.store, .state = ...});
//   options.recorder = &records;                               // key_cache.h
//
// How far the log tells of changes is asked of the log itself, at the first call and after each
// record that was refused: that one may stand there nevertheless. So that the log need not be read
// far back for it, each state_interval records or so one of type `state` says it again, and what is
// in force with it.
//
// One thread at a time, the cache's, but for ask_for_state(). Errors: those of the journal, the log
// and the keys.
#pragma once

#include "audit/journal.h"
#include "audit/recorded_change.h"
#include "core/clock.h"
#include "proxy/identity/key_recorder.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace menshen::gateway {

class KeyRecords final : public identity::KeyRecorder {
 public:
  struct Parts {
    audit::Journal& journal;
    std::filesystem::path store;  // where the journal writes
    // A record of type `state`, but for what it says of keys.
    std::function<audit::Record()> state;
    // Told when keys.db is not the one, or is older than the one, whose changes were recorded.
    std::function<void()> replaced;
    std::uint64_t state_interval = audit::state_interval;
    const core::Clock& clock = core::system_clock();
  };
  explicit KeyRecords(Parts parts) : parts_(std::move(parts)) {}

  [[nodiscard]] core::Result<void> record(identity::KeyRepository& keys) override;
  void looked() override;
  // The next look writes a record of type `state`: one that said what came into force is lost. Any
  // thread.
  void ask_for_state() noexcept { state_due_ = true; }

 private:
  [[nodiscard]] core::Result<void> find_last();
  [[nodiscard]] bool goes_on(const std::vector<identity::KeyChange>& changes) const;
  [[nodiscard]] core::Result<void> append(std::span<const audit::Record> records);

  const Parts parts_;
  std::optional<audit::RecordedChange> last_;  // absent: the log has to be asked
  std::atomic<bool> state_due_{false};
};

}  // namespace menshen::gateway
