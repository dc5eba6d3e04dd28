#include "audit/search.h"

#include "audit/canonical.h"
#include "audit/indexer.h"
#include "audit/joined.h"
#include "audit/layout.h"
#include "audit/test_support.h"
#include "audit/tiles.h"
#include "store/sqlite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace menshen::audit {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t begin_ns = 1'790'000'000'000'000'000;

// An outcome says nearly the same as an intent, near or far before it, and leaves that out.
void refer_to_one_of(const std::vector<Record>& earlier, std::size_t seq, Record& record) {
  if (seq >= earlier.size() || earlier[seq].type != RecordType::intent) return;
  Record outcome = earlier[seq];
  outcome.type = RecordType::outcome;
  outcome.findings_request = record.findings_request;
  outcome.error = record.error;
  outcome.model = record.model;
  refer(outcome, seq, earlier[seq]);
  record = std::move(outcome);
}

// Records of many kinds, some of them rare.
std::vector<Record> varied(std::size_t count) {
  std::mt19937 random(11);
  const auto one_in = [&](unsigned n) { return random() % n == 0; };
  const auto one_of = [&](const char* name, unsigned n) {
    return name + std::to_string(random() % n);
  };
  std::vector<Record> out;
  for (std::size_t i = 0; i < count; ++i) {
    Record record =
        one_in(2) ? intent(one_of("exchange-", 400)) : outcome(one_of("exchange-", 400));
    record.wall_ns = begin_ns + static_cast<std::int64_t>(i) * 1'000'000'000;
    if (one_in(10)) record.wall_ns -= 90'000'000'000;  // of a long stream
    record.subject = one_of("subject-", 30);
    record.groups = {one_of("group-", 4), one_of("group-", 40)};
    record.model = one_of("model-", 3);
    record.upstream = one_of("upstream-", 3);
    record.zone = one_of("zone-", 2);
    record.decision = one_in(20) ? "deny" : "allow";
    if (one_in(4)) record.application = one_of("application-", 9);
    if (one_in(50)) record.error = one_of("error_", 5);
    if (one_in(9)) record.rules = {{one_of("rule-", 9), "annotate", !one_in(3), 1}};
    if (one_in(30)) record.access_rule = one_of("rule-", 90);
    if (one_in(7)) record.findings_request = {{one_of("type_", 4), 1}};
    if (one_in(70)) record.findings_response = {{one_of("type_", 40), 1}};
    if (one_in(3))
      record.scores_request = {{"injection", static_cast<float>(random() % 10'001) / 1e4F}};
    if (one_in(4))
      record.scores_response = {{"grounding", static_cast<float>(random() % 10'001) / 1e4F}};
    if (one_in(3)) refer_to_one_of(out, random() % (i + 1), record);
    out.push_back(std::move(record));
  }
  return out;
}

void append(const std::filesystem::path& directory, const std::vector<Record>& records) {
  const auto journal = open_journal(directory);
  for (const auto& seq : append_all(*journal, records)) ASSERT_TRUE(seq);
}

std::vector<Search> searches() {
  std::vector<Search> out{{}};
  const auto term = [&](Field field, const std::string& value) {
    out.push_back({.terms = {{field, value}}});
  };
  for (const int n : {0, 2, 7, 31}) {
    const std::string number = std::to_string(n);
    term(Field::subject, "subject-" + number);
    term(Field::application, "application-" + number);
    term(Field::group, "group-" + number);
    term(Field::model, "model-" + number);
    term(Field::upstream, "upstream-" + number);
    term(Field::zone, "zone-" + number);
    term(Field::error, "error_" + number);
    term(Field::rule, "rule-" + number);
    term(Field::type, "type_" + number);
    out.push_back({.exchange = "exchange-" + number});
  }
  term(Field::decision, "deny");
  term(Field::event, "outcome");
  term(Field::event, "start");
  out.push_back({.terms = {{Field::subject, "subject-3"}, {Field::model, "model-1"}}});
  out.push_back({.terms = {{Field::decision, "deny"}, {Field::rule, "rule-4"}}});
  out.push_back({.terms = {{Field::group, "group-1"}, {Field::group, "group-3"}}});
  out.push_back({.scores = {{"injection", 9'500, 10'000}}});
  out.push_back({.scores = {{"grounding", 0, 333}}});
  out.push_back(
      {.terms = {{Field::subject, "subject-3"}}, .scores = {{"grounding", 5'000, 5'999}}});
  out.push_back({.terms = {{Field::model, "model-1"}}, .exchange = "exchange-5"});
  out.push_back({.since_ns = begin_ns + 500'000'000'000, .until_ns = begin_ns + 520'000'000'000});
  out.push_back({.terms = {{Field::zone, "zone-1"}}, .until_ns = begin_ns + 300'000'000'000});
  out.push_back({.since_ns = begin_ns + 5'000'000'000'000});
  const std::size_t count = out.size();
  for (std::size_t i = 0; i < count; ++i) {
    out[i].records_max = 10'000;
    out.push_back(out[i]);
    out.back().records_max = 3;
  }
  return out;
}

// By the definition, over the record's fields.
bool wanted(const Search& search, const Record& r) {
  const auto named = [&](const Search::Wanted& want) {
    const std::string& value = want.value;
    const auto in = [&](const FindingGroups& groups) {
      return std::ranges::count(groups, value, &FindingGroup::type) > 0;
    };
    switch (want.field) {
      case Field::event: return to_string(r.type) == value;
      case Field::subject: return r.subject == value;
      case Field::application: return r.application == value;
      case Field::group: return std::ranges::count(r.groups, value) > 0;
      case Field::model: return r.model == value;
      case Field::upstream: return r.upstream == value;
      case Field::zone: return r.zone == value;
      case Field::decision: return r.decision == value;
      case Field::error: return r.error == value;
      case Field::type: return in(r.findings_request) || in(r.findings_response);
      case Field::rule:
        return r.access_rule == value || std::ranges::count(r.rules, value, &FiredRule::rule) > 0;
      default: return false;
    }
  };
  const auto scored = [&](const Search::ScoreRange& range) {
    for (const auto* scores : {&r.scores_request, &r.scores_response}) {
      const auto score = scores->find(range.name);
      if (score == scores->end()) continue;
      const auto units = static_cast<std::int32_t>(std::lround(score->second * 1e4F));
      if (units >= range.min && units <= range.max) return true;
    }
    return false;
  };
  return (search.exchange.empty() || r.exchange == search.exchange) &&
         r.wall_ns >= search.since_ns && r.wall_ns < search.until_ns &&
         std::ranges::all_of(search.terms, named) && std::ranges::all_of(search.scores, scored);
}

std::vector<std::uint64_t> numbers(const Found& found) {
  std::vector<std::uint64_t> out;
  for (const StoredRecord& record : found.records) out.push_back(record.seq);
  return out;
}

std::vector<std::uint64_t> expected(const Search& search, const std::vector<Record>& records) {
  std::vector<std::uint64_t> out;
  for (std::size_t seq = records.size(); seq-- > 0 && out.size() < search.records_max;) {
    if (wanted(search, records[seq])) out.push_back(seq);
  }
  return out;
}

class SearchTest : public ::testing::Test {
 protected:
  // Each search finds what it should, `indexed` records by the index.
  void check(std::uint64_t indexed) {
    std::size_t found_some = 0;
    for (const Search& each : searches()) {
      const auto found = search(dir_.path(), each);
      ASSERT_TRUE(found) << core::to_string(found.error());
      EXPECT_EQ(found->indexed, each.scan ? 0 : indexed);
      EXPECT_EQ(found->log_records, records_.size());
      EXPECT_EQ(numbers(*found), expected(each, records_));
      found_some += found->records.empty() ? 0 : 1;
    }
    EXPECT_GT(found_some, 60U);
  }
  void append_some(std::size_t count) {
    auto more = varied(records_.size() + count);
    more.erase(more.begin(), more.begin() + static_cast<std::ptrdiff_t>(records_.size()));
    append(dir_.path(), more);
    records_.insert(records_.end(), more.begin(), more.end());
  }
  TemporaryDirectory dir_;
  std::vector<Record> records_;
};

TEST_F(SearchTest, FindsTheSameWithAndWithoutAnIndex) {
  append_some(1'000);
  check(0);
  ASSERT_EQ(rebuild_index(dir_.path()).value(), 1'000U);
  check(1'000);
  append_some(700);  // a part of it in segments, none of it in the index
  check(1'000);
  ASSERT_EQ(rebuild_index(dir_.path()).value(), 1'700U);
  check(1'700);
}

TEST_F(SearchTest, GivesTheIntentsOfTheOutcomesThatItFinds) {
  append_some(1'000);
  const auto found = search(dir_.path(), {.terms = {{Field::event, "outcome"}}});
  std::size_t joined = 0;
  for (const StoredRecord& stored : found->records) {
    Record outcome = parse_record(stored.body)->record;
    ASSERT_EQ(found->intents.contains(outcome.intent), outcome.intent > 0);
    if (outcome.intent == 0) continue;
    EXPECT_EQ(stored.body.find("subject"), stored.body.npos);
    ASSERT_TRUE(join(outcome, parse_record(found->intents.at(outcome.intent))->record));
    EXPECT_EQ(outcome.subject, records_[stored.seq].subject);
    ++joined;
  }
  EXPECT_GT(joined, 10U);
}

// As no gateway writes it: nobody is found for what another's intent says.
TEST(Searching, NothingIsTakenFromAnIntentOfAnotherExchange) {
  TemporaryDirectory dir;
  Record own = outcome("own");
  own.subject.clear();
  std::vector<Record> all{outcome("another"), intent("another"), intent("own")};
  for (const std::uint64_t seq : {1U, 0U, 4U, 6U, 900U}) {
    all.push_back(own);
    all.back().intent = seq;
  }
  all[2].subject = "bob";
  all.push_back(all[2]);
  { append_all(*open_journal(dir.path()), all); }
  for (const bool indexed : {false, true}) {
    if (indexed) ASSERT_EQ(rebuild_index(dir.path()).value(), all.size());
    const auto found = search(dir.path(), {.exchange = "own", .records_max = 100}).value();
    EXPECT_EQ(found.records.size(), 7U);
    EXPECT_TRUE(found.intents.empty());
    const auto alice = search(dir.path(), {.terms = {{Field::subject, "alice"}}}).value();
    EXPECT_EQ(alice.records.size(), 2U);
    const auto bob = search(dir.path(), {.terms = {{Field::subject, "bob"}}}).value();
    EXPECT_EQ(bob.records.size(), 2U);
  }
}

TEST_F(SearchTest, ScansWhenItIsAsked) {
  append_some(600);
  ASSERT_TRUE(rebuild_index(dir_.path()));
  const auto found = search(dir_.path(), {.terms = {{Field::decision, "deny"}}, .scan = true});
  EXPECT_EQ(found->indexed, 0U);
  EXPECT_EQ(numbers(*found), expected({.terms = {{Field::decision, "deny"}}}, records_));
}

TEST_F(SearchTest, DoesNotBelieveTheIndex) {
  append_some(600);
  ASSERT_TRUE(rebuild_index(dir_.path()));
  // It says that alice, of whom there is no record, has all of subject-3's.
  {
    const auto db = store::Database::open(dir_.path() / layout::index,
                                          {.mode = store::OpenMode::read_write, .code = "x"});
    ASSERT_TRUE(db->execute("UPDATE terms SET value = 'alice' WHERE value = 'subject-3'"));
  }
  const auto found = search(dir_.path(), {.terms = {{Field::subject, "alice"}}});
  EXPECT_EQ(found->indexed, 600U);
  EXPECT_THAT(found->records, IsEmpty());
}

TEST_F(SearchTest, AnIndexOfAnotherLogOrADamagedOneIsNone) {
  append_some(600);
  TemporaryDirectory other;
  append(other.path(), varied(500));
  append(other.path(), {outcome("another")});
  ASSERT_TRUE(rebuild_index(other.path()));
  std::filesystem::copy_file(other.path() / layout::index, dir_.path() / layout::index);
  check(0);
  write_text(dir_.path() / layout::index, "garbage");
  check(0);
}

TEST_F(SearchTest, AnIndexWhosePagesAreDamagedIsGivenUpHalfway) {
  append_some(1'000);
  ASSERT_TRUE(rebuild_index(dir_.path()));
  std::string file = read_text(dir_.path() / layout::index);
  // The rows of what the first page leads to.
  for (std::size_t at = 2 * 4'096; at < file.size(); ++at) file[at] = '\x7F';
  write_text(dir_.path() / layout::index, file);
  for (const Search& each : searches()) {
    const auto found = search(dir_.path(), each);
    ASSERT_TRUE(found) << core::to_string(found.error());
    EXPECT_EQ(numbers(*found), expected(each, records_));
  }
}

TEST_F(SearchTest, ACorrectionBelongsToItsExchange) {
  Record correction = outcome("exchange-1");
  correction.type = RecordType::correction;
  correction.subject.clear();
  correction.wall_ns += 5'000'000'000;
  append(dir_.path(),
         {intent("exchange-1"), outcome("exchange-1"), outcome("exchange-2"), correction});
  ASSERT_TRUE(rebuild_index(dir_.path()));
  EXPECT_THAT(numbers(*search(dir_.path(), {.exchange = "exchange-1"})), ElementsAre(3, 1, 0));
}

TEST(Searching, WithoutALogIsAnError) {
  TemporaryDirectory dir;
  EXPECT_EQ(search(dir.path(), {}).error().code, "no_audit_log");
}

// "None" would be a wrong answer.
TEST(Searching, ARecordThatCannotBeReadIsAnError) {
  for (const std::string_view left : {"none", "no record", ""}) {
    const TemporaryDirectory dir;
    append(dir.path(), varied(600));
    ASSERT_TRUE(rebuild_index(dir.path()));
    const auto bundle = dir.path() / layout::tiles / bundle_path(0);
    if (left == "none")
      std::filesystem::remove(bundle);
    else
      write_text(bundle, std::string(left));
    for (const bool scan : {false, true}) {
      for (Search search : {Search{}, Search{.terms = {{Field::subject, "subject-3"}}}}) {
        search.scan = scan;
        search.records_max = 10'000;
        const auto found = audit::search(dir.path(), search);
        EXPECT_EQ(found ? "" : found.error().code, "evidence_unreadable");
      }
    }
  }
}

}  // namespace
}  // namespace menshen::audit
