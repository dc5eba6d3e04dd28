#include "audit/signing_pace.h"

#include "audit/keys.h"
#include "audit/log_store.h"
#include "audit/test_support.h"

namespace menshen::audit {
namespace {

TEST(SigningPace, SigningTakesItsPartOfTheTime) {
  SigningPace pace(32);
  EXPECT_TRUE(pace.allows(0));
  pace.signed_between(100, 110);
  EXPECT_FALSE(pace.allows(110));
  EXPECT_FALSE(pace.allows(110 + 319));
  EXPECT_TRUE(pace.allows(110 + 320));
  EXPECT_FALSE(SigningPace(0).allows(1'000'000'000));
}

// What stood in the directory when the power went, the journal being open.
std::uint64_t signed_of_three_groups(std::uint32_t share) {
  const TemporaryDirectory dir;
  const TemporaryDirectory crashed;
  SetClock clock;  // a signature takes no time
  const auto journal =
      Journal::open(
          {.directory = dir.path(), .signing_share = share, .checkpoint_interval_ms = 3'600'000},
          clock)
          .value();
  for (const char* exchange : {"a", "b", "c"}) append_all(*journal, {intent(exchange)});
  std::filesystem::copy(dir.path(), crashed.path(), std::filesystem::copy_options::recursive);
  const auto store = LogStore::open(crashed.path(), Begin::refused).value();
  EXPECT_EQ(store.tree().size(), 3U);
  const auto key = load_verifier(dir.path() / layout::verifier_key).value();
  return open_checkpoint(*store.last_head(), key).value().size;
}

TEST(SigningPace, ACrashLeavesNoGroupUnsignedWhereSignaturesAreCheap) {
  EXPECT_EQ(signed_of_three_groups(32), 3U);
  EXPECT_EQ(signed_of_three_groups(0), 0U);
}

}  // namespace
}  // namespace menshen::audit
