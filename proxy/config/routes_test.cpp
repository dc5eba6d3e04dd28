#include "proxy/config/routes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace menshen::config {
namespace {

Route route(std::vector<std::string> models) { return {std::move(models), {}}; }

TEST(Router, TheMostSpecificPatternWins) {
  const std::vector<Route> routes{route({"*"}),      route({"gpt-*"}),  route({"gpt-4*", "o1"}),
                                  route({"gpt-4o"}), route({"*-mini"}), route({"gpt-4?-mini"})};
  const Router router(routes);
  EXPECT_EQ(router.find("gpt-4o"), &routes[3]);
  EXPECT_EQ(router.find("gpt-4o-mini"), &routes[5]);
  EXPECT_EQ(router.find("gpt-4-turbo"), &routes[2]);
  EXPECT_EQ(router.find("gpt-3.5-mini"), &routes[1]);
  EXPECT_EQ(router.find("o3-mini"), &routes[4]);
  EXPECT_EQ(router.find("o1"), &routes[2]);
  EXPECT_EQ(router.find("o1-preview"), &routes[0]);
  EXPECT_EQ(router.find("GPT-4o"), &routes[0]);
  EXPECT_EQ(router.find(""), &routes[0]);
}

TEST(Router, UnknownAndOverlongNamesHaveNoRoute) {
  const std::vector<Route> some{route({"a", "b-*"})};
  const Router router(some);
  EXPECT_EQ(router.find("c"), nullptr);
  EXPECT_EQ(router.find("b"), nullptr);
  EXPECT_EQ(Router({}).find("a"), nullptr);
  const std::vector<Route> all{route({"*"})};
  const Router wide(all);
  EXPECT_NE(wide.find(std::string(512, 'x')), nullptr);
  EXPECT_EQ(wide.find(std::string(513, 'x')), nullptr);
}

TEST(Router, TheOrderOfTheFileIsNothing) {
  std::vector<std::string> patterns{"*",   "a*",  "?a*", "a?c",  "ab*",  "ab?",
                                    "abc", "*bc", "*b*", "a*bc", "a*cb", "??c"};
  std::mt19937 random(7);
  const auto winners = [](const std::vector<std::string>& order) {
    std::vector<Route> routes;
    for (const std::string& pattern : order) routes.push_back(route({pattern}));
    const Router router(routes);
    std::string out;
    for (const char* model : {"abc", "ab", "abd", "a", "xbc", "b", "aXbc", "acb", "bac", "zzz"}) {
      out += router.find(model)->models[0] + " ";
    }
    return out;
  };
  const std::string expected = winners(patterns);
  for (int i = 0; i < 50; ++i) {
    std::ranges::shuffle(patterns, random);
    EXPECT_EQ(winners(patterns), expected);
  }
}

}  // namespace
}  // namespace menshen::config
