// How long an exchange with a large body holds its event loop. "held_ms" is the most CPU time that
// one handler of the loop takes, the copies of the fakes included; real time is the exchange's,
// with what is done beside the loop.
#include "proxy/pipeline/gateway_parts.h"
#include "proxy/pipeline/linear_cases.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <ctime>

namespace {

using namespace menshen;
using namespace menshen::pipeline;
using namespace menshen::pipeline::testing;

double thread_cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

// A gateway between fakes that redacts personal data.
class Loop : GatewayParts {
 public:
  Loop() : GatewayParts(redact_all_as_tag, 2) {
    services_.identify = [](const RequestHead&) -> asio::awaitable<core::Result<core::Subject>> {
      co_return staff();
    };
  }

  // The longest handler, in ms; below zero: the exchange was refused.
  double run(const std::string& asked, const std::string& answered) {
    upstreams_.answers = {{.pieces = {answered}}};
    FakeClient client(log_,
                      {"POST",
                       "/v1/chat/completions",
                       {{"authorization", "Bearer key"}, {"content-type", "application/json"}},
                       "127.0.0.1",
                       core::system_clock().monotonic_ns()},
                      asked);
    Gateway gateway(services_, upstreams_);
    asio::co_spawn(context_, gateway.handle(client), asio::detached);
    context_.restart();
    double longest = 0;
    while (true) {
      const double began = thread_cpu_ms();
      if (context_.run_one() == 0) break;
      longest = std::max(longest, thread_cpu_ms() - began);
    }
    return client.sent_head.status == 200 ? longest : -1;
  }
};

// `size` is about the bytes of the large body.
void exchange(benchmark::State& state, std::string (*make)(std::size_t), bool in_answer) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const std::size_t each = make(1024).size() / 1024;
  const std::string large = make(size / each);
  const std::string small = in_answer ? body_of_rows(1) : answer_of_pieces(1);
  Loop loop;
  double longest = 0;
  for ([[maybe_unused]] auto unused : state) {
    const double held = in_answer ? loop.run(small, large) : loop.run(large, small);
    if (held < 0) return state.SkipWithError("refused");
    longest = std::max(longest, held);
  }
  state.counters["held_ms"] = longest;
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(large.size()));
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const std::int64_t size : {100'000, 1'000'000, 10'000'000}) benchmark->Arg(size);
  benchmark->UseRealTime();
}

BENCHMARK_CAPTURE(exchange, rows, body_of_rows, false)->Apply(sizes);
BENCHMARK_CAPTURE(exchange, parts, body_of_parts, false)->Apply(sizes);
BENCHMARK_CAPTURE(exchange, pieces, answer_of_pieces, true)->Apply(sizes);

}  // namespace
