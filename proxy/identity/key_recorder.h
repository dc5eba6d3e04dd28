// Who keeps a record of what happens to API keys, outside of the key store.
//
//   options.recorder = &records;               // key_cache.h; outlives the cache
//
// Called by one cache, on one thread at a time.
#pragma once

#include "core/error.h"
#include "proxy/identity/key_repository.h"

namespace menshen::identity {

class KeyRecorder {
 public:
  virtual ~KeyRecorder() = default;

  // Records what `keys` has of changes that are not recorded yet; may wait. Called before a change
  // counts: after an error none does, and the next look calls again.
  [[nodiscard]] virtual core::Result<void> record(KeyRepository& keys) = 0;
  // A look at the keys has succeeded, whether or not there was a change.
  virtual void looked() = 0;
};

}  // namespace menshen::identity
