// Numbers of tokens to a text and back: prose, and a piece that is nothing but one letter.
#include "proxy/protocol/tokens/encoding.h"

#include <benchmark/benchmark.h>

#include <string>

namespace menshen::protocol::tokens {
namespace {

std::string text_of(bool prose) {
  if (!prose) return std::string(1 << 20, 'a');
  std::string text;
  while (text.size() < (1 << 20))
    text += "请总结一下这段话。 The quarterly report says that revenue rose by 12 percent.\n";
  return text;
}

void decode(benchmark::State& state) {
  const std::string text = text_of(state.range(0) != 0);
  const Encoding& encoding = cl100k_encoding();
  Ids ids;
  encoding.encode(text, ids);
  std::string out;
  for (auto _ : state) {
    out.clear();
    for (const std::uint32_t id : ids) out.append(*encoding.bytes(id));
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

void encode(benchmark::State& state) {
  const std::string text = text_of(state.range(0) != 0);
  const Encoding& encoding = state.range(1) == 0 ? cl100k_encoding() : o200k_encoding();
  Ids ids;
  for (auto _ : state) {
    ids.clear();
    encoding.encode(text, ids);
    benchmark::DoNotOptimize(ids.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

BENCHMARK(decode)->ArgName("prose")->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(encode)
    ->ArgNames({"prose", "o200k"})
    ->ArgsProduct({{0, 1}, {0, 1}})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace menshen::protocol::tokens
