#include "proxy/admin/exposition.h"

#include <gtest/gtest.h>

#include <array>

namespace menshen::admin {
namespace {

TEST(Exposition, WritesCountersAndGauges) {
  Exposition out;
  out.begin(counter("a_total", "What a is.", {"x", "y"}));
  out.sample({"1", "b\"\\\nc"}, 3);
  out.sample({"2", ""}, 100'000);
  out.single(gauge("g", "What g is."), 0.25);
  out.single(gauge("h", "What h is."), -1);
  EXPECT_EQ(std::move(out).text(),
            "# HELP a_total What a is.\n"
            "# TYPE a_total counter\n"
            "a_total{x=\"1\",y=\"b\\\"\\\\\\nc\"} 3\n"
            "a_total{x=\"2\",y=\"\"} 100000\n"
            "# HELP g What g is.\n"
            "# TYPE g gauge\n"
            "g 0.25\n"
            "# HELP h What h is.\n"
            "# TYPE h gauge\n"
            "h -1\n");
}

// A value stands in the first bucket whose bound it does not pass; each holds those before it too.
TEST(Exposition, WritesHistograms) {
  static constexpr std::array bounds{0.5, 1.0};
  Distribution one(bounds);
  for (const double value : {0.25, 0.5, 0.75, 8.0}) one.observe(value);
  Distribution all(bounds);
  all.add(one);
  all.add(std::array<std::uint64_t, 3>{1, 0, 0}, 0.5);
  Exposition out;
  out.begin(histogram("s", "Seconds.", {"u"}));
  out.sample({"core"}, all);
  EXPECT_EQ(std::move(out).text(),
            "# HELP s Seconds.\n"
            "# TYPE s histogram\n"
            "s_count{u=\"core\"} 5\n"
            "s_sum{u=\"core\"} 10\n"
            "s_bucket{u=\"core\",le=\"0.5\"} 3\n"
            "s_bucket{u=\"core\",le=\"1\"} 4\n"
            "s_bucket{u=\"core\",le=\"+Inf\"} 5\n");
}

}  // namespace
}  // namespace menshen::admin
