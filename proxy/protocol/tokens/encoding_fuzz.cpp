// Any bytes come back from their tokens, pieces part a text without a gap, and no piece is empty.
// Byte 0 chooses the encoding.
#include "core/fuzz_canary.h"
#include "proxy/protocol/tokens/encoding.h"

#include <cstdlib>
#include <string>

namespace {

using menshen::protocol::tokens::Encoding;
using menshen::protocol::tokens::Ids;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace tokens = menshen::protocol::tokens;
  if (size == 0) return 0;
  const bool first = data[0] % 2 == 0;
  const Encoding& encoding = first ? tokens::cl100k_encoding() : tokens::o200k_encoding();
  const tokens::Split split = first ? tokens::Split::cl100k : tokens::Split::o200k;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = tokens::next_piece(split, text, at);
    require(end > at && end <= text.size());
    at = end;
  }
  Ids ids;
  encoding.encode(text, ids);
  // The planted bug: what begins with a blank loses it.
  const bool loses = menshen::core::fuzz_canary && text.starts_with(" ");
  std::string back;
  for (const std::uint32_t id : ids) back.append(encoding.bytes(id).value());
  require((loses ? back.substr(1) : back) == text);
  return 0;
}
