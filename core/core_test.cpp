#include "core/clock.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/hex.h"
#include "core/finding.h"
#include "core/score.h"

#include <gtest/gtest.h>

#include <array>
#include <ctime>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace menshen::core {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0)
    return client_error(ErrorKind::invalid_request, "odd", "The number is odd.", "/n");
  return n / 2;
}

TEST(Error, SaysWhatWhoseAndWhere) {
  EXPECT_EQ(half(4).value(), 2);
  const auto odd = half(3);
  ASSERT_FALSE(odd);
  EXPECT_EQ(http_status(odd.error().kind), 400);
  EXPECT_EQ(to_string(odd.error()), "/n: The number is odd. (odd)");
  EXPECT_THROW((void)odd.value(), std::logic_error);
  EXPECT_THROW((void)*odd, std::logic_error);
  EXPECT_THROW((void)half(4).error(), std::bad_variant_access);
}

TEST(Result, HoldsWhatOnlyMovesAndNothing) {
  Result<std::unique_ptr<int>> made = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = *std::move(made);
  EXPECT_EQ(*taken, 7);
  const auto words = [] {
    return Result<std::vector<std::string>>(std::vector<std::string>{"one", "two"});
  };
  std::string said;
  for (const std::string& word : words().value()) said += word;
  EXPECT_EQ(said, "onetwo");
  const Result<std::optional<std::string>> empty = std::nullopt;
  EXPECT_TRUE(empty);
  EXPECT_FALSE(*empty);
  Result<void> done;
  EXPECT_TRUE(done);
  done = half(1).error();
  EXPECT_EQ(done.error().code, "odd");
  EXPECT_THROW(done.value(), std::logic_error);
}

