// The store as a place: put back, emptied, taken away, open to others.
#include "audit/checkpoint.h"
#include "audit/files.h"
#include "audit/layout.h"
#include "audit/log_store.h"
#include "audit/sealer.h"
#include "audit/test_support.h"
#include "audit/verify.h"

#include <functional>
#include <set>
#include <string>
#include <thread>

namespace menshen::audit {
namespace {

namespace fs = std::filesystem;

class Store : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path var() const { return dir_.path() / "var"; }
  [[nodiscard]] fs::path away() const { return dir_.path() / "away"; }
  [[nodiscard]] fs::path heads() const { return dir_.path() / "heads"; }
  [[nodiscard]] JournalOptions options(bool published = true) const {
    JournalOptions out;
    out.directory = var();
    if (published) out.publish = heads();
    out.checkpoint_interval_ms = 3'600'000;
    return out;
  }
  void live(int first) const { fill(*open_journal(var(), options()), 5, first); }
  [[nodiscard]] std::string open_error(bool published = true) const {
    const auto journal = Journal::open(options(published), core::system_clock());
    return journal ? "none" : journal.error().code;
  }

  TemporaryDirectory dir_;
};

TEST_F(Store, PutBackWholeIsSeenByThePublishedHeads) {
  live(0);
  fs::copy(var(), away(), fs::copy_options::recursive);
  live(5);
  fs::remove_all(var());
  fs::copy(away(), var(), fs::copy_options::recursive);
  EXPECT_EQ(open_error(), "evidence_tampered");
  const auto report = verify(var(), {.published = heads()});
  ASSERT_TRUE(report);
  ASSERT_FALSE(report->ok());
  EXPECT_EQ(report->problems[0].kind, ProblemKind::cut_off);
  EXPECT_EQ(report->published_heads, 3U);
  // Nothing inside can tell: this is what heads are published for.
  EXPECT_TRUE(verify(var())->ok());
  EXPECT_EQ(open_error(false), "none");
}

// Partial tiles above a bundle's own go with the bundle that completes one, and with no other.
TEST(Sealer, TakesPartialTilesAwayWithWhatCompletesThem) {
  TemporaryDirectory dir;
  const TileStore tiles(dir.path());
  const auto partial = dir.path() / tile_path(1, 0, 7);
  const auto complete = [](std::uint64_t index) {
    auto bundle = std::make_shared<Bundle>(Bundle{.index = index});
    bundle->leaves.resize(tile_width);
    return bundle;
  };
  fs::create_directories(partial.parent_path());
  write_text(partial, std::string(7 * sizeof(Hash), 'x'));
  Sealer sealer(tiles, 254 * tile_width, {std::vector<Hash>(254)},
                {.publish = [](const std::string&, bool) {},
                 .failed = [](const core::Error&) { ADD_FAILURE(); }});
  sealer.take(complete(254));
  ASSERT_TRUE(sealer.finished());
  EXPECT_TRUE(fs::exists(partial));
  sealer.take(complete(255));
  ASSERT_TRUE(sealer.finished());
  EXPECT_FALSE(fs::exists(partial));
  EXPECT_TRUE(fs::exists(dir.path() / tile_path(1, 0)));
}

// What OPERATIONS.md says of segments that are lost.
TEST_F(Store, WithoutItsSegmentsTheLogHasEndedAtItsLastHead) {
  fill(*open_journal(var(), options()), 200);
  for (const auto name : layout::segments) fs::remove(var() / name);
  EXPECT_EQ(open_error(), "evidence_gone");
  fs::create_directory(away());
  fs::copy(var() / layout::tiles, away() / layout::tiles, fs::copy_options::recursive);
  fs::copy(var() / layout::verifier_key, away() / layout::verifier_key);
  const auto report = verify(away(), {.published = heads()});
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->ok()) << to_text(*report);
  EXPECT_EQ(report->records, 400U);
  const auto next = Journal::open(
      {.directory = dir_.path() / "next", .origin = "next.example/audit"}, core::system_clock());
  EXPECT_TRUE(next);
}

TEST_F(Store, PutBackAndWrittenOnIsSeenByThePublishedHeads) {
  live(0);
  fs::copy(var(), away(), fs::copy_options::recursive);
  live(5);
  fs::remove_all(var());
  fs::copy(away(), var(), fs::copy_options::recursive);
  fill(*open_journal(var(), options(false)), 9, 50);  // longer than what was published
  EXPECT_EQ(open_error(), "evidence_tampered");
}

TEST_F(Store, TheHeadsComparedAreCounted) {
  {
    const auto first = open_journal(var(), options());
    EXPECT_FALSE(first->stats().published_compared);
    EXPECT_TRUE(first->stats().begun);
    fill(*first, 1);
  }
  const auto second = open_journal(var(), options());
  EXPECT_EQ(second->stats().published_compared, 2U);
  EXPECT_FALSE(second->stats().begun);
}

