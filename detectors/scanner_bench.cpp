// Speed of a scan with every detector of the build on, over clean prose and over texts full of
// values.
#include "detectors/catalog.h"
#include "detectors/scanner.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

namespace menshen::detectors {
namespace {

constexpr std::string_view english =
    "The committee met on Tuesday to discuss the budget for the coming year. Most members agreed "
    "that the library's opening hours should be longer, although two of them (both from the "
    "northern district) asked for a study before any decision. In 2024 about 1,200 visitors came "
    "each week; the year before it had been 950. \"We can't plan without numbers,\" said the "
    "chair - and nobody objected. A report will follow by the end of the month.\n";
constexpr std::string_view chinese =
    "会议于星期二召开，讨论了明年的预算。多数委员认为图书馆的开放时间应当延长，但其中两位"
    "（均来自北区）要求先做调查再决定。2024年每周约有1200名读者，前一年为950名。"
    "主席说：“没有数据，我们无法规划。”大家都没有异议。报告将在月底前提交。\n";
constexpr std::string_view code =
    "def handler(request, timeout_ms=3000):\n    for key, value in request.headers.items():\n"
    "        if key.lower() == 'content-type' and value != \"application/json\":\n"
    "            raise ValueError(f\"unexpected {key}: {value!r}\")  # 415\n    return "
    "self.client.post(url, json={'id': 17, 'retries': 3})\n";
constexpr std::string_view dense =
    "Jane <jane.doe@example.com>, 138 0013 8000, card 4111 1111 1111 1111, 身份证 "
    "11010519491231002X, key AKIAIOSFODNN7EXAMPLE, 10.1.2.3.\n";

constexpr std::string_view json =
    "{\"id\": 17, \"title\": \"The library's opening hours\", \"tags\": [\"city\", \"books\"], "
    "\"note\": \"\\u4f1a\\u8bae\\u4e8e\\u661f\\u671f\\u4e8c\\u53ec\\u5f00\\nwith \\\"quotes\\\"\", "
    "\"price\": -12.5e3, \"open\": true}\n";

std::string repeated(std::string_view unit, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += unit;
  return text;
}

void scan_with(benchmark::State& state, std::string_view unit,
               const std::shared_ptr<const Catalog>& catalog) {
  const std::string text = repeated(unit, static_cast<std::size_t>(state.range(0)));
  Scanner scanner(catalog);
  std::size_t found = 0;
  for (auto _ : state) {
    scanner.reset();
    if (!scanner.feed(text) || !scanner.finish()) std::abort();
    found += scanner.take().size();
  }
  benchmark::DoNotOptimize(found);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void scan(benchmark::State& state, std::string_view unit) {
  scan_with(state, unit, Catalog::built_in());
}

// Under a policy that asks for names.
void names(benchmark::State& state, std::string_view unit) {
  scan_with(state, unit, Catalog::complete());
}

// A stream: the text in tokens of four bytes.
void stream(benchmark::State& state) {
  const std::string text = repeated(english, 4096);
  Scanner scanner(Catalog::built_in());
  for (auto _ : state) {
    scanner.reset();
    for (std::size_t at = 0; at < text.size(); at += 4) {
      if (!scanner.feed(std::string_view(text).substr(at, 4))) std::abort();
      benchmark::DoNotOptimize(scanner.settled());
    }
    if (!scanner.finish()) std::abort();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

BENCHMARK_CAPTURE(scan, english, english)->Arg(1024)->Arg(1 << 20);
BENCHMARK_CAPTURE(scan, chinese, chinese)->Arg(1024)->Arg(1 << 20);
BENCHMARK_CAPTURE(names, english, english)->Arg(1 << 20);
BENCHMARK_CAPTURE(names, chinese, chinese)->Arg(1 << 20);
BENCHMARK_CAPTURE(names, source_code, code)->Arg(1 << 20);
BENCHMARK_CAPTURE(scan, source_code, code)->Arg(1 << 20);
BENCHMARK_CAPTURE(scan, json, json)->Arg(1 << 20);
BENCHMARK_CAPTURE(scan, full_of_values, dense)->Arg(1 << 20);
BENCHMARK(stream);

}  // namespace
}  // namespace menshen::detectors
