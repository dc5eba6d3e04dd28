// The journal when its disk fails: at every operation, once or for good, full, or by a cut of the
// power. In a folder without a log, at the end of a bundle and of a segment, and where a segment is
// begun anew.
#include "audit/frame.h"
#include "audit/layout.h"
#include "audit/reader.h"
#include "audit/segment.h"
#include "audit/test_support.h"
#include "audit/tiles.h"
#include "audit/verify.h"
#include "store/testing/fault_io.h"

#include <map>

namespace menshen::audit {
namespace {

using store::testing::FaultIo;
using Mode = FaultIo::Mode;
namespace fs = std::filesystem;

constexpr int operations_max = 5'000;  // a test that never runs clean has not been tested
constexpr int clean_runs = 3;  // other threads write too, so that two runs differ in operations
constexpr std::uint64_t hour_ms = 3'600'000;

Record noted(const std::string& exchange, std::size_t note_bytes) {
  Record record = intent(exchange);
  record.note = std::string(note_bytes, 'x');
  return record;
}

Record of_batch(const std::string& exchange) { return noted(exchange, 3'000); }

// Appends records that take so many bytes of a segment.
void fill_bytes(Journal& journal, std::size_t first, std::size_t count, std::size_t bytes) {
  const std::size_t bare = canonical(noted("filler-100", 1), 100).size() + sizeof(Hash) + 1;
  std::vector<Record> records;
  for (std::size_t i = 0; i < count; ++i) {
    records.push_back(noted("filler-" + std::to_string(100 + first + i), bytes / count - bare));
    if (records.size() < 10 && i + 1 < count) continue;
    for (const auto& seq : append_all(journal, records)) {
      if (!seq) throw std::runtime_error(core::to_string(seq.error()));
    }
    records.clear();
  }
}

// What there is before the fault.
struct Beginning {
  const char* name;
  void (*fill)(const fs::path& directory);
  int stride = 1;             // of the operations that fail: what takes long is tried at some
  std::string_view begins{};  // the segment that is begun then
  std::uint64_t bundles = 0;  // complete at the end
  bool cached = false;        // the file system has no direct writes
};

void nothing(const fs::path&) {}

// 250 records; the first segment has room for one batch more.
void before_the_second_segment(const fs::path& directory) {
  const auto journal = open_journal(directory, {.checkpoint_interval_ms = hour_ms});
  fill_bytes(*journal, 0, 250, 243'000);
}

// 506 records; the second segment, twice as long, has room for one more, and the bundle that holds
// the first segment's records is complete.
void before_a_segment_is_begun_anew(const fs::path& directory) {
  const auto journal = open_journal(directory, {.checkpoint_interval_ms = hour_ms});
  fill_bytes(*journal, 0, 250, 243'000);
  fill_bytes(*journal, 250, 12, 40'000);
  fill_bytes(*journal, 262, 244, 464'000);
}

// Without a fault, everything that the beginning is there for happens.
void expect_done(const fs::path& directory, const Beginning& beginning) {
  EXPECT_EQ(TileStore(directory / layout::tiles).records().value(), beginning.bundles * tile_width);
  if (beginning.begins.empty()) return;
  const std::string segment = read_text(directory / beginning.begins);
  const auto frame = frame_at(segment, 0);
  ASSERT_TRUE(frame);
  EXPECT_GT(frame->header.first, (beginning.bundles - 1) * tile_width);
}

struct Life {
  bool hit = false;  // the fault struck
  std::map<std::uint64_t, std::string> acknowledged;
  std::vector<std::string> refusals;
};

void append_batch(Journal& journal, const std::string& name, Life& run) {
  std::vector<Record> records;
  for (int i = 0; i < 4; ++i) records.push_back(of_batch(name + "-" + std::to_string(i)));
  const auto answers = append_all(journal, records);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i]) {
      EXPECT_TRUE(run.acknowledged.emplace(*answers[i], records[i].exchange).second);
    } else {
      run.refusals.push_back(answers[i].error().code);
    }
  }
}

// Three batches while the fault may strike; then, the disk being well again, one that must be
// taken.
Life run_with_faults(FaultIo& io, const fs::path& directory, const std::string& name, bool heals) {
  Life run;
  auto journal =
      Journal::open({.directory = directory, .checkpoint_interval_ms = 0}, core::system_clock());
  if (!journal) {
    EXPECT_TRUE(io.hit()) << core::to_string(journal.error());
    EXPECT_EQ(journal.error().kind, core::ErrorKind::unavailable)
        << core::to_string(journal.error());
    run.hit = true;
    return run;
  }
  for (const char* batch : {"a", "b", "c"}) append_batch(**journal, name + batch, run);
  run.hit = io.hit();
  if (!heals) return run;
  io.clear();
  const std::size_t before = run.acknowledged.size();
  append_batch(**journal, name + "healed", run);
  EXPECT_EQ(run.acknowledged.size(), before + 4);
  EXPECT_TRUE((*journal)->stats().healthy);
  return run;
}

void expect_all_there(const fs::path& directory, const Life& run) {
  for (const std::string& code : run.refusals) EXPECT_EQ(code, "evidence_unavailable");
  const auto journal = Journal::open({.directory = directory}, core::system_clock());
  ASSERT_TRUE(journal) << core::to_string(journal.error());
  const auto report = verify(directory);
  ASSERT_TRUE(report) << core::to_string(report.error());
  EXPECT_TRUE(report->ok()) << to_text(*report);
  auto reader = LogReader::open(directory).value();
  for (const auto& [seq, exchange] : run.acknowledged) {
    const auto stored = reader.read(seq, 1);
    ASSERT_TRUE(stored && stored->size() == 1) << seq;
    EXPECT_EQ(stored->front().body, canonical(of_batch(exchange), seq));
  }
}

class Faults : public ::testing::TestWithParam<Beginning> {
 protected:
  void SetUp() override { GetParam().fill(beginning_.path()); }

  void begin(const fs::path& directory) const {
    fs::copy(beginning_.path(), directory,
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }

  // One life after another, each with its own operation that fails, until none does. Tells how
  // many operations lie between the first and the last.
  template <typename Live>
  int at_every_operation(Live live) {
    int struck = 0;
    int clean = 0;
    for (int k = 1; k < operations_max && clean < clean_runs; k += GetParam().stride) {
      SCOPED_TRACE("operation " + std::to_string(k));
      const TemporaryDirectory dir;
      begin(dir.path());
      FaultIo io(dir.path());
      if (GetParam().cached) io.refuse_direct();
      const Life run = live(io, dir.path(), static_cast<std::uint64_t>(k));
      expect_all_there(dir.path(), run);
      if (!run.hit) expect_done(dir.path(), GetParam());
      if (HasFailure()) return 0;
      ++(run.hit ? struck : clean);
    }
    return clean == clean_runs ? struck * GetParam().stride : 0;
  }

  int fail_everywhere(Mode mode, bool disk_full) {
    return at_every_operation([&](FaultIo& io, const fs::path& directory, std::uint64_t k) {
      io.fail_at(k, mode, disk_full);
      Life run = run_with_faults(io, directory, "only", true);
      io.clear();
      return run;
    });
  }

  TemporaryDirectory beginning_;
};

INSTANTIATE_TEST_SUITE_P(From, Faults,
                         ::testing::Values(Beginning{.name = "Nothing", .fill = nothing},
                                           Beginning{.name = "BeforeTheSecondSegment",
                                                     .fill = before_the_second_segment,
                                                     .begins = layout::segments[1],
                                                     .bundles = 1},
                                           Beginning{.name = "BeforeTheSecondSegmentInTheCache",
                                                     .fill = before_the_second_segment,
                                                     .stride = 2,
                                                     .begins = layout::segments[1],
                                                     .bundles = 1,
                                                     .cached = true},
                                           Beginning{.name = "BeforeASegmentIsBegunAnew",
                                                     .fill = before_a_segment_is_begun_anew,
                                                     .stride = 4,
                                                     .begins = layout::segments[0],
                                                     .bundles = 2}),
                         [](const auto& tested) { return tested.param.name; });

TEST_P(Faults, OneOperationFails) { EXPECT_GT(fail_everywhere(Mode::once, false), 20); }

TEST_P(Faults, TheDiskFailsAndComesBack) {
  EXPECT_GT(fail_everywhere(Mode::from_then_on, false), 20);
}

TEST_P(Faults, TheDiskIsFullAndIsCleared) {
  EXPECT_GT(fail_everywhere(Mode::from_then_on, true), 20);
}

TEST_P(Faults, ThePowerIsCut) {
  const int cuts = at_every_operation([](FaultIo& io, const fs::path& directory, std::uint64_t k) {
    io.fail_at(k, Mode::power_cut);
    Life run = run_with_faults(io, directory, "only", false);
    run.hit = io.hit();
    io.restore_after_power_cut(k);
    return run;
  });
  EXPECT_GT(cuts, 20);
}

TEST_P(Faults, ThePowerIsCutInASecondLife) {
  const int cuts = at_every_operation([](FaultIo& io, const fs::path& directory, std::uint64_t k) {
    Life run = run_with_faults(io, directory, "first", true);
    io.fail_at(k, Mode::power_cut);
    const Life more = run_with_faults(io, directory, "second", false);
    run.acknowledged.insert(more.acknowledged.begin(), more.acknowledged.end());
    run.hit = io.hit();
    io.restore_after_power_cut(k);
    return run;
  });
  EXPECT_GT(cuts, 20);
}

}  // namespace
}  // namespace menshen::audit
