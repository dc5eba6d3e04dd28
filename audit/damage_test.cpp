// A damaged log: whatever byte of it is wrong, verify comes to an end and names it, or nothing of
// the evidence is lost; and the gateway never goes on from less than there was.
#include "audit/dp/account.h"
#include "audit/dp/report.h"
#include "audit/dp/usage.h"
#include "audit/reader.h"
#include "audit/test_support.h"
#include "audit/verify.h"

#include <map>
#include <random>

namespace menshen::audit {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> bodies_of(const fs::path& directory) {
  std::vector<std::string> out;
  auto reader = LogReader::open(directory);
  if (!reader || !reader->extent()) return out;
  for (std::uint64_t next = 0;;) {
    const auto batch = reader->read(next, 500);
    if (!batch || batch->empty()) return out;
    for (const StoredRecord& record : *batch) out.push_back(record.body);
    next = batch->back().seq + 1;
  }
}

class Damaged : public ::testing::Test {
 protected:
  void make(int parts, int exchanges) {
    for (int part = 0; part < parts; ++part)
      fill(*open_journal(var()), exchanges, part * exchanges);
    bodies_ = bodies_of(var());
    for (const auto& entry : fs::recursive_directory_iterator(var())) {
      const std::string name = fs::relative(entry.path(), var()).string();
      const bool of_the_log =
          name.starts_with("segment") || name.starts_with("log/") || name == layout::heads;
      if (entry.is_regular_file() && of_the_log) files_[name] = read_text(entry.path());
    }
    ASSERT_TRUE(verify(var())->ok()) << to_text(*verify(var()));
  }
  [[nodiscard]] fs::path var() const { return dir_.path() / "var"; }

  void damage(const std::string& name, const std::string& content) const {
    write_text(var() / name, content);
  }
  void mend(const std::string& name) const { write_text(var() / name, files_.at(name)); }

  // Named, or all records are there as they were.
  [[nodiscard]] bool named() const {
    const auto report = verify(var());
    if (!report || !report->ok()) return true;
    EXPECT_EQ(report->records, bodies_.size());
    EXPECT_EQ(bodies_of(var()), bodies_);
    return false;
  }
  // The gateway refuses to go on, or goes on with all that was there.
  void expect_nothing_lost() const {
    const fs::path copy = dir_.path() / "copy";
    fs::remove_all(copy);
    fs::copy(var(), copy, fs::copy_options::recursive);
    const auto journal = Journal::open({.directory = copy}, core::system_clock());
    if (!journal) return;
    const auto records = bodies_of(copy);
    ASSERT_GE(records.size(), bodies_.size());
    EXPECT_EQ(
        std::vector(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(bodies_.size())),
        bodies_);
  }
  // Written part of a file: zeros behind it are preallocated space.
  [[nodiscard]] static std::size_t used(const std::string& content) {
    return content.find_last_not_of('\0') + 1;
  }

