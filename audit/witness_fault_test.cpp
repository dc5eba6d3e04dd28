// The witness when its disk fails: at every operation, once or for good, full, or by a cut of the
// power. What it has answered it knows afterwards.
#include "audit/small_log_testing.h"
#include "audit/test_support.h"
#include "audit/witness_store.h"
#include "store/testing/fault_io.h"

#include <algorithm>

namespace menshen::audit {
namespace {

using store::testing::FaultIo;
namespace fs = std::filesystem;

constexpr std::uint64_t first_size = 100;
constexpr int steps = 3;
constexpr std::uint64_t tries_max = 500;  // a test that never runs clean has not been tested

class WitnessLife {
 public:
  WitnessLife() {
    const auto key = make_witness_key(dir_.path(), "w");
    EXPECT_TRUE(key) << core::to_string(key.error());
    add_to(first_size);
  }

  // False: no operation was left to fail.
  bool live(std::uint64_t operation, FaultIo::Mode mode, bool disk_full) {
    io_.fail_at(operation, mode, disk_full);
    for (int step = 1; step <= steps; ++step) add_to(first_size + static_cast<std::uint64_t>(step));
    const bool hit = io_.hit();
    if (mode == FaultIo::Mode::power_cut) io_.restore_after_power_cut(operation);
    io_.clear();
    check();
    return hit;
  }

 private:
  std::unique_ptr<WitnessStore> open() {
    auto store = WitnessStore::open({dir_.path(), {log_.key()}}, core::system_clock());
    if (store) return std::move(*store);
    EXPECT_TRUE(io_.hit()) << core::to_string(store.error());
    return nullptr;
  }
  // The size that the witness says is its last.
  std::uint64_t last_of(WitnessStore& store) const {
    const WitnessAnswer answer = store.add(to_text(log_.from(1, 600)));
    EXPECT_EQ(answer.verdict, WitnessVerdict::other_size) << answer.what;
    return answer.size;
  }
  // As a log does: asks where to go on, and goes on from there.
  void add_to(std::uint64_t size) {
    const auto store = open();
    if (!store) return;
    const WitnessAnswer answer = store->add(to_text(log_.from(last_of(*store), size)));
    if (answer.verdict == WitnessVerdict::cosigned) {
      answered_ = std::max(answered_, size);
    } else {
      EXPECT_EQ(answer.verdict, WitnessVerdict::unavailable) << answer.what;
      EXPECT_TRUE(io_.hit()) << answer.what;
    }
  }
  void check() {
    const auto store = open();
    ASSERT_TRUE(store);
    const std::uint64_t last = last_of(*store);
    EXPECT_GE(last, answered_);
    EXPECT_LE(last, first_size + steps);
    EXPECT_EQ(store->add(to_text(rewritten_.from(last, 500))).verdict, WitnessVerdict::wrong_proof);
    EXPECT_EQ(store->add(to_text(log_.from(last, 500))).verdict, WitnessVerdict::cosigned);
  }

  TemporaryDirectory dir_;
  FaultIo io_{dir_.path()};
  const SmallLog log_{"log"};
  const SmallLog rewritten_{"log", "rewritten"};
  std::uint64_t answered_ = 0;
};

void fail_everywhere(FaultIo::Mode mode, bool disk_full = false) {
  std::uint64_t operation = 1;
  while (operation < tries_max && WitnessLife().live(operation, mode, disk_full)) ++operation;
  EXPECT_GT(operation, 5U);
  EXPECT_LT(operation, tries_max);
}

TEST(WitnessFaults, AnOperationThatFailsOnce) { fail_everywhere(FaultIo::Mode::once); }
TEST(WitnessFaults, ADiskThatFailsForGood) { fail_everywhere(FaultIo::Mode::from_then_on); }
TEST(WitnessFaults, ADiskThatIsFull) { fail_everywhere(FaultIo::Mode::from_then_on, true); }
TEST(WitnessFaults, ACutOfThePower) { fail_everywhere(FaultIo::Mode::power_cut); }

}  // namespace
}  // namespace menshen::audit
