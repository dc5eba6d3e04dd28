#include "core/name.h"

#include <gtest/gtest.h>

#include <string>

namespace menshen::core {
namespace {

TEST(Name, HasOneToSoManyBytes) {
  EXPECT_FALSE(is_name("", 4));
  EXPECT_TRUE(is_name("a", 4));
  EXPECT_TRUE(is_name("abcd", 4));
  EXPECT_FALSE(is_name("abcde", 4));
  EXPECT_TRUE(is_name("王", 3));
  EXPECT_FALSE(is_name("王", 2));
}

TEST(Name, IsWhatPeopleCanReadInEveryScript) {
  for (const char* name : {"alice", "王小明", "Åsa Öberg", "a b", "a\u3000b", "a@corp.example",
                           "🙂", "x-1_2.3/4:5;6", "\"quoted\"", "کریم"}) {
    EXPECT_TRUE(is_name(name, 64)) << name;
  }
}

TEST(Name, HasNothingUnseenAtItsEnds) {
  for (const std::string blank : {" ", "\u00a0", "\u00ad", "\u1680", "\u2003", "\u200b", "\u200f",
                                  "\u2028", "\u202e", "\u202f", "\u2060", "\u3000", "\ufeff"}) {
    EXPECT_FALSE(is_name(blank, 64)) << blank;
    EXPECT_FALSE(is_name(blank + "a", 64)) << blank;
    EXPECT_FALSE(is_name("王" + blank, 64)) << blank;
  }
}

TEST(Name, HasNoControlCharacterAndNoComma) {
  for (const std::string& bad :
       {std::string("a\nb"), std::string("a\tb"), std::string("a\0b", 3), std::string("a\x7f"),
        std::string("a\u0085b"), std::string("a\u009fb"), std::string("a,b")}) {
    EXPECT_FALSE(is_name(bad, 64)) << bad;
  }
}

TEST(Name, IsUtf8) {
  for (const char* bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe4\xbd",
                          "\xe0\x80\x80", "\xf0\x80\x80\x80", "a\xe4", "\xb7"}) {
    EXPECT_FALSE(is_name(bad, 64)) << bad;
  }
}

}  // namespace
}  // namespace menshen::core