  TemporaryDirectory dir_;
  std::map<std::string, std::string> files_;
  std::vector<std::string> bodies_;
};

TEST_F(Damaged, EveryByteOfASmallLogIsNamedOrHarmless) {
  make(2, 1);
  std::size_t flips = 0;
  std::size_t told = 0;
  for (const auto& [name, content] : files_) {
    for (std::size_t at = 0; at < used(content); ++at) {
      SCOPED_TRACE(name + ", byte " + std::to_string(at));
      std::string damaged = content;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
      damage(name, damaged);
      told += named() ? 1 : 0;
      ++flips;
      if (HasFailure()) return;
    }
    mend(name);
  }
  EXPECT_GT(told, flips / 2);
}

TEST_F(Damaged, AGatewayNeverGoesOnFromLess) {
  make(2, 2);
  for (const auto& [name, content] : files_) {
    for (std::size_t at = 0; at < used(content); at += 17) {
      SCOPED_TRACE(name + ", byte " + std::to_string(at));
      std::string damaged = content;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
      damage(name, damaged);
      expect_nothing_lost();
      if (HasFailure()) return;
    }
    mend(name);
  }
}

TEST_F(Damaged, EverySuffixCutOffIsNamedOrHarmless) {
  make(2, 2);
  for (const auto& [name, content] : files_) {
    for (std::size_t size = 0; size < used(content); size += 41) {
      SCOPED_TRACE(name + ", cut to " + std::to_string(size));
      damage(name, content.substr(0, size));
      (void)named();
      expect_nothing_lost();
      if (HasFailure()) return;
    }
    mend(name);
  }
}

TEST_F(Damaged, EveryBitThatIsTriedInABundleOrATileIsNamed) {
  make(2, 160);
  std::mt19937_64 random(20261130);
  std::size_t tried = 0;
  for (const auto& [name, content] : files_) {
    if (name != bundle_path(0, tile_width).insert(0, "log/") && name != "log/tile/0/000") continue;
    for (int i = 0; i < 30; ++i, ++tried) {
      std::string damaged = content;
      const std::size_t bit = random() % (damaged.size() * 8);
      SCOPED_TRACE(name + ", bit " + std::to_string(bit));
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
      damage(name, damaged);
      EXPECT_TRUE(named());
    }
    mend(name);
  }
  EXPECT_EQ(tried, 60U);
}

TEST_F(Damaged, EveryFileTakenAwayIsNamedOrHarmless) {
  make(2, 160);
  std::size_t told = 0;
  for (const auto& [name, content] : files_) {
    SCOPED_TRACE(name);
    fs::remove(var() / name);
    told += named() ? 1 : 0;
    expect_nothing_lost();
    mend(name);
  }
  EXPECT_GE(told, 4U);  // a bundle, its tile, the segment in use, the file of heads
}

TEST_F(Damaged, SegmentsExchangedBetweenLogsAreNamed) {
  make(2, 2);
  fill(*open_journal(dir_.path() / "other"), 4, 100);
  for (const auto name : layout::segments) {
    if (used(files_.at(std::string(name))) == 0) continue;
    damage(std::string(name), read_text(dir_.path() / "other" / name));
  }
  EXPECT_TRUE(named());
  EXPECT_EQ(Journal::open({.directory = var()}, core::system_clock()).error().code,
            "evidence_tampered");
}

// What a release does with a log before it draws anything, and what a recovery reads.
core::Result<void> count_anew(const fs::path& directory) {
  auto log = LogReader::open(directory);
  if (!log) return log.error();
  const auto usage = dp::open_usage_file(directory).value();
  const auto extent = log->extent();
  if (!extent) return extent.error();
  const std::int64_t now_ns = intent("").wall_ns;
  const auto plan = dp::Plan::make({}).value();
  dp::add_day(*usage, now_ns / dp::day_ns, plan).value();
  const auto taken = dp::take_up(*usage, *log, extent->records, plan, now_ns, dp::Account::applied);
  if (!taken) return taken;
  if (const auto counted = dp::count(*usage, *log, extent->records); !counted) return counted;
  return dp::check_account(*usage, *log);
}

TEST_F(Damaged, StatisticsEnd) {
  make(4, 6);
  std::mt19937_64 random(20261130);
  std::size_t failed = 0;
  const std::string& content = files_.at(std::string(layout::segments[0]));
  for (int i = 0; i < 60; ++i) {
    std::string damaged = content;
    const std::size_t bit = random() % (used(content) * 8);
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    damage("segment.0", damaged);
    fs::remove(var() / layout::statistics);
    failed += count_anew(var()) ? 0 : 1;
  }
  EXPECT_LT(failed, 60U);  // most damage leaves enough to count
}

// A head alone holds no record, so its counts take none away, wherever the records behind it stand.
TEST_F(Damaged, TheCountsOfAHeadAlone) {
  make(2, 2);
  Segments segments(var());
  auto& groups = segments.groups();
  for (std::size_t i = groups.size(); i-- > 0;)
    groups.insert(groups.begin() + static_cast<std::ptrdiff_t>(i),
                  {groups[i].first, {}, i == 0 ? Hash{} : groups[i - 1].root, {}});
  segments.save();
  const std::string content = read_text(var() / "segment.0");
  std::size_t tried = 0;
  for (auto frame = frame_at(content, 0); frame; frame = frame_at(content, frame->end_at())) {
    if (frame->header.records > 0) continue;
    for (std::size_t bit = 16 * 8; bit < 24 * 8; ++bit, ++tried) {
      SCOPED_TRACE("frame at " + std::to_string(frame->at) + ", bit " + std::to_string(bit));
      std::string damaged = content;
      char& byte = damaged[frame->at + bit / 8];
      byte = static_cast<char>(byte ^ (1 << (bit % 8)));
      damage("segment.0", damaged);
      ASSERT_EQ(bodies_of(var()), bodies_);
    }
  }
  EXPECT_GT(tried, 64U);
}

// Only its own records are lost with a frame that claims those of others.
TEST_F(Damaged, ANumberThatAnotherFrameHas) {
  make(2, 2);
  const std::size_t count = Segments(var()).groups().size();
  std::size_t tried = 0;
  for (std::size_t i = 1; i < count; ++i) {
    Segments whole(var());
    const auto& group = whole.groups()[i];
    std::vector<std::string> others = bodies_;
    for (const auto& record : group.records) std::erase(others, record.body);
    for (std::uint64_t number = 0; number < group.first; ++number, ++tried) {
      SCOPED_TRACE("group " + std::to_string(i) + ", number " + std::to_string(number));
      Segments changed(var());
      changed.groups()[i].first = number;
      changed.save();
      ASSERT_EQ(bodies_of(var()), others);
      whole.save();
    }
  }
  EXPECT_GT(tried, 8U);
}

TEST_F(Damaged, ANumberThatNoFileCouldReachIsNotCountedUpTo) {
  make(4, 6);
  Segments segments(var());
  for (auto& group : segments.groups()) {
    if (group.first >= 24 && !group.records.empty()) group.first = std::uint64_t{1} << 62;
  }
  segments.save();
  EXPECT_FALSE(verify(var())->ok());
  EXPECT_TRUE(dp::report(var(), {}, core::system_clock()));
}

}  // namespace
}  // namespace menshen::audit
