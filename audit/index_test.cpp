#include "audit/index_file.h"

#include "audit/canonical.h"
#include "audit/layout.h"
#include "audit/merkle.h"
#include "audit/test_support.h"

#include "core/clock.h"
#include "store/sqlite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace menshen::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

Record full_record() {
  Record record = outcome("01a20119-ce2b-7000-8000-0000000000a1");
  record.access_rule = "finance-inside";
  record.application = "expenses";
  record.zone = "internal";
  record.decision = "redact";
  record.error = "upstream_timeout";
  record.rules = {{"pii-in", "redact", true, 1}, {"tone", "deny", false, 1, {{"toxicity", 1}}}};
  record.findings_request = {{"email", 1}};
  record.findings_response = {{"cn_mobile", 2}};
  record.scores_request = {{"injection", 0.0123F}};
  record.scores_response = {{"grounding", 0.93F},
                            {"bias", std::numeric_limits<float>::quiet_NaN()}};
  record.targets_denied = {"cloud: legal-stays", "other"};
  return record;
}

TEST(RecordTerms, AreWhatASearchAsksFor) {
  RecordTerms record;
  const std::string body = canonical(full_record(), 7);
  ASSERT_TRUE(record.read(body));
  EXPECT_EQ(record.time_ns(), 1'790'000'000'123'456'789);
  EXPECT_EQ(record.exchange(), "01a20119-ce2b-7000-8000-0000000000a1");
  EXPECT_THAT(
      record.terms(),
      UnorderedElementsAre(Term{Field::event, "outcome"}, Term{Field::subject, "alice"},
                           Term{Field::application, "expenses"}, Term{Field::group, "finance"},
                           Term{Field::model, "qwen3-32b"}, Term{Field::upstream, "core"},
                           Term{Field::zone, "internal"}, Term{Field::decision, "redact"},
                           Term{Field::rule, "finance-inside"}, Term{Field::rule, "pii-in"},
                           Term{Field::rule, "tone"}, Term{Field::rule, "legal-stays"},
                           Term{Field::type, "email"}, Term{Field::type, "cn_mobile"},
                           Term{Field::error, "upstream_timeout"},
                           Term{Field::score_request, "injection", 123},
                           Term{Field::score_response, "grounding", 9'300},
                           Term{Field::score_response, "bias", -1}));
}

// As former versions wrote them.
TEST(RecordTerms, TypesAreFoundInCountsToo) {
  const std::string body =
      R"({"findings_request":{"email":2},"findings_response":{"cn_mobile":1},"seq":0,)"
      R"("time":"2026-09-21T14:13:20.123456789Z","type":"outcome","v":1})";
  RecordTerms record;
  ASSERT_TRUE(record.read(body));
  EXPECT_THAT(record.terms(),
              UnorderedElementsAre(Term{Field::event, "outcome"}, Term{Field::type, "email"},
                                   Term{Field::type, "cn_mobile"}));
}

TEST(RecordTerms, OfRefusalsAreTheirCodes) {
  Record refusals;
  refusals.type = RecordType::refusals;
  refusals.wall_ns = 1;
  refusals.refusals = {{"invalid_api_key", 40}, {"missing_api_key", 2}};
  RecordTerms record;
  ASSERT_TRUE(record.read(canonical(refusals, 0)));
  EXPECT_THAT(record.terms(), UnorderedElementsAre(Term{Field::event, "refusals"},
                                                   Term{Field::error, "invalid_api_key"},
                                                   Term{Field::error, "missing_api_key"}));
  EXPECT_EQ(record.exchange(), "");
}

TEST(RecordTerms, OfWhatIsNoRecordAreNone) {
  RecordTerms record;
  for (const char* body :
       {"", "[]", "7", "{}", R"({"time":"2026-11-22T02:33:18.123456789Z"})", R"({"type":"start"})",
        R"({"time":"2026-13-22T02:33:18.123456789Z","type":"start"})",
        R"({"subject":"alice","time":7,"type":"outcome"})"}) {
    EXPECT_FALSE(record.read(body)) << body;
    EXPECT_THAT(record.terms(), IsEmpty()) << body;
  }
  // What is of another form than it should be is passed over.
  EXPECT_TRUE(record.read(R"({"groups":"finance","rules":[7,{"rule":[]}],"scores_request":[1],)"
                          R"("time":"2026-11-22T02:33:18.123456789Z","type":"outcome"})"));
  EXPECT_THAT(record.terms(), ElementsAre(Term{Field::event, "outcome"}));
}

TEST(RecordTime, IsReadInItsOneForm) {
  EXPECT_EQ(parse_record_time("1970-01-01T00:00:00.000000000Z"), 0);
  for (const std::int64_t ns : {std::int64_t{1}, std::int64_t{1'790'000'000'123'456'789},
                                std::int64_t{951'782'400'000'000'000}})
    EXPECT_EQ(parse_record_time(core::format_rfc3339(ns)), ns);
  for (const char* text : {"", "2026-11-22T02:33:18Z", "2026-11-22 02:33:18.123456789Z",
                           "2026-02-29T00:00:00.000000000Z", "2026-11-22T02:33:18.12345678xZ",
                           "1969-12-31T00:00:00.000000000Z", "2262-01-01T00:00:00.000000000Z",
                           "2026-11-22T02:33:18.123456789Z "})
    EXPECT_EQ(parse_record_time(text), std::nullopt) << text;
}

TEST(Places, AreReadAsTheyWereWritten) {
  std::mt19937 random(7);
  for (std::size_t count : {0U, 1U, 31U, 32U, 33U, 200U, 256U}) {
    std::vector<std::size_t> all(tile_width);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    std::ranges::shuffle(all, random);
    Places places;
    for (std::size_t i = 0; i < count; ++i) places.set(all[i]);
    const std::string bytes = places.encode();
    EXPECT_EQ(bytes.size(), std::min<std::size_t>(count, 32));
    EXPECT_EQ(Places::decode(bytes), places) << count;
  }
}

std::unique_ptr<IndexWriter> open_index(const std::filesystem::path& directory) {
  auto index = IndexWriter::open(directory);
  if (!index) throw std::runtime_error(core::to_string(index.error()));
  return std::move(*index);
}

std::vector<std::string> bodies(std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t seq = 0; seq < count; ++seq) {
    Record record = outcome("exchange-" + std::to_string(seq));
    record.wall_ns += static_cast<std::int64_t>(seq);
    record.subject = "subject-" + std::to_string(seq % 100);
    out.push_back(canonical(record, seq));
  }
  return out;
}

// From where the index stands, `step` records a transaction.
void add_all(IndexWriter& index, const std::vector<std::string>& all, std::size_t step) {
  while (index.position().records < all.size()) {
    ASSERT_TRUE(index.begin());
    const std::size_t end = std::min(all.size(), index.position().records + step);
    const auto intents = [&](std::uint64_t seq) { return std::string_view(all[seq]); };
    while (index.next() < end) ASSERT_TRUE(index.add(all[index.next()], intents));
    ASSERT_TRUE(index.commit());
  }
}

std::vector<std::uint64_t> found(IndexLookup& lookup, Field field, std::string_view value) {
  std::vector<std::uint64_t> out;
  const auto ids = lookup.ids_of(field, value);
  for (std::uint64_t bundle = 1'000;;) {
    const auto posting = lookup.last_of(ids.value(), bundle);
    if (!posting.value()) return out;
    for (std::size_t place = tile_width; place-- > 0;) {
      if (posting.value()->places.test(place))
        out.push_back(posting.value()->bundle * tile_width + place);
    }
    if (posting.value()->bundle == 0) return out;
    bundle = posting.value()->bundle - 1;
  }
}

TEST(IndexFile, HasTheSameHoweverItWasFilled) {
  const auto all = bodies(700);
  for (const std::size_t step : {1U, 7U, 256U, 300U, 10'000U}) {
    TemporaryDirectory dir;
    // Opened anew now and then: it goes on in the midst of a bundle.
    const std::vector<std::string> half(all.begin(), all.begin() + 333);
    add_all(*open_index(dir.path()), half, step);
    {
      const auto index = open_index(dir.path());
      EXPECT_EQ(index->position().records, 333U);
      EXPECT_EQ(index->position().leaf, core::as_text(leaf_hash(all[332])));
      EXPECT_EQ(index->next(), 256U);
      add_all(*index, all, step);
    }
    const auto lookup = IndexLookup::open(dir.path());
    ASSERT_TRUE(lookup && *lookup);
    EXPECT_EQ((*lookup)->position().records, 700U);
    EXPECT_THAT(found(**lookup, Field::subject, "subject-42"),
                ElementsAre(642, 542, 442, 342, 242, 142, 42))
        << step;
    EXPECT_EQ(found(**lookup, Field::event, "outcome").size(), 700U);
    EXPECT_THAT(found(**lookup, Field::event, "intent"), IsEmpty());
    const auto exchange = (*lookup)->last_of_exchange("exchange-300", 1'000);
    ASSERT_TRUE(exchange.value());
    EXPECT_EQ(exchange.value()->bundle, 1U);
    EXPECT_TRUE(exchange.value()->places.test(300 - 256));
  }
}

TEST(IndexFile, KnowsWhichBundlesATimeIsIn) {
  TemporaryDirectory dir;
  add_all(*open_index(dir.path()), bodies(700), 700);
  const auto lookup = IndexLookup::open(dir.path());
  const std::int64_t begin = 1'790'000'000'123'456'789;
  using Range = std::pair<std::uint64_t, std::uint64_t>;
  EXPECT_EQ((*lookup)->bundles_in(begin, begin + 700).value(), Range(0, 3));
  EXPECT_EQ((*lookup)->bundles_in(begin + 256, begin + 257).value(), Range(1, 2));
  EXPECT_EQ((*lookup)->bundles_in(begin + 255, begin + 256).value(), Range(0, 1));
  for (const auto& [since, until] :
       {std::pair(begin + 700, begin + 800), {std::int64_t{0}, begin}}) {
    const auto none = (*lookup)->bundles_in(since, until).value();
    EXPECT_GE(none.first, none.second);
  }
}

TEST(IndexFile, ScoresAreFoundByTenths) {
  TemporaryDirectory dir;
  std::vector<std::string> all;
  for (int tenth = 0; tenth <= 10; ++tenth) {
    Record record = outcome("exchange");
    record.scores_response = {{"grounding", static_cast<float>(tenth) / 10.0F}};
    all.push_back(canonical(record, all.size()));
  }
  add_all(*open_index(dir.path()), all, 100);
  const auto lookup = IndexLookup::open(dir.path());
  const auto ids = [&](std::int32_t min, std::int32_t max) {
    return (*lookup)->ids_of(Field::score_response, "grounding", min, max)->size();
  };
  EXPECT_EQ(ids(0, 10'000), 11U);
  EXPECT_EQ(ids(0, 999), 1U);
  EXPECT_EQ(ids(0, 1'000), 2U);
  EXPECT_EQ(ids(9'999, 10'000), 2U);
}

TEST(IndexFile, OfNobodyKnowsWhatIsDamagedOrOfAnotherVersion) {
  TemporaryDirectory dir;
  const auto file = dir.path() / layout::index;
  EXPECT_EQ(*IndexLookup::open(dir.path()), nullptr);
  write_text(file, std::string(8'192, 'x'));
  EXPECT_EQ(IndexWriter::open(dir.path()).error().code, index_damaged);
  EXPECT_EQ(IndexLookup::open(dir.path()).error().code, index_damaged);
  ASSERT_TRUE(remove_index(dir.path(), true));
  EXPECT_EQ(read_text(dir.path() / layout::damaged_index), std::string(8'192, 'x'));
  EXPECT_FALSE(std::filesystem::exists(file));
  ASSERT_TRUE(remove_index(dir.path(), true));  // there is none

  add_all(*open_index(dir.path()), bodies(3), 3);
  {
    const auto db = store::Database::open(file, {.mode = store::OpenMode::read_write, .code = "x"});
    ASSERT_TRUE(db->execute("PRAGMA user_version=999"));
  }
  EXPECT_EQ(IndexWriter::open(dir.path()).error().code, index_damaged);
  EXPECT_EQ(*IndexLookup::open(dir.path()), nullptr);
}

// A file of a version that kept a write-ahead log, which its gateway left there when it was killed.
TEST(IndexFile, HasNothingBesideItThatIsMapped) {
  TemporaryDirectory dir;
  const auto file = dir.path() / layout::index;
  add_all(*open_index(dir.path()), bodies(3), 3);
  {
    const auto db = store::Database::open(file, {.mode = store::OpenMode::read_write, .code = "x"});
    ASSERT_EQ(db->query_text("PRAGMA journal_mode=WAL").value(), "wal");
    ASSERT_TRUE(db->execute("UPDATE position SET records = records"));
    std::filesystem::copy(file.string() + "-wal", dir.path() / "wal");
    std::filesystem::copy(file, dir.path() / "db");
  }
  std::filesystem::rename(dir.path() / "db", file);
  std::filesystem::rename(dir.path() / "wal", file.string() + "-wal");
  const auto index = open_index(dir.path());
  EXPECT_EQ(index->position().records, 3U);
  for (const char* name : {"index.db-wal", "index.db-shm"})
    EXPECT_FALSE(std::filesystem::exists(dir.path() / name)) << name;
  EXPECT_TRUE(index->untouched());
}

// While one looks something up, however long, the other goes on; and the reverse.
TEST(IndexFile, AReaderHoldsUpNoWriter) {
  TemporaryDirectory dir;
  const auto index = open_index(dir.path());
  add_all(*index, bodies(300), 300);
  const auto lookup = *IndexLookup::open(dir.path());
  const auto ids = lookup->ids_of(Field::event, "outcome").value();
  const auto before = lookup->last_of(ids, 0).value();
  ASSERT_TRUE(before);
  add_all(*index, bodies(600), 600);
  EXPECT_EQ(lookup->position().records, 300U);
  const auto after = lookup->last_of(ids, 0).value();
  EXPECT_TRUE(after && after->places == before->places);
}

TEST(IndexFile, IsItsOwnersAlone) {
  TemporaryDirectory dir;
  const auto index = open_index(dir.path());
  add_all(*index, bodies(3), 3);
  for (const char* name : {"index.db", "index.db-journal"}) {
    const auto rights = std::filesystem::status(dir.path() / name).permissions();
    EXPECT_EQ(static_cast<unsigned>(rights), 0600U) << name;
  }
  EXPECT_TRUE(index->untouched());
  std::filesystem::remove(dir.path() / "index.db");
  EXPECT_FALSE(index->untouched());
}

}  // namespace
}  // namespace menshen::audit
