// The limits of a configuration, each at the ends of its range and past them, and their relations.
#include "proxy/config/config.h"
#include "proxy/config/limits_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace menshen::config {
namespace {

// Whether a configuration with these limits has a problem that says this.
bool complains(const std::string& limits, std::string_view message) {
  const std::string text =
      "listen: {address: \"127.0.0.1:8080\"}\n"
      "admin: {address: \"127.0.0.1:9090\"}\n"
      "store: {path: ./var}\n"
      "policy: {path: policy.yaml}\n"
      "upstreams:\n"
      "  - {name: core, url: \"http://127.0.0.1:9001\", apis: [openai], zone: internal}\n"
      "routes:\n"
      "  - {models: [\"*\"], upstreams: [{name: core}]}\n"
      "limits: {" +
      limits + "}\n";
  const Loaded loaded = parse(text, "c.yaml", "/nonexistent", {.for_serving = false});
  return std::ranges::any_of(loaded.problems, [&](const auto& problem) {
    return problem.message.find(message) != std::string::npos;
  });
}

std::string key(std::string_view name, std::uint64_t value) {
  return std::string(name) + ": " + std::to_string(value);
}

const LimitField& field_of(std::string_view name) {
  const auto found = std::ranges::find(limit_fields(), name, &LimitField::name);
  EXPECT_NE(found, limit_fields().end()) << name;
  return *found;
}

TEST(LimitsOfAConfiguration, AreReadAtTheirBoundsAndRefusedOnePast) {
  for (const LimitField& field : limit_fields()) {
    const auto reads = [&](std::uint64_t value) {
      return !complains(key(field.name, value), "Expected a whole number");
    };
    EXPECT_TRUE(reads(field.min)) << field.name;
    EXPECT_TRUE(reads(field.max)) << field.name;
    EXPECT_FALSE(reads(field.max + 1)) << field.name;
    EXPECT_FALSE(field.min > 0 && reads(field.min - 1)) << field.name;
  }
}

TEST(LimitsOfAConfiguration, HaveRelationsThatHoldAtTheBoundAndFailOnePast) {
  for (const LimitRelation& r : limit_relations()) {
    const std::uint64_t at = std::max(field_of(r.smaller).min, field_of(r.larger).min) + 1;
    const auto fails = [&](std::uint64_t smaller) {
      const std::string message =
          std::string(r.smaller) + " (" + std::to_string(smaller) + ") must be";
      return complains(key(r.smaller, smaller) + ", " + key(r.larger, at), message);
    };
    EXPECT_FALSE(fails(at - 1)) << r.smaller;
    EXPECT_EQ(fails(at), r.strict) << r.smaller;
    EXPECT_TRUE(fails(at + 1)) << r.smaller;
  }
}

}  // namespace
}  // namespace menshen::config
