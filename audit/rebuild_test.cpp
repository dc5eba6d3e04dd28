// The index made anew by command.
#include "audit/indexer_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace menshen::audit {
namespace {

using ::testing::IsEmpty;

TEST(Rebuild, MakesItAnewFromTheLogAlone) {
  TemporaryDirectory dir;
  {
    Running gateway(dir.path());
    fill(gateway.journal(), 300);
    gateway.catch_up();
  }
  { fill(*open_journal(dir.path()), 50, 300); }
  write_text(dir.path() / layout::index, "garbage");
  const auto rebuilt = rebuild_index(dir.path());
  ASSERT_TRUE(rebuilt) << core::to_string(rebuilt.error());
  EXPECT_EQ(*rebuilt, 700U);
  EXPECT_EQ(position_of(dir.path()), 700U);
  EXPECT_EQ(records_with(dir.path(), Field::event, "outcome"), 350U);
  // A gateway goes on with it.
  Running gateway(dir.path());
  fill(gateway.journal(), 1, 350);
  gateway.catch_up();
  EXPECT_THAT(gateway.begun_anew(), IsEmpty());
}

TEST(Rebuild, LeavesItToAGatewayThatRuns) {
  TemporaryDirectory dir;
  Running gateway(dir.path());
  fill(gateway.journal(), 200);
  gateway.catch_up();
  const auto rebuilt = rebuild_index(dir.path());
  ASSERT_TRUE(rebuilt);
  EXPECT_EQ(*rebuilt, std::nullopt);
  while (gateway.begun_anew().empty()) std::this_thread::yield();
  gateway.catch_up();
  EXPECT_EQ(records_with(dir.path(), Field::event, "outcome"), 200U);
}

TEST(Rebuild, ByRootLeavesFilesOfTheDirectorysOwner) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  constexpr uid_t gateway = 12'345;
  TemporaryDirectory dir;
  { fill(*open_journal(dir.path()), 200); }
  ASSERT_EQ(::chown(dir.path().c_str(), gateway, gateway), 0);
  ASSERT_EQ(rebuild_index(dir.path()).value(), 400U);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
    if (!entry.path().filename().string().starts_with(layout::index_lock.substr(0, 6))) continue;
    struct stat found {};
    ASSERT_EQ(::stat(entry.path().c_str(), &found), 0);
    EXPECT_EQ(found.st_uid, gateway) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 2U);
}

TEST(Rebuild, OfNoLogIsAnError) {
  TemporaryDirectory dir;
  EXPECT_EQ(rebuild_index(dir.path()).error().code, "no_audit_log");
  EXPECT_FALSE(std::filesystem::exists(dir.path() / layout::index));
}

}  // namespace
}  // namespace menshen::audit
