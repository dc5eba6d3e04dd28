// A rotation that fails or is cut off at any operation: of the command's, of the start's that
// records it, and of one that finds a group torn. The log starts, and verifies with its first key.
#include "audit/key_rotation.h"
#include "audit/keys.h"
#include "audit/layout.h"
#include "audit/test_support.h"
#include "audit/verify.h"
#include "store/testing/fault_io.h"

namespace menshen::audit {
namespace {

using store::testing::FaultIo;
namespace fs = std::filesystem;

constexpr std::uint64_t rotation_operations_max = 2'000;
constexpr int rotation_clean_runs = 3;

class RotationFaults : public ::testing::Test {
 protected:
  [[nodiscard]] static JournalOptions options(const fs::path& directory) {
    return {.directory = directory, .checkpoint_interval_ms = 3'600'000};
  }
  static void live(const fs::path& directory, const std::string& name) {
    const auto journal = Journal::open(options(directory), core::system_clock());
    if (journal) (void)append_all(**journal, {intent(name), outcome(name)});
  }

  void expect_intact(const fs::path& directory, const fs::path& vkey) {
    for (int starts = 0; starts < 2; ++starts) {
      {
        const auto journal = Journal::open(options(directory), core::system_clock());
        ASSERT_TRUE(journal) << core::to_string(journal.error());
        fill(**journal, 1, exchanges_++);
      }
      const auto report = verify(directory, {.vkey = vkey});
      ASSERT_TRUE(report) << core::to_string(report.error());
      EXPECT_TRUE(report->ok()) << to_text(*report);
      EXPECT_EQ(report->signed_records, report->records);
      const auto own = verify(directory);
      ASSERT_TRUE(own) << core::to_string(own.error());
      EXPECT_TRUE(own->ok()) << to_text(*own);
    }
  }

  // `work` fails at one of its operations after another: at every second, the power at the others.
  // Tells at how many.
  template <typename Work>
  int at_every_operation(FaultIo::Mode mode, bool overlap, Work work) {
    int struck = 0;
    int clean = 0;
    const std::uint64_t first = mode == FaultIo::Mode::once ? 1 : 2;
    for (auto k = first; k < rotation_operations_max && clean < rotation_clean_runs; k += 2) {
      SCOPED_TRACE("operation " + std::to_string(k));
      const TemporaryDirectory dir;
      const TemporaryDirectory outside;
      live(dir.path(), "first");
      fs::copy(dir.path() / layout::verifier_key, outside.path() / "vkey");
      if (overlap) {
        EXPECT_TRUE(rotate_key(dir.path()));
        live(dir.path(), "second");
      }
      FaultIo io(dir.path());
      io.fail_at(k, mode);
      work(dir.path());
      const bool hit = io.hit();
      if (hit && mode == FaultIo::Mode::power_cut) io.restore_after_power_cut(k);
      io.clear();
      expect_intact(dir.path(), outside.path() / "vkey");
      if (HasFailure()) return 0;
      ++(hit ? struck : clean);
    }
    return clean == rotation_clean_runs ? struck : 0;
  }

  int exchanges_ = 0;
};

TEST_F(RotationFaults, WhileAKeyIsAdded) {
  for (const auto mode : {FaultIo::Mode::once, FaultIo::Mode::power_cut}) {
    EXPECT_GT(at_every_operation(mode, false,
                                 [](const fs::path& log) {
                                   (void)rotate_key(log);
                                   live(log, "then");
                                 }),
              20);
  }
}

TEST_F(RotationFaults, WhileAKeyIsRetired) {
  for (const auto mode : {FaultIo::Mode::once, FaultIo::Mode::power_cut}) {
    EXPECT_GT(at_every_operation(mode, true,
                                 [](const fs::path& log) {
                                   (void)retire_key(log);
                                   live(log, "then");
                                 }),
              20);
  }
}

// The power is cut while a group is written; the key is rotated before anybody has read the log.
TEST_F(RotationFaults, BehindAGroupThatIsTorn) {
  const auto torn = [this](const fs::path& log, std::uint64_t k) {
    FaultIo io(log);
    {
      const auto journal = open_journal(log, options(log));
      io.only("segment");
      io.fail_at(1 + k % 2, FaultIo::Mode::power_cut);
      const std::string name = "torn-" + std::to_string(exchanges_++);
      (void)append_all(*journal, {intent(name), outcome(name), intent(name + "-more")});
    }
    EXPECT_TRUE(io.hit());
    io.restore_after_power_cut(k);
  };
  for (std::uint64_t k = 0; k < 20; ++k) {
    SCOPED_TRACE("seed " + std::to_string(k));
    const TemporaryDirectory dir;
    const TemporaryDirectory outside;
    live(dir.path(), "first");
    fs::copy(dir.path() / layout::verifier_key, outside.path() / "vkey");
    torn(dir.path(), k);
    ASSERT_TRUE(rotate_key(dir.path()));
    expect_intact(dir.path(), outside.path() / "vkey");
    torn(dir.path(), k);
    ASSERT_TRUE(retire_key(dir.path()));
    expect_intact(dir.path(), outside.path() / "vkey");
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace menshen::audit
