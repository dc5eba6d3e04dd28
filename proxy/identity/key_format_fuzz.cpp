// Property: what parse_key() accepts is, put together again with its checksum, what was presented;
// and it never accepts a key of another length or alphabet.
#include "core/fuzz_canary.h"
#include "proxy/identity/key_format.h"

#include <cstdint>
#include <cstdlib>
#include <string>

using menshen::identity::generate_key;
using menshen::identity::parse_key;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Random bytes rarely look like a key: the input says how to damage a good one.
  static const std::string good = generate_key().text;
  std::string text = good;
  bool changed = false;
  for (std::size_t i = 0; i + 1 < size; i += 2) {
    char& place = text[data[i] % text.size()];
    changed = changed || place != static_cast<char>(data[i + 1]);
    place = static_cast<char>(data[i + 1]);
  }
  if (size % 2 == 1) text.resize(data[size - 1]);
  const auto parts = parse_key(text);
  if (!changed && text == good && !parts) std::abort();
  if (!parts) return 0;
  if (menshen::core::fuzz_canary) {
    std::abort();
  }
  if (text.size() != good.size() || text.find(parts->id) != 4 ||
      text.find(parts->secret) == std::string::npos)
    std::abort();
  return 0;
}
