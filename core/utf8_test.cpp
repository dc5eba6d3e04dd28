// The program's one UTF-8 (core/utf8.h) says what ICU says, of any bytes.
#include "core/utf8.h"

#include <gtest/gtest.h>
#include <unicode/utf8.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace menshen::core {
namespace {

struct Read {
  char32_t point;
  std::size_t end;
  bool operator==(const Read&) const = default;
};

std::vector<Read> by_icu(std::string_view text) {
  std::vector<Read> read;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t i = 0; i < size;) {
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(bytes, i, size, c);
    read.push_back({static_cast<char32_t>(c), static_cast<std::size_t>(i)});
  }
  return read;
}

std::vector<Read> by_us(std::string_view text) {
  std::vector<Read> read;
  for (std::size_t i = 0; i < text.size();) {
    const char32_t point = utf8_next(text, i);
    read.push_back({point, i});
  }
  return read;
}

TEST(Utf8, SaysOfAnyBytesWhatIcuSays) {
  std::mt19937 random(3);
  constexpr std::string_view likely(
      "\x00\x7f\x80\x8f\x90\x9f\xa0\xbf\xc1\xc2\xdf\xe0\xe1\xed\xef"
      "\xf0\xf1\xf4\xf5\xff",
      20);
  for (int round = 0; round < 200'000; ++round) {
    std::string text(1 + random() % 7, '\0');
    for (char& c : text) {
      c = random() % 4 == 0 ? static_cast<char>(random()) : likely[random() % likely.size()];
    }
    ASSERT_EQ(by_us(text), by_icu(text)) << ::testing::PrintToString(text);
  }
}

TEST(Utf8, WritesWhatItReads) {
  for (char32_t point = 0; point <= 0x10ffff; ++point) {
    if (point >= 0xd800 && point < 0xe000) continue;
    std::string text;
    append_utf8(text, point);
    ASSERT_EQ(text.size(), utf8_size(point));
    const Utf8Character c = utf8_at(text, 0);
    ASSERT_TRUE(c.valid && c.point == point && c.bytes == text.size())
        << static_cast<std::uint32_t>(point);
    const ValidUtf8 valid = valid_utf8_at(text.data());
    ASSERT_TRUE(valid.point == point && valid.bytes == text.size())
        << static_cast<std::uint32_t>(point);
    for (std::size_t part = 1; part < text.size(); ++part) {
      const Utf8Character cut = utf8_at(std::string_view(text).substr(0, part), 0);
      ASSERT_TRUE(!cut.valid && cut.cut && cut.replaced == part && cut.bytes == 1)
          << static_cast<std::uint32_t>(point);
    }
  }
}

}  // namespace
}  // namespace menshen::core
