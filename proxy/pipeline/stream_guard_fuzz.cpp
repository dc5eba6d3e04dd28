// Law 4 on hostile streams: pieces of text, fields and choices from the fuzzer, cut anywhere,
// release the same as the whole, and never a planted value. The canary releases a byte of each cut
// and must be caught.
#include "core/fuzz_canary.h"
#include "proxy/pipeline/testing.h"

#include <cstdint>
#include <fuzzer/FuzzedDataProvider.h>

namespace {

using namespace menshen;
using namespace menshen::pipeline;
using namespace menshen::pipeline::testing;

constexpr std::string_view planted = "zhang.san@corp.example";

std::vector<Delta> deltas_from(FuzzedDataProvider& data) {
  std::vector<Delta> deltas;
  std::string text = " " + std::string(planted) + " ";
  while (data.remaining_bytes() > 0 && deltas.size() < 24) {
    const auto choice = data.ConsumeIntegralInRange<int>(0, 1);
    const auto field = data.PickValueInArray({Field::content, Field::reasoning});
    std::string piece = data.ConsumeRandomLengthString(24);
    for (char& c : piece) c = static_cast<char>(0x20 + (static_cast<unsigned char>(c) % 95));
    deltas.push_back({choice, field, piece});
    if (choice == 0 && field == Field::content && !text.empty()) {
      const auto n = data.ConsumeIntegralInRange<std::size_t>(1, text.size());
      deltas.push_back(
          {0, Field::content, deltas.size() == 1 ? text.substr(0, n) : text.substr(0, n)});
      text.erase(0, n);
    }
  }
  return deltas;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const auto set = policy_from(redact_all_as_tag);
  FuzzedDataProvider data(bytes, size);
  const auto api = data.PickValueInArray({"openai_chat", "openai_completions", "openai_responses"});
  std::vector<std::size_t> cuts;
  const auto fractions = data.ConsumeIntegralInRange<std::size_t>(0, 6);
  std::vector<double> where;
  for (std::size_t i = 0; i < fractions; ++i) where.push_back(data.ConsumeProbability<double>());
  const std::string stream = stream_of(api, deltas_from(data));
  std::sort(where.begin(), where.end());
  for (const double at : where)
    cuts.push_back(static_cast<std::size_t>(at * static_cast<double>(stream.size())));

  const Guarded whole = guard_stream(api, stream, {}, *set);
  Guarded cut = guard_stream(api, stream, cuts, *set);
  if (core::fuzz_canary) {
    if (!cuts.empty() && cut.released.size() % 7 == 3) cut.released += 'x';
  }
  if (whole.released != cut.released || whole.error != cut.error) std::abort();
  if (whole.tally.decision != cut.tally.decision) std::abort();
  const auto before = texts_of(stream);
  for (const auto& [place, text] : texts_of(whole.released)) {
    const auto scanned = detectors::scan_text(set->catalog(), before.at(place));
    if (!scanned) std::abort();
    std::string expected = before.at(place);
    for (const auto& finding : *scanned) {
      const std::string value = expected.substr(finding.begin, finding.end - finding.begin);
      if (finding.confidence >= 0.5F && text.find(value) != std::string::npos &&
          value.size() > 12 && before.at(place).find(value) == before.at(place).rfind(value)) {
        std::abort();
      }
    }
  }
  return 0;
}
