// Findings of the whole text = findings of the text cut at random and byte by byte; settled() keeps
// its word. A text of which nobody can tell what it holds is refused, however it is cut.
#include "core/fuzz_canary.h"
#include "detectors/catalog.h"
#include "detectors/scanner.h"
#include "detectors/testing/feeding.h"

#include <cstdint>
#include <cstdlib>
#include <random>
#include <set>

namespace menshen::detectors {
namespace {

using testing::Fed;

Fed scan(std::string_view text, const std::vector<std::size_t>& cuts) {
  static Scanner scanner(Catalog::instance());
  Fed fed = testing::feed(scanner, text, cuts);
  if (core::fuzz_canary) {
    // The planted bug: a value that lies across a cut is lost.
    std::erase_if(fed.findings, [&](const core::Finding& f) {
      return std::ranges::any_of(cuts,
                                 [&](std::size_t cut) { return cut > f.begin && cut < f.end; });
    });
  }
  return fed;
}

void require(bool held) {
  if (!held) std::abort();
}

}  // namespace
}  // namespace menshen::detectors

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace menshen;
  using namespace menshen::detectors;
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Fed whole = scan(text, {});
  require(whole.broken.empty() || whole.refused);
  std::mt19937 random(data[1]);
  for (int way = 0; way < 4; ++way) {
    std::set<std::size_t> cuts;
    const std::size_t count = way == 0 ? 0 : 1 + random() % 8;
    for (std::size_t i = 0; i < count; ++i) cuts.insert(random() % (text.size() + 1));
    for (std::size_t i = 1; way == 0 && i < text.size(); ++i) cuts.insert(i);
    const Fed cut = scan(text, {cuts.begin(), cuts.end()});
    require(cut.refused == whole.refused && (cut.broken.empty() || cut.refused));
    require(menshen::detectors::testing::same(whole.findings, cut.findings));
  }
  return 0;
}
