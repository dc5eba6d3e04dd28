// Cost of score_text() on 1 KB and 64 KB, by what applies.
#include "detectors/scores.h"

#include <benchmark/benchmark.h>

#include <string>

namespace {

namespace core = menshen::core;
using menshen::detectors::score_text;
using menshen::detectors::ScoreInput;

constexpr std::string_view english =
    "The committee met on 12 March 2021 to review the annual report of Northwind Traders. Revenue "
    "rose by 8.5% to "
    "4.2 million, while costs were stable. Several members asked how the new policy would affect "
    "staff in Lisbon. "
    "Please summarise the discussion, list the open questions, and draft a polite reply to the "
    "auditors. ";
constexpr std::string_view chinese =
    "委员会于二〇二一年三月十二日召开会议，审议了北风贸易公司的年度报告。收入增长百分之八点五，达到"
    "四百二十万元，成本保持稳定。"
    "部分委员询问新政策对里斯本员工的影响。请总结讨论内容，列出未解决的问题，并起草一封给审计师的礼"
    "貌回复。";

std::string repeated(std::string_view part, std::int64_t size) {
  std::string out;
  while (out.size() < static_cast<std::size_t>(size)) out += part;
  return out;
}

void request(benchmark::State& state, std::string_view part) {
  const std::string text = repeated(part, state.range(0));
  const ScoreInput input{
      .text = text, .role = core::Role::user, .direction = core::Direction::request, .sources = {}};
  for ([[maybe_unused]] auto unused : state) benchmark::DoNotOptimize(score_text(input));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void answer(benchmark::State& state, std::string_view part) {
  const std::string text = repeated(part, state.range(0));
  const std::string_view source = text;
  const ScoreInput input{.text = text,
                         .role = core::Role::assistant,
                         .direction = core::Direction::response,
                         .sources = {&source, 1}};
  for ([[maybe_unused]] auto unused : state) benchmark::DoNotOptimize(score_text(input));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

BENCHMARK_CAPTURE(request, english, english)->Arg(1024)->Arg(65536);
BENCHMARK_CAPTURE(request, chinese, chinese)->Arg(1024)->Arg(65536);
BENCHMARK_CAPTURE(answer, english, english)->Arg(1024)->Arg(65536);
BENCHMARK_CAPTURE(answer, chinese, chinese)->Arg(1024)->Arg(65536);

}  // namespace
