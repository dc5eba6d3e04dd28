// Any bytes as text and source: scores exist where they apply, lie in [0, 1], and do not depend on
// what was scored before.
#include "core/fuzz_canary.h"
#include "detectors/scores.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace core = menshen::core;
using menshen::detectors::score_text;
using menshen::detectors::ScoreInput;

namespace {

core::Scores scored(const ScoreInput& input) {
  const auto scores = score_text(input);
  if (!scores) std::abort();
  return *scores;
}

void check(const core::Scores& scores) {
  for (const core::ScoreKind kind : core::all_scores) {
    const auto score = scores.get(kind);
    if (score && !(*score >= 0.0F && *score <= 1.0F)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string_view source = bytes.substr(0, size / 2);
  const std::string_view text = bytes.substr(size / 2);
  const ScoreInput asked{
      .text = text, .role = core::Role::tool, .direction = core::Direction::request, .sources = {}};
  const ScoreInput answer{.text = text,
                          .role = core::Role::assistant,
                          .direction = core::Direction::response,
                          .sources = {&source, 1}};
  const core::Scores first = scored(asked);
  check(first);
  const core::Scores grounded = scored(answer);
  check(grounded);
  if (!first.get(core::ScoreKind::injection) || !grounded.get(core::ScoreKind::grounding))
    std::abort();
  const core::Scores again = scored(asked);
  for (const core::ScoreKind kind : core::all_scores) {
    if (first.get(kind) != again.get(kind)) std::abort();
  }
  if (core::fuzz_canary) {
    if (*grounded.get(core::ScoreKind::grounding) < 0.5F) std::abort();
  }
  return 0;
}
