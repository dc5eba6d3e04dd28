#include "detectors/text/view.h"

#include "detectors/text/decoder.h"

#include <gtest/gtest.h>

namespace menshen::detectors {
namespace {

View view_of(std::string_view text, unsigned level = 0, bool styled = false) {
  View view;
  view.reset();
  Decoder decoder;
  decoder.reset();
  for (unsigned i = 0; i < level; ++i) decoder.raise_level();
  if (styled) decoder.style();
  EXPECT_EQ(decoder.decode(text, view, {}), text.size());
  decoder.finish(view);
  return view;
}

std::string shown(std::string_view text, unsigned level = 0, bool styled = false) {
  const View view = view_of(text, level, styled);
  return std::string(view.slice(view.begin(), view.end()));
}

TEST(Decoder, NormalisesSingleCharacters) {
  EXPECT_EQ(shown("１３８＠ａ．ｂ"), "138@a.b");
  EXPECT_EQ(shown("℡ 𝟏𝟑 🯱"), "TEL 13 1");
  EXPECT_EQ(shown("١٣٨ १३८ ๑๓๘ 𑁧"), "138 138 138 1");
  EXPECT_EQ(shown("1\u200b3\u00ad8\ufe0f\u20e3\u2066\ufeff\U000e0031"), "138");
  EXPECT_EQ(shown("1\u03383\u03008"), "138");
  EXPECT_EQ(shown("a‐b–c—d−e·f　g\u00a0h"), "a-b-c-d-e.f g h");
  EXPECT_EQ(shown("中文，。（）：カé"), "中文，。():カé");
}

TEST(Decoder, StyledCharactersStandBesideAValueOrArePartOfIt) {
  const std::string text = "①⑳⑴⒈🄂➀❶⓵²₃〡㈠㊀ 1\U000e0033\u2028\u00858\U000e007f½Ⅳ";
  EXPECT_EQ(shown(text, 0, true), "120111111231一一 1381⁄2IV");
  EXPECT_EQ(shown(text), "①⑳⑴⒈🄂➀❶⓵²₃〡㈠㊀ 1  81⁄2IV");
  EXPECT_EQ(shown(R"(\u2776\u2028\udb40\udc31)", 1, true), "11");
}

TEST(Decoder, InvalidBytesBecomeDelimiters) {
  EXPECT_EQ(shown("a\xff"
                  "b\xe4\xb8"
                  "c\xc0\x80"
                  "d\xed\xa0\x80"
                  "e\xf4\x90\x80\x80"),
            "a\x1a"
            "b\x1a"
            "c\x1a\x1a"
            "d\x1a\x1a\x1a"
            "e\x1a\x1a\x1a\x1a");
  EXPECT_EQ(shown("\xe4\xb8"), "\x1a");
}

TEST(Decoder, JsonEscapes) {
  EXPECT_EQ(shown(R"("\u0031\u0040\n\t\"\\\/\ud835\udfcf\u4e2d")", 1), "\"1@\n\t\"\\/1中\"");
  EXPECT_EQ(shown(R"("\ud800x \udc00 \x \u12")", 1), "\"\x1ax \x1a \\x \\u12\"");
  EXPECT_EQ(shown(R"(\u0031)"), R"(\u0031)") << "as it stands";
  const std::string twice = R"(\\u0031\u005c\u0075\u0030\u0030\u0033\u0032\\\"\\n\\\\\n\x\\)";
  EXPECT_EQ(shown(twice, 1), "\\u0031\\u0032\\\"\\n\\\\\n\\x\\");
  EXPECT_EQ(shown(twice, 2), "12\"\n\\\n\\x\\");
}

TEST(View, MapsBackToTheSource) {
  const View view = view_of("a1\u200b３8\ufe0f中㎏.");
  // a 1 [zw] ３ 8[vs] 中 ㎏ .   raw 0 1 2 5 8 9 12 15 18
  EXPECT_EQ(view.slice(0, view.end()), "a138中kg.");
  EXPECT_EQ(view.raw_begin(1), 1U);
  EXPECT_EQ(view.raw_end(2), 2U) << "an invisible character belongs to neither side";
  EXPECT_EQ(view.raw_begin(2), 5U);
  EXPECT_EQ(view.raw_end(3), 8U);
  EXPECT_EQ(view.raw_end(4), 12U) << "a variation selector belongs to what it follows";
  EXPECT_EQ(view.raw_end(4, false), 9U);
  EXPECT_EQ(view.raw_begin(4), 12U);
  EXPECT_EQ(view.raw_begin(7), 15U);
  EXPECT_EQ(view.raw_begin(8), 15U) << "both letters come from one character";
  EXPECT_EQ(view.boundary_before(8), 7U);
  EXPECT_EQ(view.boundary_before(5), 4U);
  EXPECT_EQ(view.raw_end(8), 18U);
  EXPECT_EQ(view.raw_end(10), view.raw_end());
}

TEST(View, MapsTheSameAfterForgetting) {
  const std::string text = "x\u200b１２\u0301中３ y４\u200b\u200bz５";
  const View whole = view_of(text);
  for (std::size_t cut = 0; cut < whole.end(); ++cut) {
    View view = view_of(text);
    view.forget_before(view.boundary_before(cut));
    for (std::size_t at = view.boundary_before(cut); at < whole.end(); ++at) {
      EXPECT_EQ(view.raw_begin(at), whole.raw_begin(at)) << cut << " " << at;
      EXPECT_EQ(view.raw_end(at + 1), whole.raw_end(at + 1)) << cut << " " << at;
      EXPECT_EQ(*view.at(at), *whole.at(at));
    }
  }
}

}  // namespace
}  // namespace menshen::detectors
