// For the contract of usage_repository.h: repositories that keep it but for one thing, so that each
// of its rules is seen to notice who breaks it. Thread rule and lifetime are those of the usage
// file that they stand before.
#pragma once

#include "audit/dp/usage_repository.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace menshen::audit::dp::testing {

using Done = core::Result<void>;

// The usage file; what is planted below changes one thing of it.
class Faithful : public UsageRepository {
 public:
  explicit Faithful(std::unique_ptr<UsageRepository> usage) : inner(std::move(usage)) {}
  Done transact(const std::function<Done()>& work) override { return inner->transact(work); }
  core::Result<Position> position() override { return inner->position(); }
  Done set_position(const Position& position) override { return inner->set_position(position); }
  Done add_day(const DayRow& day, std::span<const Cell> of_day) override {
    return inner->add_day(day, of_day);
  }
  core::Result<std::optional<DayRow>> day(std::int64_t day) override { return inner->day(day); }
  core::Result<std::vector<DayRow>> open_days() override { return inner->open_days(); }
  core::Result<std::vector<Cell>> cells(std::int64_t day) override { return inner->cells(day); }
  core::Result<std::uint64_t> contribution(std::int64_t day, std::string_view who) override {
    return inner->contribution(day, who);
  }
  Done set_contribution(std::int64_t day, std::string_view who, std::uint64_t requests) override {
    return inner->set_contribution(day, who, requests);
  }
  Done add_counts(std::int64_t day, const CellCounts& more) override {
    return inner->add_counts(day, more);
  }
  core::Result<std::vector<CellCounts>> open_counts(std::int64_t day) override {
    return inner->open_counts(day);
  }
  Done close_window(std::int64_t day, std::int64_t now_ns, std::uint64_t counted,
                    std::span<const CellCounts> noisy) override {
    return inner->close_window(day, now_ns, counted, noisy);
  }
  core::Result<std::vector<StagedWindow>> staged() override { return inner->staged(); }
  core::Result<bool> has_window(std::int64_t day, std::uint32_t window) override {
    return inner->has_window(day, window);
  }
  Done publish_window(std::int64_t day, std::uint32_t window) override {
    return inner->publish_window(day, window);
  }
  core::Result<std::vector<CellCounts>> published(std::int64_t day) override {
    return inner->published(day);
  }
  Done finish(std::int64_t day) override { return inner->finish(day); }
  Done add_to_ledger(const LedgerRow& row) override { return inner->add_to_ledger(row); }
  core::Result<std::vector<LedgerRow>> ledger() override { return inner->ledger(); }
  Done number_ledger(std::int64_t day, std::uint64_t seq) override {
    return inner->number_ledger(day, seq);
  }
  Done clear() override { return inner->clear(); }

 protected:
  std::unique_ptr<UsageRepository> inner;
};

struct CutsLeavesAtZeros : Faithful {
  using Faithful::Faithful;
  Done set_position(const Position& position) override {
    Position less = position;
    less.leaf = less.leaf.c_str();
    return inner->set_position(less);
  }
};

struct CutsKeysAtZeros : Faithful {
  using Faithful::Faithful;
  Done add_day(const DayRow& day, std::span<const Cell> of_day) override {
    DayRow less = day;
    less.key = less.key.c_str();
    return inner->add_day(less, of_day);
  }
};

struct ChangesParametersUnderADay : Faithful {
  using Faithful::Faithful;
  core::Result<std::optional<DayRow>> day(std::int64_t day) override {
    auto row = inner->day(day);
    if (row && *row && added_twice) (*row)->requests_cap = latest_cap;
    return row;
  }
  Done add_day(const DayRow& day, std::span<const Cell> of_day) override {
    added_twice = inner->day(day.day).value().has_value();
    latest_cap = day.requests_cap;
    return inner->add_day(day, of_day);
  }
  static inline bool added_twice = false;
  static inline std::uint32_t latest_cap = 0;
};

struct NeverCallsADayFinal : Faithful {
  using Faithful::Faithful;
  Done finish(std::int64_t) override { return {}; }
};

