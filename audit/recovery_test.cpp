// Random lives of a log: groups of all sizes, faults of the disk, cuts of the power at any
// operation, and openings after each. What was acknowledged stays, and so does every head that was
// published.
#include "audit/checkpoint.h"
#include "audit/layout.h"
#include "audit/reader.h"
#include "audit/segment.h"
#include "audit/test_support.h"
#include "audit/verify.h"
#include "store/testing/fault_io.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace menshen::audit {
namespace {

using store::testing::FaultIo;
namespace fs = std::filesystem;

constexpr int seeds = 12;
constexpr int lives_of_a_log = 8;
constexpr std::uint64_t operations_of_a_life = 400;

class Lives {
 public:
  // A log of long records begins its segments anew, however its groups are cut.
  Lives(std::uint64_t seed, std::size_t note_bytes_max)
      : random_(seed), note_bytes_max_(note_bytes_max) {}

  void live() {
    const std::uint64_t fault = below(4);
    const bool early = below(2) == 0;
    if (early) fail(fault);
    run(early ? 0 : fault);
    keep_heads();
    const bool cut = io_.hit() && fault >= 2;
    if (cut || below(3) == 0) io_.restore_after_power_cut(random_());
    io_.clear();
    check();
  }

  [[nodiscard]] std::size_t acknowledged() const { return acknowledged_.size(); }
  [[nodiscard]] bool begun_anew() const {
    return fs::file_size(log() / layout::segments[0]) > segment_bytes_min;
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  [[nodiscard]] const fs::path& log() const { return dir_.path(); }

  void fail(std::uint64_t fault) {
    if (fault == 0) return;
    const auto mode = fault == 1 ? FaultIo::Mode::once : FaultIo::Mode::power_cut;
    const bool while_a_group_is_written = below(2) == 0;
    if (while_a_group_is_written) io_.only("segment");
    io_.fail_at(1 + below(while_a_group_is_written ? 30 : operations_of_a_life), mode);
  }

  void run(std::uint64_t fault) {
    const std::uint32_t interval = below(2) == 0 ? 0 : 3'600'000;
    auto journal = Journal::open({.directory = log(), .checkpoint_interval_ms = interval},
                                 core::system_clock());
    if (!journal) {
      EXPECT_TRUE(io_.hit()) << core::to_string(journal.error());
      EXPECT_EQ(journal.error().kind, core::ErrorKind::unavailable)
          << core::to_string(journal.error());
      return;
    }
    fail(fault);
    for (std::uint64_t groups = 1 + below(8); groups > 0; --groups) append_group(**journal);
  }

  void append_group(Journal& journal) {
    std::vector<Record> records(1 + below(below(2) == 0 ? 3 : 80));
    for (Record& record : records) {
      record = intent("exchange-" + std::to_string(next_++));
      record.note = std::string(below(note_bytes_max_), 'x');
    }
    const auto answers = append_all(journal, records);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i]) continue;
      const bool fresh =
          acknowledged_.emplace(*answers[i], canonical(records[i], *answers[i])).second;
      EXPECT_TRUE(fresh) << *answers[i];
    }
  }

  // Published heads are of what is durable, whatever becomes of their files.
  void keep_heads() {
    std::ofstream kept(outside_.path() / "heads", std::ios::binary | std::ios::app);
    for (const auto name : {layout::heads, layout::checkpoint}) {
      const auto published = split_published(read_text(log() / name) + "\n");
      for (const std::string& note : published.notes) {
        if (heads_.insert(note).second) kept << note << "\n";
      }
    }
  }

  // A crash alone is no problem, also before the next start has cut off what is torn.
  void check_unopened() const {
    const auto report = verify(log());
    if (report) {
      EXPECT_TRUE(report->ok()) << "before the start: " << to_text(*report);
    } else {
      EXPECT_TRUE(acknowledged_.empty()) << core::to_string(report.error());
    }
  }

  void check() {
    check_unopened();
    {
      const auto journal = Journal::open({.directory = log()}, core::system_clock());
      ASSERT_TRUE(journal) << core::to_string(journal.error());
    }
    keep_heads();
    const auto report = verify(log(), {.published = outside_.path() / "heads"});
    ASSERT_TRUE(report) << core::to_string(report.error());
    EXPECT_TRUE(report->ok()) << to_text(*report);
    EXPECT_EQ(report->published_heads, heads_.size());
    EXPECT_EQ(report->signed_records, report->records);
    expect_all_there();
  }

  void expect_all_there() const {
    auto reader = LogReader::open(log()).value();
    std::uint64_t next = 0;
    auto due = acknowledged_.begin();
    for (auto batch = reader.read(0, 512).value(); !batch.empty();
         batch = reader.read(next, 512).value()) {
      for (const StoredRecord& record : batch) {
        ASSERT_EQ(record.seq, next++);
        if (due == acknowledged_.end() || due->first != record.seq) continue;
        ASSERT_EQ(record.body, due->second);
        ++due;
      }
    }
    EXPECT_TRUE(due == acknowledged_.end()) << due->first;
  }

  std::mt19937_64 random_;
  const std::size_t note_bytes_max_;
  const TemporaryDirectory dir_;
  const TemporaryDirectory outside_;
  FaultIo io_{dir_.path()};
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, std::string> acknowledged_;
  std::set<std::string> heads_;
};

