#include "detectors/values/checksum.h"

#include <gtest/gtest.h>

#include <cctype>
#include <functional>
#include <string>

namespace menshen::detectors {
namespace {

// Every other digit in every digit's place breaks the check: what mod 10, 11-2 and 97-10 guarantee.
void expect_single_errors_caught(const std::string& good,
                                 const std::function<bool(std::string_view)>& valid) {
  ASSERT_TRUE(valid(good)) << good;
  for (std::size_t i = 0; i < good.size(); ++i) {
    if (std::isdigit(static_cast<unsigned char>(good[i])) == 0) continue;
    for (char c = '0'; c <= '9'; ++c) {
      std::string bad = good;
      bad[i] = c;
      EXPECT_EQ(valid(bad), c == good[i]) << bad;
    }
  }
}

// Test numbers that the networks publish.
TEST(Luhn, KnownNumbers) {
  for (const char* good :
       {"4111111111111111", "5555555555554444", "378282246310005", "6011111111111117",
        "3530111333300000", "6200000000000005", "6205500000000000004", "490154203237518"}) {
    expect_single_errors_caught(good, luhn_valid);
  }
  for (const char* bad :
       {"6222026006705354217", "4111111111111112", "490154203237519", "", "4111 1111", "a"}) {
    EXPECT_FALSE(luhn_valid(bad)) << bad;
  }
}

TEST(Luhn, MissesOnlyTheTranspositionOfZeroAndNine) {
  for (const std::string good :
       {"6200000000000005", "5555555555554444", "378282246310005", "2720990000000007"}) {
    for (std::size_t i = 0; luhn_valid(good) && i + 1 < good.size(); ++i) {
      std::string swapped = good;
      std::swap(swapped[i], swapped[i + 1]);
      const std::string pair = good.substr(i, 2);
      EXPECT_EQ(luhn_valid(swapped), good[i] == good[i + 1] || pair == "09" || pair == "90")
          << swapped;
    }
  }
  EXPECT_TRUE(luhn_valid("0901") == luhn_valid("9001"));
}

// The worked examples of GB 11643, and specimens that the National Immigration Administration and
// the police of Beijing published.
TEST(Mod112, KnownNumbers) {
  for (const char* good :
       {"11010519491231002X", "440524188001010014", "360426199101010071", "810000199408230021",
        "830000199201300022", "911124198108030024", "932682198501010017"}) {
    expect_single_errors_caught(good, mod11_2_valid);
  }
  EXPECT_TRUE(mod11_2_valid("11010519491231002x"));
  for (const char* bad : {"110105194912310025", "810000199408230023", "911124198108030025",
                          "1101051949123100X2", "11010519491231002", "11010519491231002XX"}) {
    EXPECT_FALSE(mod11_2_valid(bad)) << bad;
  }
}

// Examples of the IBAN registry.
TEST(Iban, KnownNumbers) {
  for (const char* good :
       {"GB82WEST12345698765432", "DE89370400440532013000", "FR1420041010050500013M02606",
        "NO9386011117947", "MT84MALT011000012345MTLCAST001S"}) {
    expect_single_errors_caught(good, iban_valid);
  }
  EXPECT_TRUE(iban_valid("gb82west12345698765432"));
  for (const char* bad : {"GB82WEST12345698765433", "", "GB82", "GB82 WEST 1234 5698 7654 32"}) {
    EXPECT_FALSE(iban_valid(bad)) << bad;
  }
}

TEST(Date, Calendar) {
  EXPECT_TRUE(is_date(2000, 2, 29) && is_date(2024, 2, 29) && is_date(1999, 12, 31));
  EXPECT_FALSE(is_date(1900, 2, 29) || is_date(2023, 2, 29) || is_date(2023, 4, 31) ||
               is_date(2023, 13, 1) || is_date(2023, 0, 1) || is_date(2023, 1, 0));
}

}  // namespace
}  // namespace menshen::detectors
