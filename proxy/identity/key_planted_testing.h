// Repositories of keys that break the contract of key_repository.h, each in one thing, and what is
// needed to make keys and look at them.
//
//   auto keys = std::make_unique<planted::LosesGroups>(open_key_file(folder).value());
//
// Tests only.
#pragma once

#include "proxy/identity/key_repository.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace menshen::identity::planted {

inline constexpr std::int64_t now = 1'700'000'000'000'000'000;

inline StoredKey key(std::string id, std::int64_t created_ns = now) {
  StoredKey out;
  out.info.id = std::move(id);
  out.info.subject = "alice";
  out.info.created_ns = created_ns;
  out.digest = core::sha256(out.info.id);
  return out;
}

inline KeyInfo info_of(KeyRepository& keys, std::string_view id) {
  for (StoredKey& each : keys.load().value()) {
    if (each.info.id == id) return std::move(each.info);
  }
  return {};
}

// The key file; what is planted below changes one thing of it.
class Faithful : public KeyRepository {
 public:
  explicit Faithful(std::unique_ptr<KeyRepository> keys) : inner(std::move(keys)) {}
  core::Result<std::vector<StoredKey>> load() override { return inner->load(); }
  core::Result<bool> changed() override { return inner->changed(); }
  core::Result<std::vector<KeyChange>> changes(std::uint64_t first, std::size_t max) override {
    return inner->changes(first, max);
  }
  core::Result<void> add(const StoredKey& key) override { return inner->add(key); }
  core::Result<bool> revoke(std::string_view id, std::int64_t now_ns) override {
    return inner->revoke(id, now_ns);
  }
  core::Result<bool> replace(const StoredKey& successor, std::int64_t retires_ns,
                             std::int64_t now_ns) override {
    return inner->replace(successor, retires_ns, now_ns);
  }

 protected:
  std::unique_ptr<KeyRepository> inner;
};

struct LosesGroups : Faithful {
  using Faithful::Faithful;
  core::Result<void> add(const StoredKey& key) override {
    StoredKey less = key;
    less.info.groups.clear();
    return inner->add(less);
  }
};

struct LosesRights : Faithful {
  using Faithful::Faithful;
  core::Result<void> add(const StoredKey& key) override {
    StoredKey less = key;
    less.info.may_set_user = false;
    return inner->add(less);
  }
};

struct LoadsBackwards : Faithful {
  using Faithful::Faithful;
  core::Result<std::vector<StoredKey>> load() override {
    auto keys = inner->load();
    if (keys) *keys = {keys->rbegin(), keys->rend()};
    return keys;
  }
};

struct BringsAKeyAlong : Faithful {
  using Faithful::Faithful;
  core::Result<std::vector<StoredKey>> load() override {
    auto keys = inner->load();
    if (keys && keys->empty()) keys->push_back(key("default"));
    return keys;
  }
};

struct KeepsQuietAboutATakenId : Faithful {
  using Faithful::Faithful;
  core::Result<void> add(const StoredKey& key) override {
    std::ignore = inner->add(key);
    return {};
  }
};

struct ForgetsRevocations : Faithful {
  using Faithful::Faithful;
  core::Result<bool> revoke(std::string_view id, std::int64_t) override {
    for (const StoredKey& each : inner->load().value()) {
      if (each.info.id == id) return true;
    }
    return false;
  }
};

struct RevokesAnything : Faithful {
  using Faithful::Faithful;
  core::Result<bool> revoke(std::string_view id, std::int64_t now_ns) override {
    std::ignore = inner->revoke(id, now_ns).value();
    return true;
  }
};

struct LetsTheOldKeyLive : Faithful {
  using Faithful::Faithful;
  core::Result<bool> replace(const StoredKey& successor, std::int64_t, std::int64_t) override {
    inner->add(successor).value();
    return true;
  }
};

struct LetsFormerSuccessorsLive : Faithful {
  using Faithful::Faithful;
  core::Result<bool> replace(const StoredKey& successor, std::int64_t retires_ns,
                             std::int64_t now_ns) override {
    if (info_of(*inner, successor.info.replaces).retires_ns) {
      inner->add(successor).value();
      return true;
    }
    return inner->replace(successor, retires_ns, now_ns);
  }
};

struct ReplacesADeadKey : Faithful {
  using Faithful::Faithful;
  core::Result<bool> replace(const StoredKey& successor, std::int64_t retires_ns,
                             std::int64_t) override {
    return inner->replace(successor, retires_ns, 0);  // expired and retired keys pass
  }
};

struct ReplacesInTwoSteps : Faithful {
  using Faithful::Faithful;
  core::Result<bool> replace(const StoredKey& successor, std::int64_t retires_ns,
                             std::int64_t now_ns) override {
    auto replaced = inner->replace(successor, retires_ns, now_ns);
    if (!replaced) std::ignore = inner->revoke(successor.info.replaces, now_ns).value();
    return replaced;
  }
};

struct SeesNoChange : Faithful {
  using Faithful::Faithful;
  core::Result<bool> changed() override { return false; }
};

struct AlwaysSeesAChange : Faithful {
  using Faithful::Faithful;
  core::Result<bool> changed() override { return true; }
};

struct SeesAChangeOnce : Faithful {
  using Faithful::Faithful;
  core::Result<bool> changed() override {
    auto changed = inner->changed();
    std::ignore = inner->load().value();
    return changed;
  }
};

struct ForgetsTheFirstChange : Faithful {
  using Faithful::Faithful;
  core::Result<std::vector<KeyChange>> changes(std::uint64_t first, std::size_t max) override {
    return inner->changes(std::max<std::uint64_t>(first, 2), max);
  }
};

struct LeavesAChangeOfWhatFailed : Faithful {
  using Faithful::Faithful;
  core::Result<bool> replace(const StoredKey& successor, std::int64_t retires_ns,
                             std::int64_t now_ns) override {
    auto replaced = inner->replace(successor, retires_ns, now_ns);
    if (!replaced) inner->add(key("left over")).value();
    return replaced;
  }
};

struct NotesWhatChangedNothing : Faithful {
  using Faithful::Faithful;
  core::Result<bool> revoke(std::string_view id, std::int64_t now_ns) override {
    auto revoked = inner->revoke(id, now_ns);
    if (!*revoked) inner->add(key("nobody")).value();
    return revoked;
  }
};

}  // namespace menshen::identity::planted
