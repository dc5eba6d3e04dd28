#include "proxy/gateway/warm_up.h"

#include "detectors/catalog.h"
#include "detectors/scanner.h"
#include "detectors/scores.h"

#include <span>
#include <string_view>

namespace menshen::gateway {

core::Result<void> warm_up(const policies::PolicySet& policy) {
  constexpr std::string_view text = "<Menshen> 门神";  // for signatures of injection, too
  if (auto found = detectors::scan_text(policy.catalog(), text); !found) {
    return found.error();
  }
  for (const auto direction : {core::Direction::request, core::Direction::response}) {
    const bool asked = direction == core::Direction::request;
    const auto scored =
        detectors::score_text({.text = text,
                               .role = asked ? core::Role::user : core::Role::assistant,
                               .direction = direction,
                               .sources = std::span(&text, 1)});
    if (!scored) return scored.error();
  }
  return {};
}

}  // namespace menshen::gateway