TEST_F(Store, AnEmptyOrGarbledPublishedFileIsRefused) {
  live(0);
  for (const char* content : {"", "\n\n\n", "garbage\n", "menshen/audit\n10\ncut"}) {
    write_text(heads(), content);
    EXPECT_EQ(open_error(), "evidence_tampered") << content;
    const auto report = verify(var(), {.published = heads()});
    ASSERT_FALSE(report) << content;
    EXPECT_EQ(report.error().code, "no_published_heads");
  }
  fs::remove(heads());
  EXPECT_EQ(open_error(), "none");  // begun now, with a head
  EXPECT_EQ(split_published(read_text(heads())).notes.size(), 1U);
}

TEST_F(Store, AHeadOfAnotherLogIsRefused) {
  live(0);
  open_journal(dir_.path() / "other", {.publish = dir_.path() / "other heads"});
  fs::copy(dir_.path() / "other heads", heads(), fs::copy_options::overwrite_existing);
  EXPECT_EQ(open_error(), "evidence_tampered");
}

TEST_F(Store, AnEmptyFileMayBePreparedForANewLog) {
  write_text(heads(), "");
  EXPECT_EQ(open_error(), "none");
  EXPECT_EQ(split_published(read_text(heads())).notes.size(), 1U);
}

TEST_F(Store, ALogThatIsGoneIsNotBegunAnew) {
  for (const std::string_view kept :
       {layout::signing_key, layout::verifier_key, layout::verifier_keys, layout::checkpoint,
        layout::heads, layout::statistics}) {
    fs::remove_all(var());
    fs::remove(heads());
    live(0);
    for (const auto name : {layout::statistics, layout::verifier_keys})
      write_text(var() / name, "something");
    fs::rename(var() / kept, away());
    fs::remove_all(var());
    fs::create_directory(var());
    fs::permissions(var(), fs::perms::owner_all);
    fs::create_directories((var() / kept).parent_path());
    fs::rename(away(), var() / kept);
    EXPECT_EQ(open_error(false), "evidence_gone") << kept;
    for (const auto name : layout::segments) write_text(var() / name, "");
    EXPECT_EQ(open_error(false), "evidence_gone") << kept;
  }
}

TEST_F(Store, AnEmptiedFolderIsSeenByThePublishedHeads) {
  live(0);
  fs::remove_all(var());
  EXPECT_EQ(open_error(), "evidence_tampered");
}

TEST_F(Store, ALogOfAnEarlierFormatIsRefused) {
  fs::create_directory(var());
  fs::permissions(var(), fs::perms::owner_all);
  write_text(var() / layout::former_database, "SQLite format 3");
  EXPECT_EQ(open_error(), "evidence_former");
}

TEST_F(Store, AFolderThatOthersMayWriteIsRefused) {
  fs::create_directory(var());
  for (const auto others : {fs::perms::group_write, fs::perms::others_write}) {
    fs::permissions(var(), fs::perms::owner_all | others);
    EXPECT_EQ(open_error(), "store_unsafe");
  }
  fs::permissions(var(), fs::perms::owner_all | fs::perms::group_read);
  EXPECT_EQ(open_error(), "none");
}

// What is done to a store under a running gateway, and whether it can be undone.
struct Theft {
  const char* what;
  std::function<void(const fs::path& var, const fs::path& away)> take;
  std::function<void(const fs::path& var, const fs::path& away)> give_back;  // may be empty
};

const Theft thefts[] = {
    {"moved", [](const auto& var, const auto& away) { fs::rename(var, away); },
     [](const auto& var, const auto& away) { fs::rename(away, var); }},
    {"replaced by an empty folder",
     [](const auto& var, const auto& away) {
       fs::rename(var, away);
       fs::create_directory(var);
     },
     [](const auto& var, const auto& away) {
       EXPECT_TRUE(fs::is_empty(var));
       fs::remove(var);
       fs::rename(away, var);
     }},
    {"replaced by a copy",
     [](const auto& var, const auto& away) {
       fs::rename(var, away);
       fs::copy(away, var, fs::copy_options::recursive);
     },
     {}},
    {"deleted", [](const auto& var, const auto&) { fs::remove_all(var); }, {}},
    {"its segment moved",
     [](const auto& var, const auto& away) { fs::rename(var / layout::segments[0], away); },
     [](const auto& var, const auto& away) { fs::rename(away, var / layout::segments[0]); }},
    {"its segment deleted",
     [](const auto& var, const auto&) { fs::remove(var / layout::segments[0]); },
     {}},
};

