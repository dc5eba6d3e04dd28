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

// What was read into it before leaves nothing in a record.
void check_used(std::string_view input, const menshen::core::Result<ParsedRecord>& parsed) {
  static ParsedRecord used;
  expect(parse_record(input, used).has_value() == parsed.has_value());
  if (parsed) expect(canonical(used.record, used.seq) == canonical(parsed->record, parsed->seq));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto parsed = parse_record(input);
  check_used(input, parsed);
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
