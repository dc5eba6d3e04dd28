// Each form, on keys that are drawn anew from it: found whole, and not when they are of another
// length or alphabet.
#include "detectors/api_key/formats.h"

#include "detectors/scanner.h"
#include "detectors/testing/feeding.h"
#include "detectors/values/boundary.h"
#include "detectors/values/token.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

namespace menshen::detectors::api_key {
namespace {

class Drawn {
 public:
  explicit Drawn(unsigned seed) : random_(seed) {}

  // Letters and digits of the set, a digit and a capital among them where it has such.
  std::string characters(std::uint16_t set, std::size_t bytes) {
    std::string all;
    for (char c = '0'; c <= 'z'; ++c) {
      if (is_alnum(c) && in_set(c, set)) all += c;
    }
    std::string key;
    while (key.size() < bytes) key += all[random_() % all.size()];
    return key;
  }

  std::string key(const Format& format, std::size_t bytes) {
    std::string key = characters(format.set, bytes);
    if (format.form == nullptr || format.form(key)) return key;
    // Where dots or underscores part it.
    static const std::vector<std::vector<std::size_t>> forms{
        {22, 43}, {14, 64}, {24, 64}, {22, 24, 20}, {32, 32, 32}, {24, 6, 30}, {8, 24}};
    for (const auto& form : forms) {
      for (const char join : {'.', '_'}) {
        std::string parted;
        for (const std::size_t part : form) {
          parted += (parted.empty() ? std::string() : std::string(1, join)) +
                    characters(format.set, part);
        }
        if (format.form(parted) && parted.size() >= format.bytes_min &&
            parted.size() <= format.bytes_max) {
          return parted;
        }
      }
    }
    ADD_FAILURE() << format.prefix << " has a form that nothing drawn has";
    return key;
  }

 private:
  std::mt19937 random_;
};

std::vector<core::Finding> found_in(std::string_view text) {
  const auto findings = scan_text(testing::catalog(), text);
  EXPECT_TRUE(findings);
  std::vector<core::Finding> found;
  for (const core::Finding& f : *findings) {
    if (f.detector == "api_key") found.push_back(f);
  }
  return found;
}

bool has(const std::vector<core::Finding>& found, std::size_t begin, std::size_t end) {
  return std::ranges::any_of(found,
                             [=](const auto& f) { return f.begin == begin && f.end == end; });
}

// Does another form begin the same way, so that a key too short for this one may be one of that?
bool has_sibling(const Format& format) {
  return std::ranges::any_of(formats(), [&](const Format& other) {
    return &other != &format &&
           (format.prefix.starts_with(other.prefix) || other.prefix.starts_with(format.prefix));
  });
}

std::size_t bytes_of(const Format& format) {
  return format.bytes_max == 0 ? format.bytes_min + 7 : (format.bytes_min + format.bytes_max) / 2;
}

TEST(Formats, AreTwoHundredAndTwentyAtLeast) {
  std::set<std::string_view> prefixes;
  for (const Format& format : formats()) prefixes.insert(format.prefix);
  EXPECT_GE(prefixes.size() + marked_formats().size(), 220U);
}

TEST(Formats, EachIsFoundWholeOnKeysDrawnAnew) {
  Drawn drawn(3);
  for (const Format& format : formats()) {
    for (int round = 0; round < 5; ++round) {
      const std::string key = std::string(format.prefix) + drawn.key(format, bytes_of(format));
      const std::string text = "x " + key + " y";
      EXPECT_TRUE(has(found_in(text), 2, 2 + key.size())) << text;
    }
  }
}

TEST(Formats, OneCharacterLessIsNone) {
  Drawn drawn(5);
  for (const Format& format : formats()) {
    if (has_sibling(format)) continue;
    const std::string key =
        std::string(format.prefix) + drawn.characters(format.set, format.bytes_min - 1);
    EXPECT_TRUE(found_in("x " + key + " y").empty()) << key;
  }
}

TEST(Formats, OneCharacterMoreIsNoneWhereTheLengthIsFixed) {
  Drawn drawn(7);
  for (const Format& format : formats()) {
    if (has_sibling(format) || format.bytes_max == 0) continue;
    const std::string key = std::string(format.prefix) + drawn.key(format, bytes_of(format)) +
                            drawn.characters(token_set::digits, format.bytes_max + 3);
    EXPECT_TRUE(found_in("x " + key + " y").empty()) << key;
  }
}

TEST(Formats, AnotherAlphabetIsNone) {
  Drawn drawn(9);
  for (const Format& format : formats()) {
    if (has_sibling(format)) continue;
    std::string key = drawn.key(format, bytes_of(format));
    key[format.bytes_min / 2] = '\'';
    EXPECT_TRUE(found_in("x " + std::string(format.prefix) + key + " y").empty()) << key;
  }
}

TEST(Formats, OneOfARareFormMayTouchALetter) {
  Drawn drawn(11);
  std::size_t glued = 0;
  for (const Format& format : formats()) {
    if (!format.stands_glued()) continue;
    ++glued;
    const std::string key = std::string(format.prefix) + drawn.key(format, bytes_of(format));
    EXPECT_TRUE(has(found_in("x" + key), 1, 1 + key.size())) << key;
  }
  EXPECT_GT(glued, 50U);
}

TEST(MarkedFormats, AreFoundWholeAndOfTheirLengthAlone) {
  Drawn drawn(13);
  for (const MarkedFormat& format : marked_formats()) {
    const auto key = [&](std::size_t before, std::size_t after) {
      std::string head = drawn.characters(format.before_set, before);
      if (format.mark == "Q~") head.back() = '8';
      return head + std::string(format.mark) + drawn.characters(format.after_set, after);
    };
    const std::string whole = key(format.before_min, format.after_min);
    EXPECT_TRUE(has(found_in("x " + whole + " y"), 2, 2 + whole.size())) << whole;
    const std::string shorter = key(format.before_min - 1, format.after_min);
    EXPECT_TRUE(found_in("x " + shorter + " y").empty()) << shorter;
    const std::string longer = key(format.before_max + 1, format.after_min);
    EXPECT_TRUE(found_in("x " + longer + " y").empty()) << longer;
  }
}

TEST(Parts, HaveJustTheseLengths) {
  EXPECT_TRUE(has_parts("ab.c", {2, 1}));
  EXPECT_FALSE(has_parts("ab.c.", {2, 1}));
  EXPECT_FALSE(has_parts("ab.cd", {2, 1}));
  EXPECT_FALSE(has_parts("ab", {2, 1}));
}

}  // namespace
}  // namespace menshen::detectors::api_key