TEST(Recovery, KeepsWhatWasAcknowledgedThroughRandomLives) {
  std::size_t acknowledged = 0;
  int begun_anew = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const bool long_records = seed % 4 == 0;
    Lives log(seed, long_records ? 8'000 : 2'000);
    for (int life = 1; life <= lives_of_a_log; ++life) {
      SCOPED_TRACE("life " + std::to_string(life));
      log.live();
      if (HasFailure()) return;
    }
    acknowledged += log.acknowledged();
    begun_anew += log.begun_anew() ? 1 : 0;
  }
  EXPECT_GT(acknowledged, 3'000U);
  EXPECT_GT(begun_anew, 0);
}

// Segments are written over once a tile stands, so that it must stay whatever was left unsynced.
TEST(Recovery, ATileThatTheStartFindsIsDurable) {
  int found = 0;
  bool hit = true;
  for (std::uint64_t k = 1; hit; ++k) {
    SCOPED_TRACE("operation " + std::to_string(k));
    const TemporaryDirectory dir;
    const TileStore tiles(dir.path() / layout::tiles);
    FaultIo io(dir.path());
    fill(*open_journal(dir.path()), 126);
    {
      const auto journal = open_journal(dir.path());
      io.only("0");  // tiles and their folder
      io.fail_at(k, FaultIo::Mode::once);
      fill(*journal, 2, 126);
    }
    hit = io.hit();
    io.clear();
    if (!hit || tiles.records().value() == 0) continue;
    ++found;
    open_journal(dir.path());
    io.restore_after_power_cut(k);
    EXPECT_EQ(tiles.records().value(), tile_width);
  }
  EXPECT_GT(found, 0);
}

// The last group in all the forms that a cut may leave, with its head whole or not.
TEST(Recovery, ATornGroupIsNoProblem) {
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const TemporaryDirectory dir;
    FaultIo io(dir.path());
    const bool cached = seed % 4 < 2;
    if (cached) io.refuse_direct();
    {
      // Every other time a head alone stands before the group.
      if (seed % 2 == 0) fill(*open_journal(dir.path(), {.checkpoint_interval_ms = 3'600'000}), 2);
      const auto journal = open_journal(dir.path(), {.checkpoint_interval_ms = 0});
      if (seed % 2 != 0) fill(*journal, 2);
      io.only("segment");
      // The write is under way, or is done and its sync is not.
      io.fail_at(cached ? 2 : 1, FaultIo::Mode::power_cut);
      Record record = intent("torn");
      record.note = std::string(2'000, 'x');
      EXPECT_FALSE(append_all(*journal, {record}).front());
    }
    io.restore_after_power_cut(seed);
    for (const char* when : {"before the start", "after it"}) {
      const auto report = verify(dir.path());
      EXPECT_TRUE(report && report->ok()) << when << ": " << (report ? to_text(*report) : "");
      open_journal(dir.path());
    }
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace menshen::audit