struct MixesDaysUp : Faithful {
  using Faithful::Faithful;
  core::Result<std::uint64_t> contribution(std::int64_t, std::string_view who) override {
    return inner->contribution(1, who);
  }
};

struct CountsOverCounts : Faithful {
  using Faithful::Faithful;
  Done add_counts(std::int64_t day, const CellCounts& more) override {
    const CellCounts before = inner->open_counts(day).value().at(more.cell);
    return inner->add_counts(
        day, {more.cell, more.requests - before.requests, more.users - before.users});
  }
};

struct KeepsTrueCounts : Faithful {
  using Faithful::Faithful;
  Done close_window(std::int64_t day, std::int64_t now_ns, std::uint64_t counted,
                    std::span<const CellCounts> noisy) override {
    const auto counts = inner->open_counts(day).value();
    inner->close_window(day, now_ns, counted, noisy).value();
    for (const CellCounts& each : counts) inner->add_counts(day, each).value();
    return {};
  }
};

struct PublishesWhatIsStaged : Faithful {
  using Faithful::Faithful;
  Done close_window(std::int64_t day, std::int64_t now_ns, std::uint64_t counted,
                    std::span<const CellCounts> noisy) override {
    const std::uint32_t window = inner->day(day).value()->windows;
    inner->close_window(day, now_ns, counted, noisy).value();
    return inner->publish_window(day, window);
  }
};

struct ForgetsWhatIsPublished : Faithful {
  using Faithful::Faithful;
  core::Result<bool> has_window(std::int64_t day, std::uint32_t window) override {
    for (const StagedWindow& staged : inner->staged().value()) {
      if (staged.day == day && staged.window == window) return true;
    }
    return false;
  }
};

struct KeepsContributions : Faithful {
  using Faithful::Faithful;
  Done finish(std::int64_t day) override {
    const std::uint64_t before = inner->contribution(day, "who").value();
    inner->finish(day).value();
    return inner->set_contribution(day, "who", before);
  }
};

struct ChargesWhatWasRefused : Faithful {
  using Faithful::Faithful;
  Done add_to_ledger(const LedgerRow& row) override {
    LedgerRow charged = row;
    charged.refused = false;
    return inner->add_to_ledger(charged);
  }
};

struct RefusesWhatWasCharged : Faithful {
  using Faithful::Faithful;
  Done add_to_ledger(const LedgerRow& row) override {
    LedgerRow refused = row;
    refused.refused = true;
    return inner->add_to_ledger(refused);
  }
};

struct NumbersNothing : Faithful {
  using Faithful::Faithful;
  Done number_ledger(std::int64_t, std::uint64_t) override { return {}; }
};

struct KeepsTheLedger : Faithful {
  using Faithful::Faithful;
  Done clear() override {
    const auto rows = inner->ledger().value();
    inner->clear().value();
    for (const LedgerRow& row : rows) inner->add_to_ledger(row).value();
    return {};
  }
};

struct RunsWithoutATransaction : Faithful {
  using Faithful::Faithful;
  Done transact(const std::function<Done()>& work) override { return work(); }
};

struct SwallowsErrors : Faithful {
  using Faithful::Faithful;
  Done transact(const std::function<Done()>& work) override {
    std::ignore = inner->transact(work);
    return {};
  }
};

struct RollsEverythingBack : Faithful {
  using Faithful::Faithful;
  Done transact(const std::function<Done()>& work) override {
    std::ignore = inner->transact([&]() -> Done {
      work().value();
      return core::gateway_error(core::ErrorKind::internal, "rolled_back", "");
    });
    return {};
  }
};

struct RunsTwice : Faithful {
  using Faithful::Faithful;
  Done transact(const std::function<Done()>& work) override {
    std::ignore = inner->transact([&]() -> Done {
      work().value();
      return core::gateway_error(core::ErrorKind::internal, "rolled_back", "");
    });
    return inner->transact(work);
  }
};

}  // namespace menshen::audit::dp::testing