TEST_F(Store, TakenAwayRefusesUntilItIsBack) {
  for (const Theft& theft : thefts) {
    SCOPED_TRACE(theft.what);
    fs::remove_all(var());
    fs::remove_all(away());
    std::vector<bool> told;  // on the writer's thread, before those who wait are
    JournalOptions with = options(false);
    with.on_commit = [&told](const core::Result<void>& written) {
      told.push_back(written.has_value());
    };
    const auto journal = open_journal(var(), with);
    fill(*journal, 3);
    theft.take(var(), away());
    for (const auto& answer : append_all(*journal, {intent("lost"), outcome("lost")})) {
      ASSERT_FALSE(answer);
      EXPECT_EQ(answer.error().code, "evidence_unavailable");
    }
    EXPECT_FALSE(journal->stats().healthy);
    EXPECT_NE(journal->stats().reason, "");
    EXPECT_FALSE(append_all(*journal, {intent("lost too")})[0]);
    EXPECT_EQ(told, std::vector<bool>{false});
    if (!theft.give_back) continue;
    theft.give_back(var(), away());
    EXPECT_TRUE(append_all(*journal, {intent("found")})[0]);
    EXPECT_TRUE(journal->stats().healthy);
    EXPECT_EQ(told, (std::vector<bool>{false, true}));
    EXPECT_TRUE(verify(var())->ok());
  }
}

TEST_F(Store, TakenAwayIsSeenWithoutAnyRecord) {
  const auto journal = open_journal(var(), options(false));
  fill(*journal, 3);
  fs::rename(var(), away());
  while (journal->stats().healthy) std::this_thread::yield();
  EXPECT_NE(journal->stats().reason, "");
}

TEST_F(Store, TilesMakeNoFolderForALogThatIsGone) {
  const TileStore tiles(away() / "log");
  const std::array files{TileFile{"tile/0/000", "x"}};
  const auto written = tiles.write(files);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, "evidence_unavailable");
  EXPECT_FALSE(fs::exists(away()));
}

// Of runs before, too, whose lists of them are gone.
TEST_F(Store, PartialTilesGoOnceTheFullOneStands) {
  const auto partial = [&] {
    std::set<std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(var() / layout::tiles)) {
      const auto folder = entry.path().parent_path();
      if (entry.is_regular_file() && folder.extension() == ".p")
        out.insert(fs::relative(entry.path(), var() / layout::tiles).string());
    }
    return out;
  };
  JournalOptions often = options();
  often.checkpoint_interval_ms = 1;
  for (const int first : {0, 40, 90}) fill(*open_journal(var(), often), 40, first);
  EXPECT_TRUE(partial().contains("tile/entries/000.p/240"));
  fs::create_directories(var() / "log/tile/0/000.p");
  write_text(var() / "log/tile/0/000.p/17.tmp", "of a gateway that was killed");
  fill(*open_journal(var(), often), 200, 130);
  fill(*open_journal(var(), often), 5, 330);
  // Of the last two heads at most, over 640 and 650 records.
  for (const std::string& path : partial()) {
    const bool passed = path.starts_with("tile/entries/000") || path.starts_with("tile/0/000");
    EXPECT_FALSE(passed) << path;
  }
  EXPECT_TRUE(partial().contains("tile/entries/002.p/138"));
  EXPECT_FALSE(fs::exists(var() / "log/tile/0/000.p"));
  // One of a run before, that had no time to take it away.
  fs::create_directories(var() / "log/tile/entries/001.p");
  write_text(var() / "log/tile/entries/001.p/200", "older");
  { const auto again = open_journal(var(), often); }
  EXPECT_FALSE(fs::exists(var() / "log/tile/entries/001.p"));
  EXPECT_TRUE(verify(var())->ok());
}

// A group whose head is said to be longer than it is ends where the head begins.
TEST(Segment, ALengthThatWasChangedHidesNoGroup) {
  const TemporaryDirectory dir;
  {
    const auto journal = open_journal(dir.path(), {.checkpoint_interval_ms = 3'600'000});
    for (int i = 0; i < 3; ++i) fill(*journal, 1, i);
  }
  const auto path = dir.path() / layout::segments[0];
  std::string bytes = read_text(path);
  auto frame = frame_at(bytes, 0);
  while (frame && (frame->header.records == 0 || frame->header.note_bytes > 0))
    frame = frame_at(bytes, frame->end_at());
  ASSERT_TRUE(frame && frame_at(bytes, frame->end_at()));
  bytes[frame->at + 26] = '\x10';  // 4,096 bytes of head
  write_text(path, bytes);
  // Without the head outside, which would tell as well.
  std::filesystem::remove(dir.path() / layout::checkpoint);
  const auto opened = LogStore::open(dir.path(), Begin::refused);
  EXPECT_EQ(opened ? "" : opened.error().code, "evidence_tampered");
  const auto report = verify(dir.path());
  ASSERT_TRUE(report);
  EXPECT_EQ(report->records, 6U);
}

}  // namespace
}  // namespace menshen::audit
