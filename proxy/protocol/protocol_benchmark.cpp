// Reading requests, answers and events.
#include "proxy/protocol/adapter.h"
#include "proxy/protocol/document.h"
#include "proxy/protocol/stream.h"

#include <benchmark/benchmark.h>

#include <string>

namespace menshen::protocol {
namespace {

const Endpoint& chat() { return *find_endpoint("openai_chat"); }

// A chat of about so many bytes: a system message, turns of prose in two languages, a tool.
std::string chat_body(std::size_t size) {
  const std::string tail =
      R"(],"tools":[{"type":"function","function":{"name":"lookup","parameters":{"type":"object",)"
      R"("properties":{"id":{"type":"string"}}}}}],"temperature":0.7,"stream":true})";
  std::string body =
      R"({"model":"qwen3-32b","messages":[{"role":"system","content":"You are helpful."})";
  bool user = true;
  while (body.size() + tail.size() < size) {
    body += user ? R"(,{"role":"user","content":")" : R"(,{"role":"assistant","content":")";
    for (int i = 0; i < 3; ++i)
      body += "请总结一下这段话。 The quarterly report says that revenue rose by 12 percent. ";
    body += "\\n\"}";
    user = !user;
  }
  return body + tail;
}

void read_request(benchmark::State& state) {
  const std::string body = chat_body(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    auto document = Document::parse_request(body, chat(), {});
    benchmark::DoNotOptimize(document->leaves().data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.size()));
}
BENCHMARK(read_request)->Arg(1024)->Arg(10 * 1024)->Arg(1024 * 1024);

void apply_one_edit(benchmark::State& state) {
  auto document =
      Document::parse_request(chat_body(static_cast<std::size_t>(state.range(0))), chat(), {});
  Edits edits;
  for (const Leaf& leaf : document->leaves()) {
    if (leaf.escaped) edits.replace(leaf, 10, 20, "[X]");
  }
  for (auto _ : state) benchmark::DoNotOptimize(document->apply(edits));
}
BENCHMARK(apply_one_edit)->Arg(1024)->Arg(1024 * 1024);

void read_events(benchmark::State& state) {
  const std::string event =
      R"(data: {"id":"chatcmpl-9b1d","object":"chat.completion.chunk","created":1762345678,)"
      R"("model":"qwen3-32b","system_fingerprint":"fp_1","choices":[{"index":0,)"
      R"("delta":{"content":" 你好"},"logprobs":null,"finish_reason":null}]})"
      "\n\n";
  StreamReader reader(chat(), {});
  for (auto _ : state) {
    reader.feed(event);
    auto read = reader.next();
    benchmark::DoNotOptimize((*read)->raw.data());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(read_events);

}  // namespace
}  // namespace menshen::protocol
