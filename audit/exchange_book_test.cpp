#include "audit/exchange_book.h"

#include <gtest/gtest.h>

namespace menshen::audit {
namespace {

Record record_of(RecordType type, std::uint64_t exchange) {
  Record record;
  record.type = type;
  record.exchange = "e" + std::to_string(exchange);
  return record;
}

// An exchange that was refused: it has an outcome alone.
std::optional<std::string> end(ExchangeBook& book, std::uint64_t exchange) {
  return book.add(exchange, record_of(RecordType::outcome, exchange));
}

TEST(ExchangeBook, KnowsEachOfTheLastThatWereClosed) {
  ExchangeBook book;
  constexpr std::uint64_t count = 5'000;
  for (std::uint64_t i = 0; i < count; ++i) EXPECT_FALSE(end(book, i)) << i;
  for (std::uint64_t i = 0; i < count; ++i) {
    EXPECT_EQ(end(book, i), "The exchange has a second outcome.") << i;
    EXPECT_FALSE(book.add(i, record_of(RecordType::correction, i))) << i;
  }
  EXPECT_EQ(end(book, count), std::nullopt);
}

TEST(ExchangeBook, RemembersAsManyAsItSaysAndForgetsTheOldest) {
  constexpr std::uint64_t remembered = 3'000;
  ExchangeBook book(remembered);
  for (std::uint64_t i = 0; i <= remembered; ++i) ASSERT_FALSE(end(book, i)) << i;
  EXPECT_TRUE(end(book, 0));
  for (std::uint64_t i = 1; i <= remembered; ++i) ASSERT_FALSE(end(book, remembered + i)) << i;
  EXPECT_FALSE(end(book, 0));
  EXPECT_TRUE(end(book, remembered + 1));
}

TEST(ExchangeBook, AnOutcomeRefersToTheLastIntentAlone) {
  const char* const wrong = "The outcome refers to another record than the last intent.";
  for (const std::uint64_t refers : {0U, 4U, 5U, 6U}) {
    ExchangeBook book;
    Record intent = record_of(RecordType::intent, 1);
    intent.attempts = 1;
    EXPECT_FALSE(book.add(4, intent));
    intent.attempts = 2;
    EXPECT_FALSE(book.add(5, intent));
    Record outcome = record_of(RecordType::outcome, 1);
    outcome.intent = refers;
    EXPECT_EQ(book.add(7, outcome).value_or(""), refers == 0 || refers == 5 ? "" : wrong) << refers;
    EXPECT_EQ(book.open_count(), 0U);
  }
  Record alone = record_of(RecordType::outcome, 2);
  alone.intent = 5;
  EXPECT_EQ(ExchangeBook().add(8, alone), wrong);
}

// Told of the records behind some number alone, it wants nothing that may stand before.
TEST(ExchangeBook, ThatDoesNotKnowTheStartWantsNoIntentFromThere) {
  ExchangeBook book(1'000, false);
  Record outcome = record_of(RecordType::outcome, 1);
  outcome.intent = 3;
  outcome.upstream_status = 200;
  EXPECT_EQ(book.add(300, outcome), std::nullopt);
  EXPECT_EQ(book.add(301, record_of(RecordType::correction, 2)), std::nullopt);
  EXPECT_EQ(book.add(302, outcome), "The exchange has a second outcome.");
  Record intent = record_of(RecordType::intent, 4);
  intent.attempts = 1;
  EXPECT_EQ(book.add(303, intent), std::nullopt);
  EXPECT_EQ(book.add(304, intent), "The exchange has a second intent for an attempt.");
  outcome = record_of(RecordType::outcome, 4);
  outcome.intent = 3;
  EXPECT_EQ(book.add(305, outcome), "The outcome refers to another record than the last intent.");
}

}  // namespace
}  // namespace menshen::audit
