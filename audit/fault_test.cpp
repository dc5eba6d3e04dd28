// The journal when its disk fails: at every operation, once or for good, full, or by a cut of the
// power.
#include "audit/test_support.h"
#include "audit/verify.h"
#include "store/testing/fault_vfs.h"

#include <set>

namespace menshen::audit {
namespace {

using store::testing::FaultVfs;
using Mode = FaultVfs::Mode;

constexpr std::uint64_t operations_max = 5'000;  // a test that never runs clean has not been tested

struct Life {
  bool hit = false;  // the fault struck
  std::set<std::uint64_t> acknowledged;
  std::vector<std::string> refusals;
};

void append_batch(Journal& journal, const std::string& name, Life& run) {
  std::vector<Record> records;
  for (int i = 0; i < 4; ++i) {
    records.push_back(intent(name + "-" + std::to_string(i)));
    records.back().note = std::string(3'000, 'x');  // several pages
  }
  for (const auto& seq : append_all(journal, records)) {
    if (seq) {
      EXPECT_TRUE(run.acknowledged.insert(*seq).second);
    } else {
      run.refusals.push_back(seq.error().code);
    }
  }
}

// Three batches while the fault may strike; then, the disk being well again, one that must be
// taken.
Life run_with_faults(FaultVfs& vfs, const std::filesystem::path& directory, const std::string& name,
                     bool heals) {
  Life run;
  auto journal =
      Journal::open({.directory = directory, .checkpoint_interval_ms = 0}, core::system_clock());
  if (!journal) {
    EXPECT_TRUE(vfs.hit()) << core::to_string(journal.error());
    EXPECT_NE(journal.error().code, "evidence_tampered") << core::to_string(journal.error());
    run.hit = true;
    return run;
  }
  for (const char* batch : {"a", "b", "c"}) append_batch(**journal, name + batch, run);
  run.hit = vfs.hit();
  if (!heals) return run;
  vfs.clear();
  const std::size_t before = run.acknowledged.size();
  append_batch(**journal, name + "healed", run);
  EXPECT_EQ(run.acknowledged.size(), before + 4);
  EXPECT_TRUE((*journal)->stats().healthy);
  return run;
}

void expect_all_there(const std::filesystem::path& directory, const Life& run) {
  for (const std::string& code : run.refusals) EXPECT_EQ(code, "evidence_unavailable");
  { open_journal(directory); }
  const auto report = verify(directory);
  ASSERT_TRUE(report) << core::to_string(report.error());
  EXPECT_TRUE(report->ok()) << to_text(*report);
  if (run.acknowledged.empty()) return;
  EXPECT_GT(report->records, *run.acknowledged.rbegin());
}

// Gives how many operations a run without faults takes.
std::uint64_t fail_everywhere(Mode mode, bool disk_full) {
  for (std::uint64_t k = 1; k < operations_max; ++k) {
    SCOPED_TRACE("operation " + std::to_string(k));
    const TemporaryDirectory dir;
    FaultVfs vfs;
    vfs.fail_at(k, mode, disk_full);
    const Life run = run_with_faults(vfs, dir.path(), "only", true);
    vfs.clear();
    expect_all_there(dir.path(), run);
    if (::testing::Test::HasFailure()) return 0;
    if (!run.hit) return k;
  }
  return 0;
}

TEST(Faults, OneOperationFails) { EXPECT_GT(fail_everywhere(Mode::once, false), 0U); }

TEST(Faults, TheDiskFailsAndComesBack) {
  EXPECT_GT(fail_everywhere(Mode::from_then_on, false), 0U);
}

TEST(Faults, TheDiskIsFullAndIsCleared) {
  EXPECT_GT(fail_everywhere(Mode::from_then_on, true), 0U);
}

TEST(Faults, ThePowerIsCut) {
  std::uint64_t cuts = 0;
  for (std::uint64_t k = 1; k < operations_max; ++k) {
    SCOPED_TRACE("operation " + std::to_string(k));
    const TemporaryDirectory dir;
    Life run;
    bool hit = false;
    {
      FaultVfs vfs;
      {
        run = run_with_faults(vfs, dir.path(), "first", true);  // an earlier, healthy life
        vfs.fail_at(k, Mode::power_cut);
        const Life more = run_with_faults(vfs, dir.path(), "second", false);
        run.acknowledged.insert(more.acknowledged.begin(), more.acknowledged.end());
      }
      hit = vfs.hit();
      vfs.restore_after_power_cut(k);
    }
    expect_all_there(dir.path(), run);
    if (HasFailure()) return;
    if (!hit) break;
    ++cuts;
  }
  EXPECT_GT(cuts, 50U);
}

}  // namespace
}  // namespace menshen::audit