// FIPS 180-4 and RFC 4231 test vectors.
TEST(Digest, KnownAnswers) {
  EXPECT_EQ(to_hex(as_text(sha256("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(to_hex(as_text(hmac_sha256("", ""))),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    EXPECT_EQ(to_hex(as_text(sha256_joined({"ab", "c"}))), to_hex(as_text(sha256("abc"))));
  }
  // Again with the same key, and with another one between.
  for (const std::string_view between : {"Jefe", "", "Jefe", "another", "Jef"}) {
    EXPECT_EQ(to_hex(as_text(hmac_sha256("Jefe", "what do ya want for nothing?"))),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        << between;
    EXPECT_NE(hmac_sha256(between, "x"), hmac_sha256("yet another", "x"));
  }
  Sha256 pieces("a");
  pieces.update("b");
  pieces.update("c");
  EXPECT_EQ(pieces.finish(), sha256("abc"));
}

TEST(Digest, EncodingsRoundTripAndRefuseWhatTheyWouldNotWrite) {
  for (std::size_t n = 0; n < 20; ++n) {
    const std::string bytes = random_bytes(n);
    EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
  }
  // The alphabet of section 5, and lengths that leave one and two bytes over.
  const std::string digits = *from_base64("+/+/AAECAwQF");
  EXPECT_EQ(to_base64url(digits), "-_-_AAECAwQF");
  EXPECT_EQ(to_base64url(digits.substr(0, 1)), "-w");
  EXPECT_EQ(to_base64url(digits.substr(0, 2)), "-_8");
  EXPECT_EQ(to_base64url(""), "");
  EXPECT_EQ(to_base64url(as_text(Digest{})).size(), 43U);
  EXPECT_FALSE(from_hex("0g"));
  EXPECT_FALSE(from_hex("012"));
  EXPECT_FALSE(from_base64("YQ"));
  EXPECT_FALSE(from_base64("YR=="));  // stray bits
  EXPECT_FALSE(from_base64(" YQ="));
  EXPECT_FALSE(equal_constant_time("a", "b"));
  EXPECT_TRUE(equal_constant_time("same", "same"));
}

TEST(Hex, PercentSignsThatBeginNoEscapeStay) {
  struct Case {
    std::string_view text;
    std::string_view decoded;
    bool all;
  };
  const Case cases[] = {
      {"", "", true},          {"a%2Fb%2f", "a/b/", true}, {"%e5%BC%A0", "\u5f20", true},
      {"100%", "100%", false}, {"%4", "%4", false},        {"%4g%41", "%4gA", false},
      {"%%41", "%A", false},   {"%2541", "%41", true}};
  for (const Case& c : cases) {
    const PercentDecoded decoded = percent_decoded(c.text);
    EXPECT_EQ(decoded.text, c.decoded);
    EXPECT_EQ(decoded.all, c.all) << c.text;
  }
}

TEST(Digest, ExchangeIdsSortByTimeAndDoNotRepeat) {
  EXPECT_LT(uuid_v7(1'000'000'000'000), uuid_v7(1'000'000'000'000 + 1'000'000));
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(uuid_v7(0));
  EXPECT_EQ(seen.size(), 1000U);
  EXPECT_EQ(uuid_v7(0)[14], '7');
}

TEST(Clock, FormatsUtc) {
  EXPECT_EQ(format_rfc3339(1'700'000'000'123'456'789), "2023-11-14T22:13:20.123456789Z");
  EXPECT_EQ(format_day(1'700'000'000'123'456'789), "2023-11-14");
  EXPECT_EQ(format_rfc3339(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(format_rfc3339(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(format_rfc3339(951'868'799'000'000'001), "2000-02-29T23:59:59.000000001Z");
}

TEST(Clock, FormatsEveryTimeAsTheCalendarHasIt) {
  for (std::int64_t second = 0; second < 9'000'000'000; second += 8'765'431) {
    const std::time_t time = second;
    char expected[32];
    std::tm parts{};
    std::strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.000000042Z",
                  gmtime_r(&time, &parts));
    EXPECT_EQ(format_rfc3339(second * 1'000'000'000 + 42), expected);
  }
}

constexpr ScoreKind support{.name = "support", .better = Better::higher};
constexpr ScoreKind harm{.name = "harm"};
constexpr ScoreKind zeal{.name = "zeal"};

TEST(Scores, MergeKeepsTheWorse) {
  Scores a;
  Scores b;
  a.set(support, 0.9F);
  b.set(support, 0.2F);
  b.set(harm, 0.5F);
  a.merge_worse(b);
  EXPECT_FLOAT_EQ(*a.get(support), 0.2F);
  EXPECT_FLOAT_EQ(*a.get(harm), 0.5F);
  EXPECT_FALSE(a.get(zeal));
  b.set(support, 0.3F);
  b.set(harm, 0.1F);
  a.merge_worse(b);
  EXPECT_FLOAT_EQ(*a.get(support), 0.2F);
  EXPECT_FLOAT_EQ(*a.get(harm), 0.5F);
}

TEST(ScoreKinds, AreASet) {
  ScoreKinds one;
  EXPECT_TRUE(one.empty());
  one.add(zeal);
  one.add(support);
  one.add(zeal);
  ScoreKinds other;
  other.add(support);
  EXPECT_TRUE(other.has(support));
  EXPECT_FALSE(other.has(zeal));
  EXPECT_FALSE(one == other);
  other.add(one);
  EXPECT_TRUE(one == other);
  EXPECT_EQ(other.all().size(), 2U);
}

TEST(Scores, StandInTheOrderOfTheirNames) {
  Scores scores;
  for (const ScoreKind* kind : {&zeal, &harm, &support, &harm}) scores.set(*kind, 0.5F);
  std::string names;
  for (const Score& score : scores.all()) names.append(score.kind->name) += ' ';
  EXPECT_EQ(names, "harm support zeal ");
}

TEST(Scores, HoldAsManyKindsAsABuildMayHave) {
  static const std::array<std::string, Scores::kinds_max + 1> names{"a", "b", "c", "d", "e",
                                                                    "f", "g", "h", "i"};
  std::vector<ScoreKind> kinds(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) kinds[i].name = names[i];
  Scores scores;
  for (std::size_t i = 0; i < Scores::kinds_max; ++i) scores.set(kinds[i], 0.5F);
  EXPECT_EQ(scores.all().size(), Scores::kinds_max);
  EXPECT_DEATH(scores.set(kinds.back(), 0.5F), "");
}

}  // namespace
}  // namespace menshen::core
