// A stream's cost for each event, and how much of its text is held back: after each piece, the
// characters that came and have not left ("held_p50", "held_p99", "held_max").
#include "proxy/pipeline/testing.h"

#include <benchmark/benchmark.h>

#include <algorithm>

namespace {

using namespace menshen;
using namespace menshen::pipeline;
using namespace menshen::pipeline::testing;

constexpr std::string_view english =
    "The committee met on 12 March 2021 to review the annual report of Northwind Traders. Revenue "
    "rose by 8.5% to 4.2 million, while costs were stable; see https://example.org/report for "
    "more. "
    "Several members asked how the well-known policy would affect staff in Lisbon. ";
constexpr std::string_view chinese =
    "委员会于2021年3月12日召开会议，审议了北风贸易公司的年度报告。收入增长8.5%"
    "，达到420万元，成本保持"
    "稳定。部分委员询问新政策对里斯本员工的影响。";
constexpr std::string_view code =
    "for (std::size_t i = 0; i < values.size(); ++i) {\n  total += values[i] * weights.at(i);\n}\n"
    "log_info(\"done: {} of {}\", total, limit);\n";

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !is_continuation(c); }));
}

// As tokenisers cut: a word with the blank before it, at most six letters; two Han characters.
std::vector<std::string> pieces_of(std::string_view text) {
  std::vector<std::string> pieces;
  std::size_t count = 0;
  bool wide = false;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    while (end < text.size() && is_continuation(text[end])) ++end;
    const bool word = end == i + 1 && std::isalnum(static_cast<unsigned char>(text[i])) != 0;
    const bool han = end > i + 1;
    const bool joins =
        !pieces.empty() && ((word && !wide && count < 6) || (han && wide && count < 2));
    if (!joins) {
      pieces.emplace_back();
      count = 0;
    }
    pieces.back().append(text.substr(i, end - i));
    wide = han;
    ++count;
    i = end;
  }
  return pieces;
}

void stream(benchmark::State& state, std::string_view text) {
  std::string whole;
  while (whole.size() < 4096) whole.append(text);
  const std::vector<std::string> pieces = pieces_of(whole);
  std::vector<std::string> events;
  for (const std::string& piece : pieces) {
    events.push_back("data: " +
                     Json{{"id", "chatcmpl-1"},
                          {"object", "chat.completion.chunk"},
                          {"model", "m"},
                          {"choices", {{{"index", 0}, {"delta", {{"content", piece}}}}}}}
                         .dump() +
                     "\n\n");
  }
  const auto set = policy_from(redact_all_as_tag);
  const Redactor redactor("a key");
  Replacer replacer(redactor);
  const core::Limits limits;
  const policies::Facts facts{&staff(), "m", core::Operation::chat, "internal", 0};
  ScannerPool pool(detectors::Catalog::built_in());
  std::vector<double> held;
  for ([[maybe_unused]] auto unused : state) {
    Tally tally;
    Judge judge(set->content(facts, core::Direction::response), core::Direction::response, tally);
    const TextRules rules{judge, replacer};
    StreamGuard guard(endpoint_of("openai_chat"), limits, pool, rules, set->defaults(), tally, {});
    std::vector<Release> out;
    std::size_t fed = 0;
    std::size_t released = 0;
    held.clear();
    for (std::size_t i = 0, next = 0; i < events.size(); ++i) {
      out.clear();
      if (!guard.feed(events[i], out)) return state.SkipWithError("the stream was refused");
      fed += characters(pieces[i]);
      for (std::size_t k = 0; k < out.size(); ++k) released += characters(pieces[next++]);
      held.push_back(static_cast<double>(fed - released));
    }
  }
  std::ranges::sort(held);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(events.size()));
  state.counters["held_p50"] = held[held.size() / 2];
  state.counters["held_p99"] = held[held.size() * 99 / 100];
  state.counters["held_max"] = held.back();
}

BENCHMARK_CAPTURE(stream, english, english);
BENCHMARK_CAPTURE(stream, chinese, chinese);
BENCHMARK_CAPTURE(stream, code, code);

}  // namespace
