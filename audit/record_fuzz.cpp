// Records from whoever: what is read as one is written so that it reads as the same one again.
#include <cstdint>
#include <cstdlib>

#include "core/fuzz_canary.h"
#include "audit/canonical.h"

namespace {

using namespace menshen::audit;

void expect(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = parse_record({reinterpret_cast<const char*>(data), size});
  if (!parsed) return 0;
  if (menshen::core::fuzz_canary) {
    // planted: says that no record holds figures
    expect(parsed->record.privacy == nullptr || parsed->record.privacy->figures.empty());
  }
  const std::string bytes = canonical(parsed->record, parsed->seq);
  const auto again = parse_record(bytes);
  // What was cut is only said by "truncated", which is not read.
  if (bytes.find("\"truncated\":") != bytes.npos) return 0;
  expect(again.has_value());
  expect(canonical(again->record, again->seq) == bytes);
  return 0;
}
