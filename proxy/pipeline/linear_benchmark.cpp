// The line of redaction: time for each address is the same however many there are, for each kind of
// content. "ns_each" must not rise along the doubling sizes.
#include "proxy/pipeline/linear_cases.h"

#include <benchmark/benchmark.h>

namespace {

using namespace menshen;
using namespace menshen::pipeline;
using namespace menshen::pipeline::testing;

void count_each(benchmark::State& state, std::size_t bytes) {
  const auto each = static_cast<double>(state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
  state.counters["ns_each"] =
      benchmark::Counter(each * static_cast<double>(state.iterations()) / 1e9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// Parsed, scanned, redacted and written, as an exchange does it.
void body(benchmark::State& state, std::string (*make)(std::size_t), core::Direction direction,
          core::RedactAs as) {
  const std::string source = make(static_cast<std::size_t>(state.range(0)));
  std::string yaml(redact_all_as_tag);
  if (as == core::RedactAs::hash) {
    for (std::size_t at = 0; (at = yaml.find("as: tag", at)) != std::string::npos; ++at)
      yaml.replace(at, 7, "as: hash");
  }
  const auto set = policy_from(yaml);
  const auto& endpoint = endpoint_of("openai_chat");
  const Redactor redactor("a key");
  Replacer replacer(redactor);
  const policies::Facts facts{&staff(), "m", core::Operation::chat, "internal", 0};
  ScannerPool pool(detectors::Catalog::built_in());
  for ([[maybe_unused]] auto unused : state) {
    const auto document = direction == core::Direction::request
                              ? protocol::Document::parse_request(source, endpoint, {})
                              : protocol::Document::parse_response(source, endpoint, 200, {});
    Tally tally;
    Judge judge(set->content(facts, direction), direction, tally);
    const auto inspected = inspect(*document, pool);
    protocol::Edits edits;
    if (!redact(*document, *inspected, {judge, replacer}, direction, edits))
      return state.SkipWithError("refused");
    benchmark::DoNotOptimize(document->apply(edits));
  }
  count_each(state, source.size());
}

void events(benchmark::State& state, std::vector<Delta> (*make)(std::size_t), bool hold_all) {
  const std::string source = chat_stream(make(static_cast<std::size_t>(state.range(0))));
  const auto set = policy_from(redact_all_as_tag);
  core::Limits limits;
  limits.held_bytes_max = 1024 * 1024 * 1024;
  for ([[maybe_unused]] auto unused : state) {
    const Guarded guarded =
        guard_stream("openai_chat", source, {}, *set, limits, {.hold_all = hold_all});
    if (!guarded.error.empty()) return state.SkipWithError("the stream was refused");
  }
  count_each(state, source.size());
}

constexpr std::int64_t least = 1 << 12;
constexpr std::int64_t most = 1 << 16;

BENCHMARK_CAPTURE(body, rows, body_of_rows, core::Direction::request, core::RedactAs::tag)
    ->RangeMultiplier(2)
    ->Range(least, most);
BENCHMARK_CAPTURE(body, rows_hashed, body_of_rows, core::Direction::request, core::RedactAs::hash)
    ->RangeMultiplier(2)
    ->Range(least, most);
BENCHMARK_CAPTURE(body, parts, body_of_parts, core::Direction::request, core::RedactAs::tag)
    ->RangeMultiplier(2)
    ->Range(least, most);
BENCHMARK_CAPTURE(body, pieces, answer_of_pieces, core::Direction::response, core::RedactAs::tag)
    ->RangeMultiplier(2)
    ->Range(least, most);
BENCHMARK_CAPTURE(events, released, deltas_of_events, false)
    ->RangeMultiplier(2)
    ->Range(least, most);
BENCHMARK_CAPTURE(events, held_for_a_score, deltas_of_events, true)
    ->RangeMultiplier(2)
    ->Range(least, most);
BENCHMARK_CAPTURE(events, behind_a_word, deltas_behind_a_word, false)
    ->RangeMultiplier(2)
    ->Range(least, most);

}  // namespace
