#include "core/privacy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <type_traits>

namespace menshen::core {
namespace {

std::string fault_of(const PrivacySettings& settings) {
  const auto fault = check_privacy(settings);
  return fault ? std::string(fault->name) : "fine";
}

TEST(Privacy, TheDefaultsAreFine) { EXPECT_EQ(fault_of({}), "fine"); }

TEST(Privacy, RangesAreThoseOfTheTable) {
  const auto with = [](auto PrivacySettings::*member, auto value) {
    PrivacySettings settings{.rho_per_day = 0.2, .rho_total = 10'000};
    settings.*member = static_cast<std::remove_reference_t<decltype(settings.*member)>>(value);
    if (settings.rho_total < 1) settings.rho_per_day = 0.00002;
    return fault_of(settings);
  };
#define MENSHEN_PRIVACY(type, name, usual, least, most)        \
  EXPECT_EQ(with(&PrivacySettings::name, least), "fine");      \
  EXPECT_EQ(with(&PrivacySettings::name, most), "fine");       \
  EXPECT_EQ(with(&PrivacySettings::name, (least)*0.9), #name); \
  EXPECT_EQ(with(&PrivacySettings::name, (most)*1.1), #name);
#include "core/privacy.inc"
#undef MENSHEN_PRIVACY
  EXPECT_EQ(fault_of({.rho_per_day = std::nan("")}), "rho_per_day");
  EXPECT_EQ(fault_of({.rho_total = std::nan("")}), "rho_total");
}

TEST(Privacy, ADayFitsIntoTheBudget) {
  EXPECT_EQ(fault_of({.rho_per_day = 1, .rho_total = 1}), "fine");
  EXPECT_EQ(fault_of({.rho_per_day = 1.001, .rho_total = 1}), "rho_per_day");
}

TEST(Privacy, ReleasesDivideTheDay) {
  for (std::uint32_t releases = 1; releases <= 24; ++releases) {
    const bool divides = 24 % releases == 0;
    EXPECT_EQ(fault_of({.releases_per_day = releases}), divides ? "fine" : "releases_per_day");
  }
}

// 2^40 = cap^2 / (2 rho / 20) at rho 0.00002 and a cap of 1,482.9.
TEST(Privacy, NoiseIsNoLargerThanWhatIsDrawnExactly) {
  EXPECT_EQ(fault_of({.rho_per_day = 0.00002, .requests_per_user_day_max = 1'482}), "fine");
  EXPECT_EQ(fault_of({.rho_per_day = 0.00002, .requests_per_user_day_max = 1'483}), "rho_per_day");
  EXPECT_EQ(fault_of({.rho_per_day = 0.091, .requests_per_user_day_max = 100'000}), "fine");
  EXPECT_EQ(fault_of({.rho_per_day = 0.0909, .requests_per_user_day_max = 100'000}), "rho_per_day");
}

}  // namespace
}  // namespace menshen::core
