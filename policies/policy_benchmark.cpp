// What a decision costs, by the number of rules. Every rule has a group, a pattern and a zone of
// its own kind.
#include "policies/testing.h"

#include <benchmark/benchmark.h>

namespace menshen::policies {
namespace {

std::shared_ptr<const PolicySet> set_of(std::int64_t rules) {
  std::string text = "access:\n";
  for (std::int64_t i = 0; i < rules; ++i) {
    const std::string n = std::to_string(i);
    text += "  - {id: a" + n + ", effect: " + (i % 2 == 0 ? "deny" : "allow") +
            ", who: {groups: [g" + n + "]}, what: {models: ['m" + n + "-*'], zones: [internal]}}\n";
  }
  text += "  - {id: last, effect: allow, who: {groups: [staff]}}\ncontent:\n";
  for (std::int64_t i = 0; i < rules; ++i) {
    const std::string n = std::to_string(i);
    text += "  - {id: c" + n + ", who: {groups: [g" + n + "]}, find: {types: [email]}, " +
            "then: {action: redact}}\n";
  }
  text += "  - {id: all, find: {categories: [pii]}, then: {action: annotate}}\n";
  return testing::parse(testing::with_header(text)).set;
}

const core::Subject subject{"alice", core::SubjectKind::user, {"a", "g3", "staff"}, "k"};
const Facts facts{&subject, "m3-32b", core::Operation::chat, "internal", 0};

void access(benchmark::State& state) {
  const auto set = set_of(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(set->access(facts));
}
BENCHMARK(access)->Arg(10)->Arg(100)->Arg(1000);

void plan(benchmark::State& state) {
  const auto set = set_of(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(set->content(facts, core::Direction::request));
}
BENCHMARK(plan)->Arg(10)->Arg(100)->Arg(1000);

void finding(benchmark::State& state) {
  const auto set = set_of(state.range(0));
  const ContentPlan plan = set->content(facts, core::Direction::request);
  const core::Finding found = testing::finding(testing::phone, 0.9F);
  Matches shadow;
  for (auto _ : state) {
    shadow.clear();
    benchmark::DoNotOptimize(plan.decide(found, &shadow));
  }
}
BENCHMARK(finding)->Arg(10)->Arg(1000);

}  // namespace
}  // namespace menshen::policies
