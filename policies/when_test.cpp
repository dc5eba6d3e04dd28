#include "policies/when.h"

#include <gtest/gtest.h>

#include <string>

namespace menshen::policies {
namespace {

constexpr std::int64_t minute_ns = 60'000'000'000;

std::int64_t at(std::string_view rfc3339) { return rfc3339_from(rfc3339).value(); }

std::string local(const TimeZone& zone, std::string_view rfc3339) {
  constexpr const char* days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  const LocalTime time = zone.at(at(rfc3339)).value();
  char text[32];
  std::snprintf(text, sizeof text, "%s %02d:%02d", days[time.weekday], time.minute / 60,
                time.minute % 60);
  return text;
}

TEST(TimeZone, KnowsTheZonesOfTheWorld) {
  EXPECT_EQ(local(*TimeZone::find("UTC"), "1970-01-01T00:00:00Z"), "thu 00:00");
  EXPECT_EQ(local(*TimeZone::find("Asia/Shanghai"), "2026-01-04T16:00:00Z"), "mon 00:00");
  EXPECT_EQ(local(*TimeZone::find("Asia/Kolkata"), "2026-01-04T18:29:59Z"), "sun 23:59");
  EXPECT_EQ(local(*TimeZone::find("America/St_Johns"), "2026-01-05T00:00:00Z"), "sun 20:30");
  EXPECT_EQ(local(*TimeZone::find("Pacific/Kiritimati"), "2026-01-05T10:00:00Z"), "tue 00:00");
}

// Clocks went from 01:59 to 03:00 in New York on 8 March 2026, and from 01:59 back to 01:00 on
// 1 November; in London on 29 March and 25 October, at 01:00 UTC.
TEST(TimeZone, FollowsDaylightSavingTime) {
  const TimeZone york = *TimeZone::find("America/New_York");
  EXPECT_EQ(local(york, "2026-03-08T06:59:59Z"), "sun 01:59");
  EXPECT_EQ(local(york, "2026-03-08T07:00:00Z"), "sun 03:00");
  EXPECT_EQ(local(york, "2026-11-01T05:59:59Z"), "sun 01:59");
  EXPECT_EQ(local(york, "2026-11-01T06:00:00Z"), "sun 01:00");
  EXPECT_EQ(local(york, "2026-11-01T07:00:00Z"), "sun 02:00");
  const TimeZone london = *TimeZone::find("Europe/London");
  EXPECT_EQ(local(london, "2026-03-29T00:59:00Z"), "sun 00:59");
  EXPECT_EQ(local(london, "2026-03-29T01:00:00Z"), "sun 02:00");
  EXPECT_EQ(local(london, "2026-10-25T01:00:00Z"), "sun 01:00");
}

// How many minutes of one local day a window holds.
int minutes_held(const TimeZone& zone, const Window& window, std::string_view from,
                 std::string_view to) {
  int held = 0;
  for (std::int64_t t = at(from); t < at(to); t += minute_ns) {
    held += window.holds(zone.at(t).value()) ? 1 : 0;
  }
  return held;
}

TEST(Window, SkippedMinutesDoNotOccurAndRepeatedOnesOccurTwice) {
  const TimeZone york = *TimeZone::find("America/New_York");
  const Window skipped{0x7F, 2 * 60, 3 * 60};
  const Window repeated{0x7F, 1 * 60, 2 * 60};
  const auto spring = [&](const Window& w) {
    return minutes_held(york, w, "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z");
  };
  const auto autumn = [&](const Window& w) {
    return minutes_held(york, w, "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z");
  };
  EXPECT_EQ(spring(skipped), 0);
  EXPECT_EQ(spring(repeated), 60);
  EXPECT_EQ(autumn(skipped), 60);
  EXPECT_EQ(autumn(repeated), 120);
  EXPECT_EQ(spring(Window{}), 23 * 60);
  EXPECT_EQ(autumn(Window{}), 25 * 60);
}

TEST(Window, OneThatWrapsMidnightBelongsToTheDayOnWhichItBegins) {
  const Window friday_night{1U << 4, 22 * 60, 6 * 60};
  EXPECT_FALSE(friday_night.holds({4, 21 * 60 + 59}));
  EXPECT_TRUE(friday_night.holds({4, 22 * 60}));
  EXPECT_TRUE(friday_night.holds({4, 23 * 60 + 59}));
  EXPECT_TRUE(friday_night.holds({5, 0}));
  EXPECT_TRUE(friday_night.holds({5, 5 * 60 + 59}));
  EXPECT_FALSE(friday_night.holds({5, 6 * 60}));
  EXPECT_FALSE(friday_night.holds({4, 0}));
  EXPECT_FALSE(friday_night.holds({5, 23 * 60}));
  const Window sunday_night{1U << 6, 23 * 60, 60};
  EXPECT_TRUE(sunday_night.holds({0, 30}));
  EXPECT_FALSE(sunday_night.holds({6, 30}));
}

TEST(Window, EveryMinuteOfAWeekIsInAWindowOrInItsComplement) {
  for (int begin = 0; begin < minutes_per_day; begin += 97) {
    for (int end = 0; end <= minutes_per_day; end += 113) {
      if (begin == end) continue;
      const Window window{0x7F, begin, end};
      int held = 0;
      for (int minute = 0; minute < minutes_per_day; ++minute) {
        held += window.holds({3, minute}) ? 1 : 0;
      }
      EXPECT_EQ(held, begin < end ? end - begin : minutes_per_day - begin + end);
    }
  }
}

TEST(TimeZone, UnknownAndAmbiguousNamesAreRefused) {
  for (const char* name : {"", "Asia/Beijing", "CST", "PST", "EST", "GMT+8", "UTC+8", "Etc/Unknown",
                           "asia/shanghai", "Asia/Shanghai ", "/", "Asia/", "\xff/x"}) {
    EXPECT_FALSE(TimeZone::find(name)) << name;
  }
  EXPECT_TRUE(TimeZone::find("Etc/GMT-8"));
  EXPECT_TRUE(TimeZone::find("Asia/Urumqi"));
}

TEST(Hours, AreReadStrictly) {
  EXPECT_EQ(hours_from("08:00-20:00"), std::pair(480, 1200));
  EXPECT_EQ(hours_from("22:30-06:15"), std::pair(1350, 375));
  EXPECT_EQ(hours_from("00:00-24:00"), std::pair(0, 1440));
  EXPECT_EQ(hours_from("20:00-00:00"), std::pair(1200, 0));
  for (const char* bad :
       {"", "8:00-20:00", "08:00-20:60", "08:00-24:01", "25:00-26:00", "08:00-08:00", "24:00-08:00",
        "08:00 20:00", "08:00-20:00 ", "08.00-20.00", "08:00-", "-8:00-20:00", "ab:cd-ef:gh"}) {
    EXPECT_FALSE(hours_from(bad)) << bad;
  }
}

TEST(Rfc3339, IsReadStrictly) {
  EXPECT_EQ(rfc3339_from("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(rfc3339_from("2023-11-14T22:13:20.123456789Z"), 1'700'000'000'123'456'789);
  EXPECT_EQ(rfc3339_from("2026-01-05T12:00:00+08:00"), rfc3339_from("2026-01-05T04:00:00Z"));
  EXPECT_EQ(rfc3339_from("2026-01-05t12:00:00.5-03:30"), rfc3339_from("2026-01-05T15:30:00.500z"));
  EXPECT_TRUE(rfc3339_from("2028-02-29T00:00:00Z"));
  for (const char* bad :
       {"", "2026-01-05", "2026-01-05T12:00:00", "2026-01-05 12:00:00Z", "2026-13-05T12:00:00Z",
        "2026-02-29T12:00:00Z", "2026-01-05T24:00:00Z", "2026-01-05T12:60:00Z",
        "2026-01-05T12:00:60Z", "2026-01-05T12:00:00.Z", "2026-01-05T12:00:00.1234567890Z",
        "2026-01-05T12:00:00+0800", "2026-01-05T12:00:00+24:00", "2026-01-05T12:00:00Zx",
        "1969-12-31T23:59:59Z", "2201-01-01T00:00:00Z"}) {
    EXPECT_FALSE(rfc3339_from(bad)) << bad;
  }
}

TEST(When, HoursOfAnotherFormAreUnderstoodWhereTheyCan) {
  for (const char* text : {"8:00-20:00", "08:00 - 20:00", "8-20", "8:00–20:00", "08：00－20：00",
                           "8:00至20:00", "8:00 to 20:00", "08.00-20.00"}) {
    EXPECT_EQ(hours_meant(text), "08:00-20:00") << text;
  }
  for (const char* text : {"", "-", "8", "all day", "08:00-25:00", "8pm-9pm", "08:00-08:00"}) {
    EXPECT_EQ(hours_meant(text), "") << text;
  }
}

TEST(When, ATimeZoneIsGuessedByItsCity) {
  for (const auto& [name, meant] : std::initializer_list<std::pair<const char*, const char*>>{
           {"Asia/Beijing", "Asia/Shanghai"},
           {"Beijing", "Asia/Shanghai"},
           {"Shanghai", "Asia/Shanghai"},
           {"asia/shanghai", "Asia/Shanghai"},
           {"Asia/Shangai", "Asia/Shanghai"},
           {"New York", "America/New_York"},
           {"Europe/Munich", "Europe/Berlin"},
           {"GMT", "UTC"},
           {"nowhere at all", ""}}) {
    EXPECT_EQ(time_zone_meant(name), meant) << name;
  }
}

}  // namespace
}  // namespace menshen::policies
