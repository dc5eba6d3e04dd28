// The table says what ICU says, of every code point; and what it must say whatever ICU says.
#include "core/unicode.h"

#include "core/unicode_source.h"

#include <gtest/gtest.h>
#include <unicode/uversion.h>

#include <string>

namespace menshen::core {
namespace {

template <class Same>
void expect_of_each(Same&& same) {
  for (char32_t c = 0; c < unicode::end; ++c) {
    if (c == 0xd800) c = 0xe000;
    ASSERT_TRUE(same(c)) << "U+" << std::hex << static_cast<unsigned>(c)
                         << ": make core/unicode_data.cpp anew (core/unicode_main.cpp)";
  }
}

TEST(Unicode, TableIsOfTheVersionThatIcuHas) { EXPECT_EQ(unicode_version, U_UNICODE_VERSION); }

TEST(Unicode, FactsAndCaseAreIcus) {
  expect_of_each([](char32_t c) {
    return facts(c) == UnicodeSource::facts(c) && simple_fold(c) == UnicodeSource::simple_fold(c);
  });
}

TEST(Unicode, NumbersAreIcus) {
  expect_of_each([](char32_t c) {
    return decimal_digit(c) == UnicodeSource::decimal_digit(c) &&
           whole_number(c) == UnicodeSource::whole_number(c);
  });
}

TEST(Unicode, FormsAreIcus) {
  UnicodeSource source;
  expect_of_each([&](char32_t c) {
    const std::u32string itself(1, c);
    return compatible(c).value_or(itself) == source.compatible(c) &&
           compatible_fold(c) == source.compatible_fold(c);
  });
}

TEST(Unicode, LettersAreIcus) {
  UnicodeSource source;
  expect_of_each([&](char32_t c) {
    return latin_twin(c) == source.latin_twin(c) && simplified(c) == source.simplified(c);
  });
}

TEST(Unicode, ClassesAreIcus) {
  expect_of_each([](char32_t c) { return general_class(c) == UnicodeSource::general_class(c); });
  EXPECT_EQ(general_class(unicode::end), GeneralClass::other);
}

TEST(Unicode, SaysWhatTheStandardSays) {
  EXPECT_EQ(general_class(0x01c5), GeneralClass::upper);   // Lt
  EXPECT_EQ(general_class(0x02b0), GeneralClass::letter);  // Lm
  EXPECT_EQ(general_class(0x4e00), GeneralClass::letter);
  EXPECT_EQ(general_class(0x0301), GeneralClass::mark);
  EXPECT_EQ(general_class(0x00bd), GeneralClass::number);
  EXPECT_EQ(general_class(U'_'), GeneralClass::other);
  EXPECT_EQ(simple_fold(U'A'), U'a');
  EXPECT_EQ(simple_fold(0x017f), U's');
  EXPECT_EQ(simple_fold(0x212a), U'k');
  EXPECT_EQ(simple_fold(0x1e9e), 0xdfU);
  EXPECT_EQ(simple_fold(0x0130), 0x0130U);  // status F alone
  EXPECT_EQ(simple_fold(0x10400), 0x10428U);
  EXPECT_EQ(simple_fold(U'门'), U'门');
  EXPECT_TRUE(has_any(0x3000, fact::blank));
  EXPECT_FALSE(has_any(0x200b, fact::blank));
  EXPECT_EQ(facts(0x200b), fact::format | fact::ignorable);
  EXPECT_EQ(facts(U'\t'), fact::blank | fact::control);
  EXPECT_EQ(facts(U'Я'), fact::letter | fact::capital | fact::word_letter);
  EXPECT_EQ(facts(U'门'), fact::letter);
  EXPECT_EQ(decimal_digit(U'٣'), 3);
  EXPECT_EQ(decimal_digit(U'９'), 9);
  EXPECT_EQ(decimal_digit(U'三'), -1);
  EXPECT_EQ(decimal_digit(U'/'), -1);
  EXPECT_EQ(whole_number(U'⑩'), 10);
  EXPECT_EQ(whole_number(U'½'), -1);
  EXPECT_EQ(compatible(U'Ａ'), U"A");
  EXPECT_EQ(compatible(0x2100), U"a/c");
  EXPECT_EQ(compatible(U'A'), std::nullopt);
  EXPECT_EQ(compatible_fold(0xdf), U"ss");
  EXPECT_EQ(compatible_fold(0xad), U"");
  EXPECT_EQ(compatible_fold(0x03b0), U"\u03b0");  // what folding takes apart is composed again
  EXPECT_EQ(latin_twin(U'é'), 'e');
  EXPECT_EQ(latin_twin(0x0430), 'a');
  EXPECT_EQ(latin_twin(0x0416), '\0');
  EXPECT_EQ(simplified(U'無'), U'无');
  EXPECT_EQ(simplified(U'无'), U'无');
}

// A reader that has a damaged character in its hands gets no other memory.
TEST(Unicode, PastTheLastCodePointThereIsNothing) {
  for (const char32_t c : {char32_t{0x110000}, char32_t{0xffffffff}}) {
    EXPECT_EQ(facts(c), 0);
    EXPECT_EQ(simple_fold(c), c);
    EXPECT_EQ(decimal_digit(c), -1);
    EXPECT_EQ(whole_number(c), -1);
    EXPECT_EQ(compatible_fold(c), std::u32string(1, c));
    EXPECT_EQ(latin_twin(c), '\0');
    EXPECT_EQ(simplified(c), c);
  }
}

}  // namespace
}  // namespace menshen::core
