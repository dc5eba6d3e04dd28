// What a running gateway finds when it reads its own log again, and what verify() says of texts.
#include "audit/scrubber.h"

#include "audit/sealer.h"
#include "audit/test_support.h"
#include "core/digest.h"
#include "core/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace menshen::audit {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string policy_text = "kind: PolicySet\n";

std::string hash_of(const std::string& text) {
  const core::Digest digest = core::sha256(text);
  return core::to_hex(core::as_text(digest));
}

const std::string configuration_text = "{}";

fs::path policy_file(const fs::path& directory) {
  return directory / layout::policies / (hash_of(policy_text) + ".yaml");
}

fs::path configuration_file(const fs::path& directory) {
  return directory / layout::configurations / (hash_of(configuration_text) + ".json");
}

// A record of a gateway that keeps texts, as `catalog` says.
Record of_policy(RecordType type, const std::string& catalog = "0123456789ab") {
  Record record;
  record.type = type;
  record.wall_ns = intent("").wall_ns;
  record.policy = hash_of(policy_text);
  record.configuration = catalog.empty() ? "" : hash_of(configuration_text);
  record.catalog = catalog;
  return record;
}

void keep_text(const fs::path& directory) {
  fs::create_directories(directory / layout::policies);
  write_text(policy_file(directory), policy_text);
  fs::create_directories(directory / layout::configurations);
  write_text(configuration_file(directory), configuration_text);
}

// At once, so that nobody reads half of it.
void put(const fs::path& file, const std::string& bytes) {
  const fs::path beside = file.string() + ".tmp";
  write_text(beside, bytes);
  fs::rename(beside, file);
}

void flip(const fs::path& file) {
  std::string bytes = read_text(file);
  const std::size_t subject = bytes.find("alice", bytes.size() / 2);
  bytes.at(subject == bytes.npos ? bytes.size() / 2 : subject) ^= 1;
  put(file, bytes);
}

// A log, and who reads it again.
class Scrubbed {
 public:
  explicit Scrubbed(const fs::path& directory, std::uint64_t bytes_per_second = core::gib)
      : scrubber_(directory, core::system_clock(), bytes_per_second,
                  {.damaged =
                       [this](std::string_view what) {
                         const std::lock_guard lock(mutex_);
                         told_.emplace_back(what);
                       },
                   .intact =
                       [this] {
                         const std::lock_guard lock(mutex_);
                         told_.emplace_back("intact");
                       }},
                  milliseconds(1)),
        journal_(open_journal(
            directory, {.on_tiles =
                            [this](std::shared_ptr<const Bundle> growing) {
                              scrubber_.take(growing->first());
                            },
                        .on_head = [this](const std::string& note) { scrubber_.signed_head(note); },
                        .checkpoint_interval_ms = 1})) {}

  Journal& journal() { return *journal_; }
  Scrubber& scrubber() { return scrubber_; }
  // Until so many records stand in bundles, as the scrubber knows.
  void reach(std::uint64_t records) {
    while (scrubber_.stats().position < records) std::this_thread::yield();
  }
  // One that has begun after the call.
  void whole_walk() {
    for (const std::uint64_t begun = scrubber_.stats().walks; scrubber_.stats().walks < begun + 2;)
      std::this_thread::yield();
  }
  std::vector<std::string> told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> told_;
  Scrubber scrubber_;
  std::unique_ptr<Journal> journal_;
};

struct Damage {
  fs::path file;
  std::string kind;
  std::string place;
};

