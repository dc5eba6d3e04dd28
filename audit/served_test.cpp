#include "audit/served_log.h"

#include "audit/canonical.h"
#include "audit/checkpoint.h"
#include "audit/head_file.h"
#include "audit/keys.h"
#include "audit/layout.h"
#include "audit/reader.h"
#include "audit/test_support.h"
#include "audit/tiles.h"

#include <gtest/gtest.h>

#include <random>

namespace menshen::audit {
namespace {

TEST(TilePaths, AreReadAsTheyAreWritten) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 2'000; ++i) {
    TileName name{.entries = random() % 3 == 0,
                  .level = 0,
                  .index = random() >> (random() % 54 + 10),
                  .width = random() % 2 == 0 ? tile_width : random() % 255 + 1};
    if (!name.entries) name.level = static_cast<unsigned>(random() % 8);
    EXPECT_EQ(parse_tile_path(path_of(name)), name) << path_of(name);
  }
  EXPECT_EQ(parse_tile_path("tile/2/x001/x234/067.p/17"),
            (TileName{.level = 2, .index = 1'234'067, .width = 17}));
}

TEST(TilePaths, OfAnyOtherFormNameNothing) {
  for (const char* path : {"",
                           "/",
                           "tile",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "tile/0//000",
                           "tile/0/0",
                           "tile/0/00",
                           "tile/0/0000",
                           "tile/0/x000/000",
                           "tile/0/x001",
                           "tile/0/001/000",
                           "tile/0/001/x000",
                           "tile/8/000",
                           "tile/00/000",
                           "tile/01/000",
                           "tile/-1/000",
                           "tile/x/000",
                           "tile/0/000/",
                           "tile/0/000.p",
                           "tile/0/000.p/",
                           "tile/0/000.p/0",
                           "tile/0/000.p/256",
                           "tile/0/000.p/01",
                           "tile/0/000.p/1/",
                           "tile/0/000.p/-1",
                           "tile/0/000.p/99999999999999999999",
                           "tile/0/x001.p/000",
                           "tile/0/00a",
                           "tile/0/+01",
                           "tile/0/ 01",
                           "tile/0/000 ",
                           "/tile/0/000",
                           "tile/0/../0/000",
                           "tile/entries/../../audit.key",
                           "tile/entries/%30%30%30",
                           "TILE/0/000",
                           "tile/entries/000?x",
                           "tile/data/000",
                           "tile/entries",
                           "./tile/0/000",
                           "tile/0/./000",
                           "tile/0/x999/x999/x999/x999/x999/x999/x999/999"})
    EXPECT_FALSE(parse_tile_path(path)) << path;
  EXPECT_FALSE(parse_tile_path(std::string_view("tile/0/000\0", 11)));
  EXPECT_FALSE(parse_tile_path("tile/0/" + std::string(100'000, 'x')));
}

class ServedLog : public ::testing::Test {
 protected:
  static constexpr std::uint64_t records = 700;
  void SetUp() override { fill(*open_journal(dir_.path()), records / 2); }

  std::optional<std::string> get(const std::string& path) const {
    auto file = read_served(dir_.path(), path);
    EXPECT_TRUE(file) << core::to_string(file.error());
    return *file ? std::optional(std::move((*file)->bytes)) : std::nullopt;
  }
  std::vector<StoredRecord> all() const {
    return LogReader::open(dir_.path())->read(0, records).value();
  }
  // What a tile or bundle of this name is by definition.
  static std::string expected(const std::vector<StoredRecord>& log, const TileName& name) {
    std::string out;
    for (std::uint64_t i = 0; i < name.width; ++i) {
      const std::uint64_t at = name.index * tile_width + i;
      if (name.entries) append_entry(out, log[at].body);
      if (!name.entries && name.level == 0) out.append(core::as_text(leaf_hash(log[at].body)));
      if (name.entries || name.level == 0) continue;
      std::vector<Hash> leaves;
      for (std::uint64_t leaf = 0; leaf < tile_width; ++leaf)
        leaves.push_back(leaf_hash(log[at * tile_width + leaf].body));
      out.append(core::as_text(subtree_root(leaves)));
    }
    return out;
  }
  TemporaryDirectory dir_;
};

TEST_F(ServedLog, HasAllThatTheCheckpointCovers) {
  const auto log = all();
  const auto note = get("checkpoint");
  EXPECT_EQ(note, read_text(dir_.path() / layout::checkpoint));
  EXPECT_EQ(claimed_size(*note, 0), records);
  for (const bool entries : {true, false}) {
    for (std::uint64_t index = 0; index < 4; ++index) {
      for (const std::uint64_t width : {1U, 2U, 187U, 188U, 189U, 255U, 256U}) {
        const TileName name{.entries = entries, .index = index, .width = width};
        const bool covered = index * tile_width + width <= records;
        const auto bytes = get(path_of(name));
        ASSERT_EQ(bytes.has_value(), covered) << path_of(name);
        if (covered) EXPECT_EQ(*bytes, expected(log, name)) << path_of(name);
      }
    }
  }
  for (const std::uint64_t width : {1U, 2U, 3U, 256U}) {
    const TileName name{.level = 1, .index = 0, .width = width};
    const auto bytes = get(path_of(name));
    ASSERT_EQ(bytes.has_value(), width <= 2) << path_of(name);
    if (bytes) EXPECT_EQ(*bytes, expected(log, name));
  }
  EXPECT_FALSE(get("tile/2/000.p/1"));
  EXPECT_FALSE(get("tile/7/000"));
}

// Complete bundles may stand before a head covers them.
TEST_F(ServedLog, HasNothingThatTheCheckpointDoesNotCover) {
  const auto heads = HeadFile(dir_.path() / layout::heads).from(1, 100).value();
  ASSERT_FALSE(heads.empty());
  const auto keys = load_signers(dir_.path() / layout::signing_key);
  ASSERT_TRUE(keys && *keys);
  for (const std::uint64_t size : {0U, 1U, 255U, 256U, 300U, 512U}) {
    write_text(dir_.path() / layout::checkpoint,
               sign_checkpoint({"menshen/audit", size, Hash{}}, (*keys)->front()));
    for (const bool entries : {true, false}) {
      for (std::uint64_t index = 0; index < 3; ++index) {
        for (const std::uint64_t width : {1U, 44U, 45U, 188U, 255U, 256U}) {
          const TileName name{.entries = entries, .index = index, .width = width};
          EXPECT_EQ(get(path_of(name)).has_value(), index * tile_width + width <= size)
              << path_of(name) << " of " << size;
        }
      }
    }
    EXPECT_EQ(get("tile/1/000.p/2").has_value(), size >= 512);
  }
}

TEST_F(ServedLog, HasTheHeadThatWitnessesCosigned) {
  EXPECT_FALSE(get("witnessed"));
  write_text(dir_.path() / layout::witnessed, "cosigned\n");
  EXPECT_EQ(get("witnessed"), "cosigned\n");
}

TEST_F(ServedLog, OpensNoOtherFile) {
  for (const char* path :
       {"", "../audit.key", "audit.key", "heads", "../heads", "checkpoint/", "checkpoint.tmp",
        "/checkpoint", "Checkpoint", "./checkpoint", "tile/entries/../../../audit.key"})
    EXPECT_FALSE(get(path)) << path;
}

TEST_F(ServedLog, OfADirectoryWithoutALogIsEmpty) {
  const TemporaryDirectory none;
  EXPECT_FALSE(*read_served(none.path(), "checkpoint"));
  EXPECT_FALSE(*read_served(none.path(), "tile/0/000"));
}

TEST_F(ServedLog, OfADamagedBundleIsNotCutWrongly) {
  std::filesystem::remove_all(dir_.path() / "log" / "tile/entries/001.p");
  write_text(dir_.path() / "log" / bundle_path(1), std::string("\xFF\xFF", 2));
  EXPECT_FALSE(get(bundle_path(1, 7)));
  std::filesystem::remove(dir_.path() / "log" / bundle_path(1));
  EXPECT_FALSE(get(bundle_path(1, 7)));
  EXPECT_FALSE(get(bundle_path(1)));
}

}  // namespace
}  // namespace menshen::audit
