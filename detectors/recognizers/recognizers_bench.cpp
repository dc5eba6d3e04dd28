// Speed of a scan with many recognizers of a policy beside the detectors of the build, over prose
// in which none of theirs stands; and over texts that are made to cost patterns much.
#include "detectors/catalog.h"
#include "detectors/recognizers/recognizers.h"
#include "detectors/scanner.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

namespace menshen::detectors {
namespace {

constexpr std::string_view english_prose =
    "The committee met on Tuesday to discuss the budget for the coming year. Most members agreed "
    "that the library's opening hours should be longer, although two of them (both from the "
    "northern district) asked for a study before any decision. In 2024 about 1,200 visitors came "
    "each week; the year before it had been 950. \"We can't plan without numbers,\" said the "
    "chair - and nobody objected. A report will follow by the end of the month.\n";
constexpr std::string_view chinese_prose =
    "会议于星期二召开，讨论了明年的预算。多数委员认为图书馆的开放时间应当延长，但其中两位"
    "（均来自北区）要求先做调查再决定。2024年每周约有1200名读者，前一年为950名。"
    "主席说：“没有数据，我们无法规划。”大家都没有异议。报告将在月底前提交。\n";

enum class Kind { none, literal, loose, english, chinese };

// Four letters that differ from number to number.
std::string letters(std::size_t n, char first) {
  std::string out;
  for (int i = 0; i < 4; ++i, n /= 26) out += static_cast<char>(first + static_cast<int>(n % 26));
  return out;
}

std::string han(std::size_t n) {
  std::string out;
  for (int i = 0; i < 4; ++i, n /= 60) {
    out += '\xE7';
    out += static_cast<char>(0x94 + static_cast<int>(n % 60) / 30);
    out += static_cast<char>(0x80 + static_cast<int>(n % 60));
  }
  return out;
}

std::shared_ptr<const Catalog> catalog_with(Kind kind, std::size_t count) {
  RecognizersBuilder builder;
  const std::uint32_t own = builder.add({.name = "own", .summary = "own", .confidence = 0.9F});
  std::string fault;
  for (std::size_t n = 0; n < count && fault.empty(); ++n) {
    switch (kind) {
      case Kind::none: break;
      case Kind::literal:
        fault = builder.add_pattern(own, "\\b" + letters(n * 37, 'A') + "-\\d{4,8}\\b");
        break;
      case Kind::loose:
        fault = builder.add_pattern(own, "\\b" + letters(n * 37, 'A').substr(0, 2) + "\\d{6}\\b");
        break;
      case Kind::english: fault = builder.add_word(own, "project " + letters(n * 7, 'a')); break;
      case Kind::chinese: fault = builder.add_word(own, han(n * 13)); break;
    }
  }
  if (!fault.empty() || !builder.build().empty()) std::abort();
  return Catalog::extended(Catalog::built_in(), kind == Kind::none ? nullptr : builder.take());
}

void prose(benchmark::State& state, std::string_view unit, Kind kind, std::size_t count) {
  std::string text;
  while (text.size() < (1U << 20U)) text += unit;
  Scanner scanner(catalog_with(kind, count));
  std::size_t found = 0;
  for (auto _ : state) {
    scanner.reset();
    if (!scanner.feed(text) || !scanner.finish()) std::abort();
    found += scanner.take().size();
  }
  benchmark::DoNotOptimize(found);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

// Repetitions that may go on as well as end, and letters that let them.
void made_for(benchmark::State& state, std::string_view alphabet) {
  RecognizersBuilder builder;
  const std::uint32_t own = builder.add({.name = "own", .summary = "own", .confidence = 0.9F});
  if (!builder.add_pattern(own, "[A-Za-z0-9]{20,100}[A-Z][a-z]{3,40}x?[0-9]{5,90}").empty() ||
      !builder.add_pattern(own, "[A-Za-z0-9_]{8,40}[A-Z]{2}[a-z0-9]{8,40}[0-9]").empty() ||
      !builder.build().empty()) {
    std::abort();
  }
  std::string text;
  for (std::uint32_t n = 1; text.size() < 64 * 1024; n = n * 1664525U + 1013904223U) {
    text += alphabet[(n >> 16U) % alphabet.size()];
  }
  Scanner scanner(Catalog::extended(nullptr, builder.take()));
  for (auto _ : state) {
    scanner.reset();
    if (!scanner.feed(text) || !scanner.finish()) std::abort();
    benchmark::DoNotOptimize(scanner.take().size());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void build(benchmark::State& state, Kind kind, std::size_t count) {
  for (auto _ : state) benchmark::DoNotOptimize(catalog_with(kind, count));
}

BENCHMARK_CAPTURE(prose, english_alone, english_prose, Kind::none, 0);
BENCHMARK_CAPTURE(prose, english_1000_patterns, english_prose, Kind::literal, 1000);
BENCHMARK_CAPTURE(prose, english_100_loose_patterns, english_prose, Kind::loose, 100);
BENCHMARK_CAPTURE(prose, english_20000_words, english_prose, Kind::english, 20'000);
BENCHMARK_CAPTURE(prose, chinese_alone, chinese_prose, Kind::none, 0);
BENCHMARK_CAPTURE(prose, chinese_1000_patterns, chinese_prose, Kind::literal, 1000);
BENCHMARK_CAPTURE(prose, chinese_20000_words, chinese_prose, Kind::chinese, 20'000);
BENCHMARK_CAPTURE(made_for, letters, "ABCabc");
BENCHMARK_CAPTURE(made_for, letters_and_digits, "Aab0x");
BENCHMARK_CAPTURE(made_for, base64,
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
BENCHMARK_CAPTURE(build, alone, Kind::none, 0);
BENCHMARK_CAPTURE(build, 1000_patterns, Kind::literal, 1000);
BENCHMARK_CAPTURE(build, 20000_words, Kind::chinese, 20'000);

}  // namespace
}  // namespace menshen::detectors
