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

}  // namespace
}  // namespace menshen::audit