TEST(Scrubber, TellsOnceWhatWasChangedAndWhereAndThatItWasMended) {
  TemporaryDirectory dir;
  keep_text(dir.path());
  append_all(*open_journal(dir.path()), {of_policy(RecordType::start)});
  fill(*open_journal(dir.path()), 300);  // its last head covers all that is damaged
  Scrubbed gateway(dir.path());
  fill(gateway.journal(), 300, 300);
  gateway.reach(1'024);
  const Damage all[] = {
      {dir.path() / "log" / bundle_path(1), "altered: ", "Record 3"},
      {dir.path() / "log" / tile_path(0, 1), "stored_hash: ", "record 384"},
      {policy_file(dir.path()), "text_altered: ", hash_of(policy_text)},
      {configuration_file(dir.path()), "text_altered: ", hash_of(configuration_text)},
  };
  std::size_t told = 0;
  for (const Damage& damage : all) {
    SCOPED_TRACE(damage.file.string());
    const std::string good = read_text(damage.file);
    flip(damage.file);
    gateway.whole_walk();
    gateway.whole_walk();
    ASSERT_EQ(gateway.told().size(), ++told);
    EXPECT_THAT(gateway.told().back(), AllOf(HasSubstr(damage.kind), HasSubstr(damage.place)));
    EXPECT_EQ(gateway.scrubber().stats().problems, 1U);
    EXPECT_EQ(gateway.scrubber().stats().problem, gateway.told().back());
    put(damage.file, good);
    gateway.whole_walk();
    gateway.whole_walk();
    ASSERT_EQ(gateway.told().size(), ++told);
    EXPECT_EQ(gateway.told().back(), "intact");
    EXPECT_EQ(gateway.scrubber().stats().problems, 0U);
    EXPECT_EQ(gateway.scrubber().stats().problem, "");
  }
  // The log itself can be written all the while.
  EXPECT_TRUE(gateway.journal().stats().healthy);
  fill(gateway.journal(), 1, 600);
}

TEST(Scrubber, TellsOfFilesThatAreGone) {
  TemporaryDirectory dir;
  keep_text(dir.path());
  Scrubbed gateway(dir.path());
  append_all(gateway.journal(), {of_policy(RecordType::start)});
  fill(gateway.journal(), 300);
  gateway.reach(512);
  fs::remove(dir.path() / "log" / bundle_path(1));
  fs::remove(policy_file(dir.path()));
  gateway.whole_walk();
  EXPECT_THAT(gateway.told(), ElementsAre(HasSubstr("text_missing: Record 0"),
                                          HasSubstr("missing: Records 256 to 511")));
}

TEST(Scrubber, AnotherHistoryOfTheSameKeyIsFound) {
  TemporaryDirectory dir;
  const fs::path other = dir.path() / "other";
  (void)open_journal(dir.path() / "var");
  fs::copy(dir.path() / "var", other, fs::copy_options::recursive);
  fill(*open_journal(other), 300, 1'000);
  // A head over records that will stand in bundles is known from the start.
  fill(*open_journal(dir.path() / "var"), 1, 5'000);
  Scrubbed gateway(dir.path() / "var");
  fill(gateway.journal(), 300);
  gateway.reach(512);
  gateway.whole_walk();
  EXPECT_THAT(gateway.told(), IsEmpty());
  for (const char* name : {"log/tile", "heads"}) {
    fs::remove_all(dir.path() / "var" / name);
    fs::copy(other / name, dir.path() / "var" / name, fs::copy_options::recursive);
  }
  ASSERT_TRUE(verify(other)->ok());
  gateway.whole_walk();
  EXPECT_THAT(gateway.told(), Not(IsEmpty()));
}

TEST(Scrubber, OfManyProblemsSomeAreToldAndTheNumberOfTheRest) {
  TemporaryDirectory dir;
  Scrubbed gateway(dir.path());
  fill(gateway.journal(), 200);
  gateway.reach(256);
  put(dir.path() / "log" / tile_path(0, 0), std::string(tile_width * sizeof(Hash), '\0'));
  gateway.whole_walk();
  gateway.whole_walk();
  ASSERT_EQ(gateway.told().size(), problems_told_max + 1);
  EXPECT_THAT(gateway.told().back(), HasSubstr("and 240 problems more"));
  EXPECT_EQ(gateway.scrubber().stats().problems, 256U);
}

TEST(Scrubber, AGatewayThatWritesIsNoProblem) {
  TemporaryDirectory dir;
  Scrubbed gateway(dir.path());
  std::atomic<bool> written = false;
  const std::jthread writer([&] {
    for (int i = 0; i < 1'000; i += 20) fill(gateway.journal(), 20, i);
    written = true;
  });
  while (!written) {
    const auto report = verify(dir.path());
    ASSERT_TRUE(report && report->ok()) << to_text(*report);
  }
  gateway.whole_walk();
  EXPECT_THAT(gateway.told(), IsEmpty());
}

TEST(Scrubber, EndsWhileItWaits) {
  TemporaryDirectory dir;
  Scrubbed gateway(dir.path(), 1);
  fill(gateway.journal(), 300);
  EXPECT_EQ(gateway.scrubber().stats().walks, 0U);
}

TEST(Scrubber, ReadsNoFasterThanItMay) {
  const std::uint64_t limit = core::Limits{}.scrub_bytes_per_second;
  SetClock clock;
  Pace pace(limit, clock);
  EXPECT_EQ(pace.after(limit), std::chrono::seconds(1));
  clock.now_ns += 1'000'000'000;
  EXPECT_GT(pace.after(limit + limit / 1'000), std::chrono::seconds(1));
  // Who has not waited waits for both.
  EXPECT_GT(pace.after(limit), std::chrono::seconds(2));
  // Nothing is saved up.
  clock.now_ns += 60'000'000'000;
  EXPECT_EQ(pace.after(limit), std::chrono::seconds(1));
}

std::vector<std::string> kinds_of(const fs::path& directory) {
  std::vector<std::string> out;
  const auto report = verify(directory);
  for (const Problem& problem : report.value().problems) out.emplace_back(to_string(problem.kind));
  return out;
}

TEST(VerifyTexts, ATextIsThereAndHasTheHashThatNamesIt) {
  TemporaryDirectory dir;
  keep_text(dir.path());
  append_all(*open_journal(dir.path()),
             {of_policy(RecordType::start), of_policy(RecordType::policy)});
  EXPECT_THAT(kinds_of(dir.path()), IsEmpty());
  for (const fs::path& file : {policy_file(dir.path()), configuration_file(dir.path())}) {
    const std::string good = read_text(file);
    flip(file);
    EXPECT_THAT(kinds_of(dir.path()), ElementsAre("text_altered")) << file;
    fs::remove(file);
    EXPECT_THAT(kinds_of(dir.path()), ElementsAre("text_missing")) << file;
    put(file, good);
  }
  EXPECT_THAT(kinds_of(dir.path()), IsEmpty());
}

TEST(VerifyTexts, FormerVersionsAndCopiesForOthersHaveNone) {
  TemporaryDirectory dir;
  append_all(*open_journal(dir.path() / "former"), {of_policy(RecordType::start, "")});
  EXPECT_THAT(kinds_of(dir.path() / "former"), IsEmpty());
  keep_text(dir.path() / "var");
  append_all(*open_journal(dir.path() / "var"), {of_policy(RecordType::start)});
  fs::create_directories(dir.path() / "copy");
  fs::copy(dir.path() / "var" / "log", dir.path() / "copy" / "log", fs::copy_options::recursive);
  fs::copy(dir.path() / "var" / layout::verifier_key, dir.path() / "copy" / layout::verifier_key);
  EXPECT_THAT(kinds_of(dir.path() / "copy"), IsEmpty());
}

}  // namespace
}  // namespace menshen::audit
